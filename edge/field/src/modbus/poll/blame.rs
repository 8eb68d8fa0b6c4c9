//! What a poll does about values that spoil the answer for others: it finds them and leaves them out.

use super::{Line, Poller};
use crate::modbus::{
    ask::Outcome,
    plan::{self, Block},
    refused::RefusedValues,
    search::{Found, Search},
};
use davy_core::quality::Quality;
use tokio::time::Instant;

impl Poller<'_> {
    pub(super) fn is_to_be_searched(&mut self, block: &Block) -> bool {
        self.suspects.is_to_be_searched(block, Instant::now())
    }

    /// Gives the blocks that take the place of one for which the device fails; `None` when it stays whole.
    ///
    /// # Errors
    /// In words, when the source is lost.
    pub(super) async fn search(
        &mut self,
        at: usize,
        block: &Block,
        quality: Quality,
        line: &mut Line<'_>,
    ) -> Result<Option<Vec<Block>>, String> {
        let mut search = Search::new(self.items, block, quality);
        while let Some(part) = search.next() {
            match self.read_what_is_due(at, &part, line).await? {
                None | Some(Outcome::Answered(_)) => search.answers(part),
                Some(Outcome::Bad(quality)) => search.fails(self.items, &part, quality),
                Some(Outcome::Refused) => search.fails(self.items, &part, RefusedValues::QUALITY),
                Some(Outcome::Busy(_) | Outcome::Silent(_)) => search.gives_up(part),
            }
        }
        let Some(Found { blocks, bad }) = search.found() else {
            self.suspects.stays_whole(block, Instant::now());
            return Ok(None);
        };
        self.suspects.forget(block);
        self.groups[at].stays_apart();
        bad.into_iter().for_each(|(item, quality)| self.leave_out(item, quality, line));
        Ok(Some(blocks))
    }

    /// A value is asked for seldom from then on, by itself.
    pub(super) fn leave_out(&mut self, item: usize, quality: Quality, line: &mut Line<'_>) {
        self.news.put(&[item], Some(quality));
        if self.refused.add(item, quality, Instant::now()) {
            let place = plan::place(&self.items[item]);
            let why = if quality == RefusedValues::QUALITY {
                "is refused by the device; correct the address".to_owned()
            } else {
                format!("makes the device fail ({quality}); correct the address or mend what is behind it")
            };
            line.monitor.unknown(&format!("{place} {why}"));
        }
    }
}
