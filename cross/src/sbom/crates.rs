//! The crates in the binary, as cargo resolves them for a target.

use super::{APPLIANCE, PRODUCT, Part, Parts, cargo, said, workspace};
use anyhow::{Context, Result};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

/// The crates of `cargo tree -e normal`, each with those it uses.
pub(super) fn parts(target: &str) -> Result<Parts> {
    let checksums = checksums()?;
    let in_binary: BTreeSet<String> =
        crates(target, "normal,no-proc-macro")?.into_iter().map(|(_, part)| part.purl).collect();
    let mut parts = Parts::new();
    // The crates between the product and the line that is read.
    let mut above: Vec<String> = Vec::new();
    for (depth, part) in crates(target, "normal")? {
        above.truncate(depth);
        if let Some(user) = above.last().and_then(|user| parts.get_mut(user)) {
            user.needs.insert(part.purl.clone());
        }
        above.push(part.purl.clone());
        parts.entry(part.purl.clone()).or_insert_with(|| Part {
            hash: checksums.get(&(part.name.clone(), part.version.clone())).map(|sum| ("SHA-256", sum.clone())),
            while_building: !in_binary.contains(&part.purl),
            ..part
        });
    }
    Ok(parts)
}

/// The lines of the tree: how deep each stands, and the crate. What a crate uses is below it the first time alone.
fn crates(target: &str, edges: &str) -> Result<Vec<(usize, Part)>> {
    let mut command = cargo();
    command
        .args(["tree", "--locked", "--quiet", "--package", PRODUCT, "--target", target, "--edges", edges])
        .args(APPLIANCE);
    let text = said("cargo tree", command.args(["--prefix", "depth", "--format", " {p}|{l}|{r}"]))?;
    text.lines()
        .map(|line| read(line).with_context(|| format!("`cargo tree` printed a line of another form: {line}")))
        .collect()
}

/// `2 serde v1.0.0 (proc-macro)|MIT|https://… (*)`.
fn read(line: &str) -> Option<(usize, Part)> {
    let (depth, rest) = line.split_once(' ')?;
    let mut fields = rest.split('|');
    let (package, licence, repository) = (fields.next()?, fields.next()?, fields.next()?);
    let mut words = package.split(' ');
    let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
    let repository = repository.trim_end_matches("(*)").trim();
    let part = Part {
        purl: purl(name, version),
        name: name.to_owned(),
        version: version.to_owned(),
        // Older crates write the slash for a choice.
        licence: licence.replace('/', " OR "),
        repository: (!repository.is_empty()).then(|| repository.to_owned()),
        ..Part::default()
    };
    Some((depth.parse().ok()?, part))
}

/// A crate as a package URL; a plus in a version is coded.
pub(super) fn purl(name: &str, version: &str) -> String {
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}

/// SHA-256 of each crate as it was published, by name and version, from the lock file.
fn checksums() -> Result<BTreeMap<(String, String), String>> {
    let path = workspace().join("Cargo.lock");
    let lock: toml::Table = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?.parse()?;
    let packages = lock.get("package").and_then(toml::Value::as_array).context("Cargo.lock has no packages")?;
    let of = |package: &toml::Value, key: &str| package.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let sums =
        packages.iter().filter_map(|each| Some(((of(each, "name")?, of(each, "version")?), of(each, "checksum")?)));
    Ok(sums.collect())
}
