//! Whatever stands in a file of a configuration, reading it ends with a configuration or with errors that name a place.

use davy_config::Files;
use proptest::{collection::vec, prelude::*, sample};
use std::{path::Path, sync::LazyLock};

static TEMPLATE: LazyLock<Files> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/template");
    Files::from_dir(&folder).expect("the template reads")
});

/// What files are made of, and what may break them.
const PIECES: [&str; 16] = [
    ",",
    "\n",
    "\"",
    "=",
    "[[rule.limit]]\n",
    "[",
    "-1",
    "1e999",
    "NaN",
    "0s",
    "9999999h",
    "\u{feff}",
    "高",
    "\0",
    "#",
    "'''",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_read_or_refused(which in any::<sample::Index>(), bytes in vec(any::<u8>(), 0..2_048)) {
        check(which, |_| bytes);
    }

    #[test]
    fn a_file_that_was_tampered_with_is_read_or_refused(
        which in any::<sample::Index>(),
        changes in vec((any::<sample::Index>(), 0_usize..40, sample::select(&PIECES[..])), 1..6),
    ) {
        check(which, |mut bytes| {
            for (at, gone, piece) in changes {
                let at = at.index(bytes.len() + 1);
                let until = (at + gone).min(bytes.len());
                bytes.splice(at..until, piece.bytes());
            }
            bytes
        });
    }
}

fn check(which: sample::Index, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
    let mut files = TEMPLATE.clone();
    let names: Vec<String> = files.0.keys().cloned().collect();
    let file = which.get(&names);
    let bytes = files.0.remove(file).expect("it is there");
    files.0.insert(file.clone(), change(bytes));
    if let Err(errors) = davy_config::read(&files, &|_| Ok("secret".to_owned())) {
        assert!(!errors.0.is_empty());
        for error in &errors.0 {
            assert!(error.line > 0 && error.column > 0 && !error.message.is_empty(), "{error}");
        }
    }
}
