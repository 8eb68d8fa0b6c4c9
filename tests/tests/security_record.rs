//! The record of security requirements, docs/security/iec62443.toml: every test that it names exists, no requirement is left out,
//! and the handbook says the same in both languages (`UPDATE_GOLDEN=1` writes it).

#![expect(clippy::unwrap_used, reason = "what is not there fails the test where it stands")]

use acceptance::places;
use serde::Deserialize;
use std::{fmt::Write as _, fs, path::Path};

const BEGIN: &str = "<!-- requirements -->\n";
const END: &str = "<!-- /requirements -->";

/// The requirements of IEC 62443-4-2:2019 up to SL-C 2 for embedded devices, and those for network devices that ask for a word.
const REQUIREMENTS: &str = "\
    CR 1.1, CR 1.1 RE 1, CR 1.2, CR 1.3, CR 1.4, CR 1.5, NDR 1.6, CR 1.7, CR 1.8, CR 1.9, CR 1.10, CR 1.11, CR 1.12, NDR 1.13, CR 1.14, \
    CR 2.1, CR 2.1 RE 1, CR 2.1 RE 2, CR 2.2, EDR 2.4, EDR 2.4 RE 1, CR 2.5, CR 2.6, CR 2.8, CR 2.9, CR 2.10, CR 2.11, CR 2.11 RE 1, \
    CR 2.12, EDR 2.13, CR 3.1, CR 3.1 RE 1, EDR 3.2, CR 3.3, CR 3.4, CR 3.4 RE 1, CR 3.5, CR 3.6, CR 3.7, CR 3.8, CR 3.9, EDR 3.10, \
    EDR 3.10 RE 1, EDR 3.11, EDR 3.12, EDR 3.13, EDR 3.14, EDR 3.14 RE 1, CR 4.1, CR 4.2, CR 4.3, CR 5.1, NDR 5.2, NDR 5.2 RE 1, \
    NDR 5.3, CR 6.1, CR 6.2, CR 7.1, CR 7.1 RE 1, CR 7.2, CR 7.3, CR 7.3 RE 1, CR 7.4, CR 7.6, CR 7.7, CR 7.8";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    requirement: Vec<Requirement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Requirement {
    id: String,
    title: Said,
    met: Met,
    how: Said,
    /// What is left to the site.
    site: Option<Said>,
    /// `file::function`, or a file, from the workspace's folder.
    #[serde(default)]
    tests: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    en: String,
    zh: String,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Met {
    Yes,
    Partly,
    No,
    /// Whoever builds the box.
    Box,
    Site,
    /// It does not concern this component.
    None,
}

const MET: [Met; 6] = [Met::Yes, Met::Partly, Met::No, Met::Box, Met::Site, Met::None];

struct Words {
    file: &'static str,
    said: fn(&Said) -> &str,
    met: fn(Met) -> &'static str,
    head: &'static str,
    parts: [&'static str; 7],
}

const EN: Words = Words {
    file: "docs/en/src/iec62443.md",
    said: |said| &said.en,
    met: |met| match met {
        Met::Yes => "met",
        Met::Partly => "partly met",
        Met::No => "not met",
        Met::Box => "the box's",
        Met::Site => "the site's",
        Met::None => "not concerned",
    },
    head: "| Requirement | | How | Left to the site | Shown by |",
    parts: [
        "Identification and authentication",
        "Use control",
        "System integrity",
        "Data confidentiality",
        "Restricted data flow",
        "Timely response to events",
        "Availability of resources",
    ],
};

const ZH: Words = Words {
    file: "docs/zh/src/iec62443.md",
    said: |said| &said.zh,
    met: |met| match met {
        Met::Yes => "满足",
        Met::Partly => "部分满足",
        Met::No => "不满足",
        Met::Box => "属于箱体",
        Met::Site => "属于企业",
        Met::None => "不涉及",
    },
    head: "| 要求 | | 做法 | 留给企业 | 由何证明 |",
    parts: ["标识与鉴别", "使用控制", "系统完整性", "数据保密性", "受限的数据流", "对事件的及时响应", "资源可用性"],
};

fn record() -> Vec<Requirement> {
    let text = fs::read_to_string(places::workspace().join("docs/security/iec62443.toml")).unwrap();
    toml::from_str::<Record>(&text).unwrap().requirement
}

#[test]
fn no_requirement_is_left_out() {
    let ids: Vec<String> = record().into_iter().map(|requirement| requirement.id).collect();
    assert_eq!(ids, REQUIREMENTS.split(", ").collect::<Vec<_>>());
}

#[test]
fn what_is_said_to_show_it_exists() {
    let mut wrong = Vec::new();
    for Requirement { id, met, tests, .. } in record() {
        if met == Met::Yes && tests.is_empty() {
            wrong.push(format!("{id} is met, and nothing shows it"));
        }
        wrong.extend(tests.iter().filter(|test| !exists(test)).map(|test| format!("{id}: there is no {test}")));
    }
    assert!(wrong.is_empty(), "adapt docs/security/iec62443.toml:\n{}", wrong.join("\n"));
}

/// A function counts only when an attribute makes it a test that is run.
fn exists(test: &str) -> bool {
    let (file, function) = test.split_once("::").map_or((test, None), |(file, function)| (file, Some(function)));
    let Ok(text) = fs::read_to_string(places::workspace().join(file)) else { return false };
    let Some(function) = function else { return true };
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let called = format!("fn {function}(");
    lines.iter().enumerate().any(|(at, line)| {
        let above = || lines[..at].iter().rev().take_while(|line| line.starts_with("#[") || line.starts_with("//"));
        line.contains(&called)
            && above().any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"))
            && !above().any(|line| line.starts_with("#[ignore"))
    })
}

#[test]
fn the_handbook_has_the_record() {
    let record = record();
    for words in [EN, ZH] {
        let path = places::workspace().join(words.file);
        let text = fs::read_to_string(&path).unwrap();
        let (before, rest) = text.split_once(BEGIN).unwrap();
        let (_, after) = rest.split_once(END).unwrap();
        let right = format!("{before}{BEGIN}{}{END}{after}", rendered(&record, &words));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, &right).unwrap();
        }
        assert!(fs::read_to_string(&path).unwrap() == right, "{} differs: UPDATE_GOLDEN=1 writes it", words.file);
    }
}

