//! Lanes, batches and receipts against a model of everything around them: a journal that grows, a receiver that upserts and
//! answers anything, links that drop, a process that dies at any point with its cursor saved late.

use super::{
    batch::{Batch, Entry},
    lane::Sending,
    receipts::{self, Receipt, Status},
};
use crate::lanes::{Cursor, Lane, Lanes};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::Instant;

const ROWS: usize = 5;

#[derive(Clone, Debug)]
enum Action {
    Write(u64),
    Up,
    Down,
    Crash,
    Save,
    Send(Lane),
    /// What is said of each row in turn, `None` for no receipt.
    Receipts(Lane, Vec<Option<Status>>),
    All(Lane),
    /// The batch is to come in halves.
    Halve(Lane),
    /// Everything is taken, and no answer arrives.
    TakeAndDrop(Lane),
}

struct World {
    head: u64,
    is_up: bool,
    lanes: Lanes,
    saved: Cursor,
    unanswered: [Option<u64>; 2],
    sending: [Sending; 2],
    under_way: [Option<Batch>; 2],
    /// At the receiver, by place.
    has: BTreeSet<u64>,
    /// On the gateway's disk.
    parked: BTreeSet<u64>,
    keys: BTreeMap<String, Vec<u64>>,
    /// Each row's first lane, and the newest row of each lane so far.
    first: BTreeMap<u64, Lane>,
    newest: [u64; 2],
}

impl World {
    fn new() -> Self {
        Self {
            head: 0,
            is_up: false,
            lanes: Lanes::restore(&Cursor::default(), 0),
            saved: Cursor::default(),
            unanswered: [None; 2],
            sending: idle(),
            under_way: [None, None],
            has: BTreeSet::new(),
            parked: BTreeSet::new(),
            keys: BTreeMap::new(),
            first: BTreeMap::new(),
            newest: [0; 2],
        }
    }

    fn act(&mut self, action: &Action) {
        match action {
            Action::Write(rows) => self.head += rows,
            Action::Up => self.up(),
            Action::Down => self.down(),
            Action::Crash => {
                self.lose();
                self.unanswered = [None; 2];
                self.lanes = Lanes::restore(&self.saved, self.head);
            }
            Action::Save => self.saved = self.lanes.cursor(),
            Action::Send(lane) => self.send(*lane),
            Action::Receipts(lane, said) => self.receipted(*lane, Some(said)),
            Action::All(lane) => self.receipted(*lane, None),
            Action::Halve(lane) => self.halve(*lane),
            Action::TakeAndDrop(lane) => {
                let rows = self.under_way[*lane as usize].iter().flat_map(|batch| &batch.entries);
                self.has.extend(rows.map(|entry| entry.seq));
                self.down();
            }
        }
    }

    fn up(&mut self) {
        if !self.is_up {
            self.is_up = true;
            self.lanes.up(self.head, 64);
            self.saved = self.lanes.cursor();
        }
    }

    fn down(&mut self) {
        if self.is_up {
            self.lose();
            self.lanes.down(self.head);
        }
    }

    fn lose(&mut self) {
        self.is_up = false;
        self.sending = idle();
        self.under_way = [None, None];
    }

    fn send(&mut self, lane: Lane) {
        let at = lane as usize;
        if !self.is_up || self.sending[at].free_at().is_none() {
            return;
        }
        let batch = self.sending[at].take().unwrap_or_else(|| self.gather(lane));
        if batch.entries.is_empty() {
            self.unanswered[at] = None;
            return;
        }
        let seqs: Vec<u64> = batch.entries.iter().map(|entry| entry.seq).collect();
        for seq in &seqs {
            if let Some(first) = self.first.insert(*seq, lane) {
                assert_eq!(first, lane, "row {seq} is in one lane for ever");
            } else {
                assert!(*seq > self.newest[at], "row {seq} is new in {lane:?} behind row {}", self.newest[at]);
                self.newest[at] = *seq;
            }
        }
        let known = self.keys.entry(batch.key("GW/1", lane)).or_insert_with(|| seqs.clone());
        assert_eq!(*known, seqs, "a key stands for its rows");
        self.unanswered[at] = batch.last();
        self.sending[at].sent();
        self.under_way[at] = Some(batch);
    }

