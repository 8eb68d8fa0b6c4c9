//! `davy update`: from a stick or over a shell, beside a running gateway, which tries the release by itself within a moment; where none
//! runs, the next start does.

use super::{
    install::{self, Order, Step},
    release::{Here, Release},
    state::Shelf,
    version,
};
use crate::{
    cli::{Format, Update, UpdateAct},
    output, tls,
};
use anyhow::{Context as _, ensure};
use davy_config::UpdateConfig;
use serde_json::json;
use std::{fs::File, path::Path, process::ExitCode};

/// `davy update`.
pub(crate) fn command(args: &Update) -> anyhow::Result<ExitCode> {
    match &args.act {
        UpdateAct::Look { file, config } => look(file, config),
        UpdateAct::Install { file, config, data, by, reason } => {
            ensure!(!by.trim().is_empty(), "--by must name a person: who installs is written into the journal");
            let UpdateConfig { keys, confirm_within_s } = of(config)?;
            let (data, config, by) = (data.clone(), config.clone(), by.clone());
            let order = Order { data, config, keys, confirm_within_s, by, reason: reason.clone() };
            install(file, &order)
        }
        UpdateAct::Show { data, format } => show(data, *format),
    }
}

fn of(config: &Path) -> anyhow::Result<UpdateConfig> {
    Ok(tls::read_dir(config)?.configuration.update)
}

fn look(file: &Path, config: &Path) -> anyhow::Result<ExitCode> {
    let opened = File::open(file).with_context(|| format!("open {}", file.display()))?;
    let release = Release::look(opened, &of(config)?.keys, Here::now())
        .with_context(|| format!("{} is not installed", file.display()))?;
    let folder = tempfile::tempdir().context("make a folder to unpack it in")?;
    release.unpack(File::open(file)?, &folder.path().join("davy"))?;
    let Release { manifest, key, .. } = release;
    output::line(format_args!("davy {} for {}, signed by the key {key}", manifest.version, manifest.target));
    for notes in [manifest.notes.zh, manifest.notes.en].iter().filter(|notes| !notes.is_empty()) {
        output::line(notes);
    }
    Ok(ExitCode::SUCCESS)
}

fn install(file: &Path, order: &Order) -> anyhow::Result<ExitCode> {
    let say = |step| {
        output::line(match step {
            Step::Verifying => "verifying signature and program …",
            Step::LookingAtConfiguration => "letting the new program read the configuration …",
            Step::BackingUp => "taking a backup …",
            Step::Installing => "installing …",
        });
    };
    let state = install::install(file, order, say)?;
    let version = state.trial.map(|trial| trial.version.to_string()).unwrap_or_default();
    output::line(format_args!(
        "davy {version} lies there; the gateway that runs on {} tries it now, or its next start does",
        order.data.display()
    ));
    output::line(format_args!("how it went: davy update show --data {}", order.data.display()));
    Ok(ExitCode::SUCCESS)
}

fn show(data: &Path, format: Format) -> anyhow::Result<ExitCode> {
    let state = Shelf::of(data).read()?;
    if format == Format::Json {
        output::line(json!({
            "package": version::text(), "active": state.active, "previous": state.previous, "trial": state.trial, "last": state.last,
        }));
        return Ok(ExitCode::SUCCESS);
    }
    let own = version::text();
    output::line(match state.active.filter(|active| *active > version::own()) {
        Some(active) => format!("davy {active} runs, installed as an update; this program is {own}"),
        None => format!("davy {own} runs, as it was installed"),
    });
    if let Some(trial) = &state.trial {
        output::line(format_args!("davy {} is on trial, started {} times", trial.version, trial.attempts));
    }
    if let Some(last) = &state.last {
        let how = if last.confirmed { "was confirmed" } else { "was rolled back" };
        output::line(format_args!("davy {} {how} at {}: {}", last.version, last.at, last.words));
    }
    Ok(ExitCode::SUCCESS)
}
