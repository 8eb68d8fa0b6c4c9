//! A folder that is changed as a whole, cut short after every step.

use super::*;
use davy_api::How;
use davy_core::time::UtcTime;

fn files(all: &[(&str, &str)]) -> Files {
    Files(all.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect())
}

fn old() -> Files {
    files(&[("gateway.toml", "old"), ("tags.csv", "old"), ("zones.csv", "stays"), ("people.csv", "goes")])
}

/// With a folder that was not there.
fn new() -> Files {
    files(&[
        ("gateway.toml", "new"),
        ("tags.csv", "new"),
        ("zones.csv", "stays"),
        ("risk/units.csv", "comes"),
        ("plan.png", "picture"),
    ])
}

fn made() -> Made {
    let about = About {
        number: 7,
        version: new().version(),
        at: UtcTime(0),
        by: Some("李工".to_owned()),
        reason: Some("扩容".to_owned()),
        how: How::Page,
        back_to: None,
        changes: Vec::new(),
    };
    Made { about, before: old().version(), takes_back: false }
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in old().0 {
        fs::write(folder.path().join(name), bytes).expect("written");
    }
    fs::write(folder.path().join("README"), "notes").expect("written");
    folder
}

fn read(folder: &Path) -> Files {
    Files::from_dir(folder).expect("readable")
}

#[test]
fn at_every_moment_the_next_start_finds_the_old_one_or_the_new_one_whole() {
    let all = steps(folder().path(), &old(), &new(), &made()).expect("steps").len();
    let mut seen = Vec::new();
    for cut in 0..=all {
        let folder = folder();
        let steps = steps(folder.path(), &old(), &new(), &made()).expect("steps");
        steps.iter().take(cut).for_each(|step| step.run(folder.path()).expect("done"));
        let told = finish(folder.path()).expect("finished");
        let is_new = read(folder.path()) == new();
        assert!(is_new || read(folder.path()) == old(), "after {cut} steps: {:?}", read(folder.path()));
        assert_eq!(told, is_new.then(made), "after {cut} steps it is told");
        // A start that is cut short as well changes nothing of that, until it is on record.
        assert_eq!(finish(folder.path()).expect("finished"), told);
        forget(folder.path()).expect("forgotten");
        assert_eq!(finish(folder.path()).expect("finished"), None);
        assert_eq!(fs::read(folder.path().join("README")).expect("there"), b"notes");
        assert!(!folder.path().join(CHANGE).exists() && !folder.path().join(PART).exists());
        seen.push(is_new);
    }
    // Begin, five contents and the manifest are written before it is made.
    assert_eq!(seen.iter().position(|new| *new), Some(7), "{seen:?}");
    assert!(seen[7..].iter().all(|new| *new), "{seen:?}");
}

#[test]
fn a_folder_that_somebody_edits_is_left_alone() {
    let folder = folder();
    fs::write(folder.path().join("zones.csv"), "edited").expect("written");
    let refused = put(folder.path(), &old(), &new(), &made()).expect_err("edited");
    assert!(refused.to_string().contains("in the meantime"), "{refused}");
    assert_eq!(fs::read(folder.path().join("tags.csv")).expect("there"), b"old");
    assert_eq!(finish(folder.path()).expect("finished"), None);
}

#[test]
fn a_link_stays_a_link_and_rights_stay_what_they_are() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = folder();
    let real = folder.path().join("versioned");
    fs::create_dir(&real).expect("made");
    fs::rename(folder.path().join("tags.csv"), real.join("tags.csv")).expect("moved");
    symlink(real.join("tags.csv"), folder.path().join("tags.csv")).expect("linked");
    fs::set_permissions(real.join("tags.csv"), fs::Permissions::from_mode(0o640)).expect("set");
    put(folder.path(), &old(), &new(), &made()).expect("put");
    forget(folder.path()).expect("forgotten");
    assert_eq!(read(folder.path()), new());
    assert!(folder.path().join("tags.csv").is_symlink());
    let mode = fs::metadata(real.join("tags.csv")).expect("there").mode() & 0o777;
    assert_eq!((mode, fs::read(real.join("tags.csv")).expect("there")), (0o640, b"new".to_vec()));
}

#[test]
fn a_change_that_names_a_file_elsewhere_is_not_believed() {
    let folder = folder();
    put(folder.path(), &old(), &new(), &made()).expect("put");
    let path = folder.path().join(CHANGE).join(MANIFEST);
    let text = fs::read_to_string(&path).expect("there").replace("people.csv", "../other");
    fs::write(&path, text).expect("written");
    assert!(finish(folder.path()).expect_err("elsewhere").to_string().contains("no file of a configuration"));
}
