//! What is asked of a session: subscriptions with their items, and what the server made of each.

use crate::{
    limits::opcua as bounds,
    opcua::{
        granted::{Created, Granted, Refused},
        session::words,
    },
};
use davy_config::{OpcUaItem, OpcUaSource};
use davy_core::{id::TagIx, quality::Quality};
use opcua::{
    client::{MonitoredItemMap, OnSubscriptionNotificationCore, Session},
    types::{
        AttributeId, DataChangeFilter, DataChangeTrigger, DeadbandType, ExtensionObject, MonitoredItemCreateRequest,
        MonitoredItemCreateResult, MonitoringMode, MonitoringParameters, NodeId, NotificationMessage, ReadValueId,
        StatusCode, TimestampsToReturn,
    },
};
use std::{str::FromStr, time::Duration};
use tokio::sync::mpsc;

/// The items of a source, each with its node.
pub(crate) struct Wanted {
    items: Vec<OpcUaItem>,
    /// `None` where the text is no node id.
    nodes: Vec<Option<NodeId>>,
    pub(crate) publishing: Duration,
    pub(crate) sampling_ms: f64,
    pub(crate) queue_size: u32,
}

/// A notification and the subscription it came from, by its place among the subscriptions.
pub(crate) struct Notice {
    pub(crate) subscription: usize,
    pub(crate) notification: NotificationMessage,
}

impl Wanted {
    pub(crate) fn new(config: &OpcUaSource) -> Self {
        Self {
            nodes: config.items.iter().map(|item| NodeId::from_str(&item.node).ok()).collect(),
            items: config.items.clone(),
            publishing: Duration::from_millis(config.publishing_interval_ms.max(1).into()),
            sampling_ms: config.sampling_interval_ms.into(),
            queue_size: config.queue_size,
        }
    }

    /// How many items there are.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// How many subscriptions they need.
    pub(crate) fn subscriptions(&self) -> usize {
        self.items.len().div_ceil(bounds::ITEMS_PER_SUBSCRIPTION)
    }

    /// The tag of a client handle, see [`handle`].
    pub(crate) fn tag_of(&self, handle: u32) -> Option<TagIx> {
        let item = (handle as usize).checked_sub(1)?;
        self.items.get(item).map(|item| item.tag)
    }

    /// The tag and the quality of a refused item.
    pub(crate) fn bad(&self, refused: Refused) -> (TagIx, Quality) {
        (self.items[refused.item].tag, Quality(refused.status.bits()))
    }

    /// A refused item in words.
    pub(crate) fn words(&self, refused: Refused) -> String {
        format!("{} is refused by the server: {}; correct the node id", self.items[refused.item].node, refused.status)
    }

    /// The items of a subscription.
    fn items_of(&self, subscription: usize) -> std::ops::Range<usize> {
        let begin = subscription * bounds::ITEMS_PER_SUBSCRIPTION;
        begin..(begin + bounds::ITEMS_PER_SUBSCRIPTION).min(self.items.len())
    }

    /// `None` for an item whose text is no node id.
    fn request(&self, item: usize) -> Option<MonitoredItemCreateRequest> {
        let node_id = self.nodes[item].clone()?;
        let item_to_monitor =
            ReadValueId { node_id, attribute_id: AttributeId::Value as u32, ..ReadValueId::default() };
        let requested_parameters = MonitoringParameters {
            client_handle: handle(item),
            sampling_interval: self.sampling_ms,
            queue_size: self.queue_size,
            discard_oldest: true,
            filter: status_or_value(),
        };
        Some(MonitoredItemCreateRequest {
            item_to_monitor,
            monitoring_mode: MonitoringMode::Reporting,
            requested_parameters,
        })
    }
}

