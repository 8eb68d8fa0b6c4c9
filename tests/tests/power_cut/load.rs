//! A gateway's work on the store: several write at once, a consumer reads what is durable and moves its cursor, everything is
//! recorded. Whoever is promised something tells the disk's witness.

use super::{
    Plan, batches, check,
    promised::{Promise, Promised},
};
use acceptance::disk::{Disk, WITNESS};
use davy_core::{
    event::Event,
    time::{Monotonic, Now, UtcTime},
};
use davy_store::{
    Store, open,
    recording::{self, Beginning, Keep, Keeps, Recorder, Recording},
};
use std::{
    fs::File,
    io::Write as _,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
    },
};

/// The data directory on the disk.
pub(crate) const DATA: &str = "data";

/// Opens the store, looks at what is there, and works until the power fails; gives what had been promised before.
pub(crate) fn until_the_power_fails(disk: &Disk, plan: Plan, promised: Promised) -> Result<Promised, String> {
    disk.cut_before(plan.cut_before, plan.survival);
    let witness = Arc::new(File::create(disk.path().join(WITNESS)).expect("the witness"));
    let work = Work { disk: disk.clone(), data: disk.path().join(DATA), stop_after: plan.stop_after, witness };
    let result = block_on(work.run(&promised));
    // After an orderly stop there may be nothing more to do, and the power fails while nobody works.
    disk.cut_now();
    result.map(|()| promised)
}

/// Opens everything and looks at it.
pub(crate) fn look(disk: &Disk, promised: &Promised) -> Result<(), String> {
    let data = disk.path().join(DATA);
    block_on(async {
        let opened = open(&data, UtcTime(0)).map_err(|error| error.to_string())?;
        let result = check::check(&data, &opened, promised).await.and_then(|()| check::recording(&data, promised));
        opened.store.close().await;
        result
    })
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

#[derive(Clone)]
struct Work {
    disk: Disk,
    data: PathBuf,
    stop_after: Option<u64>,
    witness: Arc<File>,
}

impl Work {
    async fn run(self, promised: &Promised) -> Result<(), String> {
        let opened = open(&self.data, UtcTime(0)).map_err(|error| format!("open: {error}"))?;
        let result = match check::check(&self.data, &opened, promised).await {
            Ok(()) => self.work(&opened.store, promised).await,
            Err(problem) => Err(problem),
        };
        opened.store.close().await;
        result
    }

    async fn work(&self, store: &Store, promised: &Promised) -> Result<(), String> {
        check::recording(&self.data, promised)?;
        let mut tasks = tokio::task::JoinSet::new();
        for writer in 0..batches::WRITERS {
            tasks.spawn(self.clone().write(store.clone(), writer));
        }
        tasks.spawn(self.clone().consume(store.clone()));
        tasks.spawn(self.clone().record());
        let mut result = Ok(());
        while let Some(ended) = tasks.join_next().await {
            result = result.and(ended.map_err(|error| error.to_string()).flatten());
        }
        result
    }

    fn ended(&self) -> bool {
        self.disk.is_cut() || self.stop_after.is_some_and(|operations| self.disk.operations() >= operations)
    }

    fn tell(&self, promise: &Promise) -> Result<(), String> {
        (&*self.witness).write_all(promise.to_string().as_bytes()).map_err(|error| format!("the witness: {error}"))
    }

    async fn write(self, store: Store, writer: u64) -> Result<(), String> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        while !self.ended() {
            // A number that was not acknowledged may be in the journal, so none is used again.
            let n = NUMBER.fetch_add(1, Relaxed) * batches::WRITERS + writer;
            let head = store.commit(batches::batch(n)).await.map_err(|error| format!("commit: {error}"))?;
            self.tell(&Promise::Batch { n, head, epoch: store.epoch() })?;
        }
        Ok(())
    }

    /// As an uplink does: from where its cursor stands, whatever it has had before.
    async fn consume(self, store: Store) -> Result<(), String> {
        let failed = |error| format!("consumer: {error}");
        let cursor = store.cursor("consumer").await.map_err(failed)?;
        let mut at = cursor.map_or(0, |cursor| cursor.parse::<u64>().expect("a number"));
        for round in 1_u64.. {
            if self.ended() {
                break;
            }
            let head = *store.head().borrow();
            for row in store.read(at, head, 40).await.map_err(failed)? {
                at = row.seq;
                self.tell(&Promise::Sent { seq: row.seq, body: row.body })?;
            }
            if round.is_multiple_of(3) {
                store.set_cursor("consumer", at.to_string()).await.map_err(failed)?;
                self.tell(&Promise::Cursor(at))?;
            }
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// On a thread of its own: the loop of a gateway hands blocks over and does not wait, this one waits for them.
    async fn record(self) -> Result<(), String> {
        tokio::task::spawn_blocking(move || self.record_blocking()).await.map_err(|error| error.to_string())?
    }

    fn record_blocking(&self) -> Result<(), String> {
        let keep = Keep { bytes_max: 1 << 30, days_max: 365_000 };
        let now = tick();
        let mut recorder =
            recording::open(&self.data, now.utc).map_err(|error| format!("open the recording: {error}"))?;
        let beginning = Beginning { now, ..Beginning::default() };
        recorder.begin(beginning, Keeps { recording: keep, history: keep });
        while !self.ended() {
            let told = fill_a_block(&mut recorder);
            self.wait_until_recorded(told)?;
        }
        Ok(())
    }

    fn wait_until_recorded(&self, told: UtcTime) -> Result<(), String> {
        let recording = Recording::open(&self.data).map_err(|error| format!("the recording: {error}"))?;
        while !self.ended() {
            let until = recording.told_until().map_err(|error| format!("the recording: {error}"))?;
            if until >= Some(told) {
                return self.tell(&Promise::Recorded(told.0));
            }
            std::thread::yield_now();
        }
        Ok(())
    }
}

/// Two events, the second so late that the block is handed over; gives the second one's time.
fn fill_a_block(recorder: &mut Recorder) -> UtcTime {
    recorder.put(tick(), &Event::Tick);
    let now = tick();
    recorder.put(now, &Event::Tick);
    now.utc
}

/// The clock goes in steps of the greatest age of a block.
fn tick() -> Now {
    const STEP_MS: i64 = 5_000;
    static CLOCK: AtomicI64 = AtomicI64::new(0);
    let ms = CLOCK.fetch_add(STEP_MS, Relaxed) + STEP_MS;
    Now { monotonic: Monotonic(ms.cast_unsigned()), utc: UtcTime(ms) }
}
