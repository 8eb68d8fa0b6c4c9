//! Edits one after the other, and those that cannot be done.

use super::*;

const GATEWAY: &str = "[gateway]\nname = \"a\"\n\n[[source.modbus]]\nid = \"gds\"\naddress = \"10.0.0.9\"\n";
const TABLE: &str = "位号,名称,数据源,地址,高限\nGT-1,一号,gds,1/40001,25\n";

fn files() -> Files {
    let all = [(GATEWAY_TOML, GATEWAY), (POINT_TABLE, TABLE)];
    Files(all.into_iter().map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).collect())
}

fn text(draft: &Draft, name: &str) -> String {
    String::from_utf8(draft.files.0.get(name).cloned().unwrap_or_default()).expect("text")
}

fn source(id: &str) -> NewSource {
    let (id, url) = (id.to_owned(), "opc.tcp://10.0.0.1:4840/".to_owned());
    let password = Some(Password("geheim".to_owned()));
    NewSource {
        id,
        url,
        security: Some("none".to_owned()),
        user: Some("davy".to_owned()),
        password,
        ..NewSource::default()
    }
}

fn of(edits: &[Edit], folder: Option<&Path>) -> Draft {
    draft(&files(), edits, folder).expect("names of a configuration")
}

#[test]
fn edits_follow_each_other() {
    let row = |cells: &[(&str, &str)]| {
        cells.iter().map(|(header, cell)| ((*header).to_owned(), (*cell).to_owned())).collect()
    };
    let keys = BTreeMap::from([("poll_interval".to_owned(), "2s".to_owned())]);
    let draft = of(
        &[
            Edit::AddSource(Box::new(source("dcs"))),
            Edit::Points {
                rows: vec![row(&[("BIT_NO", "LI-1"), ("数据源", "dcs"), ("地址", "ns=2;s=LI-1")])],
                removed: vec![],
            },
            Edit::SetSource { id: "gds".to_owned(), keys, password: None },
            Edit::File { name: "zones.csv".to_owned(), text: Some("z".to_owned()) },
            Edit::Points { rows: vec![row(&[("tag", "GT-1"), ("高限", "30")])], removed: vec![] },
        ],
        None,
    );
    assert_eq!(draft.wrong, []);
    assert_eq!(
        text(&draft, POINT_TABLE),
        "位号,名称,数据源,地址,高限\nGT-1,一号,gds,1/40001,30\nLI-1,,dcs,ns=2;s=LI-1,\n"
    );
    assert!(text(&draft, GATEWAY_TOML).contains("poll_interval = \"2s\""), "{}", text(&draft, GATEWAY_TOML));
    assert_eq!(text(&draft, "zones.csv"), "z");
}

#[test]
fn a_password_gets_a_file_of_its_own_that_nobody_else_has() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join(SECRETS)).expect("made");
    std::fs::write(folder.path().join("secrets/dcs-password"), "another").expect("written");
    let draft = of(&[Edit::AddSource(Box::new(source("dcs")))], Some(folder.path()));
    assert_eq!(draft.secrets, BTreeMap::from([("secrets/dcs-password-2".to_owned(), "geheim".to_owned())]));
    let toml = text(&draft, GATEWAY_TOML);
    assert!(toml.contains("password_file = \"secrets/dcs-password-2\"") && !toml.contains("geheim"), "{toml}");
    assert!(!format!("{:?}", Edit::AddSource(Box::new(source("dcs")))).contains("geheim"), "no log shows it");
    let again =
        Edit::SetSource { id: "gds".to_owned(), keys: BTreeMap::new(), password: Some(Password("neu".to_owned())) };
    assert!(of(&[again], Some(folder.path())).secrets.contains_key("secrets/gds-password"));
}

#[test]
fn what_cannot_be_done_is_found_at_its_file() {
    let unknown = Edit::RemoveSource { id: "xyz".to_owned() };
    let twice = Edit::AddSource(Box::new(source("gds")));
    let open = Edit::AddSource(Box::new(NewSource { security: None, ..source("dcs") }));
    let elsewhere = Edit::AddSource(Box::new(source("../dcs")));
    let id = Edit::SetSource {
        id: "gds".to_owned(),
        keys: BTreeMap::from([("id".to_owned(), "x".to_owned())]),
        password: None,
    };
    let base64 = Edit::Import { name: "points.xlsx".to_owned(), base64: "!".to_owned(), merge: true };
    for (edit, file, words) in [
        (unknown, GATEWAY_TOML, "no source"),
        (twice, GATEWAY_TOML, "already"),
        (open, GATEWAY_TOML, "say the security"),
        (elsewhere, GATEWAY_TOML, "is no id"),
        (id, GATEWAY_TOML, "no key that can be changed"),
        (base64, "points.xlsx", "not in base64"),
    ] {
        let wrong = of(&[edit], None).wrong;
        assert_eq!((wrong.len(), wrong[0].file.as_str()), (1, file), "{words}");
        assert!(wrong[0].message.contains(words), "{wrong:?}");
    }
}

#[test]
fn only_texts_of_a_configuration_are_written() {
    for name in ["../gateway.toml", "/etc/passwd", "secrets/dcs-password", "plan.png", "risk/../tags.csv", ""] {
        for text in [None, Some("x".to_owned())] {
            let refused = draft(&files(), &[Edit::File { name: name.to_owned(), text }], None).expect_err(name);
            assert!(matches!(refused, ConfigRefusal::Invalid(_)), "{name}: {refused:?}");
        }
    }
}

#[test]
fn an_imported_table_is_kept_with_what_was_there_for_the_places_of_findings() {
    let table = BASE64_STANDARD.encode("tag,name,source,address,H\nGT-2,二号,gds,1/40003,20\n");
    let import = |merge| Edit::Import { name: "points.csv".to_owned(), base64: table.clone(), merge };
    let merged = of(&[import(true)], None);
    assert_eq!(text(&merged, POINT_TABLE), format!("{TABLE}GT-2,二号,gds,1/40003,20\n"));
    let imported = merged.imported.expect("the last edit took it");
    assert_eq!((imported.name.as_str(), imported.before), ("points.csv", files()));
    let replaced = of(&[import(false), Edit::File { name: "zones.csv".to_owned(), text: None }], None);
    assert_eq!(text(&replaced, POINT_TABLE), "位号,名称,数据源,地址,高限\nGT-2,二号,gds,1/40003,20\n");
    assert!(replaced.imported.is_none(), "another edit came after it");
}
