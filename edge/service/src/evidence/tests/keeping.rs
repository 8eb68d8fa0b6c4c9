//! The keeper: when it keeps, that it keeps once, after a death as well, and what it does when the disk does not take it.

use super::{
    super::{folder, keeper::Shelf, seal},
    stage::{CLOSED, Stage, second},
};
use std::fs;

#[test]
fn a_closed_warning_is_kept_once() {
    let mut stage = Stage::played();
    let mut shelf = Shelf::default();
    assert_eq!(shelf.work(stage.data(), second(CLOSED + 69)), None, "what comes after is not on the disk yet");
    let kept = shelf.work(stage.data(), second(CLOSED + 70)).unwrap();
    let text = fs::read_to_string(folder::path(stage.data(), &stage.warning)).unwrap();
    assert_eq!(seal::check(&text), Ok(kept.sha256.clone()));
    assert_eq!((kept.warning.as_str(), kept.bytes), (stage.warning.as_str(), text.len() as u64));
    assert_eq!(shelf.work(stage.data(), second(1_600)), None);

    // Died before the loop was told: kept again. Died after: not again.
    assert!(Shelf::default().work(stage.data(), second(1_600)).is_some());
    stage.told_of(kept);
    assert_eq!(Shelf::default().work(stage.data(), second(1_700)), None);
}

#[test]
fn an_open_warning_is_not_kept() {
    let mut stage = Stage::new();
    stage.until_the_leak();
    stage.settle();
    assert_eq!(Shelf::default().work(stage.data(), second(9_000)), None);
}

#[test]
fn a_death_of_days_loses_nothing() {
    let mut stage = Stage::played();
    let days_later = second(CLOSED + 20 * 86_400);
    assert!(Shelf::default().work(stage.data(), days_later).is_some());
    stage.keep(days_later);
    assert_eq!(Shelf::default().work(stage.data(), days_later), None, "back to the one that was kept");
    stage.repeat_as("RE-0102~8.8");
    assert_eq!(Shelf::default().work(stage.data(), days_later).unwrap().warning.as_str(), "RE-0102~8.8");
}

#[test]
fn one_at_a_look_and_what_closes_later_is_seen() {
    let mut stage = Stage::played();
    stage.repeat_as("RE-0102~8.8");
    let mut shelf = Shelf::default();
    let mut look = |stage: &Stage| {
        shelf.work(stage.data(), second(1_600)).map_or_else(String::new, |kept| kept.warning.to_string())
    };
    assert_eq!([look(&stage), look(&stage), look(&stage)], [stage.warning.as_str(), "RE-0102~8.8", ""]);
    stage.repeat_as("RE-0102~8.9");
    assert_eq!([look(&stage), look(&stage)], ["RE-0102~8.9", ""]);
}

#[test]
fn a_disk_that_does_not_take_it_is_asked_again_after_ever_longer() {
    let stage = Stage::played();
    let in_the_way = stage.data().join("evidence");
    fs::write(&in_the_way, "a file where the folder should be").unwrap();
    let mut shelf = Shelf::default();
    assert_eq!(shelf.work(stage.data(), second(1_500)), None);
    assert_eq!(shelf.work(stage.data(), second(1_560)), None);
    fs::remove_file(&in_the_way).unwrap();
    assert_eq!(shelf.work(stage.data(), second(1_679)), None, "two minutes after the second time");
    assert!(shelf.work(stage.data(), second(1_680)).is_some());
}

#[test]
fn one_that_fails_holds_no_other_up() {
    let mut stage = Stage::played();
    stage.repeat_as("RE-0102~8.8");
    fs::create_dir_all(folder::path(stage.data(), &stage.warning)).unwrap();
    let mut shelf = Shelf::default();
    assert_eq!(shelf.work(stage.data(), second(1_500)), None);
    assert_eq!(shelf.work(stage.data(), second(1_560)).unwrap().warning.as_str(), "RE-0102~8.8");
    fs::remove_dir(folder::path(stage.data(), &stage.warning)).unwrap();
    assert_eq!(shelf.work(stage.data(), second(1_565)).unwrap().warning.as_str(), stage.warning);
}

#[test]
fn a_clock_that_was_set_back_holds_nothing_up() {
    let stage = Stage::played();
    let mut shelf = Shelf::default();
    assert_eq!(shelf.work(stage.data(), second(CLOSED + 3)), None);
    assert_eq!(shelf.work(stage.data(), second(CLOSED - 30)), None, "a little back: what comes after is still to come");
    assert!(shelf.work(stage.data(), second(-7_200)).is_some());
}
