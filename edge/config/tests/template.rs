//! `config/template` reads without an error or a warning and leaves nothing out: every key and column that the reader knows
//! is in it. What the reader knows is asked of the reader itself, through what it says about a key that it does not know.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use davy_config::{Checked, Errors, Files};
use davy_core::record::Record;
use std::{fs, path::PathBuf};

const UNKNOWN: &str = "zzzzzzzz";

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "config", "template"].iter().collect()
}

fn template() -> Files {
    Files::from_dir(&folder()).unwrap()
}

fn text<'a>(files: &'a Files, name: &str) -> &'a str {
    std::str::from_utf8(&files.0[name]).unwrap()
}

fn with(name: &str, text: String) -> Files {
    let mut files = template();
    files.0.insert(name.to_owned(), text.into_bytes());
    files
}

fn read(files: &Files) -> Result<Checked, Errors> {
    davy_config::read(files, &|name| Err(format!("the template needs no secret, and not {name}")))
}

/// What the reader says it knows where a file has something unknown.
fn known(files: &Files, phrase: &str) -> Vec<String> {
    let errors = read(files).unwrap_err();
    let message = errors.0.iter().map(|finding| &finding.message).find(|message| message.contains(UNKNOWN)).unwrap();
    let (_, list) = message.split_once(phrase).unwrap_or_else(|| panic!("no list in: {message}"));
    list.split(", ").map(str::to_owned).collect()
}

#[test]
fn nothing_is_wrong_or_odd() {
    let checked = davy_config::read_dir(&folder()).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(checked.coverage, [], "warnings");
    let site = &checked.configuration.site;
    assert!(!site.tags.is_empty() && !site.zones.is_empty() && !site.cameras.is_empty() && !site.people.is_empty());
    assert_eq!((site.sources.len(), site.uplinks.len()), (4, 4));
}

/// `#key = value` shows the default, so that writing it out changes nothing.
#[test]
fn optional_keys_show_their_defaults() {
    let show = |files: &Files| {
        let mut configuration = read(files).unwrap_or_else(|errors| panic!("{errors}")).configuration;
        configuration.site.gateway.config_version = "".into();
        configuration.files = Files::default();
        format!("{configuration:#?}")
    };
    // What a message may also bring, and a panel, have an example and no default.
    let has_default =
        |line: &str| !["battery", "floor", "time =", "picture", "panel"].iter().any(|key| line.starts_with(key));
    let (as_it_is, defaults) = (show(&template()), show(&written_out(has_default)));
    let difference = as_it_is.lines().zip(defaults.lines()).find(|(as_it_is, defaults)| as_it_is != defaults);
    assert_eq!(difference, None, "(as it is, written out)");
    assert_ne!(show(&written_out(|_| true)), as_it_is, "and those without a default read as well");
}

/// The template with its optional keys written out.
fn written_out(chosen: impl Fn(&str) -> bool) -> Files {
    let mut files = template();
    for name in ["gateway.toml", "rules.toml"] {
        let is_key = |rest: &&str| rest.starts_with(|c: char| c.is_ascii_lowercase()) && chosen(rest);
        let lines = text(&files, name).lines().map(|line| line.strip_prefix('#').filter(is_key).unwrap_or(line));
        let lines: Vec<&str> = lines.collect();
        files.0.insert(name.to_owned(), lines.join("\n").into_bytes());
    }
    files
}

/// Of these the head of `rules.toml` speaks once for all rules.
const SAID_ONCE: &[&str] = &["off_delay", "alarms", "deadband"];
/// The tables whose figures concern the process and people; of those of connections the head of `gateway.toml` speaks.
const JUDGING: &[&str] = &["[policy", "[rule", "[[rule"];

/// Words of a source: a standard, or that it is Davy's own.
const SOURCES: &[&str] = &[
    "工程经验",
    "工程缺省",
    "工程约定",
    "ngineering default",
    "GB",
    "AQ 3064",
    "EEMUA",
    "ISA-18.2",
    "IEC 6",
    "NAMUR",
    "OPC UA 规定",
    "通行做法",
    "惯用",
    "common practice",
    "本产品的默认值",
    "article 13",
];

/// Whoever signs for the plant must be able to tell a standard's number from ours.
#[test]
fn every_default_number_names_its_source() {
    let template = template();
    let mut wanting = Vec::new();
    for name in ["gateway.toml", "rules.toml"] {
        let lines: Vec<&str> = text(&template, name).lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let written = line.strip_prefix('#').filter(|rest| !rest.starts_with(' '));
            let Some((key, value)) = written.and_then(|rest| rest.split_once(" = ")) else { continue };
            let value = value.trim_matches('"');
            let is_figure =
                value.starts_with(|c: char| c == '-' || c.is_ascii_digit()) && !["0", "0s"].contains(&value);
            let table = (0..at).rev().find(|at| lines[*at].starts_with('[')).unwrap();
            let judges = JUDGING.iter().any(|kind| lines[table].starts_with(kind));
            if !is_figure || !judges || SAID_ONCE.contains(&key) {
                continue;
            }
            let above = (0..table).rev().take_while(|at| lines[*at].starts_with('#')).last().unwrap_or(table);
            let comment = lines[above..at].iter().filter(|line| line.starts_with("# ")).copied().collect::<String>();
            if !SOURCES.iter().any(|source| comment.contains(source)) {
                wanting.push(format!("{name}: {} {line}", lines[table]));
            }
        }
    }
    assert_eq!(wanting, [""; 0], "no source in the comment at or above the key in its table");
}

