//! A source of the configuration is changed or taken out: the difference is shown, the whole checked, and written at once or not at
//! all.

use super::written;
use crate::{
    cli::{SourceRemove, SourceSet},
    output,
};
use anyhow::anyhow;
use davy_config::{
    Files,
    scaffold::{self, Edited, GATEWAY_TOML, SECRETS},
};
use std::{path::Path, process::ExitCode};

/// Takes a source out. Its secrets stay: they may be those of another source too.
pub(super) fn remove(args: &SourceRemove) -> anyhow::Result<ExitCode> {
    let SourceRemove { id, config, apply } = args;
    let files = Files::from_dir(config)?;
    let edited = scaffold::without_source(&files, id).map_err(|words| anyhow!(words))?;
    if put(config, &files, &edited, *apply)? {
        let password = format!("{SECRETS}/{id}-password");
        if config.join(&password).exists() {
            output::line(format_args!("{password} stays; remove it if nothing else needs it"));
        }
        next(&format!("davy check --config {}", config.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Changes keys of a source.
pub(super) fn set(args: &SourceSet) -> anyhow::Result<ExitCode> {
    let SourceSet { id, changes, config, apply } = args;
    let files = Files::from_dir(config)?;
    let edited = scaffold::with_keys(&files, id, changes).map_err(|words| anyhow!(words))?;
    if put(config, &files, &edited, *apply)? {
        next(&format!("davy source test {id} --config {}", config.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Gives whether it was written.
fn put(config: &Path, files: &Files, edited: &Edited, apply: bool) -> anyhow::Result<bool> {
    let gone = edited.removed.iter().map(|line| format!("- {line}"));
    let difference: Vec<String> = gone.chain(edited.added.iter().map(|line| format!("+ {line}"))).collect();
    if difference.is_empty() {
        output::line(format_args!("{GATEWAY_TOML} says that already"));
        return Ok(false);
    }
    davy_config::read(&edited.files, &|name| davy_config::secret(config, name)).inspect_err(|_| {
        output::line("so the configuration would be wrong; nothing was written");
        difference.iter().for_each(|line| output::line(line.trim_end()));
    })?;
    if !written::agreed(&difference, apply)? {
        return Ok(false);
    }
    written::put(config, files, &edited.files)?;
    Ok(true)
}

fn next(command: &str) {
    output::line("next:");
    output::line(format_args!("  {command}"));
    output::line("  the gateway reads it when it starts again, or at once when SIGHUP asks it to");
}
