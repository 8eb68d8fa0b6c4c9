//! What an earlier journal had not sent when the gateway was restored from a copy of it.
//!
//! The earlier journal is whole, with its cursors and parked rows, and is written no more. So what was due then goes up as it
//! would have: under the ids it always had, in its lanes, from where its own cursor stands. It does so over a connection of its
//! own, beside the rows of today, and ends once the receiver has all of it. What the gateway had sent after the copy was made
//! goes up again, which the consumer knows by its ids.

use crate::{Context, keep_up, monitor::Monitor, prepare};
use davy_config::UplinkConfig;
use davy_core::id::UplinkId;
use davy_store::Store;
use futures::future::BoxFuture;

/// One for each earlier journal; shown with the uplink of today. Samples are of no journal.
pub(crate) fn all(
    config: &UplinkConfig,
    name: &UplinkId,
    context: &Context,
    beside: &mut Monitor,
) -> Vec<BoxFuture<'static, ()>> {
    let earlier = context.earlier.iter().filter(|_| config.samples().is_none());
    earlier.map(|store| Box::pin(one(config, name, context, store.clone(), beside)) as _).collect()
}

fn one(
    config: &UplinkConfig,
    name: &UplinkId,
    context: &Context,
    store: Store,
    beside: &mut Monitor,
) -> impl Future<Output = ()> + Send + 'static {
    let epoch = store.epoch();
    let config = known_apart(config.clone(), epoch);
    let context = Context { store, stop: context.stop.child_token(), earlier: Vec::new(), ..context.clone() };
    let monitor = Monitor::new(config.uplink(), context.utc, None, context.stop.clone());
    beside.beside(monitor.watch());
    let name = name.to_string();
    async move {
        match prepare(&config, name.clone(), &context, monitor).await {
            Ok(mut uplink) if !uplink.is_through() => {
                tracing::info!(event = "earlier_journal", uplink = name, epoch, "what it had not sent goes up");
                uplink.is_earlier = true;
                keep_up(uplink, &config, &format!("{name} of epoch {epoch}")).await;
            }
            Ok(_) => {}
            Err(error) => tracing::info!(event = "uplink_not_started", uplink = name, epoch, %error),
        }
    }
}

/// A broker throws one of two out that give the same client id.
fn known_apart(mut config: UplinkConfig, epoch: u32) -> UplinkConfig {
    match &mut config {
        UplinkConfig::Mqtt(config) => config.broker.client_id += &format!("-{epoch}"),
        UplinkConfig::Kafka(config) => config.client_id += &format!("-{epoch}"),
        UplinkConfig::Http(_) | UplinkConfig::Sparkplug(_) => {}
    }
    config
}
