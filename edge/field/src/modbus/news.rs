//! What a round has found and the engine has not been told yet. Pure.

use crate::modbus::{
    decode,
    plan::{self, Block},
    read_only::Answer,
};
use davy_config::ModbusItem;
use davy_core::{event::Sample, quality::Quality, time::UtcTime};
use std::collections::BTreeMap;

/// For each item whether it is time to read it, and what came of that.
#[derive(Debug)]
pub(crate) struct News {
    due: Vec<bool>,
    found: Vec<Option<Result<f64, Quality>>>,
    /// The texts that stand where another one was expected.
    strange: BTreeMap<usize, String>,
    untold: Vec<Strange>,
}

/// A text that means no number.
#[derive(Debug)]
pub(crate) struct Strange {
    pub(crate) words: String,
    /// The one before it meant one.
    pub(crate) begins: bool,
}

impl News {
    pub(crate) fn new(items: &[ModbusItem]) -> Self {
        let (due, found) = (vec![true; items.len()], vec![None; items.len()]);
        Self { due, found, strange: BTreeMap::new(), untold: Vec::new() }
    }

    /// A round begins, for what is polled at these intervals.
    pub(crate) fn begin(&mut self, items: &[ModbusItem], intervals: &[u64]) {
        self.found.fill(None);
        self.due.iter_mut().zip(items).for_each(|(due, item)| *due = intervals.contains(&item.poll_ms.max(1)));
    }

    pub(crate) fn due(&self) -> &[bool] {
        &self.due
    }

    /// Whether it is time to read one of the values.
    pub(crate) fn is_any_due(&self, blocks: &[Block]) -> bool {
        blocks.iter().flat_map(|block| &block.items).any(|&item| self.due[item])
    }

    /// They are read before their time.
    pub(crate) fn hasten(&mut self, blocks: &[Block]) {
        blocks.iter().flat_map(|block| &block.items).for_each(|&item| self.due[item] = true);
    }

    pub(crate) fn put(&mut self, items: &[usize], quality: Option<Quality>) {
        items.iter().for_each(|&item| self.found[item] = quality.map(Err));
    }

    pub(crate) fn take(&mut self, items: &[ModbusItem], block: &Block, answer: &Answer) {
        for &at in &block.items {
            let found = decode::value(&items[at], block, answer);
            if found == Err(decode::UNKNOWN_TEXT) {
                self.note(&items[at], at, decode::text_of(&items[at], block, answer).unwrap_or_default());
            } else if !self.strange.is_empty() {
                self.strange.remove(&at);
            }
            self.found[at] = Some(found);
        }
    }

    fn note(&mut self, item: &ModbusItem, at: usize, text: String) {
        let before = self.strange.get(&at);
        if before != Some(&text) {
            let words = format!(
                "{} has the text {text:?}, which means no number; add it to the texts of its tag",
                plan::place(item)
            );
            self.untold.push(Strange { words, begins: before.is_none() });
            self.strange.insert(at, text);
        }
    }

    /// Texts without a meaning that have come since this was asked last, each once as long as it stands.
    pub(crate) fn strange(&mut self) -> Vec<Strange> {
        std::mem::take(&mut self.untold)
    }

    /// The values that are due, all with one received time; a device does not say when it measured.
    pub(crate) fn tell(&mut self, items: &[ModbusItem], received_time: UtcTime) -> Vec<Sample> {
        let found = items.iter().zip(&mut self.found).zip(&self.due).filter(|(_, due)| **due);
        let found = found.filter_map(|((item, found), _)| Some((item.tag, found.take()?)));
        let samples = found.map(|(tag, value)| {
            let (value, quality) = value.map_or_else(|quality| (0.0, quality), |value| (value, Quality::GOOD));
            Sample { tag, value, quality, source_time: None, received_time }
        });
        samples.collect()
    }
}
