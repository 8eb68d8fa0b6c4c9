//! What a server says of itself: its limits, its namespaces, whether it runs and how well.

use crate::{
    limits::opcua as bounds,
    opcua::{convert, session::words},
};
use opcua::{
    client::Session,
    types::{
        AttributeId, DataValue, NodeId, ReadValueId, ServerState, StatusCode, TimestampsToReturn, UaEnum, VariableId,
        Variant,
    },
};

/// A server at the beginning of a session.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) limits: Limits,
    /// The NamespaceArray, in the order of its indices.
    pub(crate) namespaces: Vec<String>,
}

impl Server {
    /// That an address leads to a namespace which is not there, in words.
    pub(crate) fn without_namespace(&self, address: &str) -> String {
        let namespaces: Vec<&str> = self.namespaces.iter().map(String::as_str).take(bounds::NAMESPACES_NAMED).collect();
        format!("{address}: the server has no such namespace; it has {}", namespaces.join(", "))
    }
}

/// How much one request may ask for: the server's OperationLimits (OPC 10000-5, 6.3.11), and no more than our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) nodes_per_read: usize,
    pub(crate) items_per_request: usize,
    pub(crate) items_per_subscription: usize,
    pub(crate) nodes_per_history_read: usize,
    pub(crate) nodes_per_browse: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            nodes_per_read: bounds::NODES_PER_READ,
            items_per_request: bounds::ITEMS_PER_REQUEST,
            items_per_subscription: bounds::ITEMS_PER_SUBSCRIPTION,
            nodes_per_history_read: bounds::NODES_PER_HISTORY_READ,
            nodes_per_browse: bounds::NODES_PER_BROWSE,
        }
    }
}

/// Whether a server runs, and how well in its own opinion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) state: ServerState,
    /// 0 to 255; 255 for a server that does not say (OPC 10000-4, 6.6.2.4.2).
    pub(crate) service_level: u8,
}

impl Standing {
    /// Whether values come from the process at all (OPC 10000-5, 12.6): one that has a communication fault or is under
    /// test answers as usual, and its values have qualities of their own.
    pub(crate) fn has_data(self) -> bool {
        match self.state {
            ServerState::Running | ServerState::Test | ServerState::CommunicationFault | ServerState::Unknown => true,
            ServerState::Failed | ServerState::NoConfiguration | ServerState::Suspended | ServerState::Shutdown => {
                false
            }
        }
    }

    /// Greater is better.
    pub(crate) fn rank(self) -> (bool, bool, u8) {
        (self.has_data(), self.state == ServerState::Running, self.service_level)
    }

    /// In words, where there is something to say.
    pub(crate) fn notes(self, service_level_min: u8) -> Vec<String> {
        let mut notes = Vec::new();
        if self.state != ServerState::Running {
            notes.push(format!("the server says that it does not run: {:?}", self.state));
        }
        if self.service_level < service_level_min {
            notes.push(format!("service level: {}, degraded below {service_level_min}", self.service_level));
        }
        notes
    }
}

/// Asks the server for its limits and namespaces. What it does not know has our own bounds.
///
/// # Errors
/// In words, when it does not answer.
pub(crate) async fn ask(session: &Session) -> Result<Server, String> {
    // Alone, so that a server that takes few nodes in one request can say so.
    let first = values(session, &[VariableId::Server_ServerCapabilities_OperationLimits_MaxNodesPerRead], 1).await?;
    let mut limits = Limits::default();
    lower(&mut limits.nodes_per_read, first.first());
    let told = values(session, &LIMITS, limits.nodes_per_read).await?;
    let places = [
        &mut limits.items_per_request,
        &mut limits.items_per_subscription,
        &mut limits.nodes_per_history_read,
        &mut limits.nodes_per_browse,
    ];
    places.into_iter().zip(&told).for_each(|(limit, told)| lower(limit, Some(told)));
    Ok(Server { limits, namespaces: namespaces(session).await? })
}

const LIMITS: [VariableId; 4] = [
    VariableId::Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall,
    VariableId::Server_ServerCapabilities_MaxMonitoredItemsPerSubscription,
    VariableId::Server_ServerCapabilities_OperationLimits_MaxNodesPerHistoryReadData,
    VariableId::Server_ServerCapabilities_OperationLimits_MaxNodesPerBrowse,
];

/// Asks the server for its NamespaceArray.
///
/// # Errors
/// In words, when it does not answer.
pub(crate) async fn namespaces(session: &Session) -> Result<Vec<String>, String> {
    let told = values(session, &[VariableId::Server_NamespaceArray], 1).await?;
    let Some(Variant::Array(array)) = told.into_iter().next().and_then(|told| told.value) else {
        return Ok(Vec::new());
    };
    Ok(array.values.iter().map(Variant::to_string).collect())
}

