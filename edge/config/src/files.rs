//! The files of a configuration folder: which there are, their bytes as text, their version.
//!
//! Only files of the known names are read, and never more than the limit of them.

use crate::{
    finding::{Errors, Finding, Sink, Spot},
    limits, similar,
    site_map::PLANS,
    spans::Lines,
};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read},
    path::Path,
    str,
};

/// Every file that the format knows.
const NAMES: [&str; 13] = [
    "gateway.toml",
    "board.toml",
    "tags.csv",
    "rules.toml",
    "zones.csv",
    "cameras.csv",
    "people.csv",
    "risk/objects.csv",
    "risk/units.csv",
    "risk/events.csv",
    "risk/measures.csv",
    "risk/plans.csv",
    "risk/holidays.csv",
];

const REQUIRED: &str = "gateway.toml";

/// The files of a configuration by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(pub BTreeMap<String, Vec<u8>>);

impl Files {
    /// Reads a folder. Files that are neither CSV nor TOML nor the plan of the site are not part of the configuration.
    pub fn from_dir(dir: &Path) -> Result<Files, Errors> {
        let mut folder = Folder { dir, files: BTreeMap::new(), errors: Vec::new() };
        folder.list("");
        folder.list("risk/");
        folder.errors.sort();
        if folder.errors.is_empty() { Ok(Files(folder.files)) } else { Err(Errors(folder.errors)) }
    }

    /// The first 12 hexadecimal digits of the SHA-256 over each name, a zero byte, the length and the bytes.
    #[must_use]
    pub fn version(&self) -> String {
        let mut hash = Sha256::new();
        for (name, bytes) in &self.0 {
            hash.update(name.as_bytes());
            hash.update([0]);
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
        hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether a configuration may have a text of this name.
    #[must_use]
    pub fn may_have(name: &str) -> bool {
        NAMES.contains(&name)
    }

    /// Whether it may have a picture of this name.
    #[must_use]
    pub fn is_plan(name: &str) -> bool {
        PLANS.contains(&name)
    }

    pub(crate) fn texts<'a>(&'a self, sink: &'a Sink) -> Texts<'a> {
        if !self.0.contains_key(REQUIRED) {
            sink.file_error(REQUIRED, "the file is missing; copy config/template/gateway.toml and adapt it");
        }
        let files = self
            .0
            .iter()
            .filter(|(name, _)| !PLANS.contains(&name.as_str()))
            .map(|(name, bytes)| (name.as_str(), text_file(name, bytes, sink)));
        Texts(files.collect())
    }
}

/// The texts of a configuration; `None` is a file that was refused as a whole, which has been reported.
pub(crate) struct Texts<'a>(BTreeMap<&'a str, Option<TextFile<'a>>>);

/// What became of a file.
#[derive(Clone, Copy)]
pub(crate) enum Found<'a> {
    /// There is none.
    Absent,
    /// It was refused.
    Refused,
    /// It is text.
    Text(&'a TextFile<'a>),
}

impl<'a> Texts<'a> {
    pub(crate) fn get(&'a self, name: &str) -> Found<'a> {
        match self.0.get(name) {
            None if name == REQUIRED => Found::Refused,
            None => Found::Absent,
            Some(None) => Found::Refused,
            Some(Some(file)) => Found::Text(file),
        }
    }
}

impl Texts<'_> {
    /// Whether there is no such file.
    pub(crate) fn is_absent(&self, name: &str) -> bool {
        !self.0.contains_key(name)
    }
}

/// A file that comes with the product.
pub(crate) fn built_in<'a>(name: &'a str, text: &'a str, sink: &'a Sink) -> TextFile<'a> {
    TextFile { name, text, sink, lines: Lines::of(text) }
}

/// A file as text, without its byte order mark.
pub(crate) struct TextFile<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
    pub(crate) sink: &'a Sink,
    lines: Lines,
}

