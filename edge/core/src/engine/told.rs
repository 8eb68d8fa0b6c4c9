//! What the field and the box said last, for the engine that takes this one's place under another configuration: what goes on
//! being heard is not told again by those who say it.

use super::Engine;
use crate::{
    event::{Event, Link, Location, Sample},
    id::*,
    inputs::{Freshness, LinkInput},
    model::{PeopleRule, RuleKind, SourceKind},
};

impl Engine {
    /// Events that tell another engine what this one was told last of the links and tags of the sources in `sources`, of the
    /// links in `uplinks`, of where people are if every source that could say so is among them, and of the box itself. What has
    /// not been heard for too long is left out, as is what a source that is down said before: that is no word on what is.
    #[must_use]
    pub fn last_told(&self, sources: &[SourceIx], uplinks: &[UplinkIx]) -> Vec<Event> {
        let mut told = self.box_told();
        for source in sources {
            let Some(link) = link(&self.inputs.sources[source.at()]) else { continue };
            let is_up = link == Link::Up;
            told.push(Event::Source(*source, link));
            let samples = if is_up { self.live_samples(*source) } else { Vec::new() };
            if !samples.is_empty() {
                told.push(Event::Samples(samples));
            }
        }
        let brokers = (0..self.site.sources.len()).filter(|at| self.site.sources[*at].kind == SourceKind::Mqtt);
        let people = self.people_heard();
        if !people.is_empty() && brokers.map(SourceIx::from).all(|broker| sources.contains(&broker)) {
            told.push(Event::Locations(people));
        }
        told.extend(uplinks.iter().filter_map(|uplink| {
            let link = link(&self.inputs.uplinks[uplink.at()])?;
            Some(Event::Uplink(*uplink, link))
        }));
        told
    }

    fn box_told(&self) -> Vec<Event> {
        let watch = &self.inputs.watch;
        let journal = watch.journal.told().map(Event::Journal);
        let clock = watch.clock.told.map(Event::Clock);
        let disk = watch.disk.told.map(Event::Storage);
        let certificates = watch.certificates.told.clone().map(Event::Certificates);
        let board = watch.board.told().map(Event::Board);
        [journal, clock, disk, certificates, board].into_iter().flatten().collect()
    }

    fn people_heard(&self) -> Vec<Location> {
        let silent: Vec<PersonIx> =
            (0..self.rules.len()).map(RuleIx::from).filter_map(|ix| self.silent_card(ix)).collect();
        let heard = self.inputs.people.iter().filter(|person| !person.awaited && !person.lost);
        let last = heard.filter_map(|person| {
            let battery_percent = person.battery_percent;
            person.location.map(|location| Location { battery_percent, ..location })
        });
        last.filter(|location| !silent.contains(&location.person)).collect()
    }

    /// Whose card is silent for too long, by this rule.
    fn silent_card(&self, ix: RuleIx) -> Option<PersonIx> {
        let RuleKind::People(PeopleRule::CardOffline { person, .. }) = self.rule(ix).kind else { return None };
        let state = &self.rules[ix.at()];
        (state.active || state.pending.is_some()).then_some(person)
    }

    fn live_samples(&self, source: SourceIx) -> Vec<Sample> {
        let tags = self.index.tags_of_source[source.at()].iter().map(|tag| &self.inputs.tags[tag.at()]);
        tags.filter(|tag| tag.freshness == Freshness::Live).filter_map(|tag| tag.sample).collect()
    }
}

fn link(input: &LinkInput) -> Option<Link> {
    match input {
        LinkInput::Connecting => None,
        LinkInput::Up => Some(Link::Up),
        LinkInput::Down { reason, .. } => Some(Link::Down(reason.clone())),
    }
}
