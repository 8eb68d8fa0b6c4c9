//! What is asked of a session: subscriptions with their items, and what the server made of each.
//!
//! Every session makes its own. Those of the session before it are not taken over (TransferSubscriptions, OPC 10000-4, 5.14.7): many
//! servers do not have the service, an anonymous user may use it over a secured connection alone, and the library keeps what it knows
//! of a subscription with the session that made it, so that there would be two ways to begin and the rare one would be the less
//! tested. The first values of the fresh subscriptions and the server's history tell what was missed, on every server alike; the old
//! ones end with their session, see [`bounds::SESSION_LIFETIME`].

use crate::{
    limits::opcua as bounds,
    opcua::{
        condition,
        granted::{Created, Granted, Refused},
        server::{self, Server},
        session::words,
        wanted::{Filter, Wanted},
    },
};
use opcua::{
    client::{MonitoredItemMap, OnSubscriptionNotificationCore, Session},
    types::{
        MonitoredItemCreateRequest, MonitoredItemCreateResult, NotificationMessage, StatusCode, TimestampsToReturn,
    },
};
use tokio::sync::mpsc;

/// A notification and the subscription it came from, by its place among the subscriptions.
pub(crate) struct Notice {
    pub(crate) subscription: usize,
    pub(crate) notification: NotificationMessage,
}

/// Makes all subscriptions with all their items. Notifications come to `notices` as soon as the first item is there. A server
/// that takes fewer items in a subscription than it tells, or tells nothing, shows it by the first one; its limit is given back.
///
/// # Errors
/// In words, when the session is of no use.
pub(crate) async fn subscribe(
    session: &Session,
    wanted: &Wanted,
    mut server: Server,
    notices: &mpsc::Sender<Notice>,
) -> Result<(Server, Vec<Granted>, Created), String> {
    let mut granted = Vec::new();
    let mut created = Created::default();
    while granted.len() < wanted.subscriptions(server.limits.items_per_subscription) {
        let subscription = granted.len();
        let begun = begin(session, wanted, Forward { subscription, notices: notices.clone() }).await?;
        let items = wanted.items_of(subscription, server.limits.items_per_subscription);
        let asked = items.len();
        let adding = Adding { session, wanted, server: &server, subscription: begun.id };
        adding.add(items.collect(), &mut created).await?;
        let taken = asked.saturating_sub(created.beyond_the_limit());
        if subscription == 0 && 0 < taken && taken < asked {
            // Whether it was heard or not, the others do not depend on it.
            let _ = session.delete_subscription(begun.id).await;
            server.limits.items_per_subscription = taken;
            created = Created::default();
        } else {
            granted.push(begun);
        }
    }
    Ok((server, granted, created))
}

/// Asks once more for items that were refused. The server may have got their namespace meanwhile.
///
/// # Errors
/// In words, when the session is of no use.
pub(crate) async fn ask_again(
    session: &Session,
    wanted: &Wanted,
    server: &Server,
    granted: &[Granted],
    refused: &[Refused],
) -> Result<(Server, Created), String> {
    let server = Server { namespaces: server::namespaces(session).await?, ..server.clone() };
    let mut created = Created::default();
    for (subscription, granted) in granted.iter().enumerate() {
        let range = wanted.items_of(subscription, server.limits.items_per_subscription);
        let items = refused.iter().map(|refused| refused.item).filter(|item| range.contains(item));
        let adding = Adding { session, wanted, server: &server, subscription: granted.id };
        adding.add(items.collect(), &mut created).await?;
    }
    Ok((server, created))
}

/// Makes one more subscription, that of the place `subscription`, for the events of alarm conditions; gives how many of them
/// the server keeps as well. When it gives none, that harms nothing else.
///
/// # Errors
/// The status of the server, and in words.
pub(crate) async fn listen(
    session: &Session,
    wanted: &Wanted,
    subscription: usize,
    notices: &mpsc::Sender<Notice>,
) -> Result<(Granted, u32), Deaf> {
    let begun = begin(session, wanted, Forward { subscription, notices: notices.clone() }).await;
    let begun = begun.map_err(|words| Deaf { status: StatusCode::Bad, words })?;
    let asked = vec![condition::request(wanted.events())];
    let made = session.create_monitored_items(begun.id, TimestampsToReturn::Both, asked).await;
    let status = match made.as_deref() {
        Ok([made]) if made.result.status_code.is_good() => return Ok((begun, made.result.revised_queue_size)),
        Ok([made]) => made.result.status_code,
        Ok(_) => StatusCode::BadUnexpectedError,
        Err(error) => error.status(),
    };
    // Whether it was heard or not, the next one does not depend on it.
    let _ = session.delete_subscription(begun.id).await;
    Err(Deaf { status, words: words(status) })
}

