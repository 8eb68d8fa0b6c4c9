//! Journal, cursors and retention together, against a model that knows of every row who has it: what somebody still needs is
//! there, or the journal says that it had to go.

use super::*;
use davy_store::{ParkedChange, StoreError, open, verify};
use proptest::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

const DAYS_MAX: u32 = 400;
const UPLINKS: [&str; 2] = ["enterprise", "bureau"];
/// Rows of about a page each, so that a few of them are room.
const BODY: usize = 3_000;

#[derive(Clone, Debug)]
enum Action {
    /// So many rows, written so many days ago.
    Write(u64, u32),
    Up(usize),
    Down(usize),
    /// An uplink's receiver takes the next rows of a lane.
    Take(usize, Lane, usize),
    /// It refuses the next one.
    Refuse(usize, Lane),
    /// It takes after all what it has refused longest.
    TakeParked(usize),
    /// Room is made in a budget of so many percent of what is used.
    MakeRoom(u64),
    Restart,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Lane {
    Live,
    Backfill,
}

/// An uplink as the model knows it.
#[derive(Clone, Debug, Default)]
struct Far {
    up: bool,
    /// The rows that were written while the link was up.
    live: BTreeSet<u64>,
    spans: Vec<(u64, u64)>,
    live_from: Option<u64>,
    /// Taken or refused, by lane, up to this row.
    passed: BTreeMap<Lane, u64>,
    refused: BTreeSet<u64>,
}

impl Far {
    fn lane_of(&self, seq: u64) -> Lane {
        if self.live.contains(&seq) { Lane::Live } else { Lane::Backfill }
    }

    fn has_passed(&self, seq: u64) -> bool {
        self.passed.get(&self.lane_of(seq)).is_some_and(|passed| seq <= *passed)
    }

    fn needs(&self, seq: u64) -> bool {
        !self.has_passed(seq) || self.refused.contains(&seq)
    }

    /// The next row of a lane that is still there.
    fn next(&self, lane: Lane, rows: &BTreeMap<u64, JournalRow>) -> Option<u64> {
        rows.keys().copied().find(|seq| self.lane_of(*seq) == lane && !self.has_passed(*seq))
    }

    fn cursor(&self) -> Cursor {
        let passed = |lane| self.passed.get(&lane).copied().unwrap_or(0);
        Cursor {
            backfill: passed(Lane::Backfill),
            live: passed(Lane::Live),
            live_spans: self.spans.clone(),
            live_from: self.live_from,
            recording: None,
            bd_seq: None,
        }
    }
}

struct World {
    folder: tempfile::TempDir,
    room: Room,
    /// What is to be there.
    rows: BTreeMap<u64, JournalRow>,
    head: u64,
    far: [Far; 2],
    /// Rows of which the journal says that they had to go.
    told_lost: BTreeSet<u64>,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let room = room(&folder);
        let far = Default::default();
        Self { folder, room, rows: BTreeMap::new(), head: 0, far, told_lost: BTreeSet::new() }
    }

    async fn act(&mut self, action: &Action) {
        match *action {
            Action::Write(count, days) => self.write(count, days).await,
            Action::Up(at) => self.turn(at, true).await,
            Action::Down(at) => self.turn(at, false).await,
            Action::Take(at, lane, count) => {
                for _ in 0..count {
                    self.pass(at, lane, false).await;
                }
            }
            Action::Refuse(at, lane) => self.pass(at, lane, true).await,
            Action::TakeParked(at) => {
                if let Some(seq) = self.far[at].refused.pop_first() {
                    self.save(at, vec![ParkedChange::Taken { seq }]).await;
                }
            }
            Action::MakeRoom(percent) => self.make_room(percent).await,
            Action::Restart => {
                self.room.store.clone().close().await;
                self.room = room(&self.folder);
            }
        }
    }

    async fn write(&mut self, count: u64, days: u32) {
        let utc = UtcTime(clock::utc().0 - i64::from(days) * limits::DAY_MS);
        let row = |n| Row { utc, kind: "alarm", body: format!("{{\"n\":{n},\"x\":\"{}\"}}", "x".repeat(BODY)) };
        let rows: Vec<Row> = (0..count).map(row).collect();
        self.room.store.commit(Batch { rows, saved: Vec::new() }).await.unwrap();
        self.look_for_new().await;
    }

    /// Whatever was written belongs to the lane in which each uplink stands.
    async fn look_for_new(&mut self) {
        for row in self.room.store.read(self.head, u64::MAX, 10_000).await.unwrap() {
            self.head = row.seq;
            self.far.iter_mut().filter(|far| far.up).for_each(|far| far.live.extend([row.seq]));
            self.rows.insert(row.seq, row);
        }
    }

    async fn turn(&mut self, at: usize, up: bool) {
        let (head, far) = (self.head, &mut self.far[at]);
        if far.up == up {
            return;
        }
        far.up = up;
        match far.live_from.take() {
            Some(after) if after < head => far.spans.push((after, head)),
            _ => {}
        }
        far.live_from = up.then_some(head);
        self.save(at, Vec::new()).await;
    }

