//! The lanes against a model of everything around them: a journal that grows, a broker that has what reached it, links
//! that drop, a process that dies at any point with its cursor saved late.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

const NO_LIMIT: usize = 1_000;

/// Rows that are not there (a gap) and rows that an uplink's filter leaves out.
fn is_missing(seq: u64) -> bool {
    seq.is_multiple_of(11)
}

fn is_filtered(seq: u64) -> bool {
    seq.is_multiple_of(7)
}

#[derive(Clone, Debug)]
enum Action {
    Write(u64),
    Up,
    Down {
        saved: bool,
    },
    Send(Lane, usize),
    /// So many of the messages on their way reach the broker.
    Arrive(usize),
    /// The answer to the nth of those that reached it.
    Answer(usize),
    Save,
    Crash,
}

struct World {
    spans_max: usize,
    head: u64,
    is_up: bool,
    lanes: Lanes,
    saved: Cursor,
    /// On their way, in the order of sending.
    sent: Vec<(Lane, u64)>,
    /// At the broker, answer not yet given.
    arrived: Vec<(Lane, u64)>,
    /// The lane of each row's first arrival.
    first: BTreeMap<u64, Lane>,
    in_two_lanes: usize,
    newest: [u64; 2],
}

impl World {
    fn new(spans_max: usize) -> Self {
        Self {
            spans_max,
            head: 0,
            is_up: false,
            lanes: Lanes::restore(&Cursor::default(), 0),
            saved: Cursor::default(),
            sent: Vec::new(),
            arrived: Vec::new(),
            first: BTreeMap::new(),
            in_two_lanes: 0,
            newest: [0, 0],
        }
    }

    fn act(&mut self, action: &Action) {
        match *action {
            Action::Write(rows) => self.head += rows,
            Action::Up => self.up(),
            Action::Down { saved } => self.down(saved),
            Action::Send(lane, count) => (0..count).for_each(|_| self.send(lane)),
            Action::Arrive(count) => (0..count).for_each(|_| self.arrive()),
            Action::Answer(at) => self.answer(at),
            Action::Save => self.save(),
            Action::Crash => self.crash(),
        }
    }

    fn up(&mut self) {
        if !self.is_up {
            self.is_up = true;
            self.lanes.up(self.head, self.spans_max);
            self.save();
        }
    }

    fn down(&mut self, saved: bool) {
        if self.is_up {
            self.is_up = false;
            self.sent.clear();
            self.arrived.clear();
            self.lanes.down(self.head);
            if saved {
                self.save();
            }
        }
    }

    fn crash(&mut self) {
        self.is_up = false;
        self.sent.clear();
        self.arrived.clear();
        let text = serde_json::to_string(&self.saved).unwrap();
        self.lanes = Lanes::restore(&Cursor::read(&text).unwrap(), self.head);
    }

    fn save(&mut self) {
        self.saved = self.lanes.cursor();
        assert!(self.saved.live_spans.len() <= self.spans_max, "{:?}", self.saved);
    }

    /// As the link does: rows that are missing or left out are passed, the next one is sent.
    fn send(&mut self, lane: Lane) {
        while self.is_up
            && let Some(span) = self.lanes.wanted(lane, self.head)
        {
            let seq = span.after + 1;
            if is_missing(seq) || is_filtered(seq) {
                self.lanes.passed(lane, seq);
                continue;
            }
            self.lanes.sent(lane, seq);
            self.sent.push((lane, seq));
            return;
        }
    }

    fn arrive(&mut self) {
        if self.sent.is_empty() {
            return;
        }
        let (lane, seq) = self.sent.remove(0);
        match self.first.get(&seq) {
            None => {
                let newest = &mut self.newest[usize::from(lane == Lane::Backfill)];
                assert!(seq > *newest, "row {seq} is new in {lane:?} behind row {newest}");
                *newest = seq;
                self.first.insert(seq, lane);
            }
            Some(first) => self.in_two_lanes += usize::from(*first != lane),
        }
        self.arrived.push((lane, seq));
    }

