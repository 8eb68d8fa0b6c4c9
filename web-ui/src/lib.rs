//! The page, embedded in the binary: files by path with what HTTP needs to serve them. It must never read the disk at run
//! time, serve anything outside `dist`, or know of the API beside it.

use rust_embed::{EmbeddedFile, RustEmbed};
use std::borrow::Cow;

/// A file of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// The contents.
    pub bytes: Cow<'static, [u8]>,
    /// The value of `Content-Type`, with the character set where the type has one.
    pub content_type: String,
    /// A strong validator, quotes included, for `ETag` and `If-None-Match`.
    pub etag: String,
    /// Whether the name carries a digest of the contents, so that it may be kept for ever; otherwise ask every time.
    pub immutable: bool,
}

/// The file at a path of the page, with or without the leading slash; the empty path is the page itself, and a page beside it
/// needs no extension: `/reference`.
#[must_use]
pub fn asset(path: &str) -> Option<Asset> {
    let path = match path.trim_start_matches('/') {
        "" => INDEX,
        path => path,
    };
    let with_extension = || Dist::get(&format!("{path}.html"));
    Dist::get(path).or_else(with_extension).map(|file| describe(path, file))
}

/// Whether the page was built before the binary. When it was not, whoever serves it says so in words.
#[must_use]
pub fn is_built() -> bool {
    Dist::get(INDEX).is_some()
}

#[derive(RustEmbed)]
#[folder = "dist"]
struct Dist;

const INDEX: &str = "index.html";

fn describe(path: &str, file: EmbeddedFile) -> Asset {
    Asset {
        content_type: with_charset(file.metadata.mimetype()),
        etag: etag(&file.metadata.sha256_hash()),
        immutable: is_immutable(path),
        bytes: file.data,
    }
}

fn with_charset(mimetype: &str) -> String {
    let is_text = mimetype.starts_with("text/") || matches!(mimetype, "application/json" | "image/svg+xml");
    if is_text { format!("{mimetype}; charset=utf-8") } else { mimetype.to_owned() }
}

fn etag(digest: &[u8; 32]) -> String {
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

/// The build puts files whose names carry a digest into `assets`, and nothing else.
fn is_immutable(path: &str) -> bool {
    path.starts_with("assets/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_path_is_the_page_and_agrees_with_is_built() {
        assert_eq!(asset("/"), asset("index.html"));
        assert_eq!(asset(""), asset("/index.html"));
        assert_eq!(asset("/").is_some(), is_built());
        if let Some(page) = asset("/") {
            assert_eq!(page.content_type, "text/html; charset=utf-8");
            assert!(!page.immutable, "the page names the other files, so it must be asked for every time");
        }
    }

    #[test]
    fn every_file_the_page_names_is_there_and_differs_by_etag() {
        let Some(page) = asset("/") else { return };
        let html = String::from_utf8(page.bytes.into_owned()).expect("the page is UTF-8");
        let named: Vec<Asset> = html
            .split('"')
            .filter_map(|text| text.strip_prefix("./").or(text.strip_prefix('/')))
            .map(|path| asset(path).unwrap_or_else(|| panic!("{path} is named by the page and missing")))
            .collect();
        assert!(named.len() >= 2, "a script and a style sheet at least");
        assert!(named.iter().all(|file| !file.bytes.is_empty() && file.etag != page.etag));
    }

    #[test]
    fn the_reference_is_a_page_beside_it() {
        assert_eq!(asset("/reference"), asset("/reference.html"));
        assert_eq!(asset("/reference").is_some(), is_built());
        assert!(!is_built() || asset("/reference") != asset("/"));
    }

    #[test]
    fn nothing_outside_the_page_is_served() {
        for path in [
            "../Cargo.toml",
            "/../src/lib.rs",
            "assets/../../Cargo.toml",
            "assets",
            "assets/",
            "no-such-file",
            "/etc/passwd",
        ] {
            assert_eq!(asset(path), None, "{path}");
        }
    }

    #[test]
    fn types_and_caching() {
        assert_eq!(with_charset("text/javascript"), "text/javascript; charset=utf-8");
        assert_eq!(with_charset("image/png"), "image/png");
        assert!(is_immutable("assets/index-Bq3x.js"));
        assert!(!is_immutable("favicon.svg"));
        assert_eq!(etag(&[0xAB; 32]), format!("\"{}\"", "ab".repeat(16)));
    }
}
