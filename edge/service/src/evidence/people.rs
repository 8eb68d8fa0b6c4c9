//! Who was in the zones, from when to when, out of the rows about people.

use crate::limits;
use davy_core::{
    id::{PersonId, ZoneId},
    record::{PersonRecord, Stay},
    time::UtcTime,
    trigger::PersonRef,
};
use std::collections::{BTreeMap, BTreeSet};

/// The stays.
#[derive(Debug)]
pub(super) struct People {
    zones: BTreeSet<ZoneId>,
    stays: Vec<Stay>,
    /// Of those inside now, the place in `stays`.
    inside: BTreeMap<PersonId, usize>,
    left_out: u64,
}

impl People {
    pub(super) fn new(zones: BTreeSet<ZoneId>) -> Self {
        Self { zones, stays: Vec::new(), inside: BTreeMap::new(), left_out: 0 }
    }

    /// Takes a row, in order; the last one from before the time is like any other.
    pub(super) fn take(&mut self, record: &PersonRecord, at: UtcTime) {
        let person = &record.person;
        if record.place_unknown {
            return self.fall_silent(record, at);
        }
        let zone = person.zone.as_ref().filter(|zone| self.zones.contains(zone)).cloned();
        let stays_on = self.with_stay(&person.id, |stay| {
            let stays_on = zone.as_ref() == Some(&stay.zone);
            stay.left_at = (!stays_on).then_some(at);
            stays_on
        });
        match stays_on {
            Some(true) => {}
            Some(false) => drop(self.inside.remove(&person.id)),
            None => self.leaves_unseen(record, zone.as_ref(), at),
        }
        if let Some(zone) = zone.filter(|_| stays_on != Some(true)) {
            self.enter(person, zone, record.in_zone_since.or(Some(at)));
        }
        if record.sos {
            self.with_stay(&person.id, |stay| stay.sos_at = stay.sos_at.or(Some(at)));
        }
    }

    /// Takes those whom the warning names: who is none of the others was inside before anything was heard of.
    pub(super) fn named(&mut self, people: &[PersonRef]) {
        for person in people {
            let zone = person.zone.as_ref().filter(|zone| self.zones.contains(zone));
            if let Some(zone) = zone.filter(|_| !self.inside.contains_key(&person.id)) {
                self.enter(person, zone.clone(), None);
            }
        }
    }

    /// In the order of entry, and how many are left out.
    pub(super) fn finish(mut self) -> (Vec<Stay>, u64) {
        self.stays.sort_by_key(|stay| stay.entered_at);
        (self.stays, self.left_out)
    }

    /// Whose card is silent has not left.
    fn fall_silent(&mut self, record: &PersonRecord, at: UtcTime) {
        let person = &record.person;
        let was_in = record.from_zone.as_ref().filter(|zone| self.zones.contains(zone)).cloned();
        if let Some(zone) = was_in.filter(|_| !self.inside.contains_key(&person.id)) {
            self.enter(person, zone, record.in_zone_since);
        }
        self.with_stay(&person.id, |stay| stay.place_unknown_at = stay.place_unknown_at.or(Some(at)));
    }

    fn leaves_unseen(&mut self, record: &PersonRecord, zone: Option<&ZoneId>, at: UtcTime) {
        let from = record.from_zone.as_ref().filter(|from| self.zones.contains(from) && Some(*from) != zone);
        if let Some(from) = from.cloned() {
            self.enter(&record.person, from, None);
            self.with_stay(&record.person.id, |stay| stay.left_at = Some(at));
            self.inside.remove(&record.person.id);
        }
    }

    fn enter(&mut self, person: &PersonRef, zone: ZoneId, entered_at: Option<UtcTime>) {
        if self.stays.len() >= limits::EVIDENCE_STAYS_MAX {
            self.left_out += 1;
            return;
        }
        self.inside.insert(person.id.clone(), self.stays.len());
        self.stays.push(Stay {
            person: person.id.clone(),
            name: person.name.clone(),
            zone,
            entered_at,
            left_at: None,
            sos_at: None,
            place_unknown_at: None,
        });
    }

    fn with_stay<T>(&mut self, person: &PersonId, change: impl FnOnce(&mut Stay) -> T) -> Option<T> {
        let at = *self.inside.get(person)?;
        self.stays.get_mut(at).map(change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(zone: &str, from: &str, is: &str) -> PersonRecord {
        let named = |zone: &str| (!zone.is_empty()).then(|| zone.into());
        PersonRecord {
            person: PersonRef { id: "P1".into(), name: "张三".to_owned(), zone: named(zone) },
            from_zone: named(from),
            in_zone_since: None,
            place_unknown: is == "unknown",
            position: None,
            sos: is == "sos",
            battery_percent: None,
            source_time: None,
            received_time: UtcTime(0),
        }
    }

    /// `zone<from` is a row, a second apart from the next; a stay is `zone entered-left`, with `s` and `u` for SOS and unknown.
    fn check(rows: &str, named: &str, expected: &str) {
        let mut people = People::new(["A".into(), "B".into()].into());
        for (at, text) in (1..).zip(rows.split_whitespace()) {
            let (moved, is) = text.split_once(':').unwrap_or((text, ""));
            let (zone, from) = moved.split_once('<').expect("zone<from");
            people.take(&row(zone, from, is), UtcTime(at));
        }
        let named = named.split_whitespace();
        let named: Vec<PersonRef> = named.map(|zone| row(zone, "", "").person).collect();
        people.named(&named);
        let time = |time: Option<UtcTime>| time.map_or(String::new(), |time| time.0.to_string());
        let stays = people.finish().0.into_iter().map(|stay| {
            let sos = stay.sos_at.map(|at| format!("s{}", at.0)).unwrap_or_default();
            let unknown = stay.place_unknown_at.map(|at| format!("u{}", at.0)).unwrap_or_default();
            format!("{}{}-{}{sos}{unknown}", stay.zone, time(stay.entered_at), time(stay.left_at))
        });
        assert_eq!(stays.collect::<Vec<_>>().join(" "), expected, "{rows} | {named:?}");
    }

    #[test]
    fn a_stay_is_from_the_entry_to_the_exit() {
        check("", "", "");
        check("A<", "", "A1-");
        check("A< <A", "", "A1-2");
        check("A< B<A X<B", "", "A1-2 B2-3");
        check("X< Y<X", "", "");
        check("A< A<A:sos A<A:sos <A", "", "A1-4s2");
    }

    #[test]
    fn whoever_was_inside_before_has_no_entry() {
        check("<A", "", "A-1");
        check("B<A", "", "A-1 B1-");
        check("", "A", "A-");
        check("A<", "A", "A1-");
        check("A< <A", "A", "A- A1-2");
        check("", "X", "");
    }

    #[test]
    fn a_silent_card_has_not_left() {
        check("A< <A:unknown", "", "A1-u2");
        check("A< A<A:unknown A<A <A", "", "A1-4u2");
        check("<A:unknown A< <A", "", "A-3u1");
        check("<X:unknown", "", "");
    }
}