#[test]
fn every_key_is_in_it() {
    let template = template();
    let mut count = 0;
    for name in ["gateway.toml", "rules.toml"] {
        let lines: Vec<&str> = text(&template, name).lines().collect();
        let headers: Vec<usize> = (0..lines.len()).filter(|&at| lines[at].starts_with('[')).collect();
        for &at in headers.iter().filter(|&&at| !lines[at].ends_with("algorithms]")) {
            let mut asked = lines.clone();
            let question = format!("{UNKNOWN} = 1");
            asked.insert(at + 1, &question);
            // Where a table stands there twice, each shows a part.
            let alike = headers.iter().copied().filter(|&other| lines[other] == lines[at]);
            let shown: Vec<&str> = alike.flat_map(|other| body(&lines, &headers, other)).copied().collect();
            for key in known(&with(name, asked.join("\n")), "the keys here are ") {
                let here = shown.iter().any(|line| shows(line, &key));
                let below = lines
                    .iter()
                    .any(|line| line.trim_end_matches(']').ends_with(&format!(".{key}")) && line.starts_with('['));
                assert!(here || below, "{name}: {} has no {key}", lines[at]);
                count += 1;
            }
        }
    }
    assert!(count > 60, "only {count} keys were found");
    let all = fs::read_to_string(folder().join("gateway.toml")).unwrap();
    assert!(all.contains("pointer = ") && all.contains("topic_level = "));
}

/// What not every build of davy reads stands there as an example. It reads as well, and leaves nothing out.
#[test]
fn the_example_of_kafka_is_whole() {
    let all = text(&template(), "gateway.toml").to_owned();
    let (_, example) = all.split_once("# [[uplink.kafka]]\n").unwrap();
    let is_key = |line: &&str| line.starts_with(|c: char| c.is_ascii_lowercase()) && line.contains(" = ");
    let keys: Vec<&str> = example.lines().filter_map(|line| line.strip_prefix("# ")).filter(is_key).collect();
    let table = |keys: &[&str]| with("gateway.toml", format!("{all}\n[[uplink.kafka]]\n{}\n", keys.join("\n")));
    for key in known(&table(&[format!("{UNKNOWN} = 1").as_str()]), "the keys here are ") {
        assert!(keys.iter().any(|line| shows(line, &key)), "the example has no {key}");
    }
    // One password, and either records or samples.
    let other = |line: &&str| line.starts_with("password_env") || line.starts_with("samples");
    let one_password: Vec<&str> = keys.iter().copied().filter(|line| !other(line)).collect();
    let secrets = |_: &str| Ok("-----BEGIN CERTIFICATE----- and -----BEGIN PRIVATE KEY-----".to_owned());
    let read = davy_config::read(&table(&one_password), &secrets).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(read.configuration.site.uplinks.len(), 5);
}

#[test]
fn every_kind_of_record_is_in_it() {
    let all = fs::read_to_string(folder().join("gateway.toml")).unwrap();
    let (_, kinds) = all.split_once("empty means all:\n# ").unwrap();
    assert_eq!(kinds.lines().next().unwrap().split(' ').collect::<Vec<_>>(), Record::KINDS);
}

/// The lines of a table.
fn body<'a, 'l>(lines: &'a [&'l str], headers: &[usize], at: usize) -> &'a [&'l str] {
    let end = headers.iter().copied().find(|&next| next > at).unwrap_or(lines.len());
    &lines[at..end]
}

/// `key = `, `#key = ` or `# key = `.
fn shows(line: &str, key: &str) -> bool {
    line.trim_start_matches(['#', ' ']).strip_prefix(key).is_some_and(|rest| rest.starts_with(" = "))
}

#[test]
fn every_column_is_in_it_and_explained() {
    let template = template();
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    for name in template.0.keys().filter(|name| name.ends_with(".csv")) {
        let table = text(&template, name);
        let (header, rows) = table.split_once('\n').unwrap();
        let rows: String = rows.lines().map(|row| format!("{row},\n")).collect();
        let columns = known(&with(name, format!("{header},{UNKNOWN}\n{rows}")), "the columns are ");
        let headers: Vec<&str> = header.split(',').collect();
        assert_eq!(headers.len(), columns.len(), "{name} has not every column: {columns:?}");
        let section = readme.split("\n## ").find(|section| section.starts_with(name.as_str())).unwrap();
        for word in columns.iter().map(String::as_str).chain(headers) {
            assert!(section.contains(word), "README.md does not explain {word} of {name}");
        }
    }
}
