//! What is silent together: a unit on the line, or a part of one that ignores the question for it. Pure.
//!
//! Many a device ignores a question when a single register of it does not exist. What is silent is therefore asked in smaller
//! pieces, one of them at a time, so that this costs no more timeouts; those that stay silent while another answers become
//! a group of their own. When all pieces answer together it was the unit that was away, and they are joined again.

use crate::{
    limits::modbus::{SILENT_ASKED_EVERY, SILENT_PIECES_MAX, SILENT_POLLS_MAX},
    modbus::plan::{self, Block},
};
use davy_config::{ModbusItem, ModbusSource};
use davy_core::quality::Quality;
use tokio::time::Instant;

/// Blocks of one unit that are asked for one after the other.
pub(crate) struct Group {
    pub(crate) unit_id: u8,
    pub(crate) blocks: Vec<Block>,
    /// The unit answers, for other blocks.
    part: bool,
    /// Polls in a row in which it was asked and did not answer.
    silent_polls: u32,
    /// Silences since the blocks are those that they are.
    tried: usize,
    /// What was taken apart; empty when nothing is.
    whole: Vec<Block>,
    /// The pieces were joined, and the whole has not answered since.
    joined: bool,
    /// What silence makes of its values.
    quality: Quality,
    /// The round from which on it is asked again, once it is silent.
    due: u64,
    /// Until then it is not.
    not_before: Option<Instant>,
}

impl Group {
    /// One group for each unit.
    pub(crate) fn units(source: &ModbusSource) -> Vec<Self> {
        let mut units: Vec<Self> = Vec::new();
        for block in plan::plan(source, 0..source.items.len()) {
            match units.last_mut() {
                Some(unit) if unit.unit_id == block.unit_id => unit.blocks.push(block),
                _ => units.push(Self::new(block, false)),
            }
        }
        units
    }

    /// A block that its unit ignores, though it answers for others.
    pub(crate) fn ignored(
        items: &[ModbusItem],
        block: Block,
        quality: Quality,
        round: u64,
        not_before: Instant,
    ) -> Self {
        let mut group = Self::new(block, true);
        group.was_silent(items, quality, round, not_before);
        group
    }

    fn new(block: Block, part: bool) -> Self {
        Self {
            unit_id: block.unit_id,
            blocks: vec![block],
            part,
            silent_polls: 0,
            tried: 0,
            whole: Vec::new(),
            joined: false,
            quality: Quality::BAD_WAITING,
            due: 0,
            not_before: None,
        }
    }

    /// What its silence makes of its values; `None` while it answers.
    pub(crate) fn silent(&self) -> Option<Quality> {
        (self.silent_polls > 0).then_some(self.quality)
    }

    pub(crate) fn is_due(&self, round: u64, now: Instant) -> bool {
        self.due <= round && self.not_before.is_none_or(|not_before| not_before <= now)
    }

    /// The order in which silent ones are seen to: first those that are not asked, then those that have waited longest.
    pub(crate) fn turn(&self, round: u64, now: Instant) -> (bool, u64) {
        (self.is_due(round, now), self.due)
    }

    /// It answers; for all that it holds, or for a part of it.
    pub(crate) fn has_answered(&mut self, all: bool) {
        (self.silent_polls, self.tried) = (0, 0);
        if !all {
            return;
        }
        if self.whole.is_empty() {
            self.joined = false;
        } else if !self.joined {
            self.blocks = std::mem::take(&mut self.whole);
            self.joined = true;
        }
    }

    /// Its pieces are not joined again: it was found what is to blame.
    pub(crate) fn stays_apart(&mut self) {
        self.whole.clear();
    }

    pub(crate) fn was_silent(&mut self, items: &[ModbusItem], quality: Quality, round: u64, not_before: Instant) {
        self.silent_polls = self.silent_polls.saturating_add(1);
        self.tried += 1;
        if self.tried >= self.blocks.len() && self.blocks.len() < SILENT_PIECES_MAX {
            self.take_apart(items);
        }
        self.quality = quality;
        let soon = self.silent_polls < SILENT_POLLS_MAX;
        self.due = round + if soon { 1 } else { SILENT_ASKED_EVERY };
        self.not_before = Some(not_before).filter(|_| !soon);
    }

