//! Which values of a block are to blame when the device answers for it with a failure of its own, or with what cannot be read.
//! Pure.
//!
//! A device that is ill fails for everything, and to ask it more would only do it harm: a search begins when a block has
//! failed twice in a row, and when its halves and quarters fail as well the block stays whole for a while.

use crate::{
    limits::modbus::{
        SEARCH_AGAIN, SEARCH_IN_VAIN_COSTLY_MAX, SEARCH_IN_VAIN_MAX, SEARCH_REQUESTS_MAX, SEARCHES_PER_POLL,
    },
    modbus::plan::{self, Block},
};
use davy_config::ModbusItem;
use davy_core::quality::Quality;
use std::collections::VecDeque;
use tokio::time::Instant;

/// Blocks that failed when they were last asked for, each with the time from which on it may be searched.
#[derive(Debug, Default)]
pub(crate) struct Suspects {
    known: Vec<(Block, Instant)>,
    searches: usize,
}

impl Suspects {
    /// A round begins.
    pub(crate) fn begin(&mut self) {
        self.searches = 0;
    }

    /// A block has failed. Gives whether it is to be searched.
    pub(crate) fn is_to_be_searched(&mut self, block: &Block, now: Instant) -> bool {
        if block.items.len() < 2 {
            return false;
        }
        let Some((_, from)) = self.known.iter().find(|(known, _)| known == block) else {
            self.known.push((block.clone(), now));
            return false;
        };
        let searched = *from <= now && self.searches < SEARCHES_PER_POLL;
        self.searches += usize::from(searched);
        searched
    }

    /// It answers, or there is no such block any more.
    pub(crate) fn forget(&mut self, block: &Block) {
        self.known.retain(|(known, _)| known != block);
    }

    /// It was searched in vain.
    pub(crate) fn stays_whole(&mut self, block: &Block, now: Instant) {
        let known = self.known.iter_mut().filter(|(known, _)| known == block);
        known.for_each(|(_, from)| *from = now + SEARCH_AGAIN);
    }
}

/// What a search has found.
pub(crate) struct Found {
    /// What takes the place of the whole.
    pub(crate) blocks: Vec<Block>,
    /// The values that are to blame, and what that makes of each.
    pub(crate) bad: Vec<(usize, Quality)>,
}

/// One search, from the halves down to single values.
pub(crate) struct Search {
    waiting: VecDeque<Block>,
    sound: Vec<Block>,
    bad: Vec<(usize, Quality)>,
    requests: u32,
    in_vain_max: u32,
}

impl Search {
    pub(crate) fn new(items: &[ModbusItem], block: &Block, quality: Quality) -> Self {
        // Garbled answers and broken connections cost a new connection each.
        let costly = [Quality::BAD_DECODING, Quality::BAD_NO_COMMUNICATION].contains(&quality);
        let in_vain_max = if costly { SEARCH_IN_VAIN_COSTLY_MAX } else { SEARCH_IN_VAIN_MAX };
        let waiting = plan::halves(items, block).into_iter().flatten().collect();
        Self { waiting, sound: Vec::new(), bad: Vec::new(), requests: 0, in_vain_max }
    }

    /// The block to be asked for next; `None` when the search is over.
    pub(crate) fn next(&mut self) -> Option<Block> {
        let max = if self.sound.is_empty() { self.in_vain_max } else { SEARCH_REQUESTS_MAX };
        if self.requests >= max {
            return None;
        }
        self.requests += 1;
        self.waiting.pop_front()
    }

    pub(crate) fn answers(&mut self, block: Block) {
        self.sound.push(block);
    }

    pub(crate) fn fails(&mut self, items: &[ModbusItem], block: &Block, quality: Quality) {
        match plan::halves(items, block) {
            Some(halves) => self.waiting.extend(halves),
            None => self.bad.push((block.items[0], quality)),
        }
    }

    /// It cannot go on with this block.
    pub(crate) fn gives_up(&mut self, block: Block) {
        self.waiting.push_front(block);
        self.requests = SEARCH_REQUESTS_MAX;
    }

