//! The instances of alarm conditions in a server's address space, and their states: what holds before the first event.
//!
//! A client of alarms usually asks for the present states by calling ConditionRefresh (OPC 10000-9, 5.5.7). That is a call,
//! and nothing here calls anything. A server that keeps its conditions as nodes can be read instead: HasCondition leads
//! from the source to them (OPC 10000-9, 5.12.2), and some have them as its components.

mod find;

use crate::opcua::{
    address, condition,
    conditions::State,
    convert,
    server::{self, Server},
    wanted::Condition,
};
use davy_core::{quality::Quality, time::UtcTime};
use opcua::{
    client::Session,
    types::{DataValue, NodeId, StatusCode, Variant},
};
use std::collections::BTreeSet;

/// The parts of an instance that are read, in this order.
const PARTS: [&[&str]; PART_COUNT] =
    [&["ActiveState", "Id"], &["EnabledState", "Id"], &["Retain"], &["Quality"], &["Time"], &["ConditionName"]];
const PART_COUNT: usize = 6;
const NAME: usize = 5;

/// The nodes of those parts that an instance has.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Instance([Option<NodeId>; PART_COUNT]);

/// The state of an instance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reading {
    pub(crate) state: State,
    pub(crate) source_time: Option<UtcTime>,
}

/// Why there is no state to be read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Absent {
    /// The server has no namespace of the address's URI.
    Namespace,
    /// The server does not browse the source.
    Source(StatusCode),
    /// The source has no condition of the name, but these, of which not all may be named.
    Name(BTreeSet<String>),
}

impl Absent {
    /// The quality of a condition of which no event has come either.
    pub(crate) fn quality(&self) -> Quality {
        match self {
            Self::Namespace => Quality::BAD_NODE_UNKNOWN,
            Self::Source(status) => Quality(status.bits()),
            Self::Name(others) if others.is_empty() => Quality::BAD_WAITING,
            Self::Name(_) => Quality::BAD_NODE_UNKNOWN,
        }
    }

    /// What is wrong with an address and what to do, in words; `None` where it may be right.
    pub(crate) fn words(&self, address: &str, server: &Server) -> Option<String> {
        match self {
            Self::Namespace => Some(server.without_namespace(address)),
            Self::Source(status) => Some(format!(
                "{address}: the server does not know the node: {status}; correct the node of the condition's source"
            )),
            Self::Name(others) if others.is_empty() => None,
            Self::Name(others) => {
                let others: Vec<&str> = others.iter().map(String::as_str).collect();
                Some(format!(
                    "{address}: the source has no alarm condition of this name; it has {}; correct the name",
                    others.join(", ")
                ))
            }
        }
    }
}

/// A condition that is looked for, and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    /// Its place in the list of conditions.
    pub(crate) condition: usize,
    address: String,
    node: String,
    name: String,
    /// The node of its source on this server.
    pub(crate) source: Option<NodeId>,
    instance: Option<Instance>,
    pub(crate) found: Result<Reading, Absent>,
}

impl Look {
    /// Nothing is known of it yet.
    pub(crate) fn new(condition: usize, wanted: &Condition) -> Self {
        Self {
            condition,
            address: wanted.address.clone(),
            node: wanted.node.clone(),
            name: wanted.name.clone(),
            source: None,
            instance: None,
            found: Err(Absent::Name(BTreeSet::new())),
        }
    }

    /// Finds the node of its source.
    pub(crate) fn locate(&mut self, server: &Server) {
        self.source = address::resolve(&self.node, &server.namespaces).ok();
    }

    /// See [`Absent::words`].
    pub(crate) fn words(&self, server: &Server) -> Option<String> {
        self.found.as_ref().err()?.words(&self.address, server)
    }
}

