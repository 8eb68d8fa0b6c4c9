//! The client library alone, as its examples use it, against the same servers: each trap is there, so that the tests of the
//! connector would fail without its supervision. Where a later version of the library mends one, the test here fails, and the
//! cure may go.

use crate::opcua_server::{Server, levels};
use acceptance::waiting::{self, LONG};
use anyhow::{Context as _, Result, anyhow, ensure};
use futures::StreamExt as _;
use opcua::{
    client::{Client, ClientBuilder, DataChangeCallback, IdentityToken, Session, SessionPollResult},
    types::{
        AttributeId, EndpointDescription, MessageSecurityMode, MonitoredItemCreateRequest, NodeId, ReadValueId,
        TimestampsToReturn, Variant,
    },
};
use serde_json::json;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::task::AbortOnDropHandle;

/// What the library tells of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Connected,
    Lost,
}

/// A session that mends itself as the library does it, and the values that came: names of nodes with their number.
struct Bare {
    session: Arc<Session>,
    told: mpsc::UnboundedReceiver<Told>,
    values: Arc<Mutex<Vec<(String, f64)>>>,
    _events: AbortOnDropHandle<()>,
}

fn client() -> Result<Client> {
    let builder = ClientBuilder::new().application_name("bare").application_uri("urn:bare").product_uri("urn:bare");
    let builder = builder.session_retry_limit(-1).session_retry_initial(Duration::from_millis(100));
    builder.session_retry_max(Duration::from_secs(1)).client().map_err(|errors| anyhow!("{errors:?}"))
}

impl Bare {
    async fn start(server: &Server) -> Result<Self> {
        let endpoint: EndpointDescription =
            (server.endpoint().as_str(), "None", MessageSecurityMode::None, opcua::types::UserTokenPolicy::anonymous())
                .into();
        let (session, events) = client()?
            .connect_to_endpoint_directly(endpoint, IdentityToken::Anonymous)
            .map_err(|error| anyhow!("{error}"))?;
        let (tell, mut told) = mpsc::unbounded_channel();
        let events = tokio::spawn(async move {
            let events = events.enter();
            futures::pin_mut!(events);
            while let Some(event) = events.next().await {
                let told = match event {
                    Ok(SessionPollResult::Reconnected(_)) => Told::Connected,
                    Ok(SessionPollResult::ConnectionLost(_)) => Told::Lost,
                    _ => continue,
                };
                let _ = tell.send(told);
            }
        });
        let events = AbortOnDropHandle::new(events);
        let first = timeout(LONG, told.recv()).await?;
        ensure!(first == Some(Told::Connected), "{first:?}");
        Ok(Self { session, told, values: Arc::default(), _events: events })
    }

    /// A subscription to some levels.
    async fn subscribe(&self, names: &[String]) -> Result<u32> {
        let values = Arc::clone(&self.values);
        let take = DataChangeCallback::new(move |value, item| {
            if let Some(Variant::Double(number)) = value.value {
                let name = item.item_to_monitor().node_id.identifier.to_string();
                values.lock().unwrap_or_else(PoisonError::into_inner).push((name, number));
            }
        });
        let id = self.session.create_subscription(Duration::from_millis(100), 100, 20, 0, 0, true, take).await?;
        let items = names.iter().map(|name| MonitoredItemCreateRequest::from(node(name))).collect();
        self.session.create_monitored_items(id, TimestampsToReturn::Both, items).await?;
        Ok(id)
    }

    /// Which levels have brought a number so far.
    fn brought(&self, number: f64) -> BTreeSet<String> {
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let such = values.iter().filter(|(_, value)| value.total_cmp(&number).is_eq());
        such.map(|(name, _)| name.trim_start_matches("s=").to_owned()).collect()
    }

    async fn until_told(&mut self, wanted: Told) -> Result<()> {
        let search = async {
            while self.told.recv().await.context("the library ended")? != wanted {}
            Ok(())
        };
        timeout(LONG, search).await?
    }

    async fn reads(&self, name: &str) -> Result<Option<Variant>> {
        let read =
            ReadValueId { node_id: node(name), attribute_id: AttributeId::Value as u32, ..ReadValueId::default() };
        let values = self.session.read(&[read], TimestampsToReturn::Both, 0.0).await?;
        Ok(values.into_iter().next().and_then(|value| value.value))
    }
}

fn node(name: &str) -> NodeId {
    NodeId::new(2, name)
}

/// As long as several publishing intervals: what has not come by then does not come.
const SEVERAL_PUBLISHES: Duration = Duration::from_secs(3);

async fn all_brought(bare: &Bare, number: f64, names: &[String]) -> Result<()> {
    let all: BTreeSet<String> = names.iter().cloned().collect();
    waiting::until_true("every level", LONG, async || Ok(bare.brought(number) == all)).await
}

