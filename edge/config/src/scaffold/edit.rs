//! A source of `gateway.toml` is changed or taken out; every other line stays as it is, comments too. What the lines come to is
//! read again and compared, so that an unusual way of writing is refused and never damaged.

use super::GATEWAY_TOML;
use crate::{files::Files, text::quoted};
use std::ops::Range;
use toml::{Table, Value};

/// A configuration with another `gateway.toml`, and the lines in which it differs.
#[derive(Debug)]
pub struct Edited {
    /// With the other file.
    pub files: Files,
    /// Lines that are gone.
    pub removed: Vec<String>,
    /// Lines that have come.
    pub added: Vec<String>,
}

/// A configuration without a source.
///
/// # Errors
/// In words: there is no such source, or it is written in a way that only a person can change.
pub fn without_source(files: &Files, id: &str) -> Result<Edited, String> {
    let file = File::read(files)?;
    let place = file.place(id)?;
    let mut wanted = file.table.clone();
    let all = place.all_of(&mut wanted)?;
    all.remove(place.at);
    let none_left = all.is_empty();
    if none_left {
        place.forget_kind(&mut wanted);
    }
    let mut section = place.section(&file.lines)?;
    // The empty line before it belongs to it.
    section.start -= usize::from(section.start > 0 && file.lines[section.start - 1].trim().is_empty());
    file.replaced(section, Vec::new(), &wanted)
}

/// A configuration with other values of keys of a source. A value that TOML cannot read is taken as a text, `2s` as `"2s"`; an
/// empty one takes the key out.
///
/// # Errors
/// In words: there is no such source, no such key to take out, or it is written in a way that only a person can change.
pub fn with_keys(files: &Files, id: &str, changes: &[(String, String)]) -> Result<Edited, String> {
    let file = File::read(files)?;
    let place = file.place(id)?;
    let mut wanted = file.table.clone();
    let section = place.section(&file.lines)?;
    let own = place.own_lines(&file.lines, &section);
    let mut lines: Vec<String> = file.lines[own.clone()].to_vec();
    for (key, value) in changes {
        let known = lines.iter().position(|line| key_of(line) == Some(key));
        let source = place.source(&mut wanted)?;
        if value.is_empty() {
            source.remove(key).ok_or_else(|| format!("{id} has no key {}; nothing to take out", quoted(key)))?;
            known.map(|at| lines.remove(at));
            continue;
        }
        let value = plain_value(value);
        let line = format!("{key} = {value}");
        source.insert(key.clone(), value);
        match known {
            Some(at) => lines[at] = line,
            None => lines.insert(last_key(&lines), line),
        }
    }
    file.replaced(own, lines, &wanted)
}

/// Whether there is a source of this id.
///
/// # Errors
/// In words: `gateway.toml` cannot be read.
pub fn has_source(files: &Files, id: &str) -> Result<bool, String> {
    Ok(File::read(files)?.place(id).is_ok())
}

/// A key and a value that a person may change, without the blanks around the value.
///
/// # Errors
/// In words: no such key, or several lines.
pub fn changeable(key: &str, value: &str) -> Result<(String, String), String> {
    let is_key = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    if key.is_empty() || !key.chars().all(is_key) || key == "id" {
        return Err(format!("{} is no key that can be changed here; write one such as poll_interval=2s", quoted(key)));
    }
    if value.contains(char::is_control) {
        return Err("a value is one line".to_owned());
    }
    Ok((key.to_owned(), value.trim().to_owned()))
}

/// `gateway.toml` as lines without their ends, and as TOML.
pub(super) struct File<'a> {
    files: &'a Files,
    pub(super) lines: Vec<String>,
    pub(super) table: Table,
    end: &'static str,
}

/// A source among those of its kind.
pub(super) struct Place {
    pub(super) kind: String,
    at: usize,
}

impl<'a> File<'a> {
    pub(super) fn read(files: &'a Files) -> Result<Self, String> {
        let bytes = files.0.get(GATEWAY_TOML).ok_or_else(|| format!("there is no {GATEWAY_TOML}"))?;
        let text = std::str::from_utf8(bytes).map_err(|_| format!("{GATEWAY_TOML} is not in UTF-8"))?;
        let table = text.parse().map_err(|error| format!("{GATEWAY_TOML}: {error}"))?;
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Ok(Self { files, lines: text.lines().map(str::to_owned).collect(), table, end })
    }

