//! The keys of a source as they stand in `gateway.toml`, as a person would type each anew.

use super::edit::{File, plain_value};
use crate::files::Files;
use std::collections::BTreeMap;
use toml::Value;

/// What is written of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// Of which kind it is: `opcua`, `modbus`, `mqtt` or `board`.
    pub kind: String,
    /// Its keys of one line, each as [`with_keys`](super::with_keys) takes it; the tables below it are left out.
    pub keys: BTreeMap<String, String>,
}

/// The keys of a source.
///
/// # Errors
/// In words: there is no such source, or the file cannot be read.
pub fn keys_of(files: &Files, id: &str) -> Result<Keys, String> {
    let mut file = File::read(files)?;
    let place = file.place(id)?;
    let source = place.source(&mut file.table)?;
    let keys = source.iter().filter(|(_, value)| !is_below(value)).map(|(key, value)| (key.clone(), typed(value)));
    Ok(Keys { kind: place.kind.clone(), keys: keys.collect() })
}

fn is_below(value: &Value) -> bool {
    let is_table = |value: &Value| matches!(value, Value::Table(_));
    is_table(value) || value.as_array().is_some_and(|all| all.iter().any(is_table))
}

/// A text stands without quotes unless it would be read as something else.
fn typed(value: &Value) -> String {
    let text = value.as_str().filter(|text| plain_value(text) == *value);
    text.map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scaffold::{GATEWAY_TOML, with_keys};

    const TEXT: &str = "\
[[source.opcua]]
id = \"dcs\"
endpoint = \"opc.tcp://a/\"
backup = [\"opc.tcp://b/\", \"opc.tcp://c/\"]
history = true
queue_size = 20
publishing_interval = \"500ms\"
user = \"7\"
[[source.mqtt]]
id = \"people\"
url = \"mqtt://a\"
[source.mqtt.location]
topic = \"t\"
";

    fn files() -> Files {
        Files([(GATEWAY_TOML.to_owned(), TEXT.as_bytes().to_vec())].into())
    }

    #[test]
    fn keys_are_told_as_they_are_typed() {
        let Keys { kind, keys } = keys_of(&files(), "dcs").expect("a source");
        let told: Vec<(&str, &str)> = keys.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let expected = [
            ("backup", "[\"opc.tcp://b/\", \"opc.tcp://c/\"]"),
            ("endpoint", "opc.tcp://a/"),
            ("history", "true"),
            ("id", "dcs"),
            ("publishing_interval", "500ms"),
            ("queue_size", "20"),
            ("user", "\"7\""),
        ];
        assert_eq!((kind.as_str(), told), ("opcua", expected.to_vec()));
        let Keys { kind, keys } = keys_of(&files(), "people").expect("a source");
        assert_eq!((kind.as_str(), keys.into_keys().collect::<Vec<_>>()), ("mqtt", vec!["id".into(), "url".into()]));
        assert!(keys_of(&files(), "xyz").is_err_and(|words| words.contains("no source")));
    }

    #[test]
    fn what_is_told_and_set_again_changes_nothing() {
        let Keys { keys, .. } = keys_of(&files(), "dcs").expect("a source");
        let same: Vec<(String, String)> = keys.into_iter().filter(|(key, _)| key != "id").collect();
        let edited = with_keys(&files(), "dcs", &same).expect("set");
        assert_eq!(edited.files, files());
    }
}
