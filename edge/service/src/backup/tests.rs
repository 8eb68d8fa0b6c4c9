use super::*;
use davy_core::time::UtcTime;
use davy_store::{Batch, Row};
use std::{
    fs::File,
    io::{Read as _, Write as _},
};

/// A data directory with a journal, a key and a packet, and a configuration.
fn gateway() -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a folder");
    let (data, config) = (home.path().join("data"), home.path().join("config"));
    let opened = davy_store::open(&data, UtcTime(0)).expect("a journal");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let row = |n| Row { utc: UtcTime(n), kind: "alarm", body: format!("{{\"n\":{n}}}") };
    let batch = Batch { rows: (0..50).map(row).collect(), saved: vec![("engine".to_owned(), Some("{}".to_owned()))] };
    runtime.block_on(opened.store.commit(batch)).expect("it is written");
    // The gateway goes on running: the journal stays open.
    std::mem::forget(opened);
    for (name, text) in
        [("data/pki/own/private/key.pem", "a key"), ("data/evidence/RE-1.json", "{}"), ("config/risk/units.csv", "a,b")]
    {
        let path = home.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("it is written");
    }
    fs::write(config.join("gateway.toml"), "[gateway]").expect("it is written");
    home
}

fn make(home: &Path) -> PathBuf {
    let to = home.join("backup.tar.zst");
    let args = Backup {
        data: home.join("data"),
        config: Some(home.join("config")),
        to: to.clone(),
        samples: true,
        format: Format::Json,
    };
    backup(&args).expect("a running gateway can be backed up");
    to
}

fn restore_into(home: &Path, file: &Path, by: &str) -> anyhow::Result<PathBuf> {
    let data = home.join("restored");
    let args = Restore {
        file: file.to_owned(),
        data: data.clone(),
        config: Some(home.join("restored-config")),
        by: by.to_owned(),
        format: Format::Json,
    };
    restore(&args).map(|_| data)
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

#[test]
fn what_was_backed_up_goes_on_elsewhere() {
    let home = gateway();
    let file = make(home.path());
    assert_eq!(mode(&file), 0o600, "it holds keys");
    let data = restore_into(home.path(), &file, "李工").expect("it can be restored");
    assert_eq!(fs::read_to_string(data.join("pki/own/private/key.pem")).expect("the key"), "a key");
    assert_eq!((mode(&data), mode(&data.join("pki/own/private/key.pem"))), (0o700, 0o600));
    assert_eq!(
        fs::read_to_string(home.path().join("restored-config/risk/units.csv")).expect("the configuration"),
        "a,b"
    );
    let rows = davy_store::Rows::open(&data).expect("the new journal");
    assert!(rows.epoch() > 1);
    let opened = davy_store::open(&data, UtcTime(0)).expect("it can be opened");
    assert_eq!(opened.saved["engine"], "{}");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let rows = runtime.block_on(opened.store.read(0, u64::MAX, 10)).expect("it can be read");
    assert!(
        rows.len() == 1
            && rows[0].kind == "audit"
            && rows[0].body.contains("李工")
            && rows[0].body.contains("up to row 50"),
        "{rows:?}"
    );
    let names: Vec<_> =
        fs::read_dir(home.path()).expect("the folder").map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(names.len(), 5, "nothing half-made is left: {names:?}");
    let again = restore_into(home.path(), &file, "李工").expect_err("it is in use");
    assert!(again.to_string().contains("is not empty"), "{again}");
}

#[test]
fn what_is_not_whole_is_refused_and_nothing_is_left() {
    let home = gateway();
    let file = make(home.path());
    let whole = fs::read(&file).expect("the backup");
    let mut plain = Vec::new();
    zstd::Decoder::new(&whole[..]).and_then(|mut decoder| decoder.read_to_end(&mut plain)).expect("it unpacks");
    let packed = |bytes: &[u8]| zstd::encode_all(bytes, 1).expect("it packs");
    let at = plain.windows(5).position(|bytes| bytes == b"a key").expect("the key is in it");
    let changed = [&plain[..at], b"A key", &plain[at + 5..]].concat();
    let manifest = plain.windows(13).rposition(|bytes| bytes == b"manifest.json").expect("it has one");
    let without = &plain[..manifest];
    let mut elsewhere = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.as_mut_bytes()[..9].copy_from_slice(b"../escape");
    header.set_size(1);
    header.set_cksum();
    elsewhere.append(&header, &b"x"[..]).expect("it is added");
    let outside = elsewhere.into_inner().expect("it ends");
    for (bytes, why) in [
        (whole[..whole.len() / 2].to_vec(), "is no whole backup"),
        (packed(without), "cut short"),
        (packed(&changed), "was changed"),
        (packed(&outside), "leads out of the folder"),
        (b"no backup".to_vec(), "is no whole backup"),
    ] {
        File::create(&file).and_then(|mut file| file.write_all(&bytes)).expect("it is written");
        let refused = restore_into(home.path(), &file, "李工").expect_err(why);
        assert!(format!("{refused:#}").contains(why), "{refused:#}");
        assert!(!home.path().join("restored").exists() && !home.path().join("restored-config").exists(), "{why}");
    }
    let nobody = restore_into(home.path(), &file, " ").expect_err("nobody restores");
    assert!(nobody.to_string().contains("--by"), "{nobody}");
    assert!(
        backup(&Backup {
            data: home.path().join("data"),
            config: None,
            to: file,
            samples: false,
            format: Format::Text
        })
        .is_err(),
        "nothing is overwritten"
    );
}
