//! The document against its golden copy, the generated schemas and itself.

use super::*;
use davy_core::record::*;
use schemars::generate::SchemaSettings;
use std::{fs, path::PathBuf};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Compares with a golden file, or rewrites it with `UPDATE_GOLDEN=1`. After a change of a record that takes two runs:
/// the document is made from the schemas as they were when this was built.
fn check_golden(path: PathBuf, value: &Value) {
    let text = serde_json::to_string_pretty(value).unwrap() + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &text).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert!(golden == text, "{} differs: look at it with UPDATE_GOLDEN=1 and git diff", path.display());
}

#[test]
fn the_schemas_of_records_are_those_of_their_types() {
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    generator.subschema_for::<AlarmRecord>();
    generator.subschema_for::<WarningRecord>();
    generator.subschema_for::<UnitRecord>();
    generator.subschema_for::<MeasureRecord>();
    generator.subschema_for::<TaskRecord>();
    generator.subschema_for::<HazardRecord>();
    generator.subschema_for::<HiddenRecord>();
    generator.subschema_for::<TicketRecord>();
    generator.subschema_for::<ChangeRecord>();
    generator.subschema_for::<davy_core::snapshot::RuleView>();
    generator.subschema_for::<EvidencePacket>();
    generator.subschema_for::<davy_core::snapshot::WatchView>();
    check_golden(folder().join("src/openapi/records.json"), &Value::Object(generator.take_definitions(true)));
}

#[test]
fn the_document_is_the_golden_one() {
    check_golden(folder().join("../../docs/schemas/openapi.json"), &document());
}

#[test]
fn every_reference_points_somewhere() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let text = document.to_string();
    let names: Vec<&str> =
        text.split("#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(names.len() > ROUTES.len());
    for name in names {
        assert!(schemas.contains_key(name), "{name}");
    }
}

#[test]
fn every_route_is_in_the_document_once() {
    let document = document();
    let operations = document["paths"].as_object().unwrap().values();
    assert_eq!(operations.map(|path| path.as_object().unwrap().len()).sum::<usize>(), ROUTES.len());
}

/// What is wrong here, makers of clients stumble over.
#[test]
fn every_type_is_a_word_or_some() {
    fn assert_words(value: &Value, at: &str) {
        match value {
            Value::Object(fields) => {
                // A field may have the name as well; then what it is stands below.
                let kind = fields.get("type").filter(|kind| !kind.is_object());
                let some = |kind: &Value| kind.as_array().is_some_and(|all| all.iter().all(Value::is_string));
                let words = kind.is_none_or(|kind| kind.is_string() || some(kind));
                assert!(words, "{at} has the type {kind:?}");
                fields.iter().for_each(|(name, value)| assert_words(value, &format!("{at}/{name}")));
            }
            Value::Array(all) => all.iter().for_each(|value| assert_words(value, at)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    assert_words(&document(), "");
}
