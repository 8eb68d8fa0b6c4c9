//! Who changed a configuration and why, written into it: `[change]`, which the history of the alarm table shows.

use super::{
    edit::{File, header, key_of},
    text,
};
use crate::files::Files;
use toml::{Table, Value};

const CHANGE: &str = "change";

/// The configuration with another `[change]`: author, reason and date, `2026-11-23`. The enterprise's own number of a change belongs to
/// that change, so it goes.
///
/// # Errors
/// In words: it is written in a way that only a person can change.
pub fn with_change(files: &Files, author: &str, reason: &str, date: &str) -> Result<Files, String> {
    let file = File::read(files)?;
    let said = [("author", author), ("reason", reason), ("date", date)];
    let mut wanted = file.table.clone();
    let table = said.iter().map(|(key, value)| ((*key).to_owned(), Value::String((*value).to_owned())));
    wanted.insert(CHANGE.to_owned(), Value::Table(table.collect::<Table>()));
    let new = said.iter().map(|(key, value)| format!("{key} = {}", text(value)));
    let begin = file.lines.iter().position(|line| header(line) == Some((false, CHANGE.to_owned())));
    let Some(begin) = begin else {
        let end = file.lines.len();
        let section = [String::new(), format!("[{CHANGE}]")].into_iter().chain(new).collect();
        return Ok(file.replaced(end..end, section, &wanted)?.files);
    };
    let rest = &file.lines[begin + 1..];
    let end = rest.iter().position(|line| header(line).is_some()).unwrap_or(rest.len());
    // Comments of the section stay, and so do the lines before the next one.
    let others = rest[..end].iter().filter(|line| key_of(line).is_none()).cloned();
    let lines: Vec<String> = std::iter::once(file.lines[begin].clone()).chain(new).chain(others).collect();
    Ok(file.replaced(begin..begin + 1 + end, lines, &wanted)?.files)
}

/// Whether two configurations say the same of who changed them and why.
#[must_use]
pub fn says_the_same_of_change(one: &Files, other: &Files) -> bool {
    let change = |files| File::read(files).ok().and_then(|file| file.table.get(CHANGE).cloned());
    change(one) == change(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scaffold::GATEWAY_TOML;

    fn check(before: &str, after: &str) {
        let files = Files([(GATEWAY_TOML.to_owned(), before.as_bytes().to_vec())].into());
        let told = with_change(&files, "李工", "限值 \"HH\"", "2026-11-30");
        let told = told.map(|files| String::from_utf8(files.0[GATEWAY_TOML].clone()).expect("text"));
        assert_eq!(told.unwrap_or_else(|words| words), after, "{before}");
    }

    #[test]
    fn who_and_why_take_the_place_of_those_before_and_nothing_else_changes() {
        let said = "author = \"李工\"\nreason = '限值 \"HH\"'\ndate = \"2026-11-30\"\n";
        check(
            "[gateway]\nname = \"a\"\n\n[change]\nversion = \"MOC-1\"\nauthor = \"x\"\n# Why.\nreason = \"y\"\ndate = \"2026-01-01\"\n\n[web]\n",
            &format!("[gateway]\nname = \"a\"\n\n[change]\n{said}# Why.\n\n[web]\n"),
        );
        check("[gateway]\nname = \"a\"\n", &format!("[gateway]\nname = \"a\"\n\n[change]\n{said}"));
        let odd = "change = { author = \"a\" }\n";
        check(odd, "it is written in gateway.toml in a way that is not changed here; change it with an editor");
    }
}