    /// A new connection may have found what the last one missed.
    pub(crate) fn ask_soon(&mut self, round: u64) {
        self.due = self.due.min(round);
        self.not_before = None;
    }

    /// Its silence, in words.
    pub(crate) fn note(&self, items: &[ModbusItem]) -> Option<String> {
        let (unit_id, quality) = (self.unit_id, self.silent()?);
        let of_part = self.blocks.iter().filter(|_| self.part).flat_map(|block| &block.items);
        let of_part: Vec<&ModbusItem> = of_part.filter_map(|&item| items.get(item)).collect();
        let Some(first) = of_part.iter().min_by_key(|item| item.address) else {
            return Some(format!("unit id {unit_id} is silent: {quality}"));
        };
        let others = if of_part.len() > 1 { format!(" and {} others", of_part.len() - 1) } else { String::new() };
        Some(format!("unit id {unit_id} ignores {}{others}: {quality}", plan::place(first)))
    }

    fn take_apart(&mut self, items: &[ModbusItem]) {
        if self.whole.is_empty() {
            self.whole = self.blocks.clone();
        }
        let blocks = std::mem::take(&mut self.blocks).into_iter();
        let pieces = blocks.flat_map(|block| plan::halves(items, &block).map_or_else(|| vec![block], Vec::from));
        self.blocks = pieces.collect();
        self.tried = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modbus::plan::tests::{item, source};
    use davy_config::{ModbusData, ModbusTable};

    fn unit(registers: u16) -> (Vec<ModbusItem>, Group) {
        let items = (0..registers).map(|at| item(1, ModbusTable::Holding, at, ModbusData::U16)).collect();
        let source = source(items);
        let group = Group::units(&source).remove(0);
        (source.items, group)
    }

    fn lengths(group: &Group) -> Vec<usize> {
        group.blocks.iter().map(|block| block.items.len()).collect()
    }

    #[test]
    fn what_is_silent_is_asked_in_smaller_pieces_when_all_were_tried_and_no_smaller_than_it_helps() {
        let (items, mut group) = unit(32);
        let silent = |group: &mut Group| group.was_silent(&items, Quality::BAD_TIMEOUT, 1, Instant::now());
        let mut pieces = Vec::new();
        for _ in 0..40 {
            silent(&mut group);
            pieces.push(group.blocks.len());
        }
        assert_eq!(pieces[..8], [2, 2, 4, 4, 4, 4, 8, 8]);
        assert_eq!(pieces[39], SILENT_PIECES_MAX);
    }

    #[test]
    fn a_unit_that_was_away_is_read_in_one_piece_again_but_not_one_that_takes_only_pieces() {
        let (items, mut group) = unit(8);
        let silent = |group: &mut Group| group.was_silent(&items, Quality::BAD_TIMEOUT, 1, Instant::now());
        for _ in 0..3 {
            silent(&mut group);
            assert_eq!(lengths(&group), [4, 4]);
            group.has_answered(false);
            assert_eq!(lengths(&group), [4, 4], "not for all of it");
            group.has_answered(true);
            assert_eq!((lengths(&group), group.silent()), (vec![8], None));
            group.has_answered(true);
        }
        silent(&mut group);
        group.has_answered(true);
        silent(&mut group);
        group.has_answered(true);
        group.has_answered(true);
        assert_eq!(lengths(&group), [4, 4], "the whole was tried and did not answer");
    }

    #[test]
    fn what_is_ignored_is_told_with_its_first_address() {
        let (items, unit) = unit(3);
        let ignored = |block| Group::ignored(&items, block, Quality::BAD_TIMEOUT, 1, Instant::now()).note(&items);
        let block = unit.blocks[0].clone();
        assert_eq!(ignored(block).as_deref(), Some("unit id 1 ignores 1/holding/0 and 2 others: BadTimeout"));
        assert_eq!(ignored(plan::single(&items, 2)).as_deref(), Some("unit id 1 ignores 1/holding/2: BadTimeout"));
        assert_eq!(unit.note(&items), None);
    }
}
