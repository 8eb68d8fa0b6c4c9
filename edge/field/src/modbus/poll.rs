//! One round of reads. What goes wrong is kept to the values and units it concerns:
//!
//! - a block that the device refuses is halved down to the values that are to blame, and that is remembered;
//! - a unit that does not answer has bad values, the others are read; after a while it is asked less often;
//! - a connection that is no longer sound is made anew at once. Only when that fails, or when nobody answers at all, is
//!   the source lost.

use crate::{
    limits::modbus::{REFUSED_AGAIN, REFUSED_AGAIN_PER_POLL, SILENT_ASKED_EVERY, SILENT_POLLS_MAX},
    modbus::{
        decode,
        device::{Answer, Device, Failure},
        plan::{self, Block},
    },
};
use davy_config::{ModbusItem, ModbusSource, ModbusTable};
use davy_core::{event::Sample, id::TagIx, quality::Quality, time::UtcTime};
use std::collections::VecDeque;
use tokio::time::Instant;
use tokio_modbus::ExceptionCode;

/// Reads everything, again and again, and remembers what was refused and who was silent.
pub(crate) struct Poller<'a> {
    config: &'a ModbusSource,
    items: &'a [ModbusItem],
    units: Vec<Unit>,
    refused: VecDeque<Refused>,
    round: u64,
}

/// A unit id on the line.
struct Unit {
    id: u8,
    blocks: Vec<Block>,
    /// Polls in a row in which it did not answer.
    silent_polls: u32,
    /// What that makes of its values.
    quality: Quality,
}

/// A value that the device has refused.
struct Refused {
    item: usize,
    quality: Quality,
    again_at: Instant,
}

/// What a round brought.
#[derive(Debug)]
pub(crate) struct Polled {
    /// Requests sent.
    pub(crate) requests: u32,
    /// Values that were refused for the first time, in words.
    pub(crate) refused: Vec<String>,
    values: Vec<(TagIx, Result<f64, Quality>)>,
    answers: u32,
    /// What ended the last connection, in words.
    broken: Option<String>,
}

impl Polled {
    fn waiting(items: &[ModbusItem]) -> Self {
        let values = items.iter().map(|item| (item.tag, Err(Quality::BAD_WAITING))).collect();
        Self { requests: 0, refused: Vec::new(), values, answers: 0, broken: None }
    }

    /// The values, all with one received time; a device does not say when it measured.
    pub(crate) fn samples(self, received_time: UtcTime) -> Vec<Sample> {
        let sample = |(tag, value): (TagIx, Result<f64, Quality>)| {
            let (value, quality) = value.map_or_else(|quality| (0.0, quality), |value| (value, Quality::GOOD));
            Sample { tag, value, quality, source_time: None, received_time }
        };
        self.values.into_iter().map(sample).collect()
    }

    fn put(&mut self, items: &[usize], quality: Quality) {
        items.iter().for_each(|&at| self.values[at].1 = Err(quality));
    }
}

/// What became of a block.
enum Outcome {
    Answered(Answer),
    /// One of its values, at least, is refused.
    Refused,
    /// Its values are bad for this once.
    Bad(Quality),
    /// The unit does not answer, which makes all its values bad.
    Silent(Quality),
}

impl<'a> Poller<'a> {
    pub(crate) fn new(config: &'a ModbusSource) -> Self {
        let mut units: Vec<Unit> = Vec::new();
        for block in plan::plan(&config.items, config.gap_max) {
            match units.last_mut() {
                Some(unit) if unit.id == block.unit_id => unit.blocks.push(block),
                _ => units.push(Unit::new(block)),
            }
        }
        Self { config, items: &config.items, units, refused: VecDeque::new(), round: 0 }
    }

    /// Reads everything once.
    ///
    /// # Errors
    /// In words, when the source is lost.
    pub(crate) async fn poll(&mut self, device: &mut Device) -> Result<Polled, String> {
        let mut polled = Polled::waiting(self.items);
        self.refused.iter().for_each(|refused| polled.put(&[refused.item], refused.quality));
        self.ask_refused_again();
        for at in 0..self.units.len() {
            let unit = &mut self.units[at];
            if unit.silent_polls >= SILENT_POLLS_MAX && !self.round.is_multiple_of(SILENT_ASKED_EVERY) {
                unit.blocks.iter().for_each(|block| polled.put(&block.items, unit.quality));
            } else {
                self.poll_unit(at, device, &mut polled).await?;
            }
        }
        self.round += 1;
        if polled.requests > 0 && polled.answers == 0 {
            return Err(self.nobody(polled.broken));
        }
        Ok(polled)
    }

    fn nobody(&self, broken: Option<String>) -> String {
        let ModbusSource { host, port, timeout_ms, .. } = self.config;
        let why = broken.unwrap_or_else(|| {
            format!("no unit answers within {timeout_ms} ms; check the unit ids, the line and the timeout")
        });
        format!("{host}:{port}: {why}")
    }

    /// Who is silent and what was refused, in words.
    pub(crate) fn notes(&self) -> Vec<String> {
        let silent = self.units.iter().filter(|unit| unit.silent_polls > 0);
        let mut notes: Vec<String> =
            silent.map(|unit| format!("unit id {} is silent: {}", unit.id, unit.quality)).collect();
        if !self.refused.is_empty() {
            notes.push(format!("{} values refused by the device", self.refused.len()));
        }
        notes
    }

    /// The oldest refused values become blocks of their own once more. They stay among the refused until an answer has
    /// come, so that they are not counted again.
    fn ask_refused_again(&mut self) {
        let now = Instant::now();
        for _ in 0..REFUSED_AGAIN_PER_POLL {
            let Some(refused) = self.refused.pop_front_if(|refused| refused.again_at <= now) else { return };
            let block = plan::single(self.items, refused.item);
            self.refused.push_back(Refused { again_at: now + REFUSED_AGAIN, ..refused });
            let unit = self.units.iter_mut().find(|unit| unit.id == block.unit_id);
            unit.into_iter()
                .filter(|unit| !unit.blocks.contains(&block))
                .for_each(|unit| unit.blocks.push(block.clone()));
        }
    }

