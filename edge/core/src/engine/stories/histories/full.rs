//! More tickets than can be watched.

use super::*;
use crate::{event::TicketUpdate, limits::TICKETS_MAX};
use std::collections::BTreeSet;

/// Tickets beyond those that are there at the beginning; there is room for two of them.
const FURTHER: usize = 6;

/// A ticket is said to be in work, or finished.
type Word = (usize, bool);

/// The tickets that are watched, by when something new was heard of them, and whether each is finished. A new one takes the
/// place of the one that is finished and was heard of longest ago, unless an alarm names it.
fn watched(told: &[Word]) -> Vec<Word> {
    let (mut held, mut named): (Vec<Word>, Option<usize>) = (Vec::new(), None);
    for (ticket, is_finished) in told.iter().copied() {
        let known = held.iter().position(|(other, _)| *other == ticket);
        match known {
            Some(at) if held[at].1 == is_finished => continue,
            Some(at) => drop(held.remove(at)),
            None if held.len() < TICKETS_MAX => {}
            None => match held.iter().position(|(other, finished)| *finished && Some(*other) != named) {
                Some(forgotten) => drop(held.remove(forgotten)),
                None => continue,
            },
        }
        held.push((ticket, is_finished));
        named = named.or(is_full(&held).then_some(ticket));
    }
    held
}

fn is_full(held: &[Word]) -> bool {
    held.len() == TICKETS_MAX && held.iter().all(|(_, is_finished)| !is_finished)
}

fn works() -> Site {
    let kind = TicketRule { kind: TicketKind::TooMany, unit: None, table: 0, slot: 0 };
    Site { rules: vec![rule("full", RuleKind::Ticket(kind), None)], ..site() }
}

proptest! {
    // A thousand tickets each.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn whether_there_are_too_many_tickets_follows_from_the_history(
        words in prop::collection::vec((TICKETS_MAX - 5..TICKETS_MAX - 2 + FURTHER, prop::bool::weighted(0.3)), 1..60),
    ) {
        let mut bench = Bench::of(works());
        bench.link(Link::Up);
        let there = (0..TICKETS_MAX - 2).map(|ticket| (ticket, false));
        let mut told: Vec<Word> = Vec::new();
        for (ticket, is_finished) in there.chain(words) {
            let mut update =
                TicketUpdate::new(format!("T-{ticket:03}").as_str().into(), WorkType("01".to_owned()), bench.now.utc);
            update.status = if is_finished { TicketStatus::Accepted } else { TicketStatus::InWork };
            bench.apply(Event::Ticket(Box::new(update)));
            told.push((ticket, is_finished));
            if told.len() <= TICKETS_MAX - 2 {
                continue;
            }
            let held = watched(&told);
            prop_assert_eq!(!bench.active().is_empty(), is_full(&held), "after {:?}", &told[TICKETS_MAX - 2..]);
            let is_held: BTreeSet<String> = held.iter().map(|(ticket, _)| format!("T-{ticket:03}")).collect();
            let engine: BTreeSet<String> = bench.engine.inputs.tickets.held.keys().map(ToString::to_string).collect();
            prop_assert_eq!(engine, is_held, "after {:?}", &told[TICKETS_MAX - 2..]);
        }
    }
}
