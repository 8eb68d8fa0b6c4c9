//! A test of outputs by a person. It ends by itself, and it ends at once when there is anything new to show.

use super::{Heard, Panel};
use crate::{hand::Test, limits};
use davy_core::{
    annunciation::LampPattern,
    time::{Monotonic, Now, UtcTime},
};

/// Why a test is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestEnd {
    /// Its time is up.
    Over,
    /// A person has ended it.
    Asked,
    /// There is something new to show.
    Shown,
    /// The loop that evaluates alarms does not turn.
    Hung,
    /// Another test took its place.
    Replaced,
}

/// A test that runs.
#[derive(Clone, Debug)]
pub(super) struct Testing {
    pub(super) test: Test,
    /// The outputs by their places.
    set: Vec<(usize, bool)>,
    pub(super) until: Monotonic,
    ends_at: UtcTime,
}

impl Testing {
    /// What it sets an output to.
    pub(super) fn sets(&self, at: usize) -> Option<bool> {
        self.set.iter().find(|(place, _)| *place == at).map(|(_, on)| *on)
    }
}

impl Panel {
    /// Why outputs may not be tested now: what is not acknowledged must go on to flash and to sound.
    pub(crate) fn may_be_tested(&self) -> Result<(), &'static str> {
        if !self.life.is_alive() {
            return Err("the loop that evaluates alarms does not turn");
        }
        if self.shown.pattern == LampPattern::Flash || self.shown.horn {
            return Err("an alarm is not acknowledged: acknowledge it first");
        }
        Ok(())
    }

    /// Begins a test.
    ///
    /// # Errors
    /// Why it may not run.
    pub(crate) fn begin_test(&mut self, test: Test, now: Now) -> Result<(), String> {
        self.may_be_tested()?;
        if !(1..=limits::TEST_SECONDS_MAX).contains(&test.seconds) {
            return Err(limits::TEST_TEXT.to_owned());
        }
        let place = |name: &str| self.board.outputs.iter().position(|output| output.name == name);
        let set: Result<Vec<(usize, bool)>, String> = test
            .outputs
            .iter()
            .map(|(name, on)| Ok((place(name).ok_or_else(|| format!("the box has no output {name}"))?, *on)))
            .collect();
        let set = set?;
        self.end_test(TestEnd::Replaced);
        let ms = test.seconds * 1_000;
        self.test = Some(Testing { test, set, until: now.monotonic.after(ms), ends_at: now.utc.after(ms) });
        self.lamps_lit_until = None;
        self.since = now.monotonic;
        Ok(())
    }

    /// Ends a test, if there is one.
    pub(crate) fn end_test(&mut self, why: TestEnd) {
        if let Some(Testing { test, .. }) = self.test.take() {
            self.heard.push(Heard::TestOver { test, why });
        }
    }

    /// The test that runs and when it ends.
    pub(crate) fn running_test(&self) -> Option<(&Test, UtcTime)> {
        self.test.as_ref().map(|running| (&running.test, running.ends_at))
    }
}