    async fn poll_unit(&mut self, at: usize, device: &mut Device, polled: &mut Polled) -> Result<(), String> {
        let mut waiting: VecDeque<Block> = std::mem::take(&mut self.units[at].blocks).into();
        let mut kept = Vec::with_capacity(waiting.len());
        let (mut answered, mut silent) = (false, None);
        while silent.is_none()
            && let Some(block) = waiting.pop_front()
        {
            match ask(&block, device, polled).await? {
                Outcome::Answered(answer) => {
                    answered = true;
                    self.take(&block, &answer, polled);
                }
                Outcome::Bad(quality) => polled.put(&block.items, quality),
                Outcome::Silent(quality) => {
                    polled.put(&block.items, quality);
                    // A device that ignores what it does not know has answered for other blocks.
                    silent = Some(quality).filter(|_| !answered);
                }
                Outcome::Refused => {
                    answered = true;
                    match plan::halves(self.items, &block) {
                        Some(halves) => halves.into_iter().rev().for_each(|half| waiting.push_front(half)),
                        None => self.refuse(block.items[0], polled),
                    }
                    continue;
                }
            }
            kept.push(block);
        }
        if let Some(quality) = silent {
            waiting.iter().for_each(|block| polled.put(&block.items, quality));
        }
        // Those that were not asked stand in front of the one that brought no answer, in case it alone is to blame.
        waiting.extend(kept);
        waiting.retain(|block| !self.is_refused(block));
        self.units[at].settle(waiting.into(), silent);
        Ok(())
    }

    fn take(&mut self, block: &Block, answer: &Answer, polled: &mut Polled) {
        for &at in &block.items {
            polled.values[at].1 = decode::value(&self.items[at], block, answer);
        }
        self.refused.retain(|refused| !block.items.contains(&refused.item));
    }

    fn refuse(&mut self, item: usize, polled: &mut Polled) {
        let quality = Quality::BAD_ADDRESS;
        polled.put(&[item], quality);
        if self.refused.iter().all(|refused| refused.item != item) {
            self.refused.push_back(Refused { item, quality, again_at: Instant::now() + REFUSED_AGAIN });
            polled.refused.push(place(&self.items[item]));
        }
    }

    fn is_refused(&self, block: &Block) -> bool {
        block.items.len() == 1 && self.refused.iter().any(|refused| refused.item == block.items[0])
    }
}

impl Unit {
    fn new(block: Block) -> Self {
        Self { id: block.unit_id, blocks: vec![block], silent_polls: 0, quality: Quality::BAD_WAITING }
    }

    /// After it was asked.
    fn settle(&mut self, blocks: Vec<Block>, silent: Option<Quality>) {
        self.blocks = blocks;
        self.silent_polls = if silent.is_some() { self.silent_polls.saturating_add(1) } else { 0 };
        self.quality = silent.unwrap_or(Quality::BAD_WAITING);
    }
}

/// Asks for a block; leaves the connection sound.
async fn ask(block: &Block, device: &mut Device, polled: &mut Polled) -> Result<Outcome, String> {
    // A connection may have been closed since it was last used; that says nothing about this block.
    for _ in 0..2 {
        polled.requests += 1;
        let failure = match device.read(block).await {
            Ok(answer) => {
                polled.answers += 1;
                return Ok(Outcome::Answered(answer));
            }
            Err(failure) => failure,
        };
        match failure {
            Failure::Refused(exception) => {
                polled.answers += 1;
                return Ok(refusal(exception));
            }
            Failure::Silent => {
                device.reconnect().await?;
                return Ok(Outcome::Silent(Quality::BAD_TIMEOUT));
            }
            Failure::Garbled(why) => {
                tracing::debug!("unit id {} table {:?} from {}: {why}", block.unit_id, block.table, block.start);
                polled.answers += 1;
                device.reconnect().await?;
                return Ok(Outcome::Bad(Quality::BAD_DECODING));
            }
            Failure::Broken(why) => {
                device.reconnect().await?;
                polled.broken = Some(why);
            }
        }
    }
    Ok(Outcome::Bad(Quality::BAD_NO_COMMUNICATION))
}

fn refusal(exception: ExceptionCode) -> Outcome {
    match exception {
        ExceptionCode::IllegalFunction | ExceptionCode::IllegalDataAddress | ExceptionCode::IllegalDataValue => {
            Outcome::Refused
        }
        ExceptionCode::GatewayPathUnavailable => Outcome::Silent(Quality::BAD_NO_COMMUNICATION),
        ExceptionCode::GatewayTargetDevice => Outcome::Silent(Quality::BAD_TIMEOUT),
        ExceptionCode::Acknowledge | ExceptionCode::ServerDeviceBusy => Outcome::Bad(Quality::BAD_TIMEOUT),
        ExceptionCode::ServerDeviceFailure | ExceptionCode::MemoryParityError => Outcome::Bad(Quality::BAD_DEVICE),
        ExceptionCode::Custom(_) => Outcome::Bad(Quality::BAD),
    }
}

/// Where a value stands, as it is written in the point table.
fn place(item: &ModbusItem) -> String {
    let table = match item.table {
        ModbusTable::Coil => "coil",
        ModbusTable::Discrete => "discrete",
        ModbusTable::Holding => "holding",
        ModbusTable::Input => "input",
    };
    format!("{}/{table}/{} is refused by the device; correct the address", item.unit_id, item.address)
}
