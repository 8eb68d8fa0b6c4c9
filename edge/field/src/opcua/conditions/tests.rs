use super::*;

const UNKNOWN: Quality = Quality::BAD_WAITING;

fn source() -> NodeId {
    NodeId::new(2, "LI-1101")
}

fn conditions() -> Conditions {
    let mut conditions = Conditions::new(["HighHigh", "High"].map(str::to_owned).to_vec());
    conditions.locate([(0, source()), (1, source())]);
    conditions.ask();
    conditions
}

/// What happens to the first condition; a time of 0 is none.
enum Step {
    Event(i64, f64),
    Ask,
    Read(i64, f64),
    Absent,
    Lost,
}
use Step::*;

/// What the engine is told after a step; `None` for nothing.
type Told = Option<(f64, Quality)>;

fn told(steps: &[Step]) -> Vec<Told> {
    let mut conditions = conditions();
    let time = |time: i64| Some(time).filter(|time| *time != 0);
    let good = |is_news: bool, value: f64| is_news.then_some((value, Quality::GOOD));
    let step = |step: &Step| match step {
        Event(at, value) => {
            let heard = Heard {
                source: source(),
                name: "HighHigh".to_owned(),
                time: time(*at),
                value: *value,
                quality: Quality::GOOD,
            };
            good(conditions.heard(&heard) == [0], *value)
        }
        Ask => {
            conditions.ask();
            None
        }
        Read(at, value) => {
            let state = State { value: *value, quality: Quality::GOOD, time: time(*at) };
            good(conditions.was_read(0, state), *value)
        }
        Absent => conditions.was_absent(0, UNKNOWN).then_some((0.0, UNKNOWN)),
        Lost => conditions.doubt().first().map(|(_, value)| (*value, IN_DOUBT)),
    };
    steps.iter().map(step).collect()
}

#[test]
fn an_event_or_the_state_that_was_read_whichever_is_younger() {
    let (on, off) = (Some((1.0, Quality::GOOD)), Some((0.0, Quality::GOOD)));
    let (doubt, unknown) = (Some((1.0, IN_DOUBT)), Some((0.0, UNKNOWN)));
    let cases: &[(&str, &[Step], &[Told])] = &[
        ("what was read stands until an event", &[Read(5, 1.0), Event(9, 0.0)], &[on, off]),
        (
            "the same state again is no news",
            &[Read(5, 1.0), Ask, Read(5, 1.0), Ask, Read(7, 1.0)],
            &[on, None, None, None, None],
        ),
        ("an event that came while it was read", &[Event(5, 1.0), Read(9, 0.0)], &[on, None]),
        (
            "an event that was on its way while it was read",
            &[Read(9, 0.0), Event(5, 1.0), Event(9, 0.0)],
            &[off, None, off],
        ),
        ("a clock that was set back", &[Read(9, 0.0), Event(5, 1.0), Ask, Read(5, 1.0)], &[off, None, None, on]),
        ("events in their order, whatever their times", &[Event(9, 0.0), Event(5, 1.0)], &[off, on]),
        (
            "an instance that is not kept up to date",
            &[Event(9, 1.0), Ask, Read(5, 0.0), Read(9, 0.0)],
            &[on, None, None, None],
        ),
        ("one without a time", &[Event(9, 1.0), Ask, Read(0, 0.0)], &[on, None, None]),
        ("an event that never came", &[Event(5, 1.0), Ask, Read(9, 0.0)], &[on, None, off]),
        ("an event without a time", &[Read(5, 1.0), Event(0, 0.0)], &[on, off]),
        ("doubt until it is read", &[Event(5, 1.0), Lost, Ask, Read(9, 0.0)], &[on, doubt, None, off]),
        ("… or confirmed", &[Event(5, 1.0), Lost, Ask, Read(5, 1.0)], &[on, doubt, None, on]),
        ("… even without a time", &[Event(5, 1.0), Lost, Ask, Read(0, 0.0)], &[on, doubt, None, off]),
        ("… not by what is older", &[Event(5, 1.0), Lost, Ask, Read(4, 0.0)], &[on, doubt, None, None]),
        ("… or an event comes", &[Event(5, 1.0), Lost, Event(6, 0.0)], &[on, doubt, off]),
        ("doubt is told once", &[Read(5, 1.0), Lost, Lost], &[on, doubt, None]),
        ("nothing is known, which nobody can doubt", &[Absent, Lost, Ask, Absent], &[unknown, None, None, None]),
        ("without an instance an event is all", &[Absent, Event(5, 1.0), Ask, Absent], &[unknown, on, None, None]),
        ("… and doubt ends it", &[Event(5, 1.0), Lost, Ask, Absent], &[on, doubt, None, unknown]),
        (
            "an instance that is taken away",
            &[Read(5, 1.0), Ask, Absent, Ask, Read(5, 1.0)],
            &[on, None, unknown, None, on],
        ),
    ];
    for (what, steps, expected) in cases {
        assert_eq!(told(steps), *expected, "{what}");
    }
}

#[test]
fn a_look_is_wanted_after_doubt_until_it_is_asked_for() {
    let mut conditions = conditions();
    assert!(!conditions.wants_a_look());
    conditions.doubt();
    assert!(conditions.wants_a_look());
    conditions.ask();
    assert!(!conditions.wants_a_look());
}

#[test]
fn an_event_belongs_to_its_source_and_its_name() {
    let mut conditions = conditions();
    let mut heard = |source: NodeId, name: &str| {
        conditions.heard(&Heard { source, name: name.to_owned(), time: None, value: 1.0, quality: Quality::GOOD })
    };
    assert_eq!(heard(source(), "High"), [1]);
    assert!(heard(source(), "Low").is_empty() && heard(NodeId::new(2, "LI-1102"), "High").is_empty());
    assert!(Conditions::default().notes().is_empty());
}

#[test]
fn what_is_out_of_the_ordinary_is_said() {
    let mut conditions = conditions();
    assert_eq!(conditions.notes(), ["alarm conditions: 2"], "nobody has looked yet");
    conditions.was_absent(1, UNKNOWN);
    conditions.trouble = Some("no events".to_owned());
    assert_eq!(conditions.notes(), ["alarm conditions: 2", "no events"]);
    conditions.trouble = None;
    conditions.was_read(0, State { value: 0.0, quality: Quality::GOOD, time: None });
    conditions.queue = Some(10);
    conditions.doubt();
    let notes = conditions.notes();
    assert!(notes[1].starts_with("1 alarm conditions without an instance"), "{notes:?}");
    assert_eq!(notes[2], "events kept by the server: 10, 1000 asked for");
    assert!(notes[3].starts_with("1 times events may have been lost"), "{notes:?}");
}

#[test]
fn names_that_its_source_has_are_told_of_a_condition_that_was_never_heard() {
    let mut conditions = conditions();
    let heard =
        |name: &str| Heard { source: source(), name: name.to_owned(), time: None, value: 1.0, quality: Quality::GOOD };
    assert_eq!(conditions.strange(&heard("HH")), [(0, "HH".to_owned()), (1, "HH".to_owned())]);
    assert!(conditions.strange(&heard("HH")).is_empty(), "once");
    conditions.heard(&heard("High"));
    assert_eq!(conditions.strange(&heard("High")), [(0, "HH, High".to_owned())]);
    (0..99).for_each(|number| drop(conditions.strange(&heard(&number.to_string()))));
    assert!(conditions.strange(&heard("L")).is_empty(), "there is a limit");
}