/// Reads the state of each condition, and looks for those whose instance is not known.
///
/// # Errors
/// In words, when the server does not answer.
pub(crate) async fn look(session: &Session, server: &Server, mut looks: Vec<Look>) -> Result<Vec<Look>, String> {
    looks.iter_mut().for_each(|look| look.locate(server));
    let lost: Vec<usize> = (0..looks.len()).filter(|at| looks[*at].instance.is_none()).collect();
    find::find(session, server, &mut looks, &lost).await?;
    let parts = looks.iter().filter_map(|look| look.instance.as_ref()).flat_map(|instance| &instance.0);
    let parts: Vec<NodeId> = parts.flatten().cloned().collect();
    let mut values = server::read(session, parts, server.limits.nodes_per_read).await?.into_iter();
    for look in &mut looks {
        let Some(instance) = &look.instance else { continue };
        let told = instance.0.each_ref().map(|node| node.as_ref().and_then(|_| values.next()));
        let is_gone = told[0].as_ref().is_some_and(|told| told.status == Some(StatusCode::BadNodeIdUnknown));
        look.found = Ok(reading(&told));
        if is_gone {
            // It is looked for the next time.
            (look.instance, look.found) = (None, Err(Absent::Name(BTreeSet::new())));
        }
    }
    Ok(looks)
}

fn reading([active, enabled, retain, quality, time, _]: &[Option<DataValue>; PART_COUNT]) -> Reading {
    let [active_told, enabled, retain, quality] = [active, enabled, retain, quality].map(told);
    let (value, quality) = condition::state([&active_told, &enabled, &retain, &quality]);
    let time = condition::ticks(&told(time));
    let source_time = time.or_else(|| active.as_ref().and_then(convert::source_ticks)).map(convert::utc_of_ticks);
    Reading { state: State { value, quality, time }, source_time }
}

/// The value of a part, or the status that the server gives instead.
fn told(told: &Option<DataValue>) -> Variant {
    let Some(told) = told else { return Variant::Empty };
    match (told.status.filter(|status| status.is_bad()), &told.value) {
        (Some(status), _) => Variant::StatusCode(status),
        (None, value) => value.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opcua::types::DateTime;

    fn value(value: impl Into<Variant>, status: Option<StatusCode>, ticks: i64) -> Option<DataValue> {
        let source_timestamp = Some(DateTime::from(ticks));
        Some(DataValue { value: Some(value.into()), status, source_timestamp, ..DataValue::null() })
    }

    #[test]
    fn an_instance_is_read_as_an_event_is() {
        const T: i64 = 134_400_000_000_000_000;
        let time = || value(DateTime::from(T), None, 0);
        for (parts, expected) in [
            ([value(true, None, T + 1), value(true, None, 0), None, None, time(), None], (1.0, Quality::GOOD, Some(T))),
            ([value(false, None, T), None, None, None, None, None], (0.0, Quality::GOOD, None)),
            (
                [value(true, None, T), value(false, None, 0), None, None, time(), None],
                (0.0, condition::DISABLED, Some(T)),
            ),
            (
                [value(true, None, T), None, None, value(StatusCode::BadSensorFailure, None, 0), None, None],
                (1.0, Quality::BAD_SENSOR, None),
            ),
            (
                [value(true, Some(StatusCode::BadNotReadable), T), None, None, None, None, None],
                (0.0, Quality(0x803A_0000), None),
            ),
        ] {
            let reading = reading(&parts);
            assert_eq!((reading.state.value, reading.state.quality, reading.state.time), expected, "{parts:?}");
            assert_eq!(
                reading.source_time,
                Some(convert::utc_of_ticks(T)),
                "its Time, or else that of the ActiveState"
            );
        }
    }

    #[test]
    fn an_address_that_leads_nowhere_says_what_is_there() {
        let server = Server { limits: server::Limits::default(), namespaces: vec!["urn:x".to_owned()] };
        let others = Absent::Name(["High", "Low"].map(str::to_owned).into());
        let nothing = Absent::Name(BTreeSet::new());
        let words = |absent: &Absent| absent.words("alarm(ns=2;s=LI-1)/HH", &server);
        assert!(words(&others).is_some_and(|words| words.ends_with("it has High, Low; correct the name")));
        assert!(words(&Absent::Namespace).is_some_and(|words| words.ends_with("it has urn:x")));
        assert!(
            words(&Absent::Source(StatusCode::BadNodeIdUnknown))
                .is_some_and(|words| words.contains("correct the node"))
        );
        assert_eq!((words(&nothing), nothing.quality()), (None, Quality::BAD_WAITING), "it may be there all the same");
        assert_eq!(others.quality(), Quality::BAD_NODE_UNKNOWN);
    }
}
