//! What a round has found and the engine has not been told yet. Pure.

use crate::modbus::{decode, plan::Block, read_only::Answer};
use davy_config::ModbusItem;
use davy_core::{event::Sample, quality::Quality, time::UtcTime};

/// For each item whether it is time to read it, and what came of that.
#[derive(Debug)]
pub(crate) struct News {
    due: Vec<bool>,
    found: Vec<Option<Result<f64, Quality>>>,
}

impl News {
    pub(crate) fn new(items: &[ModbusItem]) -> Self {
        Self { due: vec![true; items.len()], found: vec![None; items.len()] }
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
        block.items.iter().for_each(|&item| self.found[item] = Some(decode::value(&items[item], block, answer)));
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