/// A change of the status is news even when the value stays: that is how a transmitter fails. It is what a server does
/// without a filter (OPC 10000-4, 7.22.2), but some then look at the value alone, so it is said.
fn status_or_value() -> ExtensionObject {
    ExtensionObject::from_message(DataChangeFilter {
        trigger: DataChangeTrigger::StatusValue,
        deadband_type: DeadbandType::None as u32,
        deadband_value: 0.0,
    })
}

/// Whether a server refuses the filter and not the item.
fn refuses_filter(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BadFilterNotAllowed
            | StatusCode::BadMonitoredItemFilterInvalid
            | StatusCode::BadMonitoredItemFilterUnsupported
    )
}

/// The handle by which the server names an item; 0 would mean "choose one".
fn handle(item: usize) -> u32 {
    u32::try_from(item + 1).unwrap_or(u32::MAX)
}

/// Makes all subscriptions with all their items. Notifications come to `notices` as soon as the first item is there.
///
/// # Errors
/// In words, when the session is of no use.
pub(crate) async fn subscribe(
    session: &Session,
    wanted: &Wanted,
    notices: &mpsc::Sender<Notice>,
) -> Result<(Vec<Granted>, Created), String> {
    let mut granted = Vec::new();
    let mut created = Created::default();
    for subscription in 0..wanted.subscriptions() {
        let begun = begin(session, wanted, Forward { subscription, notices: notices.clone() }).await?;
        let items: Vec<usize> = wanted.items_of(subscription).collect();
        add(session, wanted, begun.id, &items, &mut created).await?;
        granted.push(begun);
    }
    Ok((granted, created))
}

/// Asks once more for items that were refused.
///
/// # Errors
/// In words, when the session is of no use.
pub(crate) async fn ask_again(
    session: &Session,
    wanted: &Wanted,
    granted: &[Granted],
    refused: &[Refused],
) -> Result<Created, String> {
    let mut created = Created::default();
    for (subscription, granted) in granted.iter().enumerate() {
        let range = wanted.items_of(subscription);
        let items: Vec<usize> =
            refused.iter().map(|refused| refused.item).filter(|item| range.contains(item)).collect();
        add(session, wanted, granted.id, &items, &mut created).await?;
    }
    Ok(created)
}

async fn begin(session: &Session, wanted: &Wanted, forward: Forward) -> Result<Granted, String> {
    let keep_alives = bounds::KEEP_ALIVE.as_millis() / wanted.publishing.as_millis().max(1);
    let keep_alives = u32::try_from(keep_alives).unwrap_or(u32::MAX).max(1);
    let lifetime = keep_alives.saturating_mul(bounds::LIFETIME_KEEP_ALIVES);
    let values_max = bounds::VALUES_PER_NOTIFICATION;
    let id = session.create_subscription(wanted.publishing, lifetime, keep_alives, values_max, 0, true, forward).await;
    let id = id.map_err(|error| format!("the server makes no subscription: {}", words(error.status())))?;
    let revised = {
        let state = session.subscription_state().lock();
        state.get(id).map(|granted| (granted.publishing_interval(), granted.max_keep_alive_count()))
    };
    let (publishing, keep_alives) = revised.unwrap_or((wanted.publishing, keep_alives));
    Ok(Granted { id, publishing, silence_max: publishing.saturating_mul(keep_alives.max(1)) + bounds::SILENCE_SLACK })
}

async fn add(
    session: &Session,
    wanted: &Wanted,
    subscription: u32,
    items: &[usize],
    created: &mut Created,
) -> Result<(), String> {
    for items in items.chunks(bounds::ITEMS_PER_REQUEST) {
        let requests: Vec<_> = items.iter().filter_map(|&item| created.known(item, wanted.request(item))).collect();
        let mut plain = Vec::new();
        for (item, request, result) in create(session, subscription, requests).await? {
            if refuses_filter(result.status_code) {
                plain.push((item, without_filter(request)));
            } else {
                created.take(item, &result);
            }
        }
        for (item, _, result) in create(session, subscription, plain).await? {
            created.take(item, &result);
        }
    }
    Ok(())
}

