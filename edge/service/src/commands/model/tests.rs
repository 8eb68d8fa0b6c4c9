//! Models that may be put in force, and those that are refused, in the configuration folder of the demonstration.

use super::*;
use crate::versions::About;
use davy_core::time::UtcTime;
use std::fs;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/demo");
    for (name, bytes) in Files::from_dir(&demo).expect("the demonstration").0 {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }
    folder
}

fn in_force(folder: &Path) -> InForce {
    let checked = davy_config::read_dir(folder).expect("good");
    let version = checked.configuration.site.gateway.config_version.to_string();
    let (how, changes) = (How::Start, Vec::new());
    let about = About { number: 1, version, at: UtcTime(0), by: None, reason: None, how, back_to: None, changes };
    InForce::of(&checked, about, Some(1))
}

fn model(folder: &Path) -> RiskModelAsk {
    let files = Files::from_dir(folder).expect("read").0.into_iter();
    let risk = files.filter_map(|(name, bytes)| {
        Some((name.strip_prefix(RISK)?.to_owned(), String::from_utf8(bytes).expect("text")))
    });
    RiskModelAsk { files: risk.collect() }
}

/// A unit that nothing refers to, before all others, so that every place moves.
fn with_a_unit(folder: &Path) -> RiskModelAsk {
    let mut model = model(folder);
    let units = model.files.get_mut("units.csv").expect("units");
    let last = units.trim_end().lines().last().expect("a row").to_owned();
    let id = last.split(',').next().expect("an id").to_owned();
    *units = units.replacen('\n', &format!("\n{}\n", last.replacen(&id, "U-NEW", 1)), 1);
    model
}

fn propose_it(folder: &Path, model: RiskModelAsk) -> Result<Option<Prepared>, Told> {
    propose(folder, &in_force(folder), "张三".to_owned(), model)
}

#[test]
fn a_model_is_told_by_what_it_changes_and_by_nothing_else() {
    let folder = folder();
    let prepared = propose_it(folder.path(), with_a_unit(folder.path())).expect("good").expect("another one");
    assert_eq!(prepared.about.changes, ["units: added U-NEW"]);
    assert_eq!((prepared.about.by.as_deref(), prepared.about.how), (Some("张三"), How::Platform));
    assert_eq!(prepared.about.version, prepared.checked.configuration.files.version());
    let again = propose_it(folder.path(), model(folder.path())).expect("good");
    assert!(again.is_none(), "the same again changes nothing");
}

#[test]
fn what_is_wrong_is_told_as_a_whole() {
    let folder = folder();
    let mut bad = model(folder.path());
    bad.files.get_mut("units.csv").expect("units").push_str("U-BAD,,,,\nU-BAD,,,,\n");
    bad.files.insert("../gateway.toml".to_owned(), String::new());
    let told = propose_it(folder.path(), bad).map(|_| ()).expect_err("bad");
    assert_eq!(told.outcome, CommandOutcome::Invalid);
    let of = |file: &str| told.details.iter().filter(|line| line.starts_with(file)).count();
    assert!(of("risk/units.csv:") >= 2 && of("risk/../gateway.toml:") == 1, "{told:?}");
}

#[test]
fn a_folder_that_somebody_edits_is_left_alone() {
    let folder = folder();
    let then = in_force(folder.path());
    let model = with_a_unit(folder.path());
    fs::write(folder.path().join("zones.csv"), "zone,name\n").expect("written");
    let told = propose(folder.path(), &then, "张三".to_owned(), model).map(|_| ()).expect_err("not in force");
    assert!(told.refused.expect("why").contains("not in force"));
}