    /// `None` when nothing answered, so that nothing was learnt.
    pub(crate) fn found(self) -> Option<Found> {
        let Self { waiting, sound, bad, .. } = self;
        (!sound.is_empty()).then(|| Found { blocks: sound.into_iter().chain(waiting).collect(), bad })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modbus::plan::tests::{item, source};
    use davy_config::{ModbusData, ModbusTable};

    const BAD: Quality = Quality::BAD_DEVICE;

    fn registers(count: u16) -> (Vec<ModbusItem>, Block) {
        let items = (0..count).map(|at| item(1, ModbusTable::Holding, at, ModbusData::U16)).collect();
        let source = source(items);
        let block = plan::plan(&source, 0..source.items.len()).remove(0);
        (source.items, block)
    }

    /// Searches a block in which the device fails for some registers; gives the number of requests and what was found.
    fn searched(count: u16, ill: &[u16], quality: Quality) -> (u32, Option<Found>) {
        let (items, block) = registers(count);
        let mut search = Search::new(&items, &block, quality);
        let mut requests = 0;
        while let Some(block) = search.next() {
            requests += 1;
            let fails = ill.iter().any(|address| (block.start..block.start + block.count).contains(address));
            if fails { search.fails(&items, &block, quality) } else { search.answers(block) }
        }
        (requests, search.found())
    }

    #[test]
    fn the_values_to_blame_are_found_and_every_other_one_is_in_a_block() {
        for (count, ill) in [(2, vec![1]), (16, vec![5]), (125, vec![124]), (16, vec![0, 15])] {
            let (requests, found) = searched(count, &ill, BAD);
            let Found { blocks, bad } = found.expect("some answer");
            let mut bad: Vec<usize> = bad.into_iter().map(|(item, _)| item).collect();
            bad.sort_unstable();
            assert_eq!(bad, ill.iter().map(|at| usize::from(*at)).collect::<Vec<_>>(), "{count} {ill:?}");
            let mut kept: Vec<usize> = blocks.into_iter().flat_map(|block| block.items).chain(bad).collect();
            kept.sort_unstable();
            assert_eq!(kept, (0..usize::from(count)).collect::<Vec<_>>());
            assert!(requests <= SEARCH_REQUESTS_MAX);
        }
    }

    #[test]
    fn a_device_that_is_ill_is_asked_little_and_nothing_is_learnt() {
        let all: Vec<u16> = (0..100).collect();
        for (count, quality, most) in
            [(100, BAD, SEARCH_IN_VAIN_MAX), (100, Quality::BAD_DECODING, SEARCH_IN_VAIN_COSTLY_MAX), (2, BAD, 2)]
        {
            let (requests, found) = searched(count, &all, quality);
            assert!(requests == most && found.is_none(), "{count} {quality}: {requests}");
        }
    }

    #[test]
    fn a_search_that_would_be_long_goes_on_another_time() {
        let ill: Vec<u16> = (0..50).step_by(4).collect();
        let (requests, found) = searched(100, &ill, BAD);
        let Found { blocks, bad } = found.expect("some answer");
        assert_eq!(requests, SEARCH_REQUESTS_MAX);
        assert_eq!(blocks.iter().map(|block| block.items.len()).sum::<usize>() + bad.len(), 100, "nothing is lost");
    }

    #[test]
    fn a_block_is_searched_when_it_fails_twice_in_a_row_and_seldom_in_vain() {
        let (items, block) = registers(4);
        let (now, mut suspects) = (Instant::now(), Suspects::default());
        assert!(!suspects.is_to_be_searched(&block, now), "it may have been for once");
        suspects.forget(&block);
        assert!(!suspects.is_to_be_searched(&block, now), "it answered in between");
        assert!(suspects.is_to_be_searched(&block, now));
        assert!(!suspects.is_to_be_searched(&block, now), "one in a round");
        suspects.begin();
        suspects.stays_whole(&block, now);
        assert!(!suspects.is_to_be_searched(&block, now));
        assert!(suspects.is_to_be_searched(&block, now + SEARCH_AGAIN));
        let single = plan::single(&items, 0);
        assert!((0..3).all(|_| !suspects.is_to_be_searched(&single, now)), "nobody else is harmed by it");
    }
}