    async fn pass(&mut self, at: usize, lane: Lane, refuse: bool) {
        let Some(seq) = self.far[at].next(lane, &self.rows) else { return };
        self.far[at].passed.insert(lane, seq);
        let mut parked = Vec::new();
        if refuse {
            self.far[at].refused.insert(seq);
            let (at, next) = (UtcTime(0), UtcTime(0));
            let (lane, reason) = (format!("{lane:?}").to_lowercase(), "no such unit".to_owned());
            parked.push(ParkedChange::Refused { seq, lane, reason, at, next });
        }
        self.save(at, parked).await;
    }

    async fn save(&self, at: usize, parked: Vec<ParkedChange>) {
        let cursor = serde_json::to_string(&self.far[at].cursor()).unwrap();
        self.room.store.save_uplink(UPLINKS[at], Some(cursor), parked).await.unwrap();
    }

    async fn make_room(&mut self, percent: u64) {
        let used_bytes = self.used().await;
        let budget_bytes = Some(used_bytes * percent / 100);
        self.room.make(&StorageState { used_bytes, budget_bytes, free_bytes: None }).await.unwrap();
        self.look_for_new().await;
        let first = self.room.store.read(0, u64::MAX, 1).await.unwrap().first().map_or(u64::MAX, |row| row.seq);
        let kept = self.rows.split_off(&first);
        let gone = std::mem::replace(&mut self.rows, kept);
        self.hear_of_gaps();
        let needed = |seq: &u64| self.far.iter().any(|far| far.needs(*seq));
        for seq in gone.keys().filter(|seq| needed(seq)) {
            assert!(percent < 200, "row {seq} is needed, and went though there was room");
        }
        for seq in (1..first.min(self.head)).filter(needed) {
            assert!(self.told_lost.contains(&seq), "row {seq} is needed, and is gone without a word");
        }
        self.assert_nothing_old_stays(percent, needed);
    }

    fn hear_of_gaps(&mut self) {
        let told = self.rows.values().filter_map(said_in).flat_map(|gone| gone.first..=gone.last);
        self.told_lost = told.collect();
    }

    /// With room enough, what is too old and nobody needs is gone, up to the first row that is young or needed.
    fn assert_nothing_old_stays(&self, percent: u64, needed: impl Fn(&u64) -> bool) {
        let oldest_kept = clock::utc().0 - i64::from(DAYS_MAX) * limits::DAY_MS;
        let Some((first, row)) = self.rows.first_key_value() else { return };
        // One that has not looked yet does not know that rows before it are gone.
        let waits = self.far.iter().any(|far| (1..*first).any(|gone| far.needs(gone)));
        let is_old = row.utc.0 < oldest_kept - 60_000;
        let may_go = is_old && !waits && !needed(first) && self.rows.len() > 1;
        assert!(percent < 200 || !may_go, "row {first} is old, everybody has it, and it is there");
    }

    async fn used(&self) -> u64 {
        // With the write-ahead log, in which most of it still is.
        let files = std::fs::read_dir(self.folder.path()).unwrap().filter_map(Result::ok);
        let all: u64 = files.map(|file| file.metadata().unwrap().len()).sum();
        all.saturating_sub(self.room.store.free_bytes().await.unwrap()).max(1)
    }

    /// What is to be there is there, as it was written.
    async fn assert_whole(&self) {
        let there = self.room.store.read(0, u64::MAX, 10_000).await.unwrap();
        assert!(there.iter().eq(self.rows.values()), "what is kept is not what was written");
        assert_eq!(there.last().map_or(0, |row| row.seq), self.head, "the newest row stays");
    }
}

fn room(folder: &tempfile::TempDir) -> Room {
    let begun = Instant::now();
    let store = loop {
        match open(folder.path(), clock::utc()) {
            // Another test has just begun a process, which holds every open file until it is one of its own.
            Err(StoreError::InUse { .. }) if begun.elapsed() < Duration::from_secs(10) => std::thread::yield_now(),
            opened => break opened.unwrap().store,
        }
    };
    let (_, uplinks) = watch::channel(UPLINKS.map(UplinkId::from).to_vec());
    Room { store, days_max: DAYS_MAX, uplinks }
}

fn action() -> impl Strategy<Value = Action> {
    let lane = || prop_oneof![Just(Lane::Live), Just(Lane::Backfill)];
    let age = prop_oneof![2 => Just(0_u32), 2 => 390_u32..420, 1 => 300_u32..600];
    prop_oneof![
        6 => (1_u64..20, age).prop_map(|(count, days)| Action::Write(count, days)),
        2 => (0_usize..2).prop_map(Action::Up),
        1 => (0_usize..2).prop_map(Action::Down),
        6 => (0_usize..2, lane(), 1_usize..30).prop_map(|(at, lane, count)| Action::Take(at, lane, count)),
        1 => (0_usize..2, lane()).prop_map(|(at, lane)| Action::Refuse(at, lane)),
        1 => (0_usize..2).prop_map(Action::TakeParked),
        3 => prop_oneof![Just(1_000_u64), Just(150), Just(60), Just(30), Just(10)].prop_map(Action::MakeRoom),
        1 => Just(Action::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn what_somebody_needs_is_there_or_said_to_be_lost(actions in prop::collection::vec(action(), 1..40)) {
        let folder = Runtime::new().unwrap().block_on(async {
            let mut world = World::new();
            for action in &actions {
                world.act(action).await;
                world.assert_whole().await;
            }
            world.room.store.clone().close().await;
            world.folder
        });
        let verdict = verify(folder.path()).unwrap();
        prop_assert_eq!((verdict.broken_at, verdict.gaps), (None, vec![]));
    }
}