    fn gather(&mut self, lane: Lane) -> Batch {
        let last = self.unanswered[lane as usize].unwrap_or(u64::MAX);
        let mut batch = Batch::default();
        while batch.entries.len() < ROWS
            && let Some(span) = self.lanes.wanted(lane, self.head).filter(|span| span.after < last)
        {
            let seq = span.after + 1;
            self.lanes.sent(lane, seq);
            batch.entries.push(Entry { seq, id: format!("GW/1/{seq}"), event: Vec::new() });
        }
        batch
    }

    fn receipted(&mut self, lane: Lane, said: Option<&[Option<Status>]>) {
        let at = lane as usize;
        let Some(batch) = self.under_way[at].take() else { return };
        let receipts: Option<Vec<Receipt>> = said.map(|said| {
            let said = batch.entries.iter().zip(said.iter().cycle());
            said.filter_map(|(entry, status)| Some(Receipt { id: entry.id.clone(), status: (*status)?, reason: None }))
                .collect()
        });
        let sent = batch.entries.iter().map(|entry| (entry.seq, entry.id.as_str()));
        let judged = receipts::judge(sent, receipts.as_deref());
        for seq in &judged.taken {
            self.has.insert(*seq);
            self.lanes.acknowledged(lane, *seq);
        }
        if !judged.refused.is_empty() {
            judged.refused.iter().for_each(|(seq, _)| self.lanes.acknowledged(lane, *seq));
            self.parked.extend(judged.refused.iter().map(|(seq, _)| *seq));
            self.saved = self.lanes.cursor();
        }
        if judged.later.is_empty() {
            self.sending[at].done();
        } else {
            self.sending[at].later(batch.only(&judged.later), Instant::now());
        }
        if !self.sending[at].has_batches() {
            self.unanswered[at] = None;
        }
    }

    fn halve(&mut self, lane: Lane) {
        let at = lane as usize;
        match self.under_way[at].take() {
            Some(batch) if batch.entries.len() > 1 => self.sending[at].again(batch.halves(), Instant::now()),
            one => self.under_way[at] = one,
        }
    }

    fn assert_nothing_is_skipped(&self) {
        let is_passed = |seq| {
            let open = self.saved.live_from.is_some_and(|from| seq > from);
            let live = open || self.saved.live_spans.iter().any(|&(after, until)| seq > after && seq <= until);
            seq <= if live { self.saved.live } else { self.saved.backfill }
        };
        for seq in (1..=self.head).filter(|seq| is_passed(*seq)) {
            assert!(self.has.contains(&seq) || self.parked.contains(&seq), "row {seq} is passed: {:?}", self.saved);
        }
    }
}

fn idle() -> [Sending; 2] {
    [Sending::new(Instant::now()), Sending::new(Instant::now())]
}

fn action() -> impl Strategy<Value = Action> {
    let lane = || prop_oneof![Just(Lane::Live), Just(Lane::Backfill)];
    let status = prop_oneof![
        3 => Just(Some(Status::Accepted)),
        1 => Just(Some(Status::Duplicate)),
        1 => Just(Some(Status::Later)),
        1 => Just(Some(Status::Refused)),
        1 => Just(None),
    ];
    prop_oneof![
        4 => (1..12_u64).prop_map(Action::Write),
        3 => Just(Action::Up),
        1 => Just(Action::Down),
        1 => Just(Action::Crash),
        2 => Just(Action::Save),
        10 => lane().prop_map(Action::Send),
        6 => (lane(), proptest::collection::vec(status, 1..6)).prop_map(|(lane, said)| Action::Receipts(lane, said)),
        4 => lane().prop_map(Action::All),
        2 => lane().prop_map(Action::Halve),
        1 => lane().prop_map(Action::TakeAndDrop),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_answers_skips_no_row_and_doubles_none(actions in proptest::collection::vec(action(), 0..150)) {
        let mut world = World::new();
        for action in &actions {
            world.act(action);
            world.assert_nothing_is_skipped();
        }
        world.up();
        for _ in 0..=2 * world.head {
            for lane in Lane::ALL {
                world.send(lane);
                world.receipted(lane, None);
            }
        }
        world.saved = world.lanes.cursor();
        prop_assert_eq!(world.lanes.backlog(world.head), 0);
        world.assert_nothing_is_skipped();
        let there: BTreeSet<u64> = world.has.union(&world.parked).copied().collect();
        prop_assert_eq!(there, (1..=world.head).collect::<BTreeSet<u64>>());
    }
}