fn without_filter(mut request: MonitoredItemCreateRequest) -> MonitoredItemCreateRequest {
    request.requested_parameters.filter = ExtensionObject::null();
    request
}

/// One request to the server, and its answer to each item.
async fn create(
    session: &Session,
    subscription: u32,
    requests: Vec<(usize, MonitoredItemCreateRequest)>,
) -> Result<Vec<(usize, MonitoredItemCreateRequest, MonitoredItemCreateResult)>, String> {
    if requests.is_empty() {
        return Ok(Vec::new());
    }
    let sent = requests.iter().map(|(_, request)| request.clone()).collect();
    let results = session.create_monitored_items(subscription, TimestampsToReturn::Both, sent).await;
    let results = results.map_err(|error| format!("the server monitors no items: {}", words(error.status())))?;
    let answered = requests.into_iter().zip(results);
    Ok(answered.map(|((item, request), result)| (item, request, result.result)).collect())
}

/// Hands on the notifications of a subscription, keep-alives included.
struct Forward {
    subscription: usize,
    notices: mpsc::Sender<Notice>,
}

impl OnSubscriptionNotificationCore for Forward {
    fn on_subscription_notification(&mut self, notification: NotificationMessage, _items: MonitoredItemMap<'_>) {
        // One that does not fit leaves the queue full, which ends the session; see the limit.
        let _ = self.notices.try_send(Notice { subscription: self.subscription, notification });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use davy_config::{OpcUaIdentity, OpcUaSecurity};
    use davy_core::id::SourceIx;
    use opcua::types::StatusCode;

    fn wanted(nodes: &[&str]) -> Wanted {
        let items = nodes.iter().enumerate();
        Wanted::new(&OpcUaSource {
            source: SourceIx(0),
            endpoint: "opc.tcp://dcs".to_owned(),
            security: OpcUaSecurity::None,
            identity: OpcUaIdentity::Anonymous,
            publishing_interval_ms: 500,
            sampling_interval_ms: 250,
            queue_size: 10,
            items: items.map(|(at, node)| OpcUaItem { tag: TagIx::from(at + 7), node: (*node).to_owned() }).collect(),
        })
    }

    #[test]
    fn handles_lead_back_to_tags() {
        let wanted = wanted(&["ns=2;s=LI-1", "ns=2;i=5"]);
        assert_eq!(wanted.request(1).map(|request| request.requested_parameters.client_handle), Some(2));
        let tags: Vec<_> = (0..4).map(|handle| wanted.tag_of(handle)).collect();
        assert_eq!(tags, [None, Some(TagIx(7)), Some(TagIx(8)), None]);
    }

    #[test]
    fn items_are_dealt_out_to_subscriptions() {
        let most = bounds::ITEMS_PER_SUBSCRIPTION;
        for (items, subscriptions) in [(0, 0), (1, 1), (most, 1), (most + 1, 2), (3 * most, 3)] {
            let wanted = wanted(&vec!["i=1"; items]);
            assert_eq!(wanted.subscriptions(), subscriptions, "{items}");
            let dealt: Vec<usize> = (0..subscriptions).flat_map(|at| wanted.items_of(at)).collect();
            assert_eq!(dealt, (0..items).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_text_that_is_no_node_is_refused_and_the_others_are_not() {
        let wanted = wanted(&["ns=2;s=LI-1", "nonsense"]);
        let mut created = Created::default();
        let known: Vec<usize> =
            (0..2).filter_map(|item| created.known(item, wanted.request(item))).map(|(item, _)| item).collect();
        assert_eq!(known, [0]);
        assert_eq!(created.refused, [Refused { item: 1, status: StatusCode::BadNodeIdInvalid }]);
        assert_eq!(wanted.bad(created.refused[0]), (TagIx(8), Quality(0x8033_0000)));
    }
}
