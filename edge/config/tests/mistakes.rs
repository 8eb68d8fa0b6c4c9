//! Mistakes and what an engineer is told about each: `tests/mistakes.txt`, edits of the folder `tests/site` with the report
//! written under them. The reports are golden; `UPDATE_GOLDEN=1` rewrites them, and the difference is for a person to read.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "the cases are part of the test")]

use davy_config::Files;
use std::{fmt::Write as _, fs, path::Path};

const ESCAPES: [(&str, &str); 5] =
    [("\\n", "\n"), ("\\r", "\r"), ("\\t", "\t"), ("\\0", "\0"), ("\\u{feff}", "\u{feff}")];

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests"))
}

#[test]
fn reports_are_as_written() {
    let path = folder().join("mistakes.txt");
    let written = fs::read_to_string(&path).unwrap();
    let (played, cases) = play(&written);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        return fs::write(&path, &played).unwrap();
    }
    println!("{cases} mistakes");
    assert!(cases >= 40, "{cases} mistakes are too few");
    let difference = written.lines().zip(played.lines()).enumerate().find(|(_, (written, played))| written != played);
    if let Some((at, (written, played))) = difference {
        panic!("mistakes.txt:{}:\nwritten {written}\nplayed  {played}", at + 1);
    }
    assert_eq!(written.lines().count(), played.lines().count(), "mistakes.txt ends elsewhere");
}

/// The text with a fresh report under each case, and how many cases there are.
fn play(text: &str) -> (String, usize) {
    let (mut played, mut cases, mut files) = (String::new(), 0, None);
    let lines = text.lines().filter(|line| !line.starts_with("    ")).chain([""]);
    for line in lines {
        if !line.starts_with('#') && !line.is_empty() {
            edit(files.get_or_insert_with(site), line);
        } else if let Some(files) = files.take() {
            played.push_str(&report(&files));
            cases += 1;
        }
        played.push_str(line);
        played.push('\n');
    }
    (played.trim_end().to_owned() + "\n", cases)
}

fn site() -> Files {
    Files::from_dir(&folder().join("site")).unwrap()
}

/// `FILE: OLD => NEW` replaces the first such text, `FILE + LINE` adds a line, `FILE bytes HEXADECIMAL` replaces the
/// whole file, `FILE is not there`.
fn edit(files: &mut Files, line: &str) {
    if let Some(name) = line.strip_suffix(" is not there") {
        assert!(files.0.remove(name).is_some(), "{line}");
    } else if let Some((name, bytes)) = line.split_once(" bytes ").filter(|(name, _)| !name.contains(':')) {
        let bytes = bytes.split(' ').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
        files.0.insert(name.to_owned(), bytes);
    } else if let Some((name, added)) = line.split_once(" + ").filter(|(name, _)| !name.contains(':')) {
        files.0.entry(name.to_owned()).or_default().extend(format!("{}\n", plain(added)).bytes());
    } else {
        let (name, change) = line.split_once(": ").unwrap_or_else(|| panic!("not an edit: {line}"));
        let (old, new) = change.split_once(" =>").unwrap_or_else(|| panic!("not an edit: {line}"));
        let new = new.trim_start();
        let text = String::from_utf8(files.0[name].clone()).unwrap();
        assert!(text.contains(&plain(old)), "nothing to replace: {line}");
        files.0.insert(name.to_owned(), text.replacen(&plain(old), &plain(new), 1).into_bytes());
    }
}

fn plain(text: &str) -> String {
    ESCAPES.iter().fold(text.to_owned(), |text, (escape, plain)| text.replace(escape, plain))
}

fn report(files: &Files) -> String {
    let secrets = |name: &str| match name {
        "password.txt" => Ok("secret".to_owned()),
        "ca.pem" => Ok("-----BEGIN CERTIFICATE-----\n".to_owned()),
        "platform.pub.pem" | "keys/platform.old.pem" => Ok(concat!(
            "-----BEGIN PUBLIC KEY-----\n",
            "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n",
            "-----END PUBLIC KEY-----"
        )
        .to_owned()),
        "empty.pem" => Ok(String::new()),
        _ => Err(format!("the file {name} cannot be read (not found)")),
    };
    let mut report = String::new();
    match davy_config::read(files, &secrets) {
        Ok(checked) if checked.coverage.is_empty() => report.push_str("    good\n"),
        Ok(checked) => checked.coverage.iter().for_each(|finding| writeln!(report, "    warning: {finding}").unwrap()),
        Err(errors) => errors.0.iter().for_each(|finding| writeln!(report, "    {finding}").unwrap()),
    }
    report
}
