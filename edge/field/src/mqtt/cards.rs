//! Who carries which card. Pure.
//!
//! `people.csv` gives every card to a person. A message that names card and person gives the card to that person until
//! another message says otherwise, so that what follows with the card alone, such as a pressed SOS button, is the word of
//! whoever carries it. This is not kept over a restart: the location system says it again with each message.

use super::mapping::{Oddity, unknown};
use crate::limits::mqtt::{CARD_CHARS_MAX, CARDS_GIVEN_MAX};
use davy_core::{id::PersonIx, model::Site};
use std::collections::BTreeMap;

pub(super) struct Cards {
    /// By `people.csv`.
    listed: BTreeMap<String, PersonIx>,
    /// Given to somebody else by a message.
    given: BTreeMap<String, PersonIx>,
    by_number: BTreeMap<String, PersonIx>,
    /// The number of each person.
    numbers: Vec<String>,
}

impl Cards {
    pub(super) fn new(site: &Site) -> Self {
        let people = || site.people.iter().enumerate().map(|(at, person)| (PersonIx::from(at), person));
        Self {
            listed: people().map(|(ix, person)| (person.card.clone(), ix)).collect(),
            given: BTreeMap::new(),
            by_number: people().map(|(ix, person)| (person.id.to_string(), ix)).collect(),
            numbers: people().map(|(_, person)| person.id.to_string()).collect(),
        }
    }

    /// Who carries a card, and what is odd about it. A person whom nobody knows changes nothing: somebody in need of help
    /// must be looked for, if under the wrong name.
    pub(super) fn holder(&mut self, card: &str, number: Option<&str>) -> Result<(PersonIx, Option<Oddity>), Oddity> {
        let holder = self.given.get(card).or(self.listed.get(card)).copied();
        let Some(number) = number else {
            return holder.map(|holder| (holder, None)).ok_or_else(|| unknown("card", card));
        };
        let Some(person) = self.by_number.get(number).copied() else {
            let oddity = unknown("person", number);
            return holder.map(|holder| (holder, Some(oddity.clone()))).ok_or(oddity);
        };
        let oddity = if holder == Some(person) { None } else { self.give(card, person) };
        Ok((person, oddity))
    }

    /// Gives a card to somebody else; odd, unless that is whom `people.csv` names.
    fn give(&mut self, card: &str, person: PersonIx) -> Option<Oddity> {
        let listed = self.listed.get(card).copied();
        if listed == Some(person) {
            self.given.remove(card);
            return None;
        }
        let room = self.given.len() < CARDS_GIVEN_MAX || self.given.contains_key(card);
        if room && card.chars().count() <= CARD_CHARS_MAX {
            self.given.insert(card.to_owned(), person);
        }
        let number = |person: PersonIx| self.numbers[person.at()].as_str();
        let listed = listed.map_or("nobody", number);
        Some(unknown("card", &format!("{card} is carried by {}, people.csv gives it to {listed}", number(person))))
    }
}