    fn answer(&mut self, at: usize) {
        if !self.arrived.is_empty() {
            let (lane, seq) = self.arrived.remove(at % self.arrived.len());
            self.lanes.acknowledged(lane, seq);
        }
    }

    fn drain(&mut self) {
        self.up();
        while self.lanes.backlog(self.head) > 0 {
            for lane in Lane::ALL {
                self.send(lane);
            }
            self.arrive();
            self.arrive();
            self.answer(0);
            self.answer(0);
        }
    }

    fn assert_nothing_is_skipped(&self) {
        let acknowledged = |seq| {
            let open = self.saved.live_from.is_some_and(|from| seq > from);
            let live = open || self.saved.live_spans.iter().any(|&(after, until)| seq > after && seq <= until);
            seq <= if live { self.saved.live } else { self.saved.backfill }
        };
        for seq in (1..=self.head).filter(|seq| acknowledged(*seq) && !is_missing(*seq) && !is_filtered(*seq)) {
            assert!(
                self.first.contains_key(&seq),
                "row {seq} counts as acknowledged and never arrived: {:?}",
                self.saved
            );
        }
    }
}

fn action() -> impl Strategy<Value = Action> {
    let lane = prop_oneof![Just(Lane::Live), Just(Lane::Backfill)];
    prop_oneof![
        4 => (1..12_u64).prop_map(Action::Write),
        3 => Just(Action::Up),
        2 => any::<bool>().prop_map(|saved| Action::Down { saved }),
        8 => (lane, 1..6_usize).prop_map(|(lane, count)| Action::Send(lane, count)),
        6 => (1..6_usize).prop_map(Action::Arrive),
        8 => (0..6_usize).prop_map(Action::Answer),
        2 => Just(Action::Save),
        1 => Just(Action::Crash),
    ]
}

fn run(actions: &[Action], spans_max: usize) -> World {
    let mut world = World::new(spans_max);
    for action in actions {
        world.act(action);
        world.assert_nothing_is_skipped();
    }
    world.drain();
    world.save();
    world.assert_nothing_is_skipped();
    let wanted = (1..=world.head).filter(|seq| !is_missing(*seq) && !is_filtered(*seq)).count();
    assert_eq!(world.first.len(), wanted, "every row arrived");
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn every_row_arrives_in_one_lane_in_order(actions in proptest::collection::vec(action(), 0..120)) {
        let world = run(&actions, NO_LIMIT);
        prop_assert_eq!(world.in_two_lanes, 0);
    }

    #[test]
    fn a_bound_on_spans_costs_no_row_and_no_order(actions in proptest::collection::vec(action(), 0..120)) {
        let world = run(&actions, 2);
        prop_assert_eq!(world.in_two_lanes, 0);
    }
}

fn drop_after(world: &mut World, rows: u64) {
    world.up();
    world.act(&Action::Write(rows));
    world.act(&Action::Send(Lane::Live, 3));
    world.act(&Action::Arrive(3));
    world.act(&Action::Answer(0));
    world.act(&Action::Down { saved: true });
}

#[test]
fn what_was_in_flight_when_the_link_dropped_comes_first_and_stays_live() {
    let mut world = World::new(NO_LIMIT);
    world.head = 100;
    drop_after(&mut world, 5);
    world.head = 200;
    world.up();
    world.act(&Action::Write(2));
    assert_eq!(world.lanes.wanted(Lane::Live, world.head), Some(Span { after: 101, until: 105 }));
    assert_eq!(world.lanes.wanted(Lane::Backfill, world.head), Some(Span { after: 0, until: 100 }));
    world.act(&Action::Send(Lane::Live, 6));
    world.act(&Action::Arrive(6));
    let live: Vec<u64> = world.arrived.iter().map(|(_, seq)| *seq).collect();
    assert_eq!(live, [102, 103, 104, 201, 202], "105 is filtered out");
}

