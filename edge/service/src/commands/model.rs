//! A risk model that the platform pushes: the files of `risk/` as a whole, checked with everything else of the configuration,
//! put in the place of those there are at one stroke, the old ones kept beside them.

use crate::{limits, replace::stamp};
use anyhow::{Context as _, bail};
use davy_config::{Errors, Files};
use davy_core::{event::CommandOutcome, model::Site, time::UtcTime};
use davy_uplink::commands::asks::RiskModelAsk;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

/// What came of a command that is not the engine's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) outcome: CommandOutcome,
    pub(crate) refused: Option<String>,
    pub(crate) details: Vec<String>,
}

/// A model that may be put in force.
#[derive(Debug)]
pub(crate) struct Proposal {
    /// What the folder holds.
    present: Files,
    proposed: Files,
    pub(crate) site: Site,
}

impl Told {
    pub(crate) fn refused(reason: String) -> Self {
        Self { outcome: CommandOutcome::Refused, refused: Some(reason), details: Vec::new() }
    }

    pub(crate) fn done(details: Vec<String>) -> Self {
        Self { outcome: CommandOutcome::Done, refused: None, details: bounded(details) }
    }

    fn invalid(reason: String, details: Vec<String>) -> Self {
        Self { outcome: CommandOutcome::Invalid, refused: Some(reason), details: bounded(details) }
    }
}

impl Proposal {
    /// Whether the folder holds the very files already.
    pub(crate) fn is_there(&self) -> bool {
        self.present == self.proposed
    }
}

/// Checks the whole configuration with the model in it. `in_force` is the version of the configuration that runs.
///
/// # Errors
/// What to tell the platform: all that is wrong.
pub(crate) fn propose(folder: &Path, in_force: &str, model: RiskModelAsk) -> Result<Proposal, Told> {
    let read = |files: &Files| davy_config::read(files, &|name| davy_config::secret(folder, name));
    let edited = || {
        Told::refused(
            "the gateway's configuration folder holds changes that are not in force, which the model would put in force with it; somebody on site is to reload or take back these first"
                .to_owned(),
        )
    };
    let present = Files::from_dir(folder).map_err(|_| edited())?;
    match read(&present) {
        Ok(checked) if *checked.configuration.site.gateway.config_version == *in_force => {}
        Ok(_) | Err(_) => return Err(edited()),
    }
    let others = present.0.iter().filter(|(name, _)| !name.starts_with(RISK));
    let others = others.map(|(name, bytes)| (name.clone(), bytes.clone()));
    let pushed = model.files.into_iter().map(|(name, text)| (format!("{RISK}{name}"), text.into_bytes()));
    let proposed = Files(others.chain(pushed).collect());
    let wrong = |Errors(findings): Errors| {
        let details = findings.iter().map(ToString::to_string).collect();
        Told::invalid(format!("the model is refused as a whole: {} things are wrong", findings.len()), details)
    };
    let site = read(&proposed).map_err(wrong)?.configuration.site;
    Ok(Proposal { present, proposed, site })
}

const RISK: &str = "risk/";

/// What the model changes, in names.
pub(crate) fn difference(then: &Site, now: &Site) -> Vec<String> {
    let lists = [
        changed("units", &then.units, &now.units, |unit| unit.id.to_string()),
        changed("events", &then.events, &now.events, |event| event.id.to_string()),
        changed("measures", &then.measures, &now.measures, |measure| measure.id.to_string()),
        changed("plans", &then.plans, &now.plans, |plan| plan.id.to_string()),
        changed("rules", &then.rules, &now.rules, |rule| rule.id.to_string()),
    ];
    let lines: Vec<String> = lists.into_iter().flatten().collect();
    if lines.is_empty() { vec!["nothing that runs has changed".to_owned()] } else { lines }
}

/// `units: added U9`, `units: removed U2`, `units: changed U1`.
fn changed<T: PartialEq>(what: &str, then: &[T], now: &[T], id: impl Fn(&T) -> String) -> Vec<String> {
    let by_id = |list: &[T]| list.iter().enumerate().map(|(at, item)| (id(item), at)).collect::<BTreeMap<_, _>>();
    let (before, after) = (by_id(then), by_id(now));
    let added = after.keys().filter(|id| !before.contains_key(*id));
    let removed = before.keys().filter(|id| !after.contains_key(*id));
    let other = after.iter().filter(|(id, at)| before.get(*id).is_some_and(|before| then[*before] != now[**at]));
    let line = |word: &str, ids: Vec<&String>| {
        let named = ids.iter().take(limits::MODEL_NAMES_MAX).map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
        let more = ids.len().saturating_sub(limits::MODEL_NAMES_MAX);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!ids.is_empty()).then(|| format!("{what}: {word} {named}{more}"))
    };
    let lines = [
        line("added", added.collect()),
        line("removed", removed.collect()),
        line("changed", other.map(|(id, _)| id).collect()),
    ];
    lines.into_iter().flatten().collect()
}