/// Trap 1: see `opcua_traps::after_a_cut_every_subscription_goes_on`.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_cut_the_library_is_silent_until_it_is_told_to_publish() -> Result<()> {
    let names = levels(3);
    let mut server = Server::start_levels("field_bare_cut", 3, json!({})).await?;
    let mut bare = Bare::start(&server).await?;
    bare.subscribe(&names).await?;
    all_brought(&bare, 0.0, &names).await?;
    server.ask(json!({"op": "cut"})).await?;
    bare.until_told(Told::Connected).await?;
    server.write(&names[0], 5.0, 0).await?;
    tokio::time::sleep(SEVERAL_PUBLISHES).await;
    ensure!(bare.brought(5.0).is_empty(), "the library publishes after a reconnect");
    assert_eq!(bare.reads(&names[0]).await?, Some(Variant::Double(5.0)), "although the session is up");
    bare.session.trigger_publish_now();
    waiting::until_true("it was only not told", LONG, async || Ok(bare.brought(5.0).len() == 1)).await
}

/// Trap 2: see the same, and `opcua_traps::a_node_that_a_restart_took_away_is_bad_until_it_is_back`.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_the_library_loses_subscriptions() -> Result<()> {
    let names = levels(4);
    let mut server = Server::start_levels("field_bare_restart", 4, json!({})).await?;
    let mut bare = Bare::start(&server).await?;
    for name in &names {
        bare.subscribe(std::slice::from_ref(name)).await?;
    }
    all_brought(&bare, 0.0, &names).await?;
    server.script.kill().await?;
    bare.until_told(Told::Lost).await?;
    server.script.start_again().await?;
    bare.until_told(Told::Connected).await?;
    bare.session.trigger_publish_now();
    for name in &names {
        server.write(name, 5.0, 0).await?;
    }
    tokio::time::sleep(SEVERAL_PUBLISHES).await;
    ensure!(bare.brought(5.0).len() < names.len(), "every subscription was made again: {:?}", bare.brought(5.0));
    Ok(())
}

/// Trap 3: see `opcua_traps::a_notification_of_more_than_a_thousand_values_is_read`.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_more_than_a_thousand_elements_ends_the_librarys_connection() -> Result<()> {
    let names = levels(1_001);
    let server = Server::start_levels("field_bare_large", names.len(), json!({})).await?;
    let mut bare = Bare::start(&server).await?;
    let read = |name: &String| ReadValueId {
        node_id: node(name),
        attribute_id: AttributeId::Value as u32,
        ..ReadValueId::default()
    };
    let wanted: Vec<ReadValueId> = names.iter().map(read).collect();
    let few = bare.session.read(&wanted[..1_000], TimestampsToReturn::Both, 0.0).await;
    ensure!(few.is_ok(), "a thousand are taken");
    let many = bare.session.read(&wanted, TimestampsToReturn::Both, 0.0).await;
    ensure!(many.is_err(), "the library takes more than a thousand elements");
    bare.until_told(Told::Lost).await
}

/// Trap 4: see `opcua::a_server_that_hangs_is_noticed`.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_is_not_noticed_by_the_library() -> Result<()> {
    let server = Server::start("field_bare_hang", &[("LI-1", "Double", json!(1.0))]).await?;
    let mut bare = Bare::start(&server).await?;
    let mut stand = server.stand(&["LI-1"]);
    stand.up().await?;
    server.script.signal("STOP").await?;
    stand.down().await?;
    ensure!(bare.told.try_recv().is_err(), "the library has noticed it as well");
    server.script.signal("CONT").await?;
    stand.up().await?;
    stand.stop().await
}

/// Trap 5: see `opcua_traps::a_server_that_takes_the_connection_and_never_answers_is_down`.
#[tokio::test(flavor = "multi_thread")]
async fn the_librarys_question_for_endpoints_never_returns() -> Result<()> {
    let mut server = Server::start("field_bare_discovery", &[("LI-1", "Double", json!(1.0))]).await?;
    server.script.kill().await?;
    let client = client()?;
    let asked = timeout(2 * SEVERAL_PUBLISHES, client.get_server_endpoints_from_url(server.endpoint())).await;
    ensure!(asked.is_err(), "it returns: {:?}", asked.map(|answer| answer.is_ok()));
    Ok(())
}

/// Trap 6, of which this version mends the host and leaves the port: see `opcua_traps::the_configured_address_is_used_and_not_the_advertised_one`.
#[tokio::test(flavor = "multi_thread")]
async fn the_library_connects_to_the_advertised_port() -> Result<()> {
    let advertised = "opc.tcp://no-such-plc.invalid:4840/";
    let server = Server::start_with(
        "field_bare_advertised",
        &[("LI-1", "Double", json!(1.0))],
        json!({"advertise": advertised}),
    )
    .await?;
    let endpoints = client()?.get_server_endpoints_from_url(server.endpoint()).await;
    let endpoints = endpoints.map_err(|error| anyhow!("{error}"))?;
    ensure!(endpoints.iter().all(|endpoint| endpoint.endpoint_url.as_ref() == advertised), "{endpoints:?}");
    let wanted: EndpointDescription =
        (server.endpoint().as_str(), "None", MessageSecurityMode::None, opcua::types::UserTokenPolicy::anonymous())
            .into();
    let connected = client()?.connect_to_matching_endpoint(wanted, IdentityToken::Anonymous).await;
    let (session, _) = connected.map_err(|error| anyhow!("{error}"))?;
    let place = session.endpoint_info().endpoint.endpoint_url.to_string();
    ensure!(place != server.endpoint(), "the library connects to the configured address");
    Ok(())
}
