//! Another `gateway.toml` takes the place of the present one.

use crate::{ask, clock, output, replace};
use anyhow::Context as _;
use davy_config::{Files, scaffold::GATEWAY_TOML};
use std::path::Path;

/// Shows the lines in which it differs, and whether they are to be written.
pub(super) fn agreed(difference: &[String], apply: bool) -> anyhow::Result<bool> {
    output::line(format_args!("{GATEWAY_TOML}:"));
    difference.iter().for_each(|line| output::line(line.trim_end()));
    let agreed = apply || ask::yes("Write it? [y/N] ")?;
    if !agreed {
        output::line("nothing was written; add --apply to write it");
    }
    Ok(agreed)
}

/// Writes it, and keeps the old one beside it.
pub(super) fn put(config: &Path, files: &Files, changed: &Files) -> anyhow::Result<()> {
    let path = config.join(GATEWAY_TOML);
    let (old, new) = (files.0.get(GATEWAY_TOML), changed.0.get(GATEWAY_TOML).context("there is a file to write")?);
    let kept = replace::replace(&path, old.map(Vec::as_slice), new, clock::utc())?;
    let kept = kept.map(|kept| format!(", the old one is kept as {}", kept.display())).unwrap_or_default();
    output::line(format_args!("wrote {}{kept}", path.display()));
    Ok(())
}