impl<'a> TextFile<'a> {
    pub(crate) fn spot(&'a self, at: usize) -> Spot<'a> {
        Spot::new(self, at)
    }

    pub(crate) fn place(&self, at: usize) -> (u32, u32) {
        self.lines.place(self.text, at)
    }
}

fn text_file<'a>(name: &'a str, bytes: &'a [u8], sink: &'a Sink) -> Option<TextFile<'a>> {
    if !NAMES.contains(&name) {
        let closest = similar::closest(name, NAMES.into_iter());
        let advice = closest.map_or_else(
            || format!("the files are {}", NAMES.join(", ")),
            |closest| format!("did you mean {closest}?"),
        );
        sink.file_error(name, format_args!("the file is not part of a configuration; rename or remove it; {advice}"));
        return None;
    }
    if bytes.len() > limits::FILE_BYTES_MAX {
        sink.file_error(
            name,
            format_args!(
                "the file is larger than {} MiB; split the plant over several gateways",
                limits::FILE_BYTES_MAX >> 20
            ),
        );
        return None;
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    match str::from_utf8(bytes) {
        Ok(text) => Some(TextFile { name, text, sink, lines: Lines::of(text) }),
        Err(error) => {
            report_encoding(name, bytes, error.valid_up_to(), sink);
            None
        }
    }
}

fn report_encoding(name: &str, bytes: &[u8], wrong_at: usize, sink: &Sink) {
    let before = str::from_utf8(&bytes[..wrong_at]).expect("the text is valid up to the first wrong byte");
    let place = Lines::of(before).place(before, wrong_at);
    let byte = bytes[wrong_at];
    sink.place_error(
        name,
        place,
        format_args!("byte 0x{byte:02X} is not UTF-8 text, perhaps it is GBK; save the file as UTF-8 (in Excel: CSV UTF-8), or convert it with: iconv -f GBK -t UTF-8"),
    );
}

/// A secret: the value of a variable of the environment, or the text of a file relative to the folder without the line
/// break at its end.
pub(crate) fn secret(dir: &Path, name: &str) -> Result<String, String> {
    if let Some(variable) = name.strip_prefix("env:") {
        return std::env::var(variable)
            .map_err(|error| format!("the environment variable {variable} cannot be read ({error})"));
    }
    let bytes = read_bounded(&dir.join(name), limits::SECRET_BYTES_MAX)
        .map_err(|error| format!("the file {name} cannot be read ({error})"))?;
    if bytes.len() as u64 > limits::SECRET_BYTES_MAX {
        return Err(format!("the file {name} is larger than {} KiB", limits::SECRET_BYTES_MAX >> 10));
    }
    let text = String::from_utf8(bytes).map_err(|_| format!("the file {name} is not UTF-8 text"))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

struct Folder<'a> {
    dir: &'a Path,
    files: BTreeMap<String, Vec<u8>>,
    errors: Vec<Finding>,
}

impl Folder<'_> {
    fn list(&mut self, prefix: &str) {
        let entries = fs::read_dir(self.dir.join(prefix)).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        match entries {
            Ok(entries) => {
                let names = entries.iter().map(|entry| entry.file_name().to_string_lossy().into_owned());
                names.filter(|name| is_ours(name)).for_each(|name| self.read(format!("{prefix}{name}")));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && !prefix.is_empty() => {}
            Err(error) => self.error(
                &self.dir.join(prefix).display().to_string(),
                format!("the folder cannot be read ({error}); name the configuration folder"),
            ),
        }
    }

    fn read(&mut self, name: String) {
        // A file of an unknown name is reported later by its name alone.
        let bytes_max = match name.as_str() {
            name if NAMES.contains(&name) => Some(limits::FILE_BYTES_MAX),
            name if PLANS.contains(&name) => Some(limits::PLAN_BYTES_MAX),
            _ => None,
        };
        let read = |bytes_max| read_bounded(&self.dir.join(&name), bytes_max as u64);
        let bytes = bytes_max.map_or_else(|| Ok(Vec::new()), read);
        match bytes {
            Ok(bytes) => {
                self.files.insert(name, bytes);
            }
            Err(error) => {
                self.error(&name, format!("the file cannot be read ({error}); make it readable for this user"))
            }
        }
    }

    fn error(&mut self, file: &str, message: String) {
        self.errors.push(Finding { file: file.to_owned(), line: 1, column: 1, message });
    }
}

/// CSV and TOML files, except the lock and hidden files of editors, and the plan of the site.
fn is_ours(name: &str) -> bool {
    let extension = Path::new(name).extension().map(|extension| extension.to_ascii_lowercase());
    let is_table = extension.is_some_and(|extension| extension == "csv" || extension == "toml");
    PLANS.contains(&name) || (is_table && !name.starts_with(['.', '~']))
}

/// At most one byte more than the limit, by which the caller sees that there is more.
pub(crate) fn read_bounded(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(bytes_max + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
