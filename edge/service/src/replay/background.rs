//! A replay that a gateway has asked for, beside its own work: it gets what is left, and tells how far it is.

use davy_store::recording::Run;
use rustix::process::{self, Signal};
use serde_json::json;
use std::{fs, io::Write as _};

/// The least that a process can ask of the processor.
const LAST: i32 = 19;

/// Takes the processor last, is the first to go when memory runs out, and ends with whoever started it. Where the system does not
/// have it, it goes on as it is.
pub(super) fn begin() {
    if let Err(error) = process::nice(LAST) {
        tracing::warn!(%error, "the replay takes the processor as any other process does");
    }
    if let Err(error) = process::set_parent_process_death_signal(Some(Signal::KILL)) {
        tracing::warn!(%error, "the replay goes on when the gateway ends");
    }
    if let Err(error) = fs::write("/proc/self/oom_score_adj", "1000") {
        tracing::warn!(%error, "the replay is not the first to go when memory runs out");
    }
}

/// How much of all runs is played.
pub(super) struct Progress {
    total: u64,
    played: u64,
    /// Told last, in thousandths.
    told: u64,
    is_told: bool,
}

impl Progress {
    pub(super) fn of<'r>(runs: impl Iterator<Item = &'r Run>, is_told: bool) -> Self {
        Self { total: runs.map(|run| run.events).sum::<u64>().max(1), played: 0, told: 0, is_told }
    }

    /// Some more is about to be played.
    pub(super) fn add(&mut self, events: usize) {
        if let Some(share) = self.share(events).filter(|_| self.is_told) {
            // Nobody is left who could be told: then this process ends as well.
            let _told = writeln!(std::io::stderr(), "{}", json!({ "progress": share }));
        }
    }

    /// How much was played before, where that is news.
    fn share(&mut self, events: usize) -> Option<f64> {
        let thousandths = (self.played * 1_000 / self.total).min(1_000);
        self.played += events as u64;
        let is_news = thousandths >= self.told + 5;
        is_news.then(|| {
            self.told = thousandths;
            thousandths as f64 / 1_000.0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_come_in_steps_and_never_beyond_the_whole() {
        let mut progress = Progress { total: 1_000, played: 0, told: 0, is_told: false };
        let told: Vec<f64> = std::iter::repeat_n(3, 400).filter_map(|events| progress.share(events)).collect();
        assert_eq!((told[0], told.last()), (0.006, Some(&0.996)));
        assert!(told.len() < 201 && told.windows(2).all(|pair| pair[0] < pair[1]), "{told:?}");
    }
}
