//! What people read holds together: every link of the handbook, the README and the other documents leads somewhere, both
//! languages have the same chapters, and no chapter is missing from the contents.

#![expect(clippy::unwrap_used, reason = "what is not there fails the test where it stands")]

use acceptance::places;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Documents beside the handbook.
const OTHERS: [&str; 5] = ["README.md", "CHANGELOG.md", "SECURITY.md", "docs/consumer/README.md", "tests/mutants.md"];

fn chapters(language: &str) -> BTreeSet<String> {
    let folder = places::workspace().join("docs").join(language).join("src");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".md")).collect()
}

fn chapter(language: &str, name: &str) -> PathBuf {
    places::workspace().join("docs").join(language).join("src").join(name)
}

#[test]
fn both_languages_have_the_same_chapters_and_list_them_all() {
    assert_eq!(chapters("zh"), chapters("en"));
    for language in ["zh", "en"] {
        let summary = read(&chapter(language, "SUMMARY.md"));
        let listed: Vec<&str> = links(&summary).into_iter().map(|(_, target)| target).collect();
        let mut all = chapters(language);
        assert!(all.remove("SUMMARY.md"));
        assert_eq!(listed.len(), all.len(), "{language}: each chapter is listed once: {listed:?}");
        assert_eq!(listed.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), all, "{language}");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let handbook = ["zh", "en"]
        .into_iter()
        .flat_map(|language| chapters(language).into_iter().map(move |name| chapter(language, &name)));
    let others = OTHERS.iter().map(|name| places::workspace().join(name));
    let (mut wrong, mut count) = (Vec::new(), 0);
    for path in handbook.chain(others) {
        let text = read(&path);
        for (line, target) in links(&text) {
            count += 1;
            if let Some(why) = broken(&path, target) {
                wrong.push(format!(
                    "{}:{line}: {target}: {why}",
                    path.strip_prefix(places::workspace()).unwrap().display()
                ));
            }
        }
    }
    assert!(count > 50, "the links were found: {count}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Why a link leads nowhere. Addresses of other hosts are not asked.
fn broken(from: &Path, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
    let path = if file.is_empty() { from.to_owned() } else { from.parent().unwrap().join(file) };
    if !path.exists() {
        return Some("there is no such file".to_owned());
    }
    let anchor = anchor?;
    let anchors: BTreeSet<String> = headings(&read(&path)).iter().map(|heading| slug(heading)).collect();
    (!anchors.contains(anchor)).then(|| {
        format!("no heading there has this anchor, but {}", anchors.into_iter().collect::<Vec<_>>().join(", "))
    })
}

/// `[words](target)` outside of code, with the line of each.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (line, words) in prose(text) {
        // What stands between backticks is code.
        for outside in words.split('`').step_by(2) {
            let after = outside.match_indices("](").map(|(at, mark)| &outside[at + mark.len()..]);
            found.extend(after.filter_map(|rest| rest.split_once(')')).map(|(target, _)| (line, target)));
        }
    }
    found
}

fn headings(text: &str) -> Vec<&str> {
    prose(text).filter(|(_, line)| line.starts_with('#')).map(|(_, line)| line.trim_start_matches('#').trim()).collect()
}

/// Lines outside of fenced code, numbered from 1.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(at, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        (!fenced && !fence).then_some((at + 1, line))
    })
}

/// The anchor of a heading, as mdBook and forges make it.
fn slug(heading: &str) -> String {
    let kept = heading.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    kept.map(|letter| if letter == ' ' { '-' } else { letter.to_ascii_lowercase() }).collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
