//! What people decide about a suspected hazard, and what they cannot.

use super::{
    suspicions::{hazards, suspicious},
    *,
};
use crate::{
    event::{DangerLevel, ManageType, Rectification, Verdict},
    record::HazardState,
};

fn suspected() -> Bench {
    let mut bench = Bench::of(suspicious());
    bench.link(Link::Up).at(1).value(TANK, 90.0);
    bench
}

fn review(bench: &mut Bench, verdict: Verdict, rectification: &Rectification) -> String {
    let rectification = rectification.clone();
    bench.answer(CommandKind::ReviewHazard {
        hazard: "guard~1.4".into(),
        verdict,
        note: "seen".to_owned(),
        rectification,
    })
}

/// Within the hour, by somebody.
fn by_deadline() -> Rectification {
    Rectification {
        danger_level: Some(DangerLevel::General),
        manage_type: Some(ManageType::ByDeadline),
        liable_person: Some("zhao".to_owned()),
        deadline: Some(UtcTime(1_795_392_000_000 + 3_600_000)),
    }
}

#[test]
fn a_confirmed_hazard_says_who_rectifies_it_until_when_and_still_does_when_it_is_closed() {
    let mut bench = suspected();
    let before = hazards(&bench).remove(0);
    bench.at(60);
    assert_eq!(review(&mut bench, Verdict::Confirmed, &by_deadline()), "done");
    let confirmed = hazards(&bench).remove(0);
    let mut expected = crate::record::HazardRecord {
        state: HazardState::Confirmed,
        reviewed_at: Some(bench.now.utc),
        reviewed_by: Some("op".to_owned()),
        verdict: Some(Verdict::Confirmed),
        note: "seen".to_owned(),
        danger_level: by_deadline().danger_level,
        manage_type: by_deadline().manage_type,
        liable_person: by_deadline().liable_person,
        deadline: by_deadline().deadline,
        ..before
    };
    assert_eq!(confirmed, expected);
    assert_eq!(hazards(bench.restart()), [expected.clone()], "it is written down");

    bench.at(120);
    assert_eq!(review(&mut bench, Verdict::Closed, &Rectification::default()), "done");
    (expected.state, expected.verdict) = (HazardState::Closed, Some(Verdict::Closed));
    expected.reviewed_at = Some(bench.now.utc);
    assert_eq!(last(&bench), expected);
    assert_eq!(hazards(&bench), []);
    assert_eq!(hazards(bench.restart()), []);
}

fn last(bench: &Bench) -> crate::record::HazardRecord {
    let hazard = |record: &Record| if let Record::Hazard(hazard) = record { Some(hazard.clone()) } else { None };
    bench.journal.iter().rev().find_map(hazard).unwrap()
}

/// Suspected: confirm or reject. Confirmed: close. Over: nothing. A new failure is a new suspicion.
#[test]
fn what_can_be_decided_depends_on_what_was_decided_before() {
    use Verdict::{Closed, Confirmed, Rejected};
    let not_yet = "hazard guard~1.4 is only suspected: confirm or reject it first";
    let already = "hazard guard~1.4 is confirmed already; it can only be closed";
    let gone = "hazard guard~1.4 is not open";
    for rows in [
        vec![(Closed, not_yet), (Rejected, "done"), (Confirmed, gone)],
        vec![(Confirmed, "done"), (Confirmed, already), (Rejected, already), (Closed, "done"), (Closed, gone)],
    ] {
        let mut bench = suspected();
        for (verdict, expected) in rows {
            assert_eq!(review(&mut bench, verdict, &Rectification::default()), expected, "{verdict:?}");
        }
        bench.value(TANK, 50.0).acknowledge_all().value(TANK, 90.0);
        let again = hazards(&bench).remove(0);
        assert_eq!((again.id.as_str() == "guard~1.4", again.state), (false, HazardState::Suspected));
    }
}

/// Of two that are open the one that is meant.
#[test]
fn a_decision_is_about_one_hazard() {
    let mut site = suspicious();
    let second = site.rules.iter_mut().find(|rule| rule.id.as_str() == "tank.HH").unwrap();
    second.measure = Some(MeasureIx(0));
    let mut bench = Bench::of(site);
    bench.link(Link::Up).at(1).value(TANK, 90.0).value(TANK, 97.0);
    let second = hazards(&bench).remove(1).id;
    let (note, rectification) = ("seen".to_owned(), Rectification::default());
    bench.ask(CommandKind::ReviewHazard { hazard: second, verdict: Verdict::Confirmed, note, rectification });
    let states: Vec<HazardState> = hazards(&bench).iter().map(|hazard| hazard.state).collect();
    assert_eq!(states, [HazardState::Suspected, HazardState::Confirmed]);
}

#[test]
fn how_it_is_rectified_goes_with_a_confirmation_and_is_whole() {
    let none = Rectification::default;
    let suspected_at = UtcTime(1_795_392_001_000);
    let incomplete = "rectification by a deadline needs a liable person and the deadline";
    let with_confirmation = "level, manage type, liable person and deadline go with a confirmation";
    for (verdict, rectification, expected) in [
        (Verdict::Rejected, none(), "done"),
        (Verdict::Rejected, Rectification { danger_level: Some(DangerLevel::Major), ..none() }, with_confirmation),
        (Verdict::Rejected, by_deadline(), with_confirmation),
        (Verdict::Confirmed, Rectification { danger_level: Some(DangerLevel::Major), ..none() }, "done"),
        (Verdict::Confirmed, Rectification { manage_type: Some(ManageType::AtOnce), ..none() }, "done"),
        (Verdict::Confirmed, Rectification { manage_type: Some(ManageType::ByDeadline), ..none() }, incomplete),
        (Verdict::Confirmed, Rectification { liable_person: None, ..by_deadline() }, incomplete),
        (Verdict::Confirmed, Rectification { deadline: None, ..by_deadline() }, incomplete),
        (
            Verdict::Confirmed,
            Rectification { liable_person: Some(" ".to_owned()), ..by_deadline() },
            "the liable person is empty: write one",
        ),
        (Verdict::Confirmed, Rectification { deadline: Some(suspected_at), ..by_deadline() }, "done"),
        (
            Verdict::Confirmed,
            Rectification { deadline: Some(UtcTime(suspected_at.0 - 1)), ..by_deadline() },
            "the deadline is before the hazard was suspected: correct it",
        ),
    ] {
        let mut bench = suspected();
        assert_eq!(review(&mut bench, verdict, &rectification), expected, "{verdict:?} {rectification:?}");
        let state = hazards(&bench).first().map(|hazard| hazard.state);
        let untouched = state == Some(HazardState::Suspected);
        assert_eq!(untouched, expected != "done", "{verdict:?} {rectification:?}");
    }
}
