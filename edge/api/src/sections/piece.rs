//! A section of the stream as it is now, ready for the wire: as a whole, and of a list also the rows that have changed since any earlier
//! revision.

use super::Section;
use bytes::Bytes;
use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

/// A section as it is now.
#[derive(Debug)]
pub(crate) struct Piece {
    section: Section,
    /// Greater with every change of any section.
    pub(crate) revision: u64,
    content: Content,
}

#[derive(Debug)]
enum Content {
    /// JSON that goes out as one.
    Whole {
        text: String,
        event: OnceLock<Bytes>,
    },
    List(List),
}

/// A list, row by row.
#[derive(Debug)]
struct List {
    rows: Vec<Row>,
    /// The revision at which a row came, went or moved last.
    ordered: u64,
    whole: OnceLock<Bytes>,
    /// Most who listen have seen the same.
    changes: OnceLock<(u64, Bytes)>,
}

/// A row as JSON.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: Arc<str>,
    pub(crate) text: Arc<str>,
    revision: u64,
}

impl Row {
    pub(crate) fn new(id: &str, text: String) -> Self {
        Self { id: id.into(), text: text.into(), revision: 0 }
    }
}

impl Piece {
    /// A section that goes out as one; `None` when it says the same as before.
    pub(crate) fn whole(section: Section, revision: u64, text: String, before: Option<&Self>) -> Option<Self> {
        // Every beat counts, even when the clock was set back.
        let same = section != Section::Beat
            && matches!(before, Some(Self { content: Content::Whole { text: before, .. }, .. }) if *before == text);
        (!same).then(|| Self { section, revision, content: Content::Whole { text, event: OnceLock::new() } })
    }

    /// A list; `None` when it says the same as before.
    pub(crate) fn list(section: Section, revision: u64, mut rows: Vec<Row>, before: Option<&Self>) -> Option<Self> {
        let none = List { rows: Vec::new(), ordered: 0, whole: OnceLock::new(), changes: OnceLock::new() };
        let (before, is_new) = match before {
            Some(Self { content: Content::List(before), .. }) => (before, false),
            Some(_) | None => (&none, true),
        };
        let moved =
            rows.len() != before.rows.len() || rows.iter().zip(&before.rows).any(|(one, other)| one.id != other.id);
        let changed =
            if moved { settle_moved(&mut rows, before, revision) } else { settle(&mut rows, before, revision) };
        let ordered = if moved || is_new { revision } else { before.ordered };
        (changed || moved || is_new).then(|| Self {
            section,
            revision,
            content: Content::List(List { rows, ordered, whole: OnceLock::new(), changes: OnceLock::new() }),
        })
    }

    /// A row of a list by its place.
    pub(crate) fn row(&self, at: usize) -> Option<&Row> {
        match &self.content {
            Content::List(list) => list.rows.get(at),
            Content::Whole { .. } => None,
        }
    }

    /// The event for who wants whole sections.
    pub(crate) fn event(&self) -> Bytes {
        match &self.content {
            Content::Whole { text, event } => event.get_or_init(|| self.framed(text)).clone(),
            Content::List(list) => list.whole.get_or_init(|| self.framed(&list.text(0))).clone(),
        }
    }

