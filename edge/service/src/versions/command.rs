//! `davy config`: the configurations that were in force, looked at from the console; and one of them put into the folder again, all its
//! files or none.

use super::{About, Shelf, Unread};
use crate::{
    ask, certificates,
    cli::{Config, ConfigAct, DiffVersions, Format, Rollback, ShowVersion, Versions},
    clock,
    configuration::{
        folder::{self, Made},
        lines, of_all,
    },
    output, replace, tls,
};
use anyhow::{Context as _, anyhow, bail, ensure};
use davy_api::{FileDifference, How};
use davy_config::{Checked, Files, STAND_IN, scaffold};
use davy_core::{limits::TEXT_MAX, time::UtcTime};
use davy_store::StoreError;
use std::{path::Path, process::ExitCode};

/// Does what was asked for; a configuration that would be wrong is `davy_config::Errors`.
pub(crate) fn command(args: &Config) -> anyhow::Result<ExitCode> {
    match &args.act {
        ConfigAct::Versions(args) => list(args),
        ConfigAct::Show(args) => show(args),
        ConfigAct::Diff(args) => diff(args),
        ConfigAct::Rollback(args) => roll_back(args),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn list(args: &Versions) -> anyhow::Result<()> {
    let mut all = Shelf::beside(&args.data).list()?;
    all.reverse();
    match args.format {
        Format::Json => output::line(serde_json::to_string_pretty(&all)?),
        Format::Text if all.is_empty() => {
            output::line(format_args!("no configuration was in force in {} yet", args.data.display()));
        }
        Format::Text => all.iter().for_each(tell),
    }
    Ok(())
}

/// `12  2026-11-23T08:00:00.000Z  1f3a9c0b77de  page, by 李工: 限值按新报告`, and what it changed below.
fn tell(about: &About) {
    let way = about.back_to.map_or_else(|| about.how.code().to_owned(), |to| format!("back to {to}"));
    let by = about.by.as_deref().map(|by| format!(", by {by}")).unwrap_or_default();
    let reason = about.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    output::line(format_args!("{:>5}  {}  {}  {way}{by}{reason}", about.number, about.at, about.version));
    about.changes.iter().for_each(|change| output::line(format_args!("       {change}")));
}

fn show(ShowVersion { number, file, data, format }: &ShowVersion) -> anyhow::Result<()> {
    let shelf = Shelf::beside(data);
    let (about, files) = (about(&shelf, *number)?, read(&shelf, *number)?);
    if let Some(name) = file {
        let bytes = files.0.get(name).with_context(|| {
            format!("version {number} has no file {name}; it has {}", names(&files).collect::<Vec<_>>().join(", "))
        })?;
        return output::bytes(bytes);
    }
    match format {
        Format::Json => {
            let names: Vec<&str> = names(&files).collect();
            output::line(serde_json::to_string_pretty(&serde_json::json!({ "about": about, "files": names }))?);
        }
        Format::Text => {
            tell(&about);
            names(&files).for_each(|name| output::line(format_args!("       {name}")));
        }
    }
    Ok(())
}

fn names(files: &Files) -> impl Iterator<Item = &str> {
    files.0.keys().map(String::as_str)
}

fn diff(DiffVersions { number, other, config, data, format }: &DiffVersions) -> anyhow::Result<()> {
    let shelf = Shelf::beside(data);
    let files = read(&shelf, *number)?;
    let differences = match (other, config) {
        (Some(other), _) => lines::between(&files, &read(&shelf, *other)?),
        (None, Some(config)) => lines::between(&Files::from_dir(config)?, &files),
        (None, None) => bail!("say with what to compare: the number of another version, or --config DIR"),
    };
    match format {
        Format::Json => output::line(serde_json::to_string_pretty(&differences)?),
        Format::Text if differences.is_empty() => output::line("there is no difference"),
        Format::Text => differences.iter().for_each(tell_difference),
    }
    Ok(())
}

fn tell_difference(FileDifference { file, lines, more }: &FileDifference) {
    output::line(format_args!("{file}:"));
    lines.iter().for_each(|line| output::line(format_args!("{} {}", line.sign, line.text)));
    if *more > 0 {
        output::line(format_args!("… and {more} lines more"));
    }
}

fn roll_back(args: &Rollback) -> anyhow::Result<()> {
    let Rollback { number, reason, by, config, data, apply } = args;
    let reason = checked_reason(reason)?;
    let by = certificates::name(by.as_deref())?;
    // Whoever holds the folder of the data is the gateway; nobody starts one while the files change.
    let (held, is_running) = match davy_store::hold(data) {
        Ok(held) => (Some(held), false),
        Err(StoreError::InUse { .. }) => (None, true),
        Err(error) => return Err(error.into()),
    };
    let shelf = Shelf::beside(data);
    let old = read(&shelf, *number)?;
    let present = Files::from_dir(config)?;
    let now = clock::utc();
    let checked = checked(&signed(&old, (&by, &reason), now)?, config)?;
    let proposed = &checked.configuration.files;
    if unsigned(&present) == unsigned(proposed) {
        output::line(format_args!("{} says that already", config.display()));
        return Ok(());
    }
    lines::between(&present, proposed).iter().for_each(tell_difference);
    if !(*apply || ask::yes(&format!("Put version {number} into {}? [y/N] ", config.display()))?) {
        output::line("nothing was written; add --apply to write it");
        return Ok(());
    }
    keep_beside(config, &present, proposed, now)?;
    let about = About {
        by: Some(by),
        reason: Some(reason),
        back_to: Some(*number),
        changes: changes(&present, &checked),
        ..About::of(How::Rollback, proposed.version(), now)
    };
    folder::put(config, &present, proposed, &Made { about, before: present.version(), takes_back: false })?;
    if is_running {
        // Who and why stand in [change], which the gateway that runs puts on record when it reads the folder.
        folder::forget(config)?;
    }
    drop(held);
    next(is_running, *number, config);
    Ok(())
}

fn next(is_running: bool, number: u64, config: &Path) {
    output::line(format_args!("the files of version {number} are in {}", config.display()));
    output::line(match is_running {
        true => {
            "a gateway is running with another configuration: have it read the folder with systemctl reload davy, or SIGHUP to its \
                 process; its log says whether this one is in force"
        }
        false => "no gateway is running: the next one starts with it, and puts on record who did this and why",
    });
}

/// It becomes a line of `gateway.toml`.
fn checked_reason(reason: &str) -> anyhow::Result<String> {
    let reason = reason.trim();
    ensure!(
        !reason.is_empty() && !reason.contains(char::is_control) && reason.chars().count() <= TEXT_MAX,
        "the reason is one line of 1 to {TEXT_MAX} characters; say with --reason why the configuration changes"
    );
    Ok(reason.to_owned())
}

/// With who and why in `[change]`. The local day is that of the version.
fn signed(files: &Files, (by, reason): (&str, &str), now: UtcTime) -> anyhow::Result<Files> {
    let read = davy_config::read(files, &|_| Ok(STAND_IN.to_owned()));
    let offset_ms = read.map_or(0, |checked| checked.configuration.site.calendar.utc_offset_ms);
    let local = UtcTime(now.0.saturating_add(offset_ms)).to_string();
    scaffold::with_change(files, by, reason, local.get(..10).unwrap_or_default()).map_err(|words| anyhow!(words))
}

fn unsigned(files: &Files) -> Files {
    scaffold::with_change(files, "-", "-", "2000-01-01").unwrap_or_else(|_| files.clone())
}

/// As the gateway would read it, with the secrets of the folder.
fn checked(files: &Files, config: &Path) -> anyhow::Result<Checked> {
    let read = davy_config::read(files, &|name| davy_config::secret(config, name)).and_then(tls::judged);
    Ok(read.inspect_err(|_| output::line("so the configuration would be wrong today; nothing was written"))?)
}

/// What it changes, in names; nothing can be said of a folder that is wrong.
fn changes(present: &Files, checked: &Checked) -> Vec<String> {
    let then = davy_config::read(present, &|_| Ok(STAND_IN.to_owned())).ok().map(|then| then.configuration);
    let now = &checked.configuration;
    then.map(|then| of_all((&then.site, &then.sources), (&now.site, &now.sources))).unwrap_or_default()
}

/// What is in the folder may never have been in force, and then no version has it.
fn keep_beside(config: &Path, present: &Files, proposed: &Files, now: UtcTime) -> anyhow::Result<()> {
    for name in lines::differing(present, proposed) {
        let Some(bytes) = present.0.get(name) else { continue };
        let (path, kept) = (config.join(name), config.join(format!("{name}.{}.bak", replace::stamp(now))));
        replace::write(&kept, bytes, &path)?;
    }
    Ok(())
}

fn about(shelf: &Shelf, number: u64) -> anyhow::Result<About> {
    let found = shelf.list()?.into_iter().find(|about| about.number == number);
    found.with_context(|| format!("there is no version {number}; davy config versions lists them"))
}

fn read(shelf: &Shelf, number: u64) -> anyhow::Result<Files> {
    shelf.read(number).map_err(|unread| match unread {
        Unread::Unknown(number) => anyhow!("there is no version {number}; davy config versions lists them"),
        Unread::Broken(words) => anyhow!(words),
    })
}
