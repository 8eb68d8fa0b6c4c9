//! Whatever stands in the files, a reading ends with a configuration or with errors, and never with a panic.

#![expect(clippy::unwrap_used, reason = "a good folder is part of the test")]

use davy_config::{Errors, Files, Finding};
use proptest::{collection::vec, prelude::*, sample};
use std::{path::Path, sync::LazyLock};

const CASES: u32 = 256;

static SITE: LazyLock<Files> =
    LazyLock::new(|| Files::from_dir(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/site"))).unwrap());

/// Pieces that mean something to a reader.
const PIECES: [&str; 20] = [
    ",",
    "\"",
    "\n",
    "\r",
    "=",
    "[[",
    "]]",
    "#",
    "'''",
    "0",
    "-1e308",
    "nan",
    "9999999999999999999",
    "位号",
    "\u{0}",
    "{",
    "/",
    "~",
    "EV-1101",
    ";",
];

fn read(files: &Files) -> Result<(), Errors> {
    let checked = davy_config::read(files, &|_| Err("there are no secrets here".to_owned()))?;
    let site = &checked.configuration.site;
    assert_eq!(site.sources.len(), checked.configuration.sources.len());
    assert!(site.tags.iter().all(|tag| tag.source.at() < site.sources.len()));
    assert!(site.events.iter().all(|event| event.unit.at() < site.units.len()));
    assert!(site.measures.iter().all(|measure| measure.event.at() < site.events.len()));
    Ok(())
}

fn check(files: &Files) {
    if let Err(Errors(findings)) = read(files) {
        assert!(!findings.is_empty());
        assert!(findings.is_sorted() && findings.iter().all(is_placed), "{findings:?}");
    }
}

fn is_placed(finding: &Finding) -> bool {
    finding.line > 0 && finding.column > 0 && !finding.message.is_empty()
}

fn name() -> impl Strategy<Value = String> {
    sample::select(SITE.0.keys().cloned().collect::<Vec<_>>())
}

/// Where, as a part of the file's length; how much goes; what comes instead.
fn edit() -> impl Strategy<Value = (String, f64, usize, Vec<u8>)> {
    let piece = prop_oneof![
        sample::select(PIECES.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()),
        vec(any::<u8>(), 0..4)
    ];
    (name(), 0.0..1.0, 0..40_usize, piece)
}

fn apply(files: &mut Files, (name, at, gone, piece): (String, f64, usize, Vec<u8>)) {
    let bytes = files.0.get_mut(&name).unwrap();
    let at = (bytes.len() as f64 * at) as usize;
    let end = (at + gone).min(bytes.len());
    bytes.splice(at..end, piece);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_in_a_file(name in name(), bytes in vec(any::<u8>(), 0..300)) {
        let mut files = SITE.clone();
        files.0.insert(name, bytes);
        check(&files);
    }

    #[test]
    fn any_slips_in_a_good_folder(edits in vec(edit(), 1..6)) {
        let mut files = SITE.clone();
        edits.into_iter().for_each(|edit| apply(&mut files, edit));
        check(&files);
    }

    #[test]
    fn any_rows_of_the_point_table(cells in vec(vec("[-0-9.a-zA-Z/;=\u{4f4d}\"\n ]{0,8}", 21), 0..5)) {
        let mut files = SITE.clone();
        let rows: String = cells.iter().map(|cells| cells.join(",") + "\n").collect();
        files.0.get_mut("tags.csv").unwrap().extend(rows.bytes());
        check(&files);
    }
}

#[test]
fn every_folder_with_files_missing() {
    let names: Vec<&String> = SITE.0.keys().collect();
    for chosen in 0..1_usize << names.len() {
        let kept = names.iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1);
        check(&Files(kept.map(|(_, name)| ((*name).clone(), SITE.0[*name].clone())).collect()));
    }
}
