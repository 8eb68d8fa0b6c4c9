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
    assert_eq!(shelf.work(stage.data(), second(CLOSED + 69)), [], "what comes after is not on the disk yet");
    let kept = shelf.work(stage.data(), second(CLOSED + 70));
    assert_eq!(kept.len(), 1);
    let text = fs::read_to_string(folder::path(stage.data(), &stage.warning)).unwrap();
    assert_eq!(seal::check(&text), Ok(kept[0].sha256.clone()));
    assert_eq!((kept[0].warning.as_str(), kept[0].bytes), (stage.warning.as_str(), text.len() as u64));
    assert_eq!(shelf.work(stage.data(), second(1_600)), []);

    // Died before the loop was told: kept again. Died after: not again.
    assert_eq!(Shelf::default().work(stage.data(), second(1_600)).len(), 1);
    stage.told_of(kept[0].clone());
    assert_eq!(Shelf::default().work(stage.data(), second(1_700)), []);
    let days_later = second(CLOSED + 2 * 86_400);
    assert_eq!(Shelf::default().work(Stage::played().data(), days_later), [], "too long ago");
}

#[test]
fn an_open_warning_is_not_kept() {
    let mut stage = Stage::new();
    stage.until_the_leak();
    stage.settle();
    assert_eq!(Shelf::default().work(stage.data(), second(9_000)), []);
}

#[test]
fn a_disk_that_does_not_take_it_is_asked_again() {
    let stage = Stage::played();
    let in_the_way = stage.data().join("evidence");
    fs::write(&in_the_way, "a file where the folder should be").unwrap();
    let mut shelf = Shelf::default();
    assert_eq!(shelf.work(stage.data(), second(1_500)), []);
    fs::remove_file(&in_the_way).unwrap();
    assert_eq!(shelf.work(stage.data(), second(1_530)), [], "not at once");
    assert_eq!(shelf.work(stage.data(), second(1_560)).len(), 1);
}

#[test]
fn a_clock_that_was_set_back_holds_nothing_up() {
    let stage = Stage::played();
    let mut shelf = Shelf::default();
    assert_eq!(shelf.work(stage.data(), second(1_410)), []);
    assert_eq!(shelf.work(stage.data(), second(-7_200)).len(), 1);
}