/// Why a server gives no events.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Deaf {
    pub(crate) status: StatusCode,
    pub(crate) words: String,
}

async fn begin(session: &Session, wanted: &Wanted, forward: Forward) -> Result<Granted, String> {
    let keep_alives = bounds::KEEP_ALIVE.as_millis() / wanted.publishing.as_millis().max(1);
    let keep_alives = u32::try_from(keep_alives).unwrap_or(u32::MAX).max(1);
    let lifetime = keep_alives.saturating_mul(bounds::LIFETIME_KEEP_ALIVES);
    let values_max = bounds::VALUES_PER_NOTIFICATION;
    let id = session.create_subscription(wanted.publishing, lifetime, keep_alives, values_max, 0, true, forward).await;
    let id = id.map_err(|error| match error.status() {
        StatusCode::BadServiceUnsupported => {
            "the server has no subscriptions; write mode = \"poll\" for this source".to_owned()
        }
        status => format!("the server makes no subscription: {}", words(status)),
    })?;
    let revised = {
        let state = session.subscription_state().lock();
        state.get(id).map(|granted| (granted.publishing_interval(), granted.max_keep_alive_count()))
    };
    let (publishing, keep_alives) = revised.unwrap_or((wanted.publishing, keep_alives));
    Ok(Granted { id, publishing, silence_max: publishing.saturating_mul(keep_alives.max(1)) + bounds::SILENCE_SLACK })
}

/// Items on their way into a subscription.
struct Adding<'a> {
    session: &'a Session,
    wanted: &'a Wanted,
    server: &'a Server,
    subscription: u32,
}

impl Adding<'_> {
    /// Each item with as much of a filter as the server takes.
    async fn add(&self, items: Vec<usize>, created: &mut Created) -> Result<(), String> {
        let mut asked: Vec<(usize, Filter)> = items.into_iter().map(|item| (item, self.wanted.filter(item))).collect();
        while !asked.is_empty() {
            let mut with_less = Vec::new();
            for ((item, filter), result) in self.ask(asked, created).await? {
                match filter.less(result.status_code) {
                    Some(less) => with_less.push((item, less)),
                    None => created.take(item, self.wanted.filter(item) != filter, &result),
                }
            }
            asked = with_less;
        }
        Ok(())
    }

    /// One answer for each item that leads to a node, in requests as large as the server takes.
    async fn ask(
        &self,
        items: Vec<(usize, Filter)>,
        created: &mut Created,
    ) -> Result<Vec<((usize, Filter), MonitoredItemCreateResult)>, String> {
        let known: Vec<_> = items
            .into_iter()
            .filter_map(|(item, filter)| match self.wanted.node(item, self.server) {
                Ok(node) => Some(((item, filter), self.wanted.request(item, node, filter))),
                Err(refused) => created.refuse(refused),
            })
            .collect();
        let mut most = self.server.limits.items_per_request.max(1);
        let mut answered = Vec::with_capacity(known.len());
        while let Some(rest) = known.get(answered.len()..).filter(|rest| !rest.is_empty()) {
            let now = &rest[..most.min(rest.len())];
            let sent = now.iter().map(|(_, request): &(_, MonitoredItemCreateRequest)| request.clone()).collect();
            match self.session.create_monitored_items(self.subscription, TimestampsToReturn::Both, sent).await {
                Ok(results) if results.len() == now.len() => {
                    let results = results.into_iter().map(|result| result.result);
                    answered.extend(now.iter().map(|(asked, _)| *asked).zip(results));
                }
                Ok(results) => return Err(format!("the server answers for {} items of {}", results.len(), now.len())),
                // A server that has a limit and does not tell it.
                Err(error) if error.status() == StatusCode::BadTooManyOperations && most > 1 => most /= 2,
                Err(error) => return Err(format!("the server monitors no items: {}", words(error.status()))),
            }
        }
        Ok(answered)
    }
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
