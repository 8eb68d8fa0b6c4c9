//! What process and box have in use, measured now and again, for the page and the metrics. Nothing here can hold up the loop.

mod proc;

use crate::{clock, inboxes::Gauge, limits};
use davy_api::{DiskUse, ResourceSample, Resources};
use davy_core::time::{Monotonic, Now, UtcTime};
use proc::Process;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

/// Measures.
pub(crate) struct Meter {
    data: PathBuf,
    inbox: Gauge,
    sender: watch::Sender<Arc<Resources>>,
    history: Vec<ResourceSample>,
    disk: DiskUse,
    /// At the last look, and at the last sample of the history.
    looked: Mark,
    sampled: Mark,
    /// The most that waited since then.
    waiting: usize,
}

/// What the process had used of the processor at a moment.
#[derive(Clone, Copy, Debug)]
struct Mark {
    at: Monotonic,
    cpu_ms: Option<u64>,
}

impl Mark {
    /// Of one core, in percent, from then until now, rounded to a tenth.
    fn share(self, now: Self) -> Option<f64> {
        let passed = now.at.since(self.at);
        let used = now.cpu_ms?.saturating_sub(self.cpu_ms?);
        (passed > 0).then(|| (used * 1_000).div_euclid(passed)).map(|tenths| f64::from(as_u32(tenths)) / 10.0)
    }
}

fn as_u32(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Meter {
    pub(crate) fn new(data: &Path, inbox: Gauge) -> Self {
        let mark = Mark { at: clock::now().monotonic, cpu_ms: Process::read().cpu_ms };
        Self {
            data: data.to_owned(),
            inbox,
            sender: watch::Sender::default(),
            history: Vec::new(),
            disk: DiskUse::default(),
            looked: mark,
            sampled: mark,
            waiting: 0,
        }
    }

    pub(crate) fn follow(&self) -> watch::Receiver<Arc<Resources>> {
        self.sender.subscribe()
    }

    /// Measures now and again until told to stop.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut look = interval(limits::RESOURCES_LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = look.tick() => {}
            }
            let measured = tokio::task::spawn_blocking(move || {
                self.look(clock::now(), &Process::read());
                self
            });
            let Ok(meter) = measured.await else { return };
            self = meter;
        }
    }

    fn look(&mut self, now: Now, process: &Process) {
        let inbox = self.inbox.read();
        self.waiting = self.waiting.max(inbox.waiting);
        let mark = Mark { at: now.monotonic, cpu_ms: process.cpu_ms };
        if self.history.is_empty() || now.monotonic.since(self.sampled.at) >= limits::RESOURCES_SAMPLE_MS {
            self.disk = disk(&self.data);
            self.sample(now.utc, mark, process);
        }
        let cpu_percent = self.looked.share(mark);
        self.looked = mark;
        self.sender.send_replace(Arc::new(Resources {
            at: now.utc,
            up_s: now.monotonic.0 / 1_000,
            cpu_percent,
            inbox,
            disk: self.disk,
            history: self.history.clone(),
            ..process.resources()
        }));
    }

    fn sample(&mut self, at: UtcTime, mark: Mark, process: &Process) {
        if self.history.len() >= limits::RESOURCES_SAMPLES_MAX {
            self.history.remove(0);
        }
        self.history.push(ResourceSample {
            at,
            cpu_percent: self.sampled.share(mark),
            memory_bytes: process.memory_bytes,
            waiting: self.waiting,
            free_bytes: self.disk.free_bytes,
        });
        (self.sampled, self.waiting) = (mark, 0);
    }
}

/// What the data folder takes. What cannot be looked at takes nothing here; that the disk is in trouble is told elsewhere.
fn disk(data: &Path) -> DiskUse {
    let about = rustix::fs::statvfs(data).ok();
    let mut disk = DiskUse {
        total_bytes: about.as_ref().map(|about| about.f_blocks.saturating_mul(about.f_frsize)),
        free_bytes: about.as_ref().map(|about| about.f_bavail.saturating_mul(about.f_frsize)),
        journal_bytes: folder_bytes(&data.join("earlier")),
        evidence_bytes: folder_bytes(&data.join("evidence")),
        ..DiskUse::default()
    };
    for (name, length) in files(data) {
        match name.as_str() {
            name if name.starts_with("davy-") => disk.journal_bytes += length,
            name if name.starts_with("recording.db") => disk.recording_bytes += length,
            name if name.starts_with("history.db") => disk.history_bytes += length,
            _ => {}
        }
    }
    disk
}

fn folder_bytes(folder: &Path) -> u64 {
    let below = fs::read_dir(folder).into_iter().flatten().flatten();
    let below = below.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let below: u64 = below.map(|entry| folder_bytes(&entry.path())).sum();
    below + files(folder).map(|(_, length)| length).sum::<u64>()
}

/// The regular files of a folder and their lengths.
fn files(folder: &Path) -> impl Iterator<Item = (String, u64)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let about = entry.metadata().ok().filter(fs::Metadata::is_file)?;
        Some((entry.file_name().to_string_lossy().into_owned(), about.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Now {
        Now { monotonic: Monotonic(seconds * 1_000), utc: UtcTime(0) }
    }

    #[test]
    fn the_processor_is_told_since_the_last_look_and_since_the_last_sample() {
        let data = tempfile::tempdir().expect("a folder");
        fs::write(data.path().join("davy-1.db"), [0; 1_000]).expect("a file");
        fs::create_dir_all(data.path().join("earlier/1")).expect("a folder");
        fs::write(data.path().join("earlier/1/davy-1.db"), [0; 500]).expect("a file");
        fs::write(data.path().join("history.db-wal"), [0; 9]).expect("a file");
        let mut meter = Meter::new(data.path(), Gauge::default());
        let begin = Mark { at: Monotonic(0), cpu_ms: Some(0) };
        (meter.looked, meter.sampled) = (begin, begin);
        let used = |cpu_ms| Process { cpu_ms: Some(cpu_ms), ..Process::default() };
        let shown = meter.follow();
        meter.look(at(10), &used(1_000));
        assert_eq!((shown.borrow().cpu_percent, shown.borrow().disk.journal_bytes), (Some(10.0), 1_500));
        assert_eq!((shown.borrow().disk.history_bytes, shown.borrow().history.len()), (9, 1));
        meter.look(at(15), &used(11_000));
        assert_eq!((shown.borrow().cpu_percent, shown.borrow().history.len()), (Some(200.0), 1));
        meter.look(at(70), &used(13_000));
        let samples: Vec<_> = shown.borrow().history.iter().map(|sample| sample.cpu_percent).collect();
        assert_eq!(samples, [Some(10.0), Some(20.0)]);
        for minute in 2..limits::RESOURCES_SAMPLES_MAX as u64 + 9 {
            meter.look(at(10 + minute * 60), &used(13_000));
        }
        assert_eq!(shown.borrow().history.len(), limits::RESOURCES_SAMPLES_MAX);
    }
}
