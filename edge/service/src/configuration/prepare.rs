//! A proposal, looked at as a whole: what is wrong with it, or what may be put in force.

use super::{
    InForce, changes,
    draft::{Draft, Imported, draft},
    finding, lines,
    secrets::{self, Allowed},
};
use crate::{
    tls,
    versions::{About, Shelf, Unread},
};
use davy_api::{Apply, ConfigChecked, ConfigRefusal, Edit, Finding, How, Wanted};
use davy_config::{Checked, Errors, Files, exchange, scaffold};
use davy_core::time::UtcTime;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// What may be put in force.
pub(crate) struct Prepared {
    pub(crate) checked: Checked,
    /// Passwords by the file that each is to be kept in.
    pub(crate) secrets: BTreeMap<String, String>,
    /// As it is kept; its number is given when it is.
    pub(crate) about: About,
}

/// Looks at a proposal. Nothing is changed.
pub(crate) fn check(in_force: &InForce, edits: &[Edit], folder: Option<&Path>) -> Result<ConfigChecked, ConfigRefusal> {
    let draft = draft(&in_force.files, edits, folder)?;
    let mut told = ConfigChecked {
        version: draft.files.version(),
        differences: lines::between(&in_force.files, &draft.files),
        ..ConfigChecked::default()
    };
    match checked(in_force, &draft, folder) {
        Ok(checked) => {
            told.restart = in_force.fixed.changed(&in_force.site.gateway, &checked.configuration);
            told.changes = differences(in_force, &checked);
            told.coverage = checked.coverage.into_iter().map(finding).collect();
        }
        Err(errors) => told.errors = errors,
    }
    Ok(told)
}

/// The files of a proposal that is good.
pub(crate) fn proposed(in_force: &InForce, edits: &[Edit], folder: Option<&Path>) -> Result<Files, ConfigRefusal> {
    let draft = draft(&in_force.files, edits, folder)?;
    checked(in_force, &draft, folder).map_err(ConfigRefusal::Wrong)?;
    Ok(draft.files)
}

/// All that can be looked at before anything is written.
pub(crate) fn prepare(
    in_force: &InForce,
    apply: &Apply,
    (folder, shelf): (&Path, &Shelf),
    now: UtcTime,
) -> Result<Prepared, ConfigRefusal> {
    let Apply { wanted, by, reason } = apply;
    let (base, draft, how, back_to) = match wanted {
        Wanted::Proposal(proposal) => {
            in_force.is_base(&proposal.base)?;
            (&proposal.base, draft(&in_force.files, &proposal.edits, Some(folder))?, How::Page, None)
        }
        Wanted::Version { base, number } => {
            let files = shelf.read(*number).map_err(unreadable)?;
            (base, Draft { files, ..Draft::default() }, How::Rollback, Some(*number))
        }
    };
    in_force.is_base(base)?;
    is_as_in_force(in_force, folder)?;
    if draft.wrong.is_empty() && says_the_same(&draft.files, &in_force.files) {
        return Err(ConfigRefusal::Conflict("nothing would change: the very configuration is in force".to_owned()));
    }
    let says_itself = how == How::Page && !scaffold::says_the_same_of_change(&draft.files, &in_force.files);
    let draft = if says_itself { draft } else { signed(in_force, draft, (by, reason), now) };
    let checked = match how {
        How::Rollback => of_the_past(&draft.files, folder),
        How::Start | How::Page | How::Console | How::Platform => checked(in_force, &draft, Some(folder)),
    };
    let checked = checked.map_err(ConfigRefusal::Wrong)?;
    let restart = in_force.fixed.changed(&in_force.site.gateway, &checked.configuration);
    if !restart.is_empty() {
        return Err(ConfigRefusal::NeedsRestart(restart));
    }
    let about = About {
        number: 0,
        version: draft.files.version(),
        at: now,
        by: Some(by.clone()),
        reason: Some(reason.clone()),
        how,
        back_to,
        changes: differences(in_force, &checked),
    };
    Ok(Prepared { checked, secrets: draft.secrets, about })
}

pub(crate) fn unreadable(unread: Unread) -> ConfigRefusal {
    match unread {
        Unread::Unknown(number) => ConfigRefusal::NoSuchVersion(format!("there is no version {number}")),
        Unread::Broken(words) => ConfigRefusal::Failed(words),
    }
}

fn is_as_in_force(in_force: &InForce, folder: &Path) -> Result<(), ConfigRefusal> {
    let edited = |what: String| ConfigRefusal::FolderEdited(format!("{what}, which would come in force with it"));
    match Files::from_dir(folder) {
        Ok(files) if files == in_force.files => Ok(()),
        Ok(files) => {
            let names: Vec<String> = lines::differing(&in_force.files, &files).map(String::clone).collect();
            Err(edited(format!("{} were changed in the folder and are not in force", names.join(", "))))
        }
        Err(errors) => Err(edited(errors.to_string())),
    }
}

/// Beside who changed it and why.
fn says_the_same(new: &Files, present: &Files) -> bool {
    let unsigned =
        |files: &Files| scaffold::with_change(files, "-", "-", "2000-01-01").unwrap_or_else(|_| files.clone());
    new == present || unsigned(new) == unsigned(present)
}

/// With who applies it and why in `[change]`, unless that is written in an unusual way.
fn signed(in_force: &InForce, draft: Draft, (by, reason): (&str, &str), now: UtcTime) -> Draft {
    let local = UtcTime(now.0.saturating_add(in_force.site.calendar.utc_offset_ms)).to_string();
    let date = local.get(..10).unwrap_or_default();
    match scaffold::with_change(&draft.files, by, reason, date) {
        Ok(files) => Draft { files, ..draft },
        Err(_) => draft,
    }
}

fn differences(in_force: &InForce, checked: &Checked) -> Vec<String> {
    let now = &checked.configuration;
    changes::of_all((&in_force.site, &in_force.sources), (&now.site, &now.sources))
}

fn checked(in_force: &InForce, draft: &Draft, folder: Option<&Path>) -> Result<Checked, Vec<Finding>> {
    let allowed = Allowed { folder, known: in_force.secrets.clone(), typed: &draft.secrets };
    if !draft.wrong.is_empty() {
        return Err(draft.wrong.clone());
    }
    let looked = davy_config::read(&draft.files, &|name| allowed.read(name)).and_then(tls::judged);
    looked.map_err(|errors| {
        let errors = draft.imported.as_ref().and_then(|imported| of_import(imported, &allowed)).unwrap_or(errors);
        errors.0.into_iter().map(finding).collect()
    })
}

/// The same errors at their places in the file that came.
fn of_import(Imported { before, name, bytes, others }: &Imported, allowed: &Allowed<'_>) -> Option<Errors> {
    exchange::import(before, name, bytes, *others, &|secret| allowed.read(secret)).err()
}

/// What was in force names secrets that a person at the gateway has put there.
fn of_the_past(files: &Files, folder: &Path) -> Result<Checked, Vec<Finding>> {
    let (known, typed): (BTreeSet<String>, _) = (secrets::named_by(files), BTreeMap::new());
    let allowed = Allowed { folder: Some(folder), known, typed: &typed };
    let looked = davy_config::read(files, &|name| allowed.read(name)).and_then(tls::judged);
    looked.map_err(|Errors(errors)| errors.into_iter().map(finding).collect())
}
