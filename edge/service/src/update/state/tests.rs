use super::*;
use proptest::prelude::*;

const AT: UtcTime = UtcTime(1_795_392_000_000);

fn version(text: &str) -> Version {
    text.parse().expect("a version")
}

fn trial(text: &str) -> Trial {
    let version = version(text);
    Trial { version, by: "王安".to_owned(), asked_at: AT, confirm_within_s: 120, attempts: 0, before: None }
}

fn before() -> Before {
    Before {
        at: AT,
        epoch: 1,
        alarms: vec!["LI-1.H~1.7".to_owned()],
        sources: vec!["dcs".to_owned()],
        outputs: vec!["horn".to_owned()],
    }
}

fn play(state: State, events: impl IntoIterator<Item = Event>) -> Result<State, String> {
    events.into_iter().try_fold(state, next)
}

fn failed() -> Event {
    Event::Failed { at: AT, words: "it ended".to_owned() }
}

fn confirmed() -> Event {
    Event::Confirmed { at: AT, words: "it alarms".to_owned() }
}

#[test]
fn a_release_becomes_active_by_its_confirmation_alone() {
    let first = [Event::Asked(trial("0.2.0")), Event::Ended(before()), Event::Starting, confirmed()];
    let state = play(State::default(), first).expect("in order");
    assert_eq!((state.active, state.previous, &state.trial), (Some(version("0.2.0")), None, &None));
    let second = [Event::Asked(trial("0.3.0")), Event::Starting, failed()];
    let state = play(state, second).expect("in order");
    assert_eq!((state.active, state.previous, &state.trial), (Some(version("0.2.0")), None, &None));
    let third = [Event::Asked(trial("0.4.0")), Event::Starting, confirmed()];
    let state = play(state, third).expect("in order");
    assert_eq!((state.active, state.previous), (Some(version("0.4.0")), Some(version("0.2.0"))));
    let acts: Vec<_> = state.untold.iter().map(|told| told.note.act).collect();
    assert_eq!(acts, [NoteAct::ConfirmUpdate, NoteAct::RollBackUpdate, NoteAct::ConfirmUpdate]);
}

#[test]
fn it_is_started_twice_at_most_and_alarms_from_before_count_once() {
    let state = play(State::default(), [Event::Asked(trial("0.2.0")), Event::Ended(before()), Event::Starting]);
    let state = state.expect("in order");
    assert_eq!(state.trial.as_ref().expect("on trial").before, Some(before()));
    let state = next(state, Event::Starting).expect("a power cut is not the release's fault");
    let left = Before { alarms: Vec::new(), ..before() };
    assert_eq!(state.trial.as_ref().expect("on trial").before, Some(left), "journal and sources still count");
    assert!(next(state, Event::Starting).is_err());
}

#[test]
fn a_release_that_cannot_run_makes_way_for_the_one_before_it() {
    let confirm = |text: &str| [Event::Asked(trial(text)), Event::Starting, confirmed()];
    let state = play(State::default(), [confirm("0.2.0"), confirm("0.3.0")].concat()).expect("in order");
    let state = play(state, [Event::Begins, Event::Begins]).expect("it is counted");
    assert_eq!(state.starts, 2);
    assert_eq!(next(state.clone(), Event::Runs).expect("it is").starts, 0);
    let dropped = || Event::Dropped { at: AT, words: "it was started 8 times".to_owned() };
    let state = next(state, dropped()).expect("another is there");
    assert_eq!((state.active, state.previous, state.starts), (Some(version("0.2.0")), None, 0));
    let told = state.untold.last().expect("it is told");
    assert_eq!((told.note.act, told.note.after.as_deref()), (NoteAct::RollBackUpdate, Some("0.2.0")));
    let state = next(state, dropped()).expect("the package is there");
    assert_eq!(state.active, None);
    assert!(next(state, dropped()).is_err());
}

#[test]
fn what_makes_no_sense_is_refused() {
    for event in [Event::Ended(before()), Event::Starting, confirmed(), failed()] {
        assert!(next(State::default(), event).is_err());
    }
    assert!(play(State::default(), [Event::Asked(trial("0.2.0")), Event::Asked(trial("0.3.0"))]).is_err());
}

#[test]
fn the_file_is_changed_as_a_whole_or_not_at_all() {
    let data = tempfile::tempdir().expect("a folder");
    let shelf = Shelf::of(data.path());
    assert_eq!(shelf.read().expect("nothing is fine"), State::default());
    let state = shelf.happen(Event::Asked(trial("0.2.0"))).expect("it can");
    assert_eq!(shelf.read().expect("it is there"), state);
    assert!(shelf.happen(Event::Asked(trial("0.3.0"))).is_err());
    assert_eq!(shelf.read().expect("it is there"), state);
    for foreign in ["{", "{\"format\":2,\"active\":null,\"previous\":null,\"trial\":null,\"last\":null,\"untold\":[]}"]
    {
        fs::write(shelf.path().join(FILE), foreign).expect("a file");
        assert!(shelf.read().is_err(), "{foreign}");
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (1_u32..9).prop_map(|minor| Event::Asked(trial(&format!("0.{minor}.0")))),
        Just(Event::Ended(before())),
        Just(Event::Starting),
        Just(Event::Begins),
        Just(Event::Dropped { at: AT, words: "it cannot run".to_owned() }),
        Just(confirmed()),
        Just(failed()),
    ]
}

proptest! {
    /// Whatever happens in whatever order: only what was on trial becomes active, and no trial is started more often than it may.
    #[test]
    fn nothing_unconfirmed_is_ever_active(events in proptest::collection::vec(any_event(), 0..60)) {
        let mut state = State::default();
        for event in events {
            let Ok(after) = next(state.clone(), event.clone()) else { continue };
            if after.active != state.active && matches!(event, Event::Dropped { .. }) {
                prop_assert_eq!(after.active, state.previous);
            } else if after.active != state.active {
                prop_assert_eq!(event, confirmed());
                prop_assert_eq!(after.active, state.trial.map(|trial| trial.version));
            }
            prop_assert!(after.trial.as_ref().is_none_or(|trial| trial.attempts <= limits::UPDATE_ATTEMPTS_MAX));
            prop_assert!(after.untold.len() <= limits::UPDATE_UNTOLD_MAX);
            state = after;
        }
    }
}
