//! The lines in which two configurations differ, file by file, each with a few lines around it.

use crate::limits;
use davy_api::{DifferenceLine, FileDifference};
use davy_config::Files;
use similar::{ChangeTag, TextDiff};
use std::collections::BTreeSet;

/// Every file that differs. One that is no text, such as the plan of the site, is named without lines.
pub(crate) fn between(then: &Files, now: &Files) -> Vec<FileDifference> {
    differing(then, now).map(|name| difference(name, bytes(then, name), bytes(now, name))).collect()
}

/// The names of the files that differ.
pub(crate) fn differing<'f>(then: &'f Files, now: &'f Files) -> impl Iterator<Item = &'f String> {
    let names: BTreeSet<&String> = then.0.keys().chain(now.0.keys()).collect();
    names.into_iter().filter(|name| then.0.get(*name) != now.0.get(*name))
}

fn bytes<'f>(files: &'f Files, name: &str) -> &'f [u8] {
    files.0.get(name).map(Vec::as_slice).unwrap_or_default()
}

fn difference(file: &str, then: &[u8], now: &[u8]) -> FileDifference {
    let mut difference = FileDifference { file: file.to_owned(), lines: Vec::new(), more: 0 };
    if let (Ok(then), Ok(now)) = (std::str::from_utf8(then), std::str::from_utf8(now)) {
        fill(&mut difference, then, now);
    }
    difference
}

/// Where the two have little in common, looking for the shortest difference would take minutes: after its time a longer one will do.
fn fill(difference: &mut FileDifference, then: &str, now: &str) {
    let diff = TextDiff::configure().timeout(limits::DIFFERENCE_TIME_MAX).diff_lines(then, now);
    for change in diff.grouped_ops(limits::DIFFERENCE_AROUND).iter().flatten().flat_map(|op| diff.iter_changes(op)) {
        let (sign, at) = match change.tag() {
            ChangeTag::Equal => (' ', change.new_index()),
            ChangeTag::Insert => ('+', change.new_index()),
            ChangeTag::Delete => ('-', change.old_index()),
        };
        if difference.lines.len() < limits::DIFFERENCE_LINES_MAX {
            let text = change.value().trim_end_matches(['\r', '\n']);
            let text = text.chars().take(limits::DIFFERENCE_CHARS_MAX).collect();
            difference.lines.push(DifferenceLine { sign, line: at.unwrap_or_default() + 1, text });
        } else {
            difference.more += usize::from(sign != ' ');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(all: &[(&str, &[u8])]) -> Files {
        Files(all.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect())
    }

    fn shown(difference: &FileDifference) -> Vec<String> {
        difference.lines.iter().map(|line| format!("{}{} {}", line.sign, line.line, line.text)).collect()
    }

    #[test]
    fn what_differs_is_shown_with_what_stands_around_it() {
        let many: String = (1..=20).map(|line| format!("{line}\r\n")).collect();
        let then = files(&[("a.csv", many.as_bytes()), ("b.csv", b"same\n"), ("plan.png", b"\xff\x01")]);
        let other = many.replace("10\r\n", "ten\r\n");
        let now =
            files(&[("a.csv", other.as_bytes()), ("b.csv", b"same\n"), ("c.csv", b"x\n"), ("plan.png", b"\xff\x02")]);
        let all = between(&then, &now);
        assert_eq!(all.iter().map(|file| file.file.as_str()).collect::<Vec<_>>(), ["a.csv", "c.csv", "plan.png"]);
        assert_eq!(shown(&all[0]), [" 7 7", " 8 8", " 9 9", "-10 10", "+10 ten", " 11 11", " 12 12", " 13 13"]);
        assert_eq!((shown(&all[1]), shown(&all[2])), (vec!["+1 x".to_owned()], Vec::new()));
        assert_eq!(between(&then, &then), []);
    }

    #[test]
    fn a_long_difference_is_cut_and_counted() {
        let many: String = (0..limits::DIFFERENCE_LINES_MAX + 7).map(|line| format!("{line}\n")).collect();
        let all = between(&files(&[]), &files(&[("a.csv", many.as_bytes())]));
        assert_eq!((all[0].lines.len(), all[0].more), (limits::DIFFERENCE_LINES_MAX, 7));
    }
}
