//! The C sources that crates carry and that are compiled into the binary. Reports of weaknesses name these, not the crates.

use super::{Part, Parts, add_needed_by, cargo, said};
use anyhow::{Context, Result};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Reads each version from what is compiled, so that it cannot differ.
pub(super) fn add(parts: &mut Parts) -> Result<()> {
    let described = described()?;
    let sqlite = defined(&source(&described, parts, "libsqlite3-sys")?.join("sqlite3/sqlite3.h"), "SQLITE_VERSION")?;
    add_needed_by(parts, "libsqlite3-sys", vec![part("sqlite", &sqlite, "blessing", Some("sqlite:sqlite"))])?;

    let header = source(&described, parts, "libmimalloc-sys")?.join("c_src/mimalloc/v3/include/mimalloc.h");
    let number: u32 = defined(&header, "MI_MALLOC_VERSION")?.parse().context("the version of mimalloc is no number")?;
    let mimalloc = format!("{}.{}.{}", number / 10_000, number / 100 % 100, number % 100);
    add_needed_by(parts, "libmimalloc-sys", vec![part("mimalloc", &mimalloc, "MIT", None)])?;

    // `2.1.3+zstd.1.5.7`
    let version = &crate_named(parts, "zstd-sys")?.version;
    let zstd = version.split_once("+zstd.").context("zstd-sys no longer tells which zstd it carries")?.1.to_owned();
    add_needed_by(parts, "zstd-sys", vec![part("zstd", &zstd, "BSD-3-Clause", Some("facebook:zstandard"))])
}

fn part(name: &str, version: &str, licence: &str, vendor_and_product: Option<&str>) -> Part {
    Part {
        purl: format!("pkg:generic/{name}@{version}"),
        name: name.to_owned(),
        version: version.to_owned(),
        licence: licence.to_owned(),
        cpe: vendor_and_product.map(|known| format!("cpe:2.3:a:{known}:{version}:*:*:*:*:*:*:*")),
        ..Part::default()
    }
}

fn crate_named<'a>(parts: &'a Parts, name: &str) -> Result<&'a Part> {
    parts
        .values()
        .find(|part| part.name == name)
        .with_context(|| format!("the binary has no {name}: adapt cross/src/sbom/bundled.rs"))
}

/// All packages of the lock file, as cargo describes them.
fn described() -> Result<Value> {
    let mut command = cargo();
    let told = said("cargo metadata", command.args(["metadata", "--locked", "--quiet", "--format-version", "1"]))?;
    serde_json::from_str(&told).context("`cargo metadata` printed no JSON")
}

/// The folder that cargo unpacked a crate into.
fn source(described: &Value, parts: &Parts, name: &str) -> Result<PathBuf> {
    let version = &crate_named(parts, name)?.version;
    let mut packages = described["packages"].as_array().context("`cargo metadata` names no packages")?.iter();
    let found = packages.find(|package| package["name"] == name && package["version"] == version.as_str());
    let manifest = found
        .and_then(|package| package["manifest_path"].as_str())
        .with_context(|| format!("cargo does not know {name}"))?;
    Ok(Path::new(manifest).parent().context("a manifest lies in a folder")?.to_owned())
}

/// The value of `#define NAME VALUE` in a header.
fn defined(header: &Path, name: &str) -> Result<String> {
    let text = fs::read_to_string(header).with_context(|| format!("read {}", header.display()))?;
    let mut lines = text.lines().filter_map(|line| line.strip_prefix("#define ")?.strip_prefix(name));
    let value = lines.find_map(|rest| rest.strip_prefix(' ')?.split_whitespace().next());
    Ok(value.with_context(|| format!("{} no longer defines {name}", header.display()))?.trim_matches('"').to_owned())
}
