//! What the field and the box said last, for the engine that takes this one's place under another configuration: what goes on
//! being heard is not told again by those who say it.

use super::Engine;
use crate::{
    event::{Event, Link, Sample},
    id::*,
    inputs::{Freshness, LinkInput},
};

impl Engine {
    /// Events that tell another engine what this one was told last of the links and tags of the sources in `sources`, of the
    /// links in `uplinks`, and of the box itself; what its saved state holds is not among them. A tag that is stale is left out,
    /// as are those of a source that is down: their values are no word on what they are.
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
        [journal, clock, disk, certificates].into_iter().flatten().collect()
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
