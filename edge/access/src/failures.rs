//! Failed log-ins for the record: the first at once, the following ones summed up for a minute, so that nobody fills the journal by
//! guessing. A name that nobody has is not repeated: it may be a password in the wrong field.

use crate::limits::{FAILURES_APART_MAX, FAILURES_TOLD_EVERY_MS};
use davy_core::{
    event::{Note, NoteAct},
    time::Monotonic,
};
use std::{collections::BTreeMap, net::IpAddr};

/// Who is named where nobody is known.
pub(crate) const UNKNOWN: &str = "unknown";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Failure {
    /// A wrong password.
    Wrong,
    /// Locked out by it, for so many seconds.
    Locked(u64),
}

#[derive(Debug)]
struct Sum {
    told: Monotonic,
    more: u64,
}

/// What is summed up, by what it was, who and from where; no address: from many.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    sums: BTreeMap<(Failure, String, Option<IpAddr>), Sum>,
    due: Vec<(String, Note)>,
}

impl Failures {
    /// Of a user who is known, or of nobody known.
    pub(crate) fn add(&mut self, what: Failure, user: Option<&str>, from: IpAddr, now: Monotonic) {
        let mut key = (what, user.unwrap_or(UNKNOWN).to_owned(), Some(from));
        if self.sums.len() >= FAILURES_APART_MAX && !self.sums.contains_key(&key) {
            key = (what, UNKNOWN.to_owned(), None);
        }
        if let Some(sum) = self.sums.get_mut(&key) {
            sum.more += 1;
            return;
        }
        self.due.push(note(&key, 1));
        self.sums.insert(key, Sum { told: now, more: 0 });
    }

    /// What is to go on record by now: who, and what of.
    pub(crate) fn take_due(&mut self, now: Monotonic) -> Vec<(String, Note)> {
        self.take(|sum| now.since(sum.told) >= FAILURES_TOLD_EVERY_MS)
    }

    /// All that is not on record yet.
    pub(crate) fn take_all(&mut self) -> Vec<(String, Note)> {
        self.take(|_| true)
    }

    fn take(&mut self, is_ripe: impl Fn(&Sum) -> bool) -> Vec<(String, Note)> {
        let mut due = std::mem::take(&mut self.due);
        self.sums.retain(|key, sum| {
            let ripe = is_ripe(sum);
            if ripe && sum.more > 0 {
                due.push(note(key, sum.more));
            }
            !ripe
        });
        due
    }
}

fn note((what, user, from): &(Failure, String, Option<IpAddr>), times: u64) -> (String, Note) {
    let (act, words) = match what {
        Failure::Wrong => (NoteAct::LogInFailed, "wrong name or password".to_owned()),
        Failure::Locked(seconds) => (NoteAct::LockOut, format!("cannot log in for {seconds} s")),
    };
    let from = from.map_or_else(|| "several addresses".to_owned(), |from| from.to_string());
    let times = if times == 1 { String::new() } else { format!(", {times} times within a minute") };
    let note = Note { act, object: Some(from), before: None, after: None, note: format!("{words}{times}") };
    (user.clone(), note)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(notes: Vec<(String, Note)>) -> Vec<String> {
        notes.into_iter().map(|(by, note)| format!("{by} {}: {}", note.object.unwrap_or_default(), note.note)).collect()
    }

    #[test]
    fn the_first_is_told_at_once_and_a_minute_of_others_together() {
        let (mut failures, here) = (Failures::default(), IpAddr::from([10, 0, 0, 7]));
        for n in 0..10 {
            failures.add(Failure::Wrong, Some("陈静"), here, Monotonic(n));
        }
        failures.add(Failure::Locked(30), Some("陈静"), here, Monotonic(10));
        failures.add(Failure::Wrong, None, here, Monotonic(11));
        assert_eq!(
            said(failures.take_due(Monotonic(20))),
            [
                "陈静 10.0.0.7: wrong name or password",
                "陈静 10.0.0.7: cannot log in for 30 s",
                "unknown 10.0.0.7: wrong name or password"
            ]
        );
        assert_eq!(said(failures.take_due(Monotonic(59_999))), Vec::<String>::new());
        let summed = ["陈静 10.0.0.7: wrong name or password, 9 times within a minute"];
        assert_eq!(said(failures.take_due(Monotonic(60_011))), summed);
        assert!(failures.sums.is_empty(), "what was told is forgotten");
    }

    #[test]
    fn many_addresses_are_summed_up_together() {
        let mut failures = Failures::default();
        for n in 0..1_000_u32 {
            failures.add(Failure::Wrong, None, IpAddr::from(n.to_be_bytes()), Monotonic(0));
        }
        assert_eq!(failures.take_due(Monotonic(0)).len(), FAILURES_APART_MAX + 1);
        let last = said(failures.take_all());
        assert_eq!(last, ["unknown several addresses: wrong name or password, 935 times within a minute"]);
    }
}
