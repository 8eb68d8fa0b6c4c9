use super::{APPLIANCE, Part, Parts, TARGETS, cargo, crates, document, page, parts, said, workspace};
use serde_json::Value;
use std::{collections::BTreeSet, fs, process::Command, sync::LazyLock};

struct Made {
    target: &'static str,
    parts: Parts,
    text: String,
    document: Value,
}

static PAGE: LazyLock<Vec<Part>> = LazyLock::new(|| page::parts().unwrap());
static MADE: LazyLock<Vec<Made>> = LazyLock::new(|| TARGETS.into_iter().map(made).collect());

fn made(target: &'static str) -> Made {
    let parts = parts(target, &PAGE).unwrap();
    let text = document::text(target, &parts).unwrap();
    let document = serde_json::from_str(&text).unwrap();
    Made { target, parts, text, document }
}

/// What cargo itself lists, read in the simplest way.
fn listed_by_cargo(target: &str) -> BTreeSet<String> {
    let mut tree = cargo();
    tree.args([
        "tree", "--locked", "--quiet", "-p", "davy", "-e", "normal", "--target", target, "--prefix", "none", "-f",
        "{p}",
    ]);
    let text = said("cargo tree", tree.args(APPLIANCE)).unwrap();
    let words = text.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    words.map(|words| crates::purl(words[0], words[1].trim_start_matches('v'))).collect()
}

#[test]
fn exactly_the_crates_of_the_target_are_listed() {
    for Made { target, document, .. } in MADE.iter() {
        let components = document["components"].as_array().unwrap().iter();
        let purls = components.chain([&document["metadata"]["component"]]).map(|each| each["purl"].as_str().unwrap());
        let crates: Vec<String> = purls.filter(|purl| purl.starts_with("pkg:cargo/")).map(str::to_owned).collect();
        let set: BTreeSet<String> = crates.iter().cloned().collect();
        assert_eq!(set.len(), crates.len(), "{target}: no crate is listed twice");
        assert_eq!(set, listed_by_cargo(target), "{target}");
        assert!(!set.iter().any(|purl| purl.contains("davy-plant")), "{target}: the simulated plant is for desks");
    }
}

#[test]
fn every_part_has_a_licence_a_digest_and_parts_that_are_there() {
    for Made { target, parts, .. } in MADE.iter() {
        for part in parts.values() {
            assert!(!part.licence.is_empty() && !part.version.is_empty(), "{part:?}");
            let ours = part.name.starts_with("davy");
            let from_registry = !part.purl.starts_with("pkg:generic/") && !ours;
            assert_eq!(part.hash.is_some(), from_registry, "{part:?}");
            assert!(part.needs.iter().all(|purl| parts.contains_key(purl)), "{part:?}");
        }
        assert_eq!(parts.values().find(|part| part.name == "sqlite").unwrap().version, rusqlite::version());
        for name in ["svelte", "uplot", "zstd", "mimalloc", "rust-std"] {
            assert!(parts.values().any(|part| part.name == name), "{target} lacks {name}");
        }
        let macros = parts.values().find(|part| part.name == "serde_derive").unwrap();
        assert!(macros.while_building && !parts.values().find(|part| part.name == "serde").unwrap().while_building);
    }
}

#[test]
fn the_same_sources_give_the_same_bytes() {
    assert_eq!(made(TARGETS[0]).text, MADE[0].text);
}

/// The schema is that of the standard's own library.
#[test]
fn the_documents_fulfil_the_schema() {
    const VALIDATE: &str = "
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())
sys.exit(str(error) if error else 0)
";
    let python = workspace().join(".venv/bin/python");
    assert!(python.is_file(), "{} is missing: run `scripts/setup.sh test`", python.display());
    let folder = tempfile::tempdir().unwrap();
    let judged = |name: &str, document: &Value| {
        let path = folder.path().join(name);
        fs::write(&path, document.to_string()).unwrap();
        Command::new(&python).args(["-c", VALIDATE]).arg(path).output().unwrap()
    };
    for Made { target, document, .. } in MADE.iter() {
        let output = judged(target, document);
        assert!(output.status.success(), "{target}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let mut wrong = MADE[0].document.clone();
    wrong["components"][0]["scope"] = "perhaps".into();
    assert!(
        !judged("wrong", &wrong).status.success(),
        "a document with a word that the schema does not know is refused"
    );
}