    pub(super) fn place(&self, id: &str) -> Result<Place, String> {
        let kinds = self.table.get("source").and_then(Value::as_table).into_iter().flatten();
        for (kind, all) in kinds {
            let mut all = all.as_array().into_iter().flatten();
            if let Some(at) = all.position(|source| source.get("id").and_then(Value::as_str) == Some(id)) {
                return Ok(Place { kind: kind.clone(), at });
            }
        }
        Err(format!("there is no source {} in {GATEWAY_TOML}", quoted(id)))
    }

    /// With other lines in the place of some, if they come to what is wanted.
    pub(super) fn replaced(self, old: Range<usize>, new: Vec<String>, wanted: &Table) -> Result<Edited, String> {
        let Self { files, mut lines, end, .. } = self;
        let before: Vec<String> = lines.splice(old, new.iter().cloned()).collect();
        let text: String = lines.iter().map(|line| format!("{line}{end}")).collect();
        if text.parse::<Table>().ok().as_ref() != Some(wanted) {
            return Err(format!(
                "it is written in {GATEWAY_TOML} in a way that is not changed here; change it with an editor"
            ));
        }
        let mut files = files.clone();
        files.0.insert(GATEWAY_TOML.to_owned(), text.into_bytes());
        let only = |lines: &[String], others: &[String]| -> Vec<String> {
            lines.iter().filter(|line| !others.contains(line)).cloned().collect()
        };
        Ok(Edited { files, removed: only(&before, &new), added: only(&new, &before) })
    }
}

impl Place {
    /// The source itself.
    pub(super) fn source<'t>(&self, table: &'t mut Table) -> Result<&'t mut Table, String> {
        let source = self.all_of(table)?.get_mut(self.at).and_then(Value::as_table_mut);
        source.ok_or_else(|| "it is no table".to_owned())
    }

    /// The sources of its kind.
    fn all_of<'t>(&self, table: &'t mut Table) -> Result<&'t mut Vec<Value>, String> {
        let all = table.get_mut("source").and_then(|sources| sources.get_mut(&self.kind)).and_then(Value::as_array_mut);
        all.ok_or_else(|| format!("there is no [[source.{}]]", self.kind))
    }

    /// There is none of its kind any more, and perhaps none at all.
    fn forget_kind(&self, table: &mut Table) {
        let Some(sources) = table.get_mut("source").and_then(Value::as_table_mut) else { return };
        sources.remove(&self.kind);
        if sources.is_empty() {
            table.remove("source");
        }
    }

    /// Its lines, with those of the tables that belong to it and up to the empty lines and comments before the next one.
    fn section(&self, lines: &[String]) -> Result<Range<usize>, String> {
        let is_own = |name: &str| name == format!("source.{}", self.kind);
        let mut begins =
            (0..lines.len()).filter(|at| matches!(header(&lines[*at]), Some((true, name)) if is_own(&name)));
        let start = begins.nth(self.at).ok_or_else(|| {
            format!(
                "the source does not begin with [[source.{}]] in {GATEWAY_TOML}; change it with an editor",
                self.kind
            )
        })?;
        let below = format!("source.{}.", self.kind);
        let is_next = |line: &&String| header(line).is_some_and(|(_, name)| !name.starts_with(&below));
        let end = lines[start + 1..].iter().position(|line| is_next(&line)).map_or(lines.len(), |at| start + 1 + at);
        let is_said = |line: &String| !line.trim().is_empty() && !line.trim_start().starts_with('#');
        Ok(start..lines[start..end].iter().rposition(is_said).map_or(start + 1, |last| start + last + 1))
    }

    /// Those of its own keys, without the tables below it.
    fn own_lines(&self, lines: &[String], section: &Range<usize>) -> Range<usize> {
        let below = lines[section.start + 1..section.end].iter().position(|line| header(line).is_some());
        section.start..below.map_or(section.end, |at| section.start + 1 + at)
    }
}

/// The name of a table that begins on a line, and whether it is one of several.
pub(super) fn header(line: &str) -> Option<(bool, String)> {
    let line = line.split('#').next().unwrap_or_default().trim();
    let (several, name) = match line.strip_prefix("[[").and_then(|line| line.strip_suffix("]]")) {
        Some(name) => (true, name),
        None => (false, line.strip_prefix('[')?.strip_suffix(']')?),
    };
    Some((several, name.split('.').map(str::trim).collect::<Vec<_>>().join(".")))
}

