//! What is silent together: a unit on the line, or a part of one that ignores the question for it. Pure.

use crate::{
    limits::modbus::{SILENT_ASKED_EVERY, SILENT_POLLS_MAX},
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
    /// What that makes of its values.
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
    pub(crate) fn ignored(block: Block, quality: Quality, round: u64, not_before: Instant) -> Self {
        let mut group = Self::new(block, true);
        group.was_silent(quality, round, not_before);
        group
    }

    fn new(block: Block, part: bool) -> Self {
        let quality = Quality::BAD_WAITING;
        Self { unit_id: block.unit_id, blocks: vec![block], part, silent_polls: 0, quality, due: 0, not_before: None }
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

    pub(crate) fn has_answered(&mut self) {
        self.silent_polls = 0;
    }

    pub(crate) fn was_silent(&mut self, quality: Quality, round: u64, not_before: Instant) {
        self.silent_polls = self.silent_polls.saturating_add(1);
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
        let first = self.blocks.first().and_then(|block| items.get(*block.items.first()?));
        match first.filter(|_| self.part) {
            Some(first) => Some(format!("unit id {unit_id} ignores {}: {quality}", plan::place(first))),
            None => Some(format!("unit id {unit_id} is silent: {quality}")),
        }
    }
}