/// Asks the server whether it runs.
///
/// # Errors
/// In words, when it does not answer.
pub(crate) async fn standing(session: &Session) -> Result<Standing, String> {
    let told = values(session, &[VariableId::Server_ServerStatus_State, VariableId::Server_ServiceLevel], 2).await?;
    let number = |at: usize| told.get(at).and_then(good_number);
    // One that does not say answers nevertheless.
    let state = number(0).map_or(ServerState::Running, state);
    let service_level = number(1).map_or(u8::MAX, |level| u8::try_from(level).unwrap_or(u8::MAX));
    Ok(Standing { state, service_level })
}

fn state(number: i64) -> ServerState {
    i32::try_from(number).ok().and_then(|number| ServerState::from_repr(number).ok()).unwrap_or(ServerState::Unknown)
}

/// Reads the values of any nodes in requests of at most `per_read`, one answer for each.
///
/// # Errors
/// In words, when the server does not answer or answers otherwise than asked.
pub(crate) async fn read(session: &Session, nodes: Vec<NodeId>, per_read: usize) -> Result<Vec<DataValue>, String> {
    let value = |node_id| ReadValueId { node_id, attribute_id: AttributeId::Value as u32, ..ReadValueId::default() };
    attributes(session, &nodes.into_iter().map(value).collect::<Vec<_>>(), per_read).await
}

/// The same for any attributes.
///
/// # Errors
/// As of [`read`].
pub(crate) async fn attributes(
    session: &Session,
    wanted: &[ReadValueId],
    per_read: usize,
) -> Result<Vec<DataValue>, String> {
    let mut most = per_read.max(1);
    let mut all = Vec::with_capacity(wanted.len());
    while let Some(rest) = wanted.get(all.len()..).filter(|rest| !rest.is_empty()) {
        let shard = &rest[..most.min(rest.len())];
        match session.read(shard, TimestampsToReturn::Both, 0.0).await {
            Ok(told) if told.len() == shard.len() => all.extend(told),
            Ok(told) => return Err(format!("the server gives {} values for {} nodes", told.len(), shard.len())),
            // A server that has a limit and does not tell it.
            Err(error) if error.status() == StatusCode::BadTooManyOperations && shard.len() > 1 => {
                most = shard.len() / 2;
            }
            Err(error) => return Err(format!("the server cannot be read: {}", words(error.status()))),
        }
    }
    Ok(all)
}

async fn values(session: &Session, variables: &[VariableId], per_read: usize) -> Result<Vec<DataValue>, String> {
    read(session, variables.iter().map(|variable| NodeId::from(*variable)).collect(), per_read).await
}

/// A limit that the server tells; 0 and what is no number mean none.
fn lower(limit: &mut usize, told: Option<&DataValue>) {
    let told = told.and_then(good_number).and_then(|told| usize::try_from(told).ok()).filter(|told| *told > 0);
    *limit = told.map_or(*limit, |told| told.min(*limit));
}

fn good_number(told: &DataValue) -> Option<i64> {
    if told.status.is_some_and(|status| status.is_bad()) {
        return None;
    }
    let number = convert::number(told.value.as_ref()?).ok()?;
    // Limits, levels and states have 32 bits at most.
    (number.fract() == 0.0 && number.abs() <= f64::from(u32::MAX)).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_of_the_server_can_only_lower_ours() {
        let told =
            |value: Variant, status: Option<StatusCode>| DataValue { value: Some(value), status, ..DataValue::null() };
        for (told, expected) in [
            (None, 100),
            (Some(told(Variant::UInt32(20), None)), 20),
            (Some(told(Variant::UInt32(0), None)), 100),
            (Some(told(Variant::UInt32(5_000), None)), 100),
            (Some(told(Variant::from("20"), None)), 100),
            (Some(told(Variant::UInt32(20), Some(StatusCode::BadNodeIdUnknown))), 100),
        ] {
            let mut limit = 100;
            lower(&mut limit, told.as_ref());
            assert_eq!(limit, expected, "{told:?}");
        }
    }

    #[test]
    fn the_better_server_runs_and_has_the_higher_service_level() {
        let standing = |state, service_level| Standing { state, service_level };
        let ranked = [
            standing(ServerState::Suspended, 255),
            standing(ServerState::CommunicationFault, 255),
            standing(ServerState::Running, 0),
            standing(ServerState::Running, 199),
            standing(ServerState::Running, 255),
        ];
        assert!(ranked.windows(2).all(|pair| pair[0].rank() < pair[1].rank()));
        assert!(standing(ServerState::Running, 200).notes(200).is_empty());
        assert_eq!(standing(ServerState::Test, 199).notes(200).len(), 2);
    }
}