    /// The event for who has what there was at a revision, 0 for nothing, and wants of lists only what has changed.
    pub(crate) fn changes_since(&self, seen: u64) -> Bytes {
        let Content::List(list) = &self.content else { return self.event() };
        let make = || {
            let order = (seen < list.ordered).then(|| list.order());
            let order = order.map(|ids| format!(r#""order":{ids},"#)).unwrap_or_default();
            self.framed(&format!(r#"{{{order}"rows":{}}}"#, list.text(seen)))
        };
        let (since, event) = list.changes.get_or_init(|| (seen, make()));
        if *since == seen { event.clone() } else { make() }
    }

    fn framed(&self, data: &str) -> Bytes {
        Bytes::from(format!("event: {}\ndata: {data}\n\n", self.section.name()))
    }
}

/// Rows in the same places: those that say the same stay as old as they are.
fn settle(rows: &mut [Row], before: &List, revision: u64) -> bool {
    let mut changed = false;
    for (row, old) in rows.iter_mut().zip(&before.rows) {
        changed |= row.follow(Some(old), revision);
    }
    changed
}

fn settle_moved(rows: &mut [Row], before: &List, revision: u64) -> bool {
    let known: HashMap<&str, &Row> = before.rows.iter().map(|row| (&*row.id, row)).collect();
    let mut changed = false;
    for row in rows {
        let old = known.get(&*row.id).copied();
        changed |= row.follow(old, revision);
    }
    changed
}

impl Row {
    /// Whether it is another than it was.
    fn follow(&mut self, old: Option<&Self>, revision: u64) -> bool {
        match old {
            Some(old) if old.text == self.text => {
                *self = old.clone();
                false
            }
            Some(_) | None => {
                self.revision = revision;
                true
            }
        }
    }
}

impl List {
    /// Rows that are newer than a revision, as a JSON array.
    fn text(&self, seen: u64) -> String {
        let rows: Vec<&str> = self.rows.iter().filter(|row| row.revision > seen).map(|row| &*row.text).collect();
        format!("[{}]", rows.join(","))
    }

    fn order(&self) -> String {
        let ids: Vec<&str> = self.rows.iter().map(|row| &*row.id).collect();
        serde_json::json!(ids).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(revision: u64, rows: &[(&str, u32)], before: Option<&Piece>) -> Option<Piece> {
        let rows = rows.iter().map(|(id, value)| Row::new(id, format!("[\"{id}\",{value}]"))).collect();
        Piece::list(Section::Alarms, revision, rows, before)
    }

    fn data(event: &Bytes) -> &str {
        let text = std::str::from_utf8(event).expect("text");
        text.strip_prefix("event: alarms\ndata: ").and_then(|text| text.strip_suffix("\n\n")).expect("an event")
    }

    #[test]
    fn whoever_has_seen_a_revision_gets_what_has_changed_since() {
        let first = list(1, &[("a", 1), ("b", 1)], None).expect("new");
        assert_eq!(data(&first.event()), r#"[["a",1],["b",1]]"#);
        assert_eq!(data(&first.changes_since(0)), r#"{"order":["a","b"],"rows":[["a",1],["b",1]]}"#);
        assert!(list(2, &[("a", 1), ("b", 1)], Some(&first)).is_none(), "nothing has changed");
        let second = list(3, &[("a", 1), ("b", 2)], Some(&first)).expect("changed");
        assert_eq!(data(&second.changes_since(1)), r#"{"rows":[["b",2]]}"#);
        let third = list(7, &[("c", 1), ("a", 1), ("b", 2)], Some(&second)).expect("one came");
        assert_eq!(data(&third.changes_since(3)), r#"{"order":["c","a","b"],"rows":[["c",1]]}"#);
        // Who was away for longer gets all of it at once, and who has everything nothing that he has.
        assert_eq!(data(&third.changes_since(1)), r#"{"order":["c","a","b"],"rows":[["c",1],["b",2]]}"#);
        assert_eq!(data(&third.changes_since(0)), r#"{"order":["c","a","b"],"rows":[["c",1],["a",1],["b",2]]}"#);
        let fourth = list(8, &[("b", 2), ("c", 1)], Some(&third)).expect("one went, the others moved");
        assert_eq!(data(&fourth.changes_since(7)), r#"{"order":["b","c"],"rows":[]}"#);
        assert_eq!(data(&fourth.event()), r#"[["b",2],["c",1]]"#);
    }

    #[test]
    fn a_list_without_rows_is_told_once() {
        let none = list(4, &[], None).expect("nobody knew that there are none");
        assert_eq!(data(&none.changes_since(0)), r#"{"order":[],"rows":[]}"#);
        assert!(list(5, &[], Some(&none)).is_none());
    }

    #[test]
    fn what_goes_out_as_one_does_so_only_when_it_changes() {
        let whole = |section, text: &str, before| Piece::whole(section, 1, text.to_owned(), before);
        let first = whole(Section::System, "1", None).expect("new");
        assert_eq!(&first.event()[..], b"event: system\ndata: 1\n\n");
        assert_eq!(first.changes_since(0), first.event());
        assert!(whole(Section::System, "1", Some(&first)).is_none());
        assert!(whole(Section::System, "2", Some(&first)).is_some());
        let beat = whole(Section::Beat, "1", None).expect("new");
        assert!(whole(Section::Beat, "1", Some(&beat)).is_some());
    }
}
