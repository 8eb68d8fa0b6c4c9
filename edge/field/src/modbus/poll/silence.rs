//! What a poll does about those who do not answer.

use super::Poller;
use crate::{
    limits::modbus::SILENT_REST,
    modbus::{group::Group, plan::Block},
};
use davy_core::quality::Quality;
use std::time::Duration;
use tokio::time::Instant;

impl Poller<'_> {
    pub(super) fn was_silent(&mut self, at: usize, answered: bool, block: Block, quality: Quality) {
        let (refused, not_before) = (self.refused.is(&block), self.not_before());
        if answered {
            self.groups[at].stays_apart();
            self.groups[at].has_answered(false);
            // A device that ignores what it does not know: that block must not be waited for in every round.
            if !refused {
                self.news.put(&block.items, Some(quality));
                self.groups.push(Group::ignored(self.items, block, quality, self.round, not_before));
            }
            return;
        }
        // It comes last, in case it alone is to blame.
        self.groups[at].blocks.extend(Some(block).filter(|_| !refused));
        self.groups[at].was_silent(self.items, quality, self.round, not_before);
        self.put_silent(at);
    }

    /// When a silent unit may be asked again, so that it does not take more than a small part of the line's time.
    fn not_before(&self) -> Instant {
        Instant::now() + Duration::from_millis(self.config.silence_ms()) * SILENT_REST
    }

    pub(super) fn put_silent(&mut self, at: usize) {
        let group = &self.groups[at];
        group.blocks.iter().for_each(|block| self.news.put(&block.items, group.silent()));
    }
}