pub(super) fn key_of(line: &str) -> Option<&str> {
    line.split_once('=').map(|(key, _)| key.trim()).filter(|key| !key.starts_with('#'))
}

/// Behind the last key.
fn last_key(lines: &[String]) -> usize {
    lines.iter().rposition(|line| key_of(line).is_some()).map_or(lines.len(), |at| at + 1)
}

/// A value as a person types it.
pub(super) fn plain_value(text: &str) -> Value {
    let read = format!("value = {text}").parse::<Table>().ok().and_then(|mut table| table.remove("value"));
    read.unwrap_or_else(|| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# Who we are.
[gateway]
name = \"a\"

# The DCS.
[[source.opcua]]
id = \"dcs\"
endpoint = \"opc.tcp://a/\" # the first

[[ source.modbus ]]
id = \"gds\"
address = \"10.0.0.9:502\"

[[source.modbus.unit]]
id = 3
one_by_one = true

# The second line.
[[source.modbus]]
id = \"plc\"
name = \"\"\"
two
lines\"\"\"
serial = \"/dev/ttyS1\"
";

    fn files(text: &str) -> Files {
        Files([(GATEWAY_TOML.to_owned(), text.as_bytes().to_vec())].into())
    }

    fn text(edited: &Edited) -> String {
        String::from_utf8(edited.files.0[GATEWAY_TOML].clone()).expect("text")
    }

    fn pairs(changes: &[(&str, &str)]) -> Vec<(String, String)> {
        changes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_source_is_taken_out_with_its_tables_and_nothing_else() {
        for text_of in [TEXT.to_owned(), TEXT.replace('\n', "\r\n")] {
            let edited = without_source(&files(&text_of), "gds").expect("taken out");
            let gone =
                ["", "[[ source.modbus ]]", "id = \"gds\"", "address = \"10.0.0.9:502\"", "", "[[source.modbus.unit]]"];
            assert_eq!(edited.removed[..6], gone);
            let left = text(&edited).replace("\r\n", "\n");
            let (first, rest) = TEXT.split_once("\n[[ source").expect("two parts");
            let (_, second) = rest.split_once("one_by_one = true\n").expect("two parts");
            assert_eq!(left, format!("{first}{second}"));
            assert_eq!(text_of.contains('\r'), text(&edited).contains('\r'));
        }
        let edited = without_source(&files(TEXT), "dcs").expect("taken out");
        assert!(text(&edited).contains("# The DCS.") && !text(&edited).contains("opcua"), "{}", text(&edited));
    }

    #[test]
    fn keys_are_changed_added_and_taken_out() {
        let changes =
            pairs(&[("address", "10.0.0.10"), ("poll_interval", "2s"), ("retries", "2"), ("identify", "true")]);
        let edited = with_keys(&files(TEXT), "gds", &changes).expect("changed");
        assert_eq!(edited.removed, ["address = \"10.0.0.9:502\""]);
        let added = ["address = \"10.0.0.10\"", "poll_interval = \"2s\"", "retries = 2", "identify = true"];
        assert_eq!(edited.added, added);
        let table: Table = text(&edited).parse().expect("TOML");
        assert_eq!(table["source"]["modbus"][0]["unit"][0]["one_by_one"].as_bool(), Some(true));
        let edited = with_keys(&edited.files, "gds", &pairs(&[("identify", "")])).expect("taken out");
        assert_eq!((edited.removed.len(), edited.added.len()), (1, 0));
    }

    #[test]
    fn what_is_written_in_an_unusual_way_is_left_alone() {
        for (id, changes, words) in [
            ("xyz", pairs(&[("name", "a")]), "no source \"xyz\""),
            ("gds", pairs(&[("retries", "")]), "no key \"retries\""),
            ("plc", pairs(&[("name", "one")]), "with an editor"),
            ("gds", pairs(&[("unit", "3")]), "with an editor"),
        ] {
            let refused = with_keys(&files(TEXT), id, &changes).expect_err(words);
            assert!(refused.contains(words), "{refused}");
        }
        let inline = "source.modbus = [{ id = \"gds\", address = \"a\" }]\n";
        assert!(without_source(&files(inline), "gds").is_err_and(|words| words.contains("with an editor")));
    }
}
