use super::*;
use davy_api::Upkeep as _;
use davy_core::time::UtcTime;
use davy_store::{Batch, Row};
use std::io::Read as _;

/// A data folder with a journal and a key, and a configuration with a password beside it.
fn site() -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a folder");
    let opened = davy_store::open(&home.path().join("data"), UtcTime(0)).expect("a journal");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let row = Row { utc: UtcTime(0), kind: "alarm", body: "{}".to_owned() };
    runtime.block_on(opened.store.commit(Batch { rows: vec![row], saved: Vec::new() })).expect("it is written");
    for (name, text) in [
        ("data/pki/own/private/key.pem", "a key"),
        ("data/access.json", "hashes"),
        ("config/gateway.toml", "[gateway]\nauthor = \"王建国\"\nname = \"王建国的罐区\"\n"),
        ("config/people.csv", "P-001,王建国"),
        ("config/risk/units.csv", "U-1,甲醇储罐"),
        ("config/dcs-password.txt", "hunter2"),
    ] {
        let path = home.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("it is written");
    }
    home
}

fn upkeep(home: &Path, disk: davy_api::DiskUse) -> Upkeep {
    let (_, resources) = watch::channel(Arc::new(Resources { disk, ..Resources::default() }));
    Upkeep::new(&home.join("data"), Some(&home.join("config")), "gw/1 罐", resources)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn part(text: &str) -> Vec<BundlePart> {
    vec![BundlePart { name: "log.jsonl", about: "the log", text: text.to_owned() }]
}

fn unzipped(made: MadeFile) -> Vec<(String, String)> {
    let mut zip = zip::ZipArchive::new(made.file).expect("a ZIP");
    let count = zip.len();
    let read = |at| {
        let mut file = zip.by_index(at).expect("a file");
        let mut text = String::new();
        file.read_to_string(&mut text).expect("a text");
        (file.name().expect("a name of text").into_owned(), text)
    };
    (0..count).map(read).collect()
}

#[test]
fn a_backup_is_what_the_command_makes_and_leaves_nothing_behind() {
    let home = site();
    let data = home.path().join("data");
    let upkeep = upkeep(home.path(), davy_api::DiskUse::default());
    let before = names(&data);
    let mut made = upkeep.backup(true).expect("there is room");
    assert!(made.name.starts_with("gw-1---") && made.name.ends_with("Z.tar.zst"), "{}", made.name);
    assert_eq!(upkeep.backup(false).map(drop), Err(NotMade::Busy), "one at a time, until it is sent");
    let mut bytes = Vec::new();
    made.file.read_to_end(&mut bytes).expect("it can be read");
    assert_eq!(
        (bytes.len() as u64, backup::sha256(&mut &bytes[..]).expect("a hash")),
        (made.bytes, made.sha256.clone())
    );
    assert_eq!(names(&data), before, "nothing of it lies on the disk");
    drop(made);
    let file = home.path().join("taken.tar.zst");
    fs::write(&file, &bytes).expect("it is written");
    let args = crate::cli::Restore {
        file,
        data: home.path().join("restored"),
        config: Some(home.path().join("restored-config")),
        by: "李工".to_owned(),
        format: crate::cli::Format::Json,
    };
    backup::restore(&args).expect("it can be restored");
    let text = |name: &str| fs::read_to_string(home.path().join(name)).expect("it is there");
    assert_eq!(
        (text("restored/access.json"), text("restored-config/dcs-password.txt")),
        ("hashes".into(), "hunter2".into())
    );
    upkeep.backup(false).expect("the turn has come back");
}

#[test]
fn nothing_is_made_where_the_journal_would_lose_its_room() {
    let home = site();
    let large = davy_api::DiskUse { journal_bytes: u64::MAX / 4, ..davy_api::DiskUse::default() };
    let upkeep = upkeep(home.path(), large);
    let before = names(&home.path().join("data"));
    assert!(matches!(upkeep.backup(false), Err(NotMade::NoRoom(words)) if words.contains("MB are free")));
    assert_eq!(names(&home.path().join("data")), before);
}

#[test]
fn what_fails_is_said_and_the_turn_comes_back() {
    let home = site();
    let upkeep = upkeep(home.path(), davy_api::DiskUse::default());
    for name in names(&home.path().join("data")).iter().filter(|name| name.starts_with("davy-")) {
        fs::remove_file(home.path().join("data").join(name)).expect("it can be removed");
    }
    for _ in 0..2 {
        assert!(matches!(upkeep.backup(false), Err(NotMade::Failed(why)) if why.contains("journal")));
    }
}

#[test]
fn the_last_backup_is_known_whoever_took_it() {
    let home = site();
    let upkeep = upkeep(home.path(), davy_api::DiskUse::default());
    assert_eq!(upkeep.last_backup(), None);
    let mut taken = LastBackup { at: UtcTime(5), bytes: 7, sha256: "ab".to_owned() };
    upkeep.backed_up(&taken);
    assert_eq!(upkeep.last_backup().as_ref(), Some(&taken));
    taken.at = UtcTime(6);
    fs::remove_file(last::path(&home.path().join("data"))).expect("it is there");
    assert_eq!(upkeep.last_backup(), None);
    last::note(&home.path().join("data"), &taken);
    assert_eq!(upkeep.last_backup(), Some(taken));
}

#[test]
fn a_bundle_has_neither_secrets_nor_names_but_those_that_were_asked_for() {
    let home = site();
    let upkeep = upkeep(home.path(), davy_api::DiskUse::default());
    let without = Names::without(vec!["王建国".to_owned()]);
    let made = upkeep.bundle(part("[person] was here"), &without).expect("it can be made");
    assert!(made.contents.contains("without people's names"), "{}", made.contents);
    let files = unzipped(made);
    let of = |name: &str| files.iter().find(|(file, _)| file == name).map(|(_, text)| text.as_str());
    let all: String = files.iter().map(|(_, text)| text.as_str()).collect();
    for secret in ["a key", "hashes", "hunter2", "王建国"] {
        assert!(!all.contains(secret), "{secret}");
    }
    assert_eq!(of("config/people.csv"), None);
    assert_eq!(of("config/gateway.toml"), Some("[gateway]\n# author left out\nname = \"[person]的罐区\"\n"));
    assert_eq!(of("config/risk/units.csv"), Some("U-1,甲醇储罐"));
    assert!(of("files.txt").is_some_and(|text| text.contains("pki/") && text.contains("access.json  6\n")));
    assert!(of("check.txt").is_some_and(|text| text.starts_with("error: ")));
    let readme = of("README.txt").expect("it has one");
    for (name, _) in files.iter().filter(|(name, _)| name != "README.txt") {
        assert!(readme.contains(&format!("{name}\n")), "{name} is not told in {readme}");
    }
    let files = unzipped(upkeep.bundle(part(""), &Names::Kept).expect("it can be made"));
    let all: String = files.iter().map(|(_, text)| text.as_str()).collect();
    assert!(all.contains("P-001,王建国") && all.contains("author = \"王建国\"") && !all.contains("hunter2"));
}

#[test]
fn what_an_earlier_process_left_half_made_is_swept_away() {
    let home = site();
    let half = home.path().join("data/.davy-x");
    fs::create_dir(&half).expect("a folder");
    fs::write(half.join("journal.db"), "half").expect("a file");
    upkeep(home.path(), davy_api::DiskUse::default());
    assert!(!half.exists() && home.path().join("data/pki/own/private/key.pem").exists());
}
