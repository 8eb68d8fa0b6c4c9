//! A large plant is read in reasonable time: the figures are printed, and only that it is read is asserted.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a good folder is part of the test, and figures are printed"
)]

use davy_config::Files;
use std::{fmt::Write as _, path::Path, time::Instant};

const TAGS: usize = 10_000;

fn site() -> Files {
    Files::from_dir(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/site"))).unwrap()
}

/// A good folder with many tags; `source` is where they are read.
fn with_tags(source: &str) -> Files {
    let mut files = site();
    let mut rows = String::new();
    for number in 1..=TAGS {
        writeln!(
            rows,
            "TI-{number},温度{number},{source},ns=2;s=TI-{number},,,℃,0,100,M-1101-2,,,40,50,1,0s,0s,high,,,现场确认"
        )
        .unwrap();
    }
    files.0.get_mut("tags.csv").unwrap().extend(rows.replace("TI-1101,温度", "TI-0,温度").bytes());
    files
}

fn time<T>(what: &str, act: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let result = act();
    println!("{what}: {} ms", began.elapsed().as_millis());
    result
}

#[test]
fn ten_thousand_tags() {
    let files = with_tags("dcs");
    let checked = time("10,000 good tags", || davy_config::read(&files, &|_| Err("none".to_owned()))).unwrap();
    let small = davy_config::read(&site(), &|_| Err("none".to_owned())).unwrap().configuration.site;
    let large = checked.configuration.site;
    assert_eq!(large.tags.len(), small.tags.len() + TAGS);
    assert_eq!(large.rules.len(), small.rules.len() + TAGS * 4, "high, high-high, bad and uncertain quality of each");
}

#[test]
fn ten_thousand_mistakes() {
    let files = with_tags("dsc");
    let errors = time("10,000 wrong tags", || davy_config::read(&files, &|_| Err("none".to_owned()))).unwrap_err();
    assert_eq!(errors.0.len(), TAGS);
    assert!(errors.0[0].message.ends_with("did you mean dcs?"), "{}", errors.0[0]);
}
