//! One round of reads. What goes wrong is kept to the values and units it concerns:
//!
//! - a block that the device refuses, or fails for again and again, is halved down to the values that are to blame, and that
//!   is remembered;
//! - a unit that does not answer has bad values, the others are read. Each silence costs a timeout, so those that answer
//!   come first and their values are told before anybody is waited for, and of those known to be silent no more than one
//!   is waited for in a round;
//! - a connection that is no longer sound is made anew at once. Only when that fails, or when nobody answers at all, is
//!   the source lost. When nobody answers of those that are due, others are asked before their time: that tells a unit that
//!   is dead from a line that is cut.

mod blame;
mod silence;

use crate::{
    health::Monitor,
    limits::modbus::SILENCES_LOST,
    modbus::{
        ask::{Asked, Outcome, ask},
        device::Device,
        group::Group,
        news::News,
        plan::{self, Block},
        refused::RefusedValues,
        search::Suspects,
    },
};
use davy_config::{ModbusItem, ModbusSource};
use std::collections::VecDeque;
use tokio::time::Instant;

/// Reads everything, again and again, and remembers what was refused and who was silent.
pub(crate) struct Poller<'a> {
    config: &'a ModbusSource,
    items: &'a [ModbusItem],
    groups: Vec<Group>,
    refused: RefusedValues,
    suspects: Suspects,
    news: News,
    /// Groups that answered when they were last asked and have nothing to be read in this round.
    resting: Vec<usize>,
    round: u64,
}

/// The two ends a round is between.
struct Line<'a> {
    device: &'a mut Device,
    monitor: &'a mut Monitor,
    asked: Asked,
}

impl<'a> Poller<'a> {
    pub(crate) fn new(config: &'a ModbusSource) -> Self {
        let (items, groups, news) = (&config.items, Group::units(config), News::new(&config.items));
        let (refused, suspects) = (RefusedValues::default(), Suspects::default());
        Self { config, items, groups, refused, suspects, news, resting: Vec::new(), round: 0 }
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
        self.news.begin(self.items, intervals);
        self.suspects.begin();
        self.refused.values().for_each(|(item, quality)| self.news.put(&[item], Some(quality)));
        self.ask_refused_again();
        let (silent, sound): (Vec<usize>, Vec<usize>) =
            (0..self.groups.len()).partition(|&at| self.groups[at].silent().is_some());
        let is_due = |at: &usize| self.news.is_any_due(&self.groups[*at].blocks);
        let (sound, mut resting): (Vec<usize>, Vec<usize>) = sound.into_iter().partition(is_due);
        let silent = silent.into_iter().filter(is_due).collect();
        resting.retain(|&at| !self.groups[at].blocks.is_empty());
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

    /// One of them answers, unless the line is cut.
    async fn ask_those_at_rest(&mut self, line: &mut Line<'_>) -> Result<(), String> {
        for at in std::mem::take(&mut self.resting) {
            if line.asked.requests == 0 || line.asked.answers > 0 {
                return Ok(());
            }
            self.news.hasten(&self.groups[at].blocks);
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
        silent.sort_by_key(|&at| self.groups[at].turn(self.round, Instant::now()));
        for at in silent {
            let may_wait = line.asked.silences == 0 || !line.monitor.is_up();
            if may_wait && self.groups[at].is_due(self.round, Instant::now()) {
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
        notes.extend(self.refused.notes());
        notes
    }

    /// The oldest refused values become blocks of their own once more.
    fn ask_refused_again(&mut self) {
        for item in self.refused.due_again(Instant::now(), self.news.due()) {
            let block = plan::single(self.items, item);
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
        let (mut answered, mut all, mut silent, mut lost) = (false, true, None, Ok(()));
        while let Some(block) = waiting.pop_front() {
            match self.read_what_is_due(at, &block, line).await {
                Ok(None) => {
                    all = false;
                    kept.push(block);
                }
                Ok(Some(Outcome::Answered(_))) => {
                    answered = true;
                    self.suspects.forget(&block);
                    kept.push(block);
                }
                Ok(Some(Outcome::Refused)) => {
                    answered = true;
                    self.groups[at].stays_apart();
                    match plan::halves(self.items, &block) {
                        Some(halves) => halves.into_iter().rev().for_each(|half| waiting.push_front(half)),
                        None => self.leave_out(block.items[0], RefusedValues::QUALITY, line),
                    }
                }
                Ok(Some(outcome @ (Outcome::Busy(quality) | Outcome::Bad(quality)))) => {
                    all = false;
                    self.news.put(&block.items, Some(quality));
                    let is_to_be_searched = matches!(outcome, Outcome::Bad(_)) && self.is_to_be_searched(&block);
                    let found = if is_to_be_searched { self.search(at, &block, quality, line).await } else { Ok(None) };
                    answered |= matches!(found, Ok(Some(_)));
                    match found {
                        Ok(found) => kept.extend(found.unwrap_or_else(|| vec![block])),
                        Err(reason) => {
                            kept.push(block);
                            lost = Err(reason);
                            break;
                        }
                    }
                }
                Ok(Some(Outcome::Silent(quality))) => {
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
        kept.retain(|block| !self.refused.is(block));
        self.groups[at].blocks = kept;
        lost?;
        match silent {
            None => self.groups[at].has_answered(all),
            Some((block, quality)) => self.was_silent(at, answered, block, quality),
        }
        self.tell_when_answered(line).await;
        Ok(())
    }

    /// Asks for the values of a block that are due, all in one request when all are, up to a request that fails. Gives what
    /// became of the last request; `None` when nothing is due.
    async fn read_what_is_due(
        &mut self,
        at: usize,
        block: &Block,
        line: &mut Line<'_>,
    ) -> Result<Option<Outcome>, String> {
        let wanted: Vec<usize> = block.items.iter().copied().filter(|&item| self.news.due()[item]).collect();
        let all = wanted.len() == block.items.len();
        let parts = if all { vec![block.clone()] } else { plan::plan(self.config, wanted) };
        // To ask a unit again that is known to be silent would hold up the others.
        let retries = if self.groups[at].silent().is_none() { self.config.pace.retries } else { 0 };
        let mut last = None;
        for part in parts {
            let outcome = ask(&part, line.device, &mut line.asked, retries).await?;
            let Outcome::Answered(answer) = &outcome else { return Ok(Some(outcome)) };
            self.news.take(self.items, &part, answer);
            self.refused.has_answered(&part.items);
            last = Some(outcome);
        }
        Ok(last)
    }

    /// As long as nobody has answered, the source may be lost, and then no value is bad by itself.
    async fn tell_when_answered(&mut self, line: &mut Line<'_>) {
        if line.asked.answers > 0 {
            self.tell(line).await;
        }
    }

    async fn tell(&mut self, line: &mut Line<'_>) {
        line.monitor.up(&line.device.place()).await;
        for text in self.news.strange() {
            if text.begins {
                tracing::warn!("{}: {}", line.device.place(), text.words);
            }
            line.monitor.unknown(&text.words);
        }
        let samples = self.news.tell(self.items, line.monitor.now());
        line.monitor.samples(samples).await;
    }
}