#[test]
fn spans_are_forgotten_when_everything_before_them_is_acknowledged() {
    let mut world = World::new(NO_LIMIT);
    for _ in 0..20 {
        drop_after(&mut world, 4);
        world.act(&Action::Write(3));
    }
    assert!(world.saved.live_spans.len() > 5, "{:?}", world.saved);
    world.drain();
    world.act(&Action::Down { saved: true });
    let head = world.head;
    assert_eq!(world.saved.live_spans, []);
    assert_eq!((world.saved.backfill, world.lanes.backlog(head)), (head, 0));
}

#[test]
fn a_first_start_sends_the_whole_journal_as_backfill() {
    let mut lanes = Lanes::restore(&Cursor::default(), 50);
    lanes.up(50, NO_LIMIT);
    assert_eq!(lanes.wanted(Lane::Live, 50), None);
    assert_eq!(lanes.wanted(Lane::Live, 51), Some(Span { after: 50, until: 51 }));
    assert_eq!(lanes.wanted(Lane::Backfill, 51), Some(Span { after: 0, until: 50 }));
    assert_eq!(lanes.backlog(51), 51);
}

#[test]
fn acknowledgements_out_of_order_move_nothing_past_a_hole() {
    let mut lanes = Lanes::restore(&Cursor::default(), 9);
    lanes.up(9, NO_LIMIT);
    (1..=4).for_each(|seq| lanes.sent(Lane::Backfill, seq));
    lanes.acknowledged(Lane::Backfill, 2);
    lanes.acknowledged(Lane::Backfill, 4);
    assert_eq!((lanes.cursor().backfill, lanes.in_flight(Lane::Backfill)), (0, 4));
    lanes.acknowledged(Lane::Backfill, 1);
    assert_eq!((lanes.cursor().backfill, lanes.in_flight(Lane::Backfill)), (2, 2));
    lanes.acknowledged(Lane::Backfill, 77);
    lanes.acknowledged(Lane::Backfill, 3);
    assert_eq!((lanes.cursor().backfill, lanes.backlog(9)), (4, 5));
}

#[test]
fn each_lane_tells_how_far_it_is() {
    let mut lanes = Lanes::restore(&Cursor::default(), 9);
    lanes.up(9, NO_LIMIT);
    (1..=4).for_each(|seq| lanes.sent(Lane::Backfill, seq));
    lanes.acknowledged(Lane::Backfill, 1);
    let told = |lanes: &Lanes, lane, head| {
        let LaneHealth { acknowledged_until, due, backlog, in_flight, .. } = lanes.health(lane, head);
        (acknowledged_until, due, backlog, in_flight)
    };
    assert_eq!(told(&lanes, Lane::Backfill, 12), (1, Some(2), 8, 3));
    assert_eq!(told(&lanes, Lane::Live, 9), (9, None, 0, 0));
    lanes.sent(Lane::Live, 10);
    assert_eq!(told(&lanes, Lane::Live, 12), (9, Some(10), 3, 1));
    assert_eq!(lanes.backlog(12), 11);
}

#[test]
fn a_cursor_is_read_as_it_was_written_or_refused_in_words() {
    let cursor = Cursor {
        backfill: 3,
        live: 9,
        live_spans: vec![(4, 6), (8, 9)],
        live_from: Some(12),
        recording: Some(7),
        bd_seq: None,
    };
    assert_eq!(Cursor::read(&serde_json::to_string(&cursor).unwrap()), Ok(cursor));
    assert_eq!(Cursor::read(r#"{"backfill":3,"live":0}"#), Ok(Cursor { backfill: 3, ..Cursor::default() }));
    for bad in
        ["", "{}", r#"{"backfill":3,"live":0,"live_spans":[[5,4]]}"#, r#"{"backfill":0,"live":0,"live_spans":[[5,5]]}"#]
    {
        assert!(Cursor::read(bad).is_err(), "{bad}");
    }
}

#[test]
fn every_sparkplug_connection_has_the_next_number() {
    let mut lanes = Lanes::restore(&Cursor::default(), 0);
    for expected in (0..=255).chain([0, 1]) {
        assert_eq!(lanes.next_bd_seq(), expected);
        let text = serde_json::to_string(&lanes.cursor()).unwrap();
        lanes = Lanes::restore(&Cursor::read(&text).unwrap(), 0);
    }
}
