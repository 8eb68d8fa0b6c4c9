//! One round of reads. What goes wrong is kept to the values and units it concerns:
//!
//! - a block that the device refuses is halved down to the values that are to blame, and that is remembered;
//! - a unit that does not answer has bad values, the others are read. Each silence costs a timeout, so those that answer
//!   come first and their values are told before anybody is waited for, and of those known to be silent no more than one
//!   is waited for in a round;
//! - a connection that is no longer sound is made anew at once. Only when that fails, or when nobody answers at all, is
//!   the source lost. When nobody answers of those that are due, others are asked before their time: that tells a unit that
//!   is dead from a line that is cut.

use crate::{
    health::Monitor,
    limits::modbus::{REFUSED_AGAIN, REFUSED_AGAIN_PER_POLL, SILENCES_LOST},
    modbus::{
        ask::{Asked, Outcome, ask},
        decode,
        device::Device,
        group::Group,
        plan::{self, Block},
        read_only::Answer,
    },
};
use davy_config::{ModbusItem, ModbusSource};
use davy_core::{event::Sample, quality::Quality};
use std::collections::VecDeque;
use tokio::time::Instant;

/// Reads everything, again and again, and remembers what was refused and who was silent.
pub(crate) struct Poller<'a> {
    config: &'a ModbusSource,
    items: &'a [ModbusItem],
    groups: Vec<Group>,
    refused: VecDeque<Refused>,
    /// What the engine has not been told yet, for each item.
    news: Vec<Option<Result<f64, Quality>>>,
    /// Whether it is time to read an item.
    due: Vec<bool>,
    /// Groups that answered when they were last asked and have nothing to be read in this round.
    resting: Vec<usize>,
    round: u64,
}

/// A value that the device has refused.
struct Refused {
    item: usize,
    quality: Quality,
    again_at: Instant,
}

/// What became of the values of a block that are due.
enum Read {
    NoneIsDue,
    Answered,
    Not(Outcome),
}

/// The two ends a round is between.
struct Line<'a> {
    device: &'a mut Device,
    monitor: &'a mut Monitor,
    asked: Asked,
}

impl<'a> Poller<'a> {
    pub(crate) fn new(config: &'a ModbusSource) -> Self {
        let (items, groups) = (&config.items, Group::units(config));
        Self {
            config,
            items,
            groups,
            refused: VecDeque::new(),
            news: vec![None; items.len()],
            due: vec![true; items.len()],
            resting: Vec::new(),
            round: 0,
        }
    }

    /// There is a new connection. What is known stays known, but the silent are asked soon.
    pub(crate) fn connected(&mut self) {
        self.groups.iter_mut().for_each(|group| group.ask_soon(self.round));
    }

    /// Reads what is polled at these intervals once, and tells the values of each unit as soon as it has been read. Gives the
    /// number of requests.
    ///
    /// # Errors
    /// In words, when the source is lost.
    pub(crate) async fn poll(
        &mut self,
        intervals: &[u64],
        device: &mut Device,
        monitor: &mut Monitor,
    ) -> Result<u32, String> {
        let mut line = Line { device, monitor, asked: Asked::default() };
        self.round += 1;
        self.news.fill(None);
        self.due.iter_mut().zip(self.items).for_each(|(due, item)| *due = intervals.contains(&item.poll_ms.max(1)));
        self.refused.iter().for_each(|refused| self.news[refused.item] = Some(Err(refused.quality)));
        self.ask_refused_again();
        let (silent, sound): (Vec<usize>, Vec<usize>) =
            (0..self.groups.len()).partition(|&at| self.groups[at].silent().is_some());
        let (sound, resting): (Vec<usize>, Vec<usize>) = sound.into_iter().partition(|&at| self.is_due(at));
        let silent = silent.into_iter().filter(|&at| self.is_due(at)).collect();
        self.resting = resting;
        self.read_sound(sound.into(), &mut line).await?;
        self.read_silent(silent, &mut line).await?;
        self.ask_those_at_rest(&mut line).await?;
        if line.asked.requests > 0 && line.asked.answers == 0 {
            return Err(self.nobody(&line));
        }
        self.tell(&mut line).await;
        Ok(line.asked.requests)
    }

    /// The units that answer.
    pub(crate) fn sound_units(&self) -> impl Iterator<Item = u8> {
        self.groups.iter().filter(|group| group.silent().is_none()).map(|group| group.unit_id)
    }

    fn is_due(&self, group: usize) -> bool {
        self.groups[group].blocks.iter().flat_map(|block| &block.items).any(|&item| self.due[item])
    }

