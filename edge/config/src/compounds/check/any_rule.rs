//! `any(sos)`, `any(immobile, Z-21)`, `any(ticket-expired)`: whether any of the rules is active that one table makes for each
//! person or each ticket, which nobody could name one by one.

use super::{Checker, Used};
use crate::{expression::Name, text::quoted};
use davy_core::{
    id::RuleIx,
    model::{Node, Rule, RuleKind},
};

/// The tables that make a rule for each person, as the rules' ids begin.
const OF_PEOPLE: [&str; 8] =
    ["sos", "zone-breach", "immobile", "overstay", "wrong-post", "off-post", "card-offline", "card-battery"];

impl Checker<'_, '_, '_> {
    pub(super) fn any_rule(&mut self, table: &Name, zones: &[Name]) -> Option<Node> {
        let of = self.rules_of(&table.text);
        let zones: Vec<_> = zones.iter().map(|zone| (zone.span.clone(), self.zone(zone))).collect();
        let Some(first) = of.first().copied() else {
            self.wrong(
                table.span.clone(),
                format_args!(
                    "{} makes no rules; write one of {}, which needs its table here, or the id of a [[rule.ticket]]",
                    quoted(&table.text),
                    OF_PEOPLE.join(", ")
                ),
            );
            return None;
        };
        let is_of_tickets = self.known.rules[first.at()].kind.person().is_none();
        if let (true, Some((span, _))) = (is_of_tickets, zones.first()) {
            self.wrong(
                span.clone(),
                "a ticket is in a unit and not in a zone; remove it, and write unit in [[rule.ticket]]",
            );
        }
        self.uses(table.span.clone(), Used::AnyRule(first));
        Some(Node::AnyRule { of: of.into(), zones: zones.into_iter().map(|(_, zone)| zone).collect::<Option<_>>()? })
    }

    /// The rules of a table in their order.
    fn rules_of(&self, table: &str) -> Vec<RuleIx> {
        let (of_people, of_ticket) = (format!("{}-", table.replace('_', "-")), format!("{table}."));
        let is_of_people = OF_PEOPLE.iter().any(|known| of_people.strip_suffix('-') == Some(known));
        let is_it = |rule: &Rule| {
            let id = rule.id.as_str();
            if let RuleKind::Ticket(_) = rule.kind {
                return id.strip_prefix(&*of_ticket).is_some_and(|slot| !slot.contains('.'));
            }
            is_of_people && rule.kind.person().is_some() && id.starts_with(&of_people)
        };
        let found = self.known.rules.iter().enumerate().filter(|(_, rule)| is_it(rule));
        found.map(|(at, _)| RuleIx::from(at)).collect()
    }
}
