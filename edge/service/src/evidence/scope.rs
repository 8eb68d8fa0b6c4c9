//! What belongs to a warning, as the configurations say that were in force: tags, zones, cameras, rules of its risk event.

use super::{Window, before, derived::Found, without_folder};
use crate::limits;
use davy_config::Files;
use davy_core::{
    id::{RuleId, ZoneId},
    model::{EventWatch, Site},
};
use davy_store::{
    StoreError,
    recording::{Recording, RunId},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    rc::Rc,
};

/// What belongs to it, in all configurations together and in each.
#[derive(Default)]
pub(super) struct Scope {
    pub(super) company_code: Option<String>,
    pub(super) gateway_id: Option<String>,
    pub(super) zones: BTreeSet<ZoneId>,
    pub(super) rules: BTreeSet<RuleId>,
    /// Runs that can be understood.
    pub(super) runs: BTreeMap<RunId, Rc<Configured>>,
    pub(super) notes: Vec<String>,
}

/// What a configuration says of the risk event.
pub(super) struct Configured {
    pub(super) site: Site,
    pub(super) watch: EventWatch,
}

impl Scope {
    /// What is known without a recording: the zones that the warning itself names.
    pub(super) fn unknown(found: &Found, why: &str) -> Self {
        let note = format!("no values and no sights, and of the unit's zones only those that the warning names: {why}");
        Self { zones: found.zones.clone(), notes: vec![note], ..Self::default() }
    }

    pub(super) fn read(data: &Path, recording: &Recording, found: &Found, window: Window) -> Result<Self, StoreError> {
        let mut scope = Self { zones: found.zones.clone(), ..Self::default() };
        let mut known = BTreeMap::<String, Option<Rc<Configured>>>::new();
        let from = before(window.from, limits::EVIDENCE_VALUE_BEFORE_MS);
        for run in recording.runs_between(from, window.until)? {
            if run.foreign {
                scope.notes.push(format!(
                    "no values of the run that began at {}: another version of davy recorded it in another shape",
                    run.began
                ));
                continue;
            }
            let configured = known.entry(run.config_version).or_insert_with_key(|version| {
                let made = recording
                    .files(run.id)
                    .map_err(|error| without_folder(data, &error))
                    .and_then(|files| configured(files, found));
                made.map(Rc::new)
                    .map_err(|why| scope.notes.push(format!("no values under the configuration {version}: {why}")))
                    .ok()
            });
            if let Some(configured) = configured {
                scope.add(run.id, Rc::clone(configured));
            }
        }
        match recording.reaches_back_to()? {
            Some(oldest) if oldest > window.from => {
                scope.notes.push(format!("the recording reaches back to {oldest}: there are no values from before"));
            }
            Some(_) => {}
            None => scope.notes.push("the recording is empty: there are no values".to_owned()),
        }
        Ok(scope)
    }

    fn add(&mut self, run: RunId, configured: Rc<Configured>) {
        let Configured { site, watch } = &*configured;
        self.company_code = Some(site.gateway.company_code.clone());
        self.gateway_id = Some(site.gateway.gateway_id.clone());
        self.zones.extend(watch.zones.iter().map(|zone| site.zones[zone.at()].id.clone()));
        self.rules.extend(watch.rules.iter().map(|rule| site.rules[rule.at()].id.clone()));
        self.runs.insert(run, configured);
    }
}

/// What a configuration says of the warning's risk event, or why that is not known.
fn configured(files: BTreeMap<String, Vec<u8>>, found: &Found) -> Result<Configured, String> {
    // What a secret is plays no part: nothing is connected to.
    let checked = davy_config::read(&Files(files), &|_| Ok(davy_config::STAND_IN.to_owned()))
        .map_err(|_| "this version of davy cannot read it".to_owned())?;
    let site = checked.configuration.site;
    let event = site.events.iter().position(|event| event.id == found.warning.risk_event);
    let event = event.ok_or_else(|| "it does not know the risk event".to_owned())?;
    let watch = site.watch_of(event.into());
    Ok(Configured { site, watch })
}