    /// One of them answers, unless the line is cut.
    async fn ask_those_at_rest(&mut self, line: &mut Line<'_>) -> Result<(), String> {
        for at in std::mem::take(&mut self.resting) {
            if line.asked.requests == 0 || line.asked.answers > 0 {
                return Ok(());
            }
            let items: Vec<usize> = self.groups[at].blocks.iter().flat_map(|block| block.items.clone()).collect();
            items.into_iter().for_each(|item| self.due[item] = true);
            self.read(at, line).await?;
            self.check_that_anybody_answers(line)?;
        }
        Ok(())
    }

    /// Those that answered when they were last asked.
    async fn read_sound(&mut self, mut waiting: VecDeque<usize>, line: &mut Line<'_>) -> Result<(), String> {
        let mut read = Vec::new();
        while let Some(at) = waiting.pop_front() {
            let silences = line.asked.silences;
            self.read(at, line).await?;
            if line.asked.silences > silences {
                self.check_that_anybody_answers(line)?;
                // Those behind it may have fallen silent too. Who answers must not wait for more than one of them.
                let again = if waiting.is_empty() { Vec::new() } else { std::mem::take(&mut read) };
                again.into_iter().rev().for_each(|at| waiting.push_front(at));
            }
            if self.groups[at].silent().is_none() {
                read.push(at);
            }
        }
        Ok(())
    }

    /// Those that did not. While they answer again, the next one is asked; one more silence is enough for a round. As long
    /// as the source is down there is nobody whom it would harm to ask them all.
    async fn read_silent(&mut self, mut silent: Vec<usize>, line: &mut Line<'_>) -> Result<(), String> {
        silent.sort_by_key(|&at| self.groups[at].turn(self.round));
        for at in silent {
            let may_wait = line.asked.silences == 0 || !line.monitor.is_up();
            if may_wait && self.groups[at].is_due(self.round) {
                self.read(at, line).await?;
            } else {
                self.put_silent(at);
                self.tell_when_answered(line).await;
            }
        }
        Ok(())
    }

    /// When the line is cut, the engine has to know it before every tag is found to be stale.
    fn check_that_anybody_answers(&self, line: &mut Line<'_>) -> Result<(), String> {
        let silences = line.asked.answers == 0 && line.asked.silences >= SILENCES_LOST;
        let lost = line.monitor.is_up() && silences && self.resting.is_empty();
        if lost { Err(self.nobody(line)) } else { Ok(()) }
    }

    fn nobody(&self, line: &Line<'_>) -> String {
        let why = line.asked.broken.clone().unwrap_or_else(|| {
            let timeout_ms = self.config.pace.timeout_ms;
            format!("no unit answers within {timeout_ms} ms; check the unit ids, the line and the timeout")
        });
        format!("{}: {why}", line.device.place())
    }

