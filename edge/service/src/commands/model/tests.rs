//! Models that are put in force, refused, and put back, in the configuration folder of the demonstration.

use super::*;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/demo");
    for (name, bytes) in Files::from_dir(&demo).expect("the demonstration").0 {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }
    fs::write(folder.path().join("risk/README.md"), "notes").expect("written");
    folder
}

fn version(folder: &Path) -> String {
    davy_config::read_dir(folder).expect("good").configuration.site.gateway.config_version.to_string()
}

fn model(folder: &Path) -> RiskModelAsk {
    let files = Files::from_dir(folder).expect("read").0.into_iter();
    let risk = files.filter_map(|(name, bytes)| {
        Some((name.strip_prefix(RISK)?.to_owned(), String::from_utf8(bytes).expect("text")))
    });
    RiskModelAsk { files: risk.collect() }
}

/// A unit that nothing refers to.
fn with_a_unit(folder: &Path) -> RiskModelAsk {
    let mut model = model(folder);
    let units = model.files.get_mut("units.csv").expect("units");
    let last = units.trim_end().lines().last().expect("a row").to_owned();
    let id = last.split(',').next().expect("an id").to_owned();
    units.push_str(&format!("{}\n", last.replacen(&id, "U-NEW", 1)));
    model
}

#[test]
fn a_model_takes_the_place_of_the_other_and_that_is_kept() {
    let folder = folder();
    let before = Files::from_dir(folder.path()).expect("read");
    let then = davy_config::read_dir(folder.path()).expect("good").configuration.site;
    let proposal = propose(folder.path(), &version(folder.path()), with_a_unit(folder.path())).expect("good");
    assert!(!proposal.is_there());
    let changes = difference(&then, &proposal.site);
    assert!(changes.contains(&"units: added U-NEW".to_owned()), "{changes:?}");
    let kept = put(folder.path(), &proposal, UtcTime(0)).expect("put");
    assert_eq!(Files::from_dir(folder.path()).expect("read"), proposal.proposed);
    let names = fs::read_dir(folder.path()).expect("read").map(|entry| entry.expect("an entry").file_name());
    let names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    assert!(names.contains(&"risk.19700101T000000.000Z.bak".to_owned()), "{names:?}");
    assert!(!names.contains(&".risk.part".to_owned()) && folder.path().join("risk/README.md").exists());
    let again = propose(folder.path(), &version(folder.path()), model(folder.path())).expect("good");
    assert!(again.is_there(), "the same again changes nothing");
    put_back(&kept).expect("put back");
    assert_eq!(Files::from_dir(folder.path()).expect("read"), before);
}

#[test]
fn what_is_wrong_is_told_as_a_whole() {
    let folder = folder();
    let mut bad = model(folder.path());
    bad.files.get_mut("units.csv").expect("units").push_str("U-BAD,,,,\nU-BAD,,,,\n");
    bad.files.insert("../gateway.toml".to_owned(), String::new());
    let told = propose(folder.path(), &version(folder.path()), bad).expect_err("bad");
    assert_eq!(told.outcome, CommandOutcome::Invalid);
    let of = |file: &str| told.details.iter().filter(|line| line.starts_with(file)).count();
    assert!(of("risk/units.csv:") >= 2 && of("risk/../gateway.toml:") == 1, "{told:?}");
}

#[test]
fn a_folder_that_somebody_edits_is_left_alone() {
    let folder = folder();
    let in_force = version(folder.path());
    let proposal = propose(folder.path(), &in_force, with_a_unit(folder.path())).expect("good");
    fs::write(folder.path().join("zones.csv"), "zone,name\n").expect("written");
    let refused = put(folder.path(), &proposal, UtcTime(0)).expect_err("it was changed");
    assert!(refused.to_string().contains("in the meantime") && !folder.path().join(".risk.part").exists());
    let told = propose(folder.path(), &in_force, with_a_unit(folder.path())).expect_err("not in force");
    assert!(told.refused.expect("why").contains("not in force"));
}
