//! What is wanted of a server: the configured items, by the handles that the server knows them by. Pure.

use crate::opcua::{
    address::{self, Unresolved},
    granted::{Refused, Why},
    server::Server,
};
use davy_config::{OpcUaDeadband, OpcUaItem, OpcUaSource};
use davy_core::{event::Sample, id::TagIx, quality::Quality, time::UtcTime};
use opcua::types::{
    AttributeId, DataChangeFilter, DataChangeTrigger, DeadbandType, ExtensionObject, MonitoredItemCreateRequest,
    MonitoringMode, MonitoringParameters, NodeId, ReadValueId, StatusCode,
};
use std::{collections::BTreeSet, ops::Range, time::Duration};

/// What a source is to bring: the values of items, and the states of alarm conditions.
pub(crate) struct Wanted {
    items: Vec<OpcUaItem>,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) publishing: Duration,
    pub(crate) sampling_ms: f64,
    pub(crate) queue_size: u32,
}

/// An alarm condition whose state is a tag's value.
pub(crate) struct Condition {
    pub(crate) tag: TagIx,
    /// As configured, `alarm(<node>)/<name>`.
    pub(crate) address: String,
    /// The address of the node that is its source.
    pub(crate) node: String,
    /// Its ConditionName.
    pub(crate) name: String,
}

impl Condition {
    /// `None` for the address of a variable.
    pub(crate) fn new(tag: TagIx, address: &str) -> Option<Self> {
        let (node, name) = davy_config::opcua_condition(address)?;
        Some(Self { tag, address: address.to_owned(), node: node.to_owned(), name: name.to_owned() })
    }
}

/// How much of what is wanted of an item a server is asked for; less where it has refused more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Filter {
    /// News is a change of the value beyond the deadband, or of the status.
    Deadband,
    /// News is a change of the value or the status.
    Change,
    /// Whatever the server does of itself.
    None,
}

impl Wanted {
    pub(crate) fn new(config: &OpcUaSource) -> Self {
        let conditions = config.items.iter().filter_map(|item| Condition::new(item.tag, &item.node));
        let is_variable = |item: &&OpcUaItem| davy_config::opcua_condition(&item.node).is_none();
        Self {
            items: config.items.iter().filter(is_variable).cloned().collect(),
            conditions: conditions.collect(),
            publishing: Duration::from_millis(config.publishing_interval_ms.max(1).into()),
            sampling_ms: config.sampling_interval_ms.into(),
            queue_size: config.queue_size,
        }
    }

    /// The handle by which the server names the events of conditions; no item has it.
    pub(crate) fn events(&self) -> u32 {
        handle(self.items.len())
    }

    /// How many items there are.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// How many subscriptions they need, of `most` items each.
    pub(crate) fn subscriptions(&self, most: usize) -> usize {
        self.items.len().div_ceil(most.max(1))
    }

    /// The items of a subscription.
    pub(crate) fn items_of(&self, subscription: usize, most: usize) -> Range<usize> {
        let begin = (subscription * most).min(self.items.len());
        begin..(begin + most).min(self.items.len())
    }

    /// The item of a client handle, see [`handle`].
    pub(crate) fn item_of(&self, handle: u32) -> Option<usize> {
        (handle as usize).checked_sub(1).filter(|item| *item < self.items.len())
    }

    /// The tag of an item.
    pub(crate) fn tag(&self, item: usize) -> TagIx {
        self.items[item].tag
    }

    /// The node of an item on this server, or why there is none.
    pub(crate) fn node(&self, item: usize, server: &Server) -> Result<NodeId, Refused> {
        address::resolve(&self.items[item].node, &server.namespaces).map_err(|unresolved| {
            let (status, why) = match unresolved {
                Unresolved::Malformed => (StatusCode::BadNodeIdInvalid, Why::Server),
                Unresolved::NamespaceUnknown => (StatusCode::BadNodeIdUnknown, Why::Namespace),
            };
            Refused { item, status, why }
        })
    }

    /// What the engine is told of a refused item.
    pub(crate) fn bad(&self, refused: Refused, received_time: UtcTime) -> Sample {
        let quality = Quality(refused.status.bits());
        Sample { tag: self.tag(refused.item), value: 0.0, quality, source_time: None, received_time }
    }