/// How many there are of each answer, and a table for each part of the standard.
fn rendered(record: &[Requirement], words: &Words) -> String {
    let mut text = String::from("\n");
    for met in MET {
        let count = record.iter().filter(|requirement| requirement.met == met).count();
        writeln!(text, "- {}: {count}", (words.met)(met)).unwrap();
    }
    for (part, title) in words.parts.iter().enumerate() {
        write!(text, "\n## FR {} {title}\n\n{}\n| --- | --- | --- | --- | --- |\n", part + 1, words.head).unwrap();
        for requirement in record.iter().filter(|requirement| requirement.of_part(part + 1)) {
            let said = words.said;
            let site = requirement.site.as_ref().map_or("", said);
            let shown: Vec<String> = requirement.tests.iter().map(|test| format!("`{}`", short(test))).collect();
            let (id, title, met) = (&requirement.id, said(&requirement.title), (words.met)(requirement.met));
            writeln!(
                text,
                "| **{id}** {title} | {met} | {} | {site} | {} |",
                said(&requirement.how),
                shown.join("<br>")
            )
            .unwrap();
        }
    }
    text + "\n"
}

impl Requirement {
    /// `CR 2.11 RE 1` is of part 2.
    fn of_part(&self, part: usize) -> bool {
        self.id.split([' ', '.']).nth(1) == Some(&part.to_string())
    }
}

/// `edge/access/src/keeper/tests.rs::x` as `keeper::x`; a file by its name.
fn short(test: &str) -> String {
    let Some((file, function)) = test.split_once("::") else { return test.to_owned() };
    let path = Path::new(file);
    let named = if path.ends_with("tests.rs") { path.parent().unwrap() } else { path };
    format!("{}::{function}", named.file_stem().unwrap().to_string_lossy())
}