fn bounded(details: Vec<String>) -> Vec<String> {
    let more = details.len().saturating_sub(limits::RECEIPT_DETAILS_MAX);
    let cut = |line: String| line.chars().take(limits::RECEIPT_DETAIL_CHARS_MAX).collect::<String>();
    let kept = details.into_iter().take(limits::RECEIPT_DETAILS_MAX).map(cut);
    kept.chain((more > 0).then(|| format!("and {more} more"))).collect()
}

/// The files before a model was put in their place.
#[derive(Debug)]
pub(crate) struct Before {
    risk: PathBuf,
    /// `None` where there were none.
    kept: Option<PathBuf>,
}

/// Puts the model's files in the place of those there are: both folders change their names at one stroke, so that at no moment
/// there is half a model or none, and the old one stays under a name of its own.
///
/// # Errors
/// In words, when that cannot be; then everything is as it was.
pub(crate) fn put(folder: &Path, proposal: &Proposal, now: UtcTime) -> anyhow::Result<Before> {
    let risk = folder.join("risk");
    // A link stays a link to the folder that is replaced.
    let risk = fs::canonicalize(&risk).unwrap_or(risk);
    let beside = |name: String| risk.with_file_name(name);
    let (half, kept) = (beside(".risk.part".to_owned()), beside(format!("risk.{}.bak", stamp(now))));
    if half.exists() {
        // From an attempt that was cut short. It may hold the old model, so it is not deleted.
        fs::rename(&half, beside(format!("risk.{}.left.bak", stamp(now))))?;
    }
    write(&half, &risk, proposal).with_context(|| {
        format!(
            "write {}: check the free space of the disk, and whether the gateway may write its configuration",
            half.display()
        )
    })?;
    if Files::from_dir(folder).ok().as_ref() != Some(&proposal.present) {
        fs::remove_dir_all(&half)?;
        bail!("the configuration folder was changed in the meantime and is left as it is; send the model again");
    }
    let kept = if risk.exists() {
        exchange(&half, &risk)?;
        fs::rename(&half, &kept).with_context(|| format!("rename {} to {}", half.display(), kept.display()))?;
        Some(kept)
    } else {
        fs::rename(&half, &risk).with_context(|| format!("rename {} to {}", half.display(), risk.display()))?;
        None
    };
    sync_folder(&risk)?;
    Ok(Before { risk, kept })
}

/// Puts the old files back.
///
/// # Errors
/// In words, when that cannot be.
pub(crate) fn put_back(before: &Before) -> anyhow::Result<()> {
    match &before.kept {
        Some(kept) => {
            exchange(kept, &before.risk)?;
            fs::remove_dir_all(kept)?;
        }
        None => fs::remove_dir_all(&before.risk)?,
    }
    sync_folder(&before.risk)
}

fn exchange(one: &Path, other: &Path) -> anyhow::Result<()> {
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).with_context(|| {
        format!(
            "exchange {} and {}: the file system must be able to (ext4, xfs, btrfs, tmpfs are)",
            one.display(),
            other.display()
        )
    })
}

fn write(half: &Path, like: &Path, proposal: &Proposal) -> anyhow::Result<()> {
    fs::create_dir(half)?;
    if let Ok(meta) = fs::metadata(like) {
        fs::set_permissions(half, meta.permissions())?;
    }
    for (name, bytes) in &proposal.proposed.0 {
        let Some(name) = name.strip_prefix(RISK) else { continue };
        let mut file = File::create_new(half.join(name))?;
        file.write_all(bytes)?;
        if let Ok(meta) = fs::metadata(like.join(name)) {
            file.set_permissions(meta.permissions())?;
        }
        file.sync_all()?;
    }
    copy_others(half, like)?;
    Ok(File::open(half)?.sync_all()?)
}

/// What else lies in the folder, and is no part of a configuration, stays in it.
fn copy_others(half: &Path, like: &Path) -> anyhow::Result<()> {
    let entries = match fs::read_dir(like) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        let is_csv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        let Some(name) = path.file_name().filter(|_| path.is_file() && !is_csv) else { continue };
        fs::copy(&path, half.join(name))?;
    }
    Ok(())
}

fn sync_folder(of: &Path) -> anyhow::Result<()> {
    let folder = of.parent().unwrap_or(Path::new("."));
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.with_context(|| format!("write {} to the disk", folder.display()))
}

#[cfg(test)]
mod tests;
