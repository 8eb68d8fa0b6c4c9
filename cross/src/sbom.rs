//! `cargo xtask sbom`: what is in the appliance's binary, as a CycloneDX document (ECMA-424, version 1.6) for each target.
//!
//! Listed are the crates that cargo resolves for the target and the appliance's features, the C sources that some of them
//! carry, Rust's standard library and the npm packages in the built page. What only builds or tests it is not.

mod bundled;
mod crates;
mod document;
mod page;
#[cfg(test)]
mod tests;

use anyhow::{Context, Result, ensure};
use clap::Args;
use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What gateways are built for.
const TARGETS: [&str; 3] = ["aarch64-unknown-linux-gnu", "armv7-unknown-linux-gnueabihf", "x86_64-unknown-linux-gnu"];

/// What the appliance is built with; the simulated plant is for desks.
const APPLIANCE: [&str; 3] = ["--no-default-features", "--features", "rpi"];

/// The crate of the binary.
const PRODUCT: &str = "davy";

/// Which documents to write.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A target triple; all that gateways are built for if not given. More than once for several.
    #[arg(long)]
    target: Vec<String>,
}

/// Something that is in the binary.
#[derive(Debug, Clone, Default)]
struct Part {
    /// Type, place and version as a package URL; also how the document refers to it.
    purl: String,
    name: String,
    version: String,
    /// An SPDX expression.
    licence: String,
    /// Algorithm and lower-case digits of the package as it was published; none for what is of this repository.
    hash: Option<(&'static str, String)>,
    repository: Option<String>,
    /// Names it in the national vulnerability database, where that has it.
    cpe: Option<String>,
    /// Runs while the binary is built and is not in it: macros, and what only they need.
    while_building: bool,
    /// What it uses, as package URLs.
    needs: BTreeSet<String>,
}

/// By package URL.
type Parts = BTreeMap<String, Part>;

/// Writes the document of each target that was asked for.
#[expect(clippy::print_stdout, reason = "where the documents are is what the task tells")]
pub(crate) fn run(options: &Options) -> Result<()> {
    let asked: Vec<&str> = match options.target.as_slice() {
        [] => TARGETS.to_vec(),
        some => some.iter().map(String::as_str).collect(),
    };
    for target in asked {
        println!("{}", write(target)?.display());
    }
    Ok(())
}

/// Writes the document of a target into `target/dist/TRIPLE/davy.cdx.json`, beside the binary, and says where that is.
pub(crate) fn write(target: &str) -> Result<PathBuf> {
    let parts = parts(target, &page::parts()?)?;
    let folder = workspace().join("target/dist").join(target);
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    let path = folder.join("davy.cdx.json");
    fs::write(&path, document::text(target, &parts)?).with_context(|| format!("write {}", path.display()))?;
    Ok(path)
}

/// All parts of the appliance for a target.
fn parts(target: &str, page: &[Part]) -> Result<Parts> {
    let mut parts = crates::parts(target)?;
    bundled::add(&mut parts)?;
    add_needed_by(&mut parts, "davy-web", page.to_vec())?;
    add_needed_by(&mut parts, PRODUCT, vec![standard_library()?])?;
    Ok(parts)
}

/// Puts parts in, and says that a crate uses them.
fn add_needed_by(parts: &mut Parts, user: &str, used: Vec<Part>) -> Result<()> {
    let user = parts.values_mut().find(|part| part.name == user && part.purl.starts_with("pkg:cargo/"));
    user.with_context(|| format!("the binary is not built from {}: adapt cross/src/sbom.rs", used[0].name))?
        .needs
        .extend(used.iter().map(|part| part.purl.clone()));
    parts.extend(used.into_iter().map(|part| (part.purl.clone(), part)));
    Ok(())
}

/// The standard library of the compiler that builds it.
fn standard_library() -> Result<Part> {
    let told = said("rustc", Command::new("rustc").arg("--version"))?;
    let version = told.split(' ').nth(1).context("`rustc --version` names no version")?.to_owned();
    Ok(Part {
        purl: format!("pkg:generic/rust-std@{version}"),
        name: "rust-std".to_owned(),
        version,
        licence: "MIT OR Apache-2.0".to_owned(),
        ..Part::default()
    })
}

/// What a program printed, when it ended well.
fn said(name: &str, command: &mut Command) -> Result<String> {
    let output = command.current_dir(workspace()).output().with_context(|| format!("start {name}: install it"))?;
    ensure!(output.status.success(), "{name} failed: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).with_context(|| format!("{name} printed what is no text"))
}

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies one folder below the workspace").to_owned()
}