    /// Who is silent and what was refused, in words.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = self.groups.iter().filter_map(|group| group.note(self.items)).collect();
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
            let next = self.refused.iter().position(|refused| refused.again_at <= now && self.due[refused.item]);
            let Some(refused) = next.and_then(|next| self.refused.remove(next)) else { return };
            let block = plan::single(self.items, refused.item);
            self.refused.push_back(Refused { again_at: now + REFUSED_AGAIN, ..refused });
            let group = self.groups.iter_mut().find(|group| group.unit_id == block.unit_id);
            group
                .into_iter()
                .filter(|group| !group.blocks.contains(&block))
                .for_each(|group| group.blocks.push(block.clone()));
        }
    }

    /// Reads the blocks of a group up to a silence, and tells their values.
    async fn read(&mut self, at: usize, line: &mut Line<'_>) -> Result<(), String> {
        let mut waiting: VecDeque<Block> = std::mem::take(&mut self.groups[at].blocks).into();
        let mut kept = Vec::with_capacity(waiting.len());
        let (mut answered, mut silent, mut lost) = (false, None, Ok(()));
        while let Some(block) = waiting.pop_front() {
            match self.read_what_is_due(at, &block, line).await {
                Ok(Read::NoneIsDue) => kept.push(block),
                Ok(Read::Answered | Read::Not(Outcome::Answered(_))) => {
                    answered = true;
                    kept.push(block);
                }
                Ok(Read::Not(Outcome::Refused)) => {
                    answered = true;
                    match plan::halves(self.items, &block) {
                        Some(halves) => halves.into_iter().rev().for_each(|half| waiting.push_front(half)),
                        None => self.refuse(block.items[0], line.monitor),
                    }
                }
                Ok(Read::Not(Outcome::Bad(quality))) => {
                    self.put(&block.items, quality);
                    kept.push(block);
                }
                Ok(Read::Not(Outcome::Silent(quality))) => {
                    silent = Some((block, quality));
                    break;
                }
                Err(reason) => {
                    waiting.push_front(block);
                    lost = Err(reason);
                    break;
                }
            }
        }
        kept.extend(waiting);
        kept.retain(|block| !self.is_refused(block));
        self.groups[at].blocks = kept;
        lost?;
        match silent {
            None => self.groups[at].has_answered(),
            Some((block, quality)) => self.was_silent(at, answered, block, quality),
        }
        self.tell_when_answered(line).await;
        Ok(())
    }

    /// Asks for the values of a block that are due, all in one request when all are, up to a request that fails.
    async fn read_what_is_due(&mut self, at: usize, block: &Block, line: &mut Line<'_>) -> Result<Read, String> {
        let wanted: Vec<usize> = block.items.iter().copied().filter(|&item| self.due[item]).collect();
        let parts = match wanted.len() {
            0 => return Ok(Read::NoneIsDue),
            all if all == block.items.len() => vec![block.clone()],
            _ => plan::plan(self.config, wanted),
        };
        // To ask a unit again that is known to be silent would hold up the others.
        let retries = if self.groups[at].silent().is_none() { self.config.pace.retries } else { 0 };
        for part in parts {
            match ask(&part, line.device, &mut line.asked, retries).await? {
                Outcome::Answered(answer) => self.take(&part, &answer),
                other => return Ok(Read::Not(other)),
            }
        }
        Ok(Read::Answered)
    }

    fn was_silent(&mut self, at: usize, answered: bool, block: Block, quality: Quality) {
        let refused = self.is_refused(&block);
        if answered {
            self.groups[at].has_answered();
            // A device that ignores what it does not know: that block must not be waited for in every round.
            if !refused {
                self.put(&block.items, quality);
                self.groups.push(Group::ignored(block, quality, self.round));
            }
            return;
        }
        // It comes last, in case it alone is to blame.
        self.groups[at].blocks.extend(Some(block).filter(|_| !refused));
        self.groups[at].was_silent(quality, self.round);
        self.put_silent(at);
    }

    fn put_silent(&mut self, at: usize) {
        let group = &self.groups[at];
        let items = group.blocks.iter().flat_map(|block| &block.items);
        items.for_each(|&item| self.news[item] = group.silent().map(Err));
    }

    fn put(&mut self, items: &[usize], quality: Quality) {
        items.iter().for_each(|&item| self.news[item] = Some(Err(quality)));
    }

    fn take(&mut self, block: &Block, answer: &Answer) {
        for &item in &block.items {
            self.news[item] = Some(decode::value(&self.items[item], block, answer));
        }
        self.refused.retain(|refused| !block.items.contains(&refused.item));
    }

    fn refuse(&mut self, item: usize, monitor: &mut Monitor) {
        let quality = Quality::BAD_ADDRESS;
        self.put(&[item], quality);
        if self.refused.iter().all(|refused| refused.item != item) {
            self.refused.push_back(Refused { item, quality, again_at: Instant::now() + REFUSED_AGAIN });
            let place = plan::place(&self.items[item]);
            monitor.unknown(&format!("{place} is refused by the device; correct the address"));
        }
    }

    fn is_refused(&self, block: &Block) -> bool {
        block.items.len() == 1 && self.refused.iter().any(|refused| refused.item == block.items[0])
    }

    /// As long as nobody has answered, the source may be lost, and then no value is bad by itself.
    async fn tell_when_answered(&mut self, line: &mut Line<'_>) {
        if line.asked.answers > 0 {
            self.tell(line).await;
        }
    }

    /// The news, all with one received time; a device does not say when it measured.
    async fn tell(&mut self, line: &mut Line<'_>) {
        line.monitor.up(&line.device.place()).await;
        let received_time = line.monitor.now();
        let told = self.items.iter().zip(&mut self.news).zip(&self.due).filter(|(_, due)| **due);
        let news = told.filter_map(|((item, news), _)| Some((item.tag, news.take()?)));
        let samples = news.map(|(tag, value)| {
            let (value, quality) = value.map_or_else(|quality| (0.0, quality), |value| (value, Quality::GOOD));
            Sample { tag, value, quality, source_time: None, received_time }
        });
        line.monitor.samples(samples.collect()).await;
    }
}
