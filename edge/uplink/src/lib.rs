//! The way up: each uplink is a cursor into the journal, moved by the far side's acknowledgement and by nothing else.
//!
//! Rows that are durable go up at least once, in order within their lane, under an id that never changes, so that a
//! consumer that upserts by id sees each exactly once. An uplink must never send what is not in the journal, never skip a
//! row, never hold the journal's writer up, and never give up trying.
//!
//! [`commands`] is the way back.
//!
//! `lanes` decides what goes where and is pure; [`cloudevent`] makes the messages; `feed` reads the rows; `saver` keeps the
//! cursor; `monitor` tells how it goes; `uplink` holds them together and outlives every connection. Below that each way up is
//! a folder, in which `session` sends over one `connection`.

mod bucket;
pub mod cloudevent;
pub mod commands;
mod feed;
pub mod http;
mod lanes;
mod limits;
mod monitor;
mod mqtt;
mod retry;
mod saver;
mod uplink;

pub use lanes::{Cursor, Lane};

use cloudevent::Origin;
use commands::Commands;
use davy_config::UplinkConfig;
use davy_core::{
    event::Event,
    health::UplinkHealth,
    id::{UplinkId, UplinkIx},
    model::Gateway,
    time::UtcTime,
};
use davy_store::{Store, StoreError};
use lanes::Lanes;
use monitor::Monitor;
use retry::Retry;
use saver::Saver;
use std::time::Duration;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use uplink::{Ended, Uplink};

/// What every uplink is given.
#[derive(Clone, Debug)]
pub struct Context {
    /// The wall clock.
    pub utc: fn() -> UtcTime,
    /// Where the engine hears whether an uplink is up.
    pub inbox: mpsc::Sender<Event>,
    /// Where the platform's commands go.
    pub orders: mpsc::Sender<commands::Order>,
    /// The journal.
    pub store: Store,
    /// Whose messages they are.
    pub gateway: Gateway,
    /// Cancelled when the gateway stops.
    pub stop: CancellationToken,
}

/// An uplink at work.
#[derive(Debug)]
pub struct Running {
    /// Its place in the site.
    pub uplink: UplinkIx,
    /// How it is doing, at most five times a second.
    pub health: watch::Receiver<UplinkHealth>,
    /// Ends after `stop`, when the last acknowledgements are in and the cursor is saved.
    pub task: JoinHandle<()>,
}

/// Starts an uplink; it tries for ever. `name` is the name of its cursor in the store: under another name everything goes
/// up again.
#[must_use]
pub fn start(config: UplinkConfig, name: &UplinkId, context: &Context) -> Running {
    let uplink = config.uplink();
    let monitor = Monitor::new(uplink, context.utc, context.inbox.clone(), context.stop.clone());
    let health = monitor.watch();
    let task = tokio::spawn(run(config, name.to_string(), context.clone(), monitor));
    Running { uplink, health, task }
}

async fn run(config: UplinkConfig, name: String, context: Context, monitor: Monitor) {
    match prepare(&config, name.clone(), &context, monitor).await {
        Ok(uplink) => keep_up(uplink, &config, &name).await,
        Err(error) => tracing::info!(event = "uplink_not_started", uplink = name, %error),
    }
}

/// Reads the cursor, however long that takes: without it nothing could be sent that was not sent before.
async fn prepare(
    config: &UplinkConfig,
    name: String,
    context: &Context,
    mut monitor: Monitor,
) -> Result<Uplink, StoreError> {
    let mut retry = Retry::new();
    let (saver, parked) = loop {
        match stand(&context.store, &name).await {
            Ok(stand) => break stand,
            Err(error) if context.stop.is_cancelled() || matches!(error, StoreError::Closed) => return Err(error),
            Err(error) => {
                monitor.down(error.to_string()).await;
                let _ = tokio::time::timeout(retry.wait(), context.stop.cancelled()).await;
            }
        }
    };
    let head = context.store.head();
    let now = *head.borrow();
    monitor.parked(parked);
    Ok(Uplink {
        commands: Commands::start(config, &name, context),
        origin: Origin::new(&context.gateway, context.store.epoch()),
        lanes: Lanes::restore(saver.saved(), now),
        store: context.store.clone(),
        stop: context.stop.clone(),
        kinds: config.kinds().to_vec(),
        head,
        saver,
        monitor,
        unanswered: [None; 2],
        stumbled: None,
    })
}

/// The cursor, and how many rows are parked.
async fn stand(store: &Store, name: &str) -> Result<(Saver, u64), StoreError> {
    Ok((Saver::load(store.clone(), name.to_owned()).await?, store.parked_count(name).await?))
}

async fn connect(uplink: &mut Uplink, config: &UplinkConfig) -> Ended {
    match config {
        UplinkConfig::Mqtt(config) => mqtt::connect(uplink, config).await,
        UplinkConfig::Http(config) => http::connect(uplink, config).await,
    }
}

async fn keep_up(mut uplink: Uplink, config: &UplinkConfig, name: &str) {
    let mut retry = Retry::new();
    let mut told = String::new();
    loop {
        let (reason, at_least) = match connect(&mut uplink, config).await {
            Ended::Stopped => break,
            Ended::Lost(reason) => (reason, Duration::ZERO),
            Ended::LostFor(reason, wait) => (reason, wait),
        };
        if uplink.monitor.is_up() {
            retry = Retry::new();
            told.clear();
        }
        if told != reason {
            tracing::warn!(event = "uplink_lost", uplink = name, reason);
            told.clone_from(&reason);
        }
        uplink.monitor.down(reason).await;
        uplink.show();
        let wait = retry.wait().max(at_least);
        if uplink.showing(tokio::time::sleep(wait)).await.is_none() {
            break;
        }
    }
    uplink.monitor.down("davy is stopping".to_owned()).await;
    uplink.show();
}
