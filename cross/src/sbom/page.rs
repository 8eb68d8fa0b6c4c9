//! The npm packages in the built page, as its bundler tells them.

use super::{Part, said, workspace};
use anyhow::{Context, Result};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Deserialize;
use std::process::Command;

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: String,
    /// `sha512-` and base64, of the lock file.
    integrity: String,
}

/// Builds the page in memory and asks which packages went into it.
pub(super) fn parts() -> Result<Vec<Part>> {
    let web = workspace().join("web-ui");
    let text = said("npm", Command::new("npm").arg("--prefix").arg(web).args(["run", "--silent", "packages"]))?;
    let packages: Vec<Package> = serde_json::from_str(&text).context("`npm run packages` printed another form")?;
    packages.into_iter().map(part).collect()
}

fn part(package: Package) -> Result<Part> {
    let Package { name, version, license, integrity } = package;
    let digest = integrity.strip_prefix("sha512-").and_then(|coded| BASE64_STANDARD.decode(coded).ok());
    let digest =
        digest.with_context(|| format!("the lock file has no SHA-512 of {name}: run `npm install` in web-ui"))?;
    Ok(Part {
        purl: format!("pkg:npm/{}@{version}", name.replace('@', "%40")),
        name,
        version,
        licence: license,
        hash: Some(("SHA-512", digest.iter().map(|byte| format!("{byte:02x}")).collect())),
        ..Part::default()
    })
}
