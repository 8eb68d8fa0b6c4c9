//! What the engine was told around a warning: values, moves of people, sights of cameras.

use crate::limits;
use davy_config::Files;
use davy_core::{
    event::{Event, Location, Sample, VideoSight},
    id::{TagIx, ZoneIx},
    model::Site,
    record::WarningRecord,
    time::UtcTime,
};
use davy_store::{
    StoreError,
    recording::{Recording, Run},
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What was told, ready for the document.
#[derive(Default)]
pub(super) struct Told {
    pub(super) samples: Vec<Value>,
    pub(super) people: Vec<Value>,
    pub(super) sights: Vec<Value>,
    /// What is missing, and why.
    pub(super) notes: Vec<String>,
}

pub(super) fn nothing(why: &str) -> Told {
    Told { notes: vec![format!("no values: {why}")], ..Told::default() }
}

pub(super) fn read(
    recording: &Recording,
    warning: &WarningRecord,
    window: (UtcTime, UtcTime),
) -> Result<Told, StoreError> {
    let mut reading = Reading { warning, window, runs: BTreeMap::new(), tags: BTreeMap::new(), told: Told::default() };
    recording.between(window.0, window.1, |run, part| {
        if part.lost > 0 {
            reading.told.notes.push(format!(
                "{} events before {} were left out of the recording",
                part.lost,
                part.told.first().map_or(window.1, |told| told.now.utc)
            ));
        }
        for told in part.told {
            reading.take(run, told.now.utc, told.event);
        }
    })?;
    Ok(reading.finish())
}

/// What a run's configuration says of the warning's unit.
struct About {
    site: Site,
    tags: BTreeSet<TagIx>,
    zones: BTreeSet<ZoneIx>,
}

struct Reading<'w> {
    warning: &'w WarningRecord,
    window: (UtcTime, UtcTime),
    /// By the time of the run's beginning; `None` when its configuration cannot be read any more.
    runs: BTreeMap<UtcTime, Option<About>>,
    tags: BTreeMap<String, Points>,
    told: Told,
}

/// The values of one tag.
#[derive(Default)]
struct Points {
    name: String,
    engineering_unit: String,
    points: Vec<Value>,
    left_out: u64,
}

impl Reading<'_> {
    fn take(&mut self, run: &Run, at: UtcTime, event: Event) {
        if at < self.window.0 || at > self.window.1 {
            return;
        }
        let began = run.beginning.now.utc;
        if !self.runs.contains_key(&began) {
            let about = about(run, self.warning);
            if about.is_none() {
                self.told
                    .notes
                    .push(format!("no values of the run of {began}: its configuration cannot be read any more"));
            }
            self.runs.insert(began, about);
        }
        let Some(Some(about)) = self.runs.get(&began) else { return };
        if let Event::Samples(samples) = event {
            samples.iter().for_each(|sample| take_sample(&mut self.tags, about, sample));
        } else if let Event::Locations(locations) = event {
            let inside = locations.iter().filter(|each| each.zone.is_some_and(|zone| about.zones.contains(&zone)));
            self.told.people.extend(inside.map(|location| move_of(about, location)));
            self.told.people.truncate(limits::EVIDENCE_RECORDS_MAX);
        } else if let Event::Video(sight) = event {
            let zone = about.site.cameras[sight.camera.at()].zone;
            if zone.is_some_and(|zone| about.zones.contains(&zone))
                && self.told.sights.len() < limits::EVIDENCE_RECORDS_MAX
            {
                self.told.sights.push(sight_of(about, &sight));
            }
        }
    }

    fn finish(mut self) -> Told {
        self.told.samples = self
            .tags
            .into_iter()
            .map(|(tag, points)| {
                json!({
                    "tag": tag,
                    "name": points.name,
                    "engineering_unit": points.engineering_unit,
                    "columns": ["received_time", "source_time", "value", "quality"],
                    "points": points.points,
                    "left_out": points.left_out,
                })
            })
            .collect();
        self.told
    }
}

fn about(run: &Run, warning: &WarningRecord) -> Option<About> {
    let files = Files(run.beginning.files.clone());
    let site = davy_config::read(&files, &|_| Ok("none".to_owned())).ok()?.configuration.site;
    let unit = site.units.iter().position(|unit| unit.id == warning.unit);
    let zones = site
        .zones
        .iter()
        .enumerate()
        .filter(|(_, zone)| unit.is_some_and(|at| zone.unit.is_some_and(|unit| unit.at() == at)));
    let zones = zones.map(|(at, _)| ZoneIx::from(at)).collect();
    let event = site.events.iter().position(|event| event.id == warning.risk_event);
    let mut tags = BTreeSet::new();
    for rule in site.rules.iter().filter(|rule| rule.event(&site).is_some_and(|its| event == Some(its.at()))) {
        tags.extend(rule.kind.tags());
    }
    Some(About { site, tags, zones })
}

fn take_sample(tags: &mut BTreeMap<String, Points>, about: &About, sample: &Sample) {
    if !about.tags.contains(&sample.tag) {
        return;
    }
    let tag = &about.site.tags[sample.tag.at()];
    let points = tags.entry(tag.id.to_string()).or_insert_with(|| Points {
        name: tag.name.clone(),
        engineering_unit: tag.engineering_unit.clone(),
        ..Points::default()
    });
    if points.points.len() >= limits::EVIDENCE_POINTS_MAX {
        points.left_out += 1;
        return;
    }
    let value = Some(sample.value).filter(|value| value.is_finite());
    points.points.push(json!([sample.received_time, sample.source_time, value, sample.quality.to_string()]));
}

fn move_of(about: &About, location: &Location) -> Value {
    let person = &about.site.people[location.person.at()];
    json!({
        "person": person.id,
        "name": person.name,
        "zone": location.zone.map(|zone| &about.site.zones[zone.at()].id),
        "sos": location.sos,
        "source_time": location.source_time,
        "received_time": location.received_time,
    })
}

fn sight_of(about: &About, sight: &VideoSight) -> Value {
    json!({
        "camera": about.site.cameras[sight.camera.at()].id,
        "algorithm": sight.algorithm,
        "confidence": sight.confidence,
        "picture": sight.picture,
        "source_time": sight.source_time,
        "received_time": sight.received_time,
    })
}
