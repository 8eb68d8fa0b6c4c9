//! A risk model that the platform pushes: the files of `risk/` as a whole, checked with everything else of the configuration.

use crate::{
    clock,
    configuration::{InForce, Prepared, of_model},
    limits,
    versions::About,
};
use davy_api::How;
use davy_config::{Errors, Files};
use davy_core::event::CommandOutcome;
use davy_uplink::commands::asks::RiskModelAsk;
use std::{collections::BTreeMap, path::Path};

/// What came of a command that is not the engine's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) outcome: CommandOutcome,
    pub(crate) refused: Option<String>,
    pub(crate) details: Vec<String>,
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

/// Checks the whole configuration with the model in it; gives nothing where the very model is in force.
///
/// # Errors
/// What to tell the platform: all that is wrong.
pub(crate) fn propose(
    folder: &Path,
    in_force: &InForce,
    by: String,
    model: RiskModelAsk,
) -> Result<Option<Prepared>, Told> {
    let edited = || {
        Told::refused(
            "the gateway's configuration folder holds changes that are not in force, which the model would put in force with it; somebody on site is to reload or take back these first"
                .to_owned(),
        )
    };
    if Files::from_dir(folder).ok().as_ref() != Some(&in_force.files) {
        return Err(edited());
    }
    let others = in_force.files.0.iter().filter(|(name, _)| !name.starts_with(RISK));
    let others = others.map(|(name, bytes)| (name.clone(), bytes.clone()));
    let pushed = model.files.into_iter().map(|(name, text)| (format!("{RISK}{name}"), text.into_bytes()));
    let proposed = Files(others.chain(pushed).collect());
    let wrong = |Errors(findings): Errors| {
        let details = findings.iter().map(ToString::to_string).collect();
        Told::invalid(format!("the model is refused as a whole: {} things are wrong", findings.len()), details)
    };
    let checked = davy_config::read(&proposed, &|name| davy_config::secret(folder, name)).map_err(wrong)?;
    let about = About {
        number: 0,
        version: proposed.version(),
        at: clock::utc(),
        by: Some(by),
        reason: None,
        how: How::Platform,
        back_to: None,
        changes: of_model(&in_force.site, &checked.configuration.site),
    };
    Ok((proposed != in_force.files).then(|| Prepared { checked, secrets: BTreeMap::new(), about }))
}

const RISK: &str = "risk/";

fn bounded(details: Vec<String>) -> Vec<String> {
    let more = details.len().saturating_sub(limits::RECEIPT_DETAILS_MAX);
    let cut = |line: String| line.chars().take(limits::RECEIPT_DETAIL_CHARS_MAX).collect::<String>();
    let kept = details.into_iter().take(limits::RECEIPT_DETAILS_MAX).map(cut);
    kept.chain((more > 0).then(|| format!("and {more} more"))).collect()
}

#[cfg(test)]
mod tests;