    /// A refused item in words.
    pub(crate) fn words(&self, refused: Refused, server: &Server) -> String {
        let node = &self.items[refused.item].node;
        match refused.why {
            Why::Server => format!("{node} is refused by the server: {}; correct the node id", refused.status),
            Why::Namespace => server.without_namespace(node),
        }
    }

    /// Namespaces that addresses name by an index which stood for another one before: they may now read other nodes.
    pub(crate) fn moved(&self, before: &[String], now: &[String]) -> Vec<String> {
        let nodes =
            self.items.iter().map(|item| &item.node).chain(self.conditions.iter().map(|condition| &condition.node));
        let used: BTreeSet<usize> = nodes.filter_map(|node| address::index(node)).collect();
        let differs = |index: &usize| before.get(*index).filter(|before| Some(*before) != now.get(*index));
        used.iter().filter_map(|index| Some(format!("ns={index} was {}", differs(index)?))).collect()
    }

    /// The most that may be asked for an item.
    pub(crate) fn filter(&self, item: usize) -> Filter {
        if self.items[item].deadband.is_some() { Filter::Deadband } else { Filter::Change }
    }

    /// The request to monitor an item.
    pub(crate) fn request(&self, item: usize, node_id: NodeId, filter: Filter) -> MonitoredItemCreateRequest {
        let item_to_monitor =
            ReadValueId { node_id, attribute_id: AttributeId::Value as u32, ..ReadValueId::default() };
        let requested_parameters = MonitoringParameters {
            client_handle: handle(item),
            sampling_interval: self.sampling_ms,
            queue_size: self.queue_size,
            discard_oldest: true,
            filter: match filter {
                Filter::Deadband => status_or_value(self.items[item].deadband),
                Filter::Change => status_or_value(None),
                Filter::None => ExtensionObject::null(),
            },
        };
        MonitoredItemCreateRequest { item_to_monitor, monitoring_mode: MonitoringMode::Reporting, requested_parameters }
    }
}

impl Filter {
    /// What to ask for after this was refused; `None` when it was not the filter.
    pub(crate) fn less(self, status: StatusCode) -> Option<Self> {
        let of_filter = matches!(
            status,
            StatusCode::BadFilterNotAllowed
                | StatusCode::BadDeadbandFilterInvalid
                | StatusCode::BadMonitoredItemFilterInvalid
                | StatusCode::BadMonitoredItemFilterUnsupported
        );
        match self {
            Self::Deadband if of_filter => Some(Self::Change),
            Self::Change if of_filter => Some(Self::None),
            Self::Deadband | Self::Change | Self::None => None,
        }
    }
}

/// A change of the status is news even when the value stays: that is how a transmitter fails. It is what a server does
/// without a filter (OPC 10000-4, 7.22.2), but some then look at the value alone, so it is said.
fn status_or_value(deadband: Option<OpcUaDeadband>) -> ExtensionObject {
    let (kind, deadband_value) = match deadband {
        None => (DeadbandType::None, 0.0),
        Some(OpcUaDeadband::Absolute(value)) => (DeadbandType::Absolute, value),
        Some(OpcUaDeadband::Percent(value)) => (DeadbandType::Percent, value),
    };
    ExtensionObject::from_message(DataChangeFilter {
        trigger: DataChangeTrigger::StatusValue,
        deadband_type: kind as u32,
        deadband_value,
    })
}

