//! What a source's health says of the server, in words. Pure.

use crate::opcua::server::Standing;

/// The parts of the notes, in the order in which they are shown.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// What the server granted.
    pub(crate) granted: Vec<String>,
    /// Of alarm conditions.
    pub(crate) conditions: Vec<String>,
    /// Whether it runs, and how well.
    pub(crate) standing: Option<Standing>,
    /// Below this service level it is degraded.
    pub(crate) service_level_min: u8,
    /// Values that came with the overflow bit.
    pub(crate) overflows: u64,
    /// Notifications that the server sent, that did not come and that it does not have any more.
    pub(crate) lost: u64,
    /// … and those that it sent again.
    pub(crate) republished: u64,
    /// Items that the subscription leaves out.
    pub(crate) silent: usize,
    /// Indices that stand for other namespaces than at the start.
    pub(crate) moved: Vec<String>,
    /// Of the latest gap.
    pub(crate) history: Option<String>,
}

impl Report {
    /// All of it.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes = [&self.granted[..], &self.conditions[..]].concat();
        notes.extend(self.standing.into_iter().flat_map(|standing| standing.notes(self.service_level_min)));
        if !self.moved.is_empty() {
            let moved = self.moved.join(", ");
            notes.push(format!("the server has changed its namespaces: {moved}; write addresses with nsu="));
        }
        let counted = [
            (
                self.overflows,
                "values marked as the first after an overflow of the server's queue; raise queue_size or lower publishing_interval",
            ),
            (self.republished, "notifications sent again by the server"),
            (self.lost, "notifications lost; the values were read instead"),
            (self.silent as u64, "nodes that bring no value by subscription and are read instead"),
        ];
        notes.extend(counted.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")));
        notes.extend(self.history.clone());
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opcua::types::ServerState;

    #[test]
    fn only_what_is_out_of_the_ordinary_is_said() {
        let healthy = Standing { state: ServerState::Running, service_level: 255 };
        let mut report = Report { standing: Some(healthy), service_level_min: 200, ..Report::default() };
        report.granted.push("nodes: 1, subscriptions: 1".to_owned());
        assert_eq!(report.notes(), ["nodes: 1, subscriptions: 1"]);
        report.overflows = 3;
        report.standing = Some(Standing { service_level: 100, ..healthy });
        let notes = report.notes();
        assert_eq!(notes[1], "service level: 100, degraded below 200");
        assert!(notes[2].starts_with("3 values marked"), "{notes:?}");
    }
}
