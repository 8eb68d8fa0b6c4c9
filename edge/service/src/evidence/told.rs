//! What the engine was told around a warning: values, and sights of cameras.

use super::{
    Window, before,
    bounded::Bounded,
    patience::{OVER, Patience},
    scope::{Configured, Scope},
};
use crate::limits;
use davy_core::{
    event::{Event, Sample, VideoSight},
    id::TagId,
    record::{SampleSeen, SightSeen, TagSamples},
    time::UtcTime,
};
use davy_store::{StoreError, recording::Recording};
use std::collections::{BTreeMap, BTreeSet};

/// What was told, ready for the document.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) tags: BTreeMap<TagId, Series>,
    pub(super) sights: Bounded<SightSeen>,
    /// Tags that found no room.
    refused: BTreeSet<TagId>,
    lost: u64,
    notes: Vec<String>,
}

impl Default for Told {
    fn default() -> Self {
        let sights = Bounded::new(limits::EVIDENCE_STAYS_MAX);
        Self { tags: BTreeMap::new(), sights, refused: BTreeSet::new(), lost: 0, notes: Vec::new() }
    }
}

/// The values of one tag.
#[derive(Debug)]
pub(super) struct Series {
    tag: TagId,
    name: String,
    engineering_unit: String,
    before: Option<SampleSeen>,
    points: Bounded<SampleSeen>,
    is_empty: bool,
}

impl Series {
    pub(super) fn finish(self) -> TagSamples {
        let Self { tag, name, engineering_unit, before, points, .. } = self;
        let (points, left_out) = points.finish();
        TagSamples { tag, name, engineering_unit, before, points, left_out }
    }
}

impl Told {
    pub(super) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Reads what the scope watches.
    pub(super) fn read(
        &mut self,
        recording: &Recording,
        scope: &Scope,
        window: Window,
        patience: Patience,
    ) -> Result<(), StoreError> {
        scope.runs.values().for_each(|configured| self.add_tags(configured));
        self.read_before(recording, scope, window.from, patience.half())?;
        for (from, until) in window.values() {
            let mut cut = None;
            recording.between(from, until, |run, part| {
                if patience.is_over() {
                    cut = Some(part.told.first().map_or(from, |told| told.now.utc));
                    return false;
                }
                self.lost += part.lost;
                let Some(configured) = scope.runs.get(&run) else { return true };
                for told in part.told {
                    if (from..=until).contains(&told.now.utc) {
                        self.take(configured, told.event);
                    }
                }
                true
            })?;
            if let Some(cut) = cut {
                self.notes.push(format!("values and sights from {cut} on are left out: {OVER}"));
                break;
            }
        }
        Ok(())
    }

    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = self.notes.clone();
        if self.lost > 0 {
            notes.push(format!(
                "the disk was too slow: {} events were left out of the recording, values among them",
                self.lost
            ));
        }
        let named = |chosen: &dyn Fn(&Series) -> bool| {
            let names = self.tags.values().filter(|series| chosen(series)).map(|series| series.tag.as_str());
            names.collect::<Vec<_>>().join(", ")
        };
        let (without_before, silent) = (named(&|series| series.before.is_none()), named(&|series| series.is_empty));
        if !without_before.is_empty() {
            let minutes = limits::EVIDENCE_VALUE_BEFORE_MS / 60_000;
            notes.push(format!("no value in the {minutes} min before the time: {without_before}"));
        }
        if !silent.is_empty() {
            notes.push(format!("no value within the time, so the one from before stood: {silent}"));
        }
        if !self.refused.is_empty() {
            let refused = self.refused.iter().map(TagId::as_str).collect::<Vec<_>>().join(", ");
            notes.push(format!("there is no room for the values of further tags: {refused}"));
        }
        notes
    }

    fn add_tags(&mut self, configured: &Configured) {
        for ix in &configured.watch.tags {
            let tag = &configured.site.tags[ix.at()];
            if !self.tags.contains_key(&tag.id) && self.tags.len() >= limits::EVIDENCE_TAGS_MAX {
                self.refused.insert(tag.id.clone());
                continue;
            }
            self.tags.entry(tag.id.clone()).or_insert_with(|| Series {
                tag: tag.id.clone(),
                name: tag.name.to_string(),
                engineering_unit: tag.engineering_unit.to_string(),
                before: None,
                points: Bounded::new(limits::EVIDENCE_POINTS_MAX),
                is_empty: true,
            });
        }
    }

    /// The last value of each tag from before, from there backwards until all are found.
    fn read_before(
        &mut self,
        recording: &Recording,
        scope: &Scope,
        until: UtcTime,
        patience: Patience,
    ) -> Result<(), StoreError> {
        let from = before(until, limits::EVIDENCE_VALUE_BEFORE_MS);
        let mut missing = self.tags.len();
        let mut cut = false;
        recording.between_backwards(from, until, |run, part| {
            cut = missing > 0 && patience.is_over();
            if cut {
                return false;
            }
            let Some(configured) = scope.runs.get(&run) else { return missing > 0 };
            let earlier = part.told.into_iter().rev().filter(|told| (from..until).contains(&told.now.utc));
            for told in earlier {
                let Event::Samples(samples) = told.event else { continue };
                for sample in samples.iter().rev() {
                    if let Some(series) = self.series(configured, sample).filter(|series| series.before.is_none()) {
                        series.before = Some(seen(sample));
                        missing -= 1;
                    }
                }
            }
            missing > 0
        })?;
        if cut {
            self.notes.push(format!("the last values from before are not looked for to the end: {OVER}"));
        }
        Ok(())
    }

    fn take(&mut self, configured: &Configured, event: Event) {
        if let Event::Samples(samples) = event {
            for sample in &samples {
                if let Some(series) = self.series(configured, sample) {
                    series.points.push(seen(sample));
                    series.is_empty = false;
                }
            }
        } else if let Event::Video(sight) = event
            && configured.watch.cameras.contains(&sight.camera)
        {
            self.sights.push(sight_of(configured, sight));
        }
    }

    fn series(&mut self, configured: &Configured, sample: &Sample) -> Option<&mut Series> {
        let watched = configured.watch.tags.contains(&sample.tag);
        let tag = configured.site.tags.get(sample.tag.at()).filter(|_| watched)?;
        self.tags.get_mut(&tag.id)
    }
}

fn seen(sample: &Sample) -> SampleSeen {
    let Sample { value, quality, source_time, received_time, .. } = *sample;
    let value = Some(value).filter(|value| value.is_finite());
    SampleSeen { received_time, source_time, value, quality, severity: quality.severity() }
}

fn sight_of(configured: &Configured, sight: VideoSight) -> SightSeen {
    let VideoSight { camera, algorithm, confidence, picture, source_time, received_time } = sight;
    let camera = &configured.site.cameras[camera.at()];
    let zone = camera.zone.map(|zone| configured.site.zones[zone.at()].id.clone());
    let (name, camera) = (camera.name.clone(), camera.id.clone());
    SightSeen { camera, name, zone, algorithm, confidence, picture, source_time, received_time }
}
