use super::*;
use davy_core::id::ZoneIx;

const RECEIVED: UtcTime = UtcTime(1_795_392_000_000);

/// A position of one person: zone, SOS, and the source's time in ms after [`RECEIVED`].
fn at(zone: u32, sos: bool, ms: Option<i64>) -> Location {
    Location {
        person: PersonIx(0),
        zone: Some(ZoneIx(zone)),
        position: None,
        sos,
        battery_percent: None,
        source_time: ms.map(|ms| UtcTime(RECEIVED.0 + ms)),
        received_time: RECEIVED,
    }
}

/// Where the person is told to be after each position; `None` when it is not told.
fn told(positions: &[(Location, bool)]) -> Vec<Option<(u32, bool)>> {
    let mut order = Order::default();
    let tell = |(location, repeated): &(Location, bool)| order.place(*location, true, *repeated).ok();
    let told = positions.iter().map(tell);
    told.map(|told| told.map(|told| (told.zone.unwrap().0, told.sos))).collect()
}

#[test]
fn a_position_that_is_older_than_the_last_one_is_not_told() {
    let fresh = |zone, ms| (at(zone, false, ms), false);
    let much = -CLOCK_BACK_MAX_MS - 1;
    for (second, third, expected) in [
        (fresh(2, Some(1)), fresh(3, Some(2)), [Some(2), Some(3)]),
        (fresh(2, Some(0)), fresh(3, Some(-1)), [Some(2), None]),
        (fresh(2, Some(-CLOCK_BACK_MAX_MS)), fresh(3, None), [None, Some(3)]),
        (fresh(2, Some(much)), fresh(3, Some(much + 5)), [Some(2), Some(3)]),
        // A clock without a battery, and one that is far ahead, say nothing of the order.
        (fresh(2, Some(-RECEIVED.0)), fresh(3, Some(-1)), [Some(2), None]),
        (fresh(2, Some(SOURCE_TIME_AHEAD_MAX_MS + 1)), fresh(3, Some(1)), [Some(2), Some(3)]),
    ] {
        let told = told(&[fresh(1, Some(0)), second, third]);
        let zones: Vec<Option<u32>> = told.iter().skip(1).map(|told| told.map(|(zone, _)| zone)).collect();
        assert_eq!(zones, expected, "{second:?} {third:?}");
    }
}

#[test]
fn a_pressed_button_is_told_however_late_and_moves_nobody() {
    let positions = [
        (at(1, false, Some(0)), false),
        (at(2, true, Some(-5)), false),
        (at(3, true, Some(0)), true),
        (at(4, false, Some(0)), true),
        (at(5, false, Some(0)), true),
        (at(6, false, Some(-1)), false),
        (at(7, true, Some(1)), false),
        (at(8, false, Some(0)), false),
    ];
    let (moved, call, ended) = (Some((1, false)), Some((1, true)), Some((1, false)));
    assert_eq!(
        told(&positions),
        [moved, call, call, ended, None, None, Some((7, true)), None],
        "and a late end ends no new call"
    );
}

#[test]
fn each_person_has_an_order_of_their_own() {
    let mut order = Order::default();
    assert!(order.place(at(1, false, Some(0)), true, false).is_ok());
    let other = Location { person: PersonIx(1), ..at(1, false, Some(-5)) };
    assert!(order.place(other, true, false).is_ok());
    assert_eq!(order.place(at(1, false, Some(-5)), true, false), Err(Late::Older(5)));
}

#[test]
fn only_what_the_broker_marks_and_came_before_is_repeated() {
    let mut order = Order::default();
    assert!(!order.is_repeated("a", b"1", true), "marked, and the first to arrive");
    assert!(order.is_repeated("a", b"1", true));
    assert!(!order.is_repeated("a", b"1", false), "a beacon says again that it is there");
    assert!(!order.is_repeated("b", b"1", true));
    for number in 0..MESSAGES_REMEMBERED_MAX {
        order.is_repeated("c", &number.to_be_bytes(), false);
    }
    assert_eq!(order.messages.len(), MESSAGES_REMEMBERED_MAX);
    assert!(!order.is_repeated("b", b"1", true), "forgotten");
}

#[test]
fn a_sight_is_told_once_and_in_order() {
    let sight = |algorithm: &str, confidence, ms: Option<i64>| VideoSight {
        camera: CameraIx(0),
        algorithm: algorithm.to_owned(),
        confidence,
        picture: None,
        source_time: ms.map(|ms| UtcTime(RECEIVED.0 + ms)),
        received_time: RECEIVED,
    };
    let mut order = Order::default();
    for (sight, repeated, expected) in [
        (sight("fire", 0.9, Some(0)), false, Ok(())),
        (sight("fire", 0.9, Some(0)), false, Err(Late::Again)),
        (sight("fire", 0.8, Some(0)), false, Ok(())),
        (sight("fire", 0.9, Some(-7)), false, Err(Late::Older(7))),
        (sight("no-helmet", 0.9, Some(-7)), false, Ok(())),
        (sight("fire", 0.9, Some(5)), true, Err(Late::Again)),
        (sight("fire", 0.9, None), false, Ok(())),
        (sight("fire", 0.9, None), false, Ok(())),
        (sight("fire", 0.9, Some(-CLOCK_BACK_MAX_MS - 1)), false, Ok(())),
    ] {
        assert_eq!(order.sight(&sight, repeated), expected, "{sight:?}");
    }
    for number in 0..=SIGHTS_REMEMBERED_MAX {
        order.sight(&sight(&number.to_string(), 0.5, Some(0)), false).unwrap();
        assert!(order.sights.len() <= SIGHTS_REMEMBERED_MAX);
    }
}