/// The handle by which the server names an item; 0 would mean "choose one".
fn handle(item: usize) -> u32 {
    u32::try_from(item + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opcua::server::Limits;
    use davy_core::id::SourceIx;

    fn wanted(nodes: &[&str]) -> Wanted {
        let items = nodes.iter().enumerate();
        let items = items.map(|(at, node)| OpcUaItem {
            tag: TagIx::from(at + 7),
            node: (*node).to_owned(),
            deadband: (at == 1).then_some(OpcUaDeadband::Absolute(0.5)),
        });
        Wanted::new(&OpcUaSource {
            items: items.collect(),
            ..OpcUaSource::new(SourceIx(0), "opc.tcp://dcs".to_owned())
        })
    }

    fn server() -> Server {
        Server {
            limits: Limits::default(),
            namespaces: vec!["http://opcfoundation.org/UA/".to_owned(), "urn:x".to_owned()],
        }
    }

    #[test]
    fn handles_lead_back_to_items() {
        let wanted = wanted(&["ns=2;s=LI-1", "ns=2;i=5"]);
        let node = wanted.node(1, &server()).unwrap();
        assert_eq!(wanted.request(1, node, Filter::Change).requested_parameters.client_handle, 2);
        let items: Vec<_> = (0..4).map(|handle| wanted.item_of(handle)).collect();
        assert_eq!(items, [None, Some(0), Some(1), None]);
        assert_eq!(wanted.tag(1), TagIx(8));
    }

    #[test]
    fn items_are_dealt_out_to_subscriptions() {
        for (items, most, subscriptions) in [(0, 500, 0), (1, 500, 1), (500, 500, 1), (501, 500, 2), (10, 3, 4)] {
            let wanted = wanted(&vec!["i=1"; items]);
            assert_eq!(wanted.subscriptions(most), subscriptions, "{items}");
            let dealt: Vec<usize> = (0..subscriptions).flat_map(|at| wanted.items_of(at, most)).collect();
            assert_eq!(dealt, (0..items).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_address_that_leads_nowhere_is_refused_in_words() {
        let wanted = wanted(&["nonsense", "nsu=urn:y;s=LI-1", "nsu=urn:x;s=LI-1"]);
        let server = server();
        let refused = [0, 1].map(|item| wanted.node(item, &server).unwrap_err());
        assert_eq!(refused.map(|refused| refused.status.bits()), [0x8033_0000, 0x8034_0000]);
        assert!(wanted.words(refused[1], &server).ends_with("it has http://opcfoundation.org/UA/, urn:x"));
        assert_eq!(wanted.bad(refused[1], UtcTime(5)).tag, TagIx(8));
        assert_eq!(wanted.node(2, &server), Ok(NodeId::new(1, "LI-1")));
    }

    #[test]
    fn conditions_are_no_items() {
        let wanted = wanted(&["i=1", "alarm(ns=1;s=LI-1)/HighHigh", "i=2"]);
        assert_eq!((wanted.len(), wanted.tag(1), wanted.item_of(wanted.events())), (2, TagIx(9), None));
        let [condition] = &wanted.conditions[..] else { panic!("one is a condition") };
        assert_eq!(
            (condition.tag, condition.node.as_str(), condition.name.as_str()),
            (TagIx(8), "ns=1;s=LI-1", "HighHigh")
        );
        assert_eq!(wanted.moved(&["ua".to_owned(), "urn:a".to_owned()], &["ua".to_owned()]), ["ns=1 was urn:a"]);
    }

    #[test]
    fn an_index_that_stands_for_another_namespace_is_said() {
        let wanted = wanted(&["ns=1;s=LI-1", "nsu=urn:a;s=LI-1", "i=2258", "nonsense"]);
        let namespaces = |list: &[&str]| list.iter().map(|uri| (*uri).to_owned()).collect::<Vec<_>>();
        let before = namespaces(&["ua", "urn:a", "urn:b"]);
        assert!(wanted.moved(&before, &namespaces(&["ua", "urn:a"])).is_empty(), "ns=2 is not used");
        assert_eq!(wanted.moved(&before, &namespaces(&["ua", "urn:b", "urn:a"])), ["ns=1 was urn:a"]);
        assert_eq!(wanted.moved(&before, &namespaces(&["ua"])), ["ns=1 was urn:a"]);
        assert!(wanted.moved(&[], &before).is_empty(), "there is no before at the start");
    }

    #[test]
    fn a_refused_filter_becomes_less_until_there_is_none() {
        let refusal = StatusCode::BadDeadbandFilterInvalid;
        assert_eq!(Filter::Deadband.less(refusal), Some(Filter::Change));
        assert_eq!(Filter::Change.less(StatusCode::BadMonitoredItemFilterUnsupported), Some(Filter::None));
        assert_eq!(Filter::None.less(refusal), None);
        assert_eq!(Filter::Deadband.less(StatusCode::BadNodeIdUnknown), None);
        let wanted = wanted(&["i=1", "i=2"]);
        assert_eq!([0, 1].map(|item| wanted.filter(item)), [Filter::Change, Filter::Deadband]);
        let asked = wanted.request(1, NodeId::new(0, 2u32), Filter::Deadband).requested_parameters.filter;
        let asked = asked.inner_as::<DataChangeFilter>().unwrap();
        assert_eq!((asked.deadband_type, asked.deadband_value), (DeadbandType::Absolute as u32, 0.5));
    }
}
