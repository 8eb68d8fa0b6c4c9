//! Versions kept, bounded, damaged.

use super::*;

fn files(text: &str) -> Files {
    Files([("gateway.toml".to_owned(), text.as_bytes().to_vec()), ("plan.png".to_owned(), vec![0xFF, 0])].into())
}

fn about(text: &str) -> About {
    About {
        number: 0,
        version: files(text).version(),
        at: UtcTime(0),
        by: Some("李工".to_owned()),
        reason: None,
        how: How::Page,
        back_to: None,
        changes: vec!["tags: added LI-1".to_owned()],
    }
}

fn keep(shelf: &Shelf, text: &str) -> u64 {
    let part = shelf.prepare(about(text), &files(text)).expect("written");
    shelf.keep(&part).expect("kept");
    part.about.number
}

#[test]
fn a_version_is_there_when_it_is_kept_and_not_before() {
    let data = tempfile::tempdir().expect("a folder");
    let shelf = Shelf::open(data.path());
    assert_eq!(shelf.newest().expect("read"), None);
    assert_eq!(keep(&shelf, "a"), 1);
    let part = shelf.prepare(about("b"), &files("b")).expect("written");
    assert_eq!((part.about.number, shelf.read(2)), (2, Err(Unread::Unknown(2))));
    let shelf = Shelf::open(data.path());
    assert_eq!(names(&data.path().join(FOLDER)).expect("read"), ["000001.tar.zst"]);
    assert_eq!(keep(&shelf, "c"), 2);
    assert_eq!(shelf.read(1), Ok(files("a")));
    assert_eq!(shelf.newest().expect("read"), Some(About { number: 2, ..about("c") }));
    let dropped = shelf.prepare(about("d"), &files("d")).expect("written");
    shelf.drop_part(&dropped);
    assert_eq!(shelf.list().expect("read").len(), 2);
}

#[test]
fn the_oldest_make_room() {
    let data = tempfile::tempdir().expect("a folder");
    let shelf = Shelf::open(data.path());
    for number in 0..limits::VERSIONS_MAX + 3 {
        keep(&shelf, &number.to_string());
    }
    let numbers = shelf.numbers().expect("read");
    assert_eq!((numbers.len(), numbers[0]), (limits::VERSIONS_MAX, 4));
    // One number is never given twice.
    assert_eq!(keep(&shelf, "last"), limits::VERSIONS_MAX as u64 + 4);
}

#[test]
fn what_is_damaged_is_said_and_left_out() {
    let data = tempfile::tempdir().expect("a folder");
    let shelf = Shelf::open(data.path());
    keep(&shelf, "a");
    keep(&shelf, "b");
    keep(&shelf, "c");
    let damage = |number: u64, change: &dyn Fn(Vec<u8>) -> Vec<u8>| {
        let bytes = fs::read(shelf.path(number)).expect("there");
        fs::write(shelf.path(number), change(bytes)).expect("written");
    };
    damage(1, &|bytes| bytes[..bytes.len() / 2].to_vec());
    damage(2, &|_| b"nothing".to_vec());
    assert!(matches!(shelf.read(1), Err(Unread::Broken(_))));
    assert_eq!(shelf.newest().expect("read").map(|about| about.number), Some(3));
    assert!(shelf.list().expect("read").iter().all(|about| about.number != 2));
    // A file under the name of another says what it is not.
    file::write(&shelf.path(4), &about("a"), &files("b")).expect("written");
    let Err(Unread::Broken(words)) = shelf.read(4) else { panic!("it was changed") };
    assert!(words.contains("was changed"), "{words}");
}
