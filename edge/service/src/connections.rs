//! The connectors and uplinks that run, and which of them a new configuration concerns. The others go on as they are.

use crate::{limits, mapping::Mapping};
use davy_config::{Configuration, SourceConfig, UplinkConfig};
use davy_core::{
    health::{SourceHealth, UplinkHealth},
    id::*,
    model::{Site, Source, Uplink},
};
use std::{collections::BTreeMap, time::Duration};
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// Everything that is connected, in the order of the site's lists.
pub(crate) struct Connections {
    sources: Vec<Connection<SourceConfig, SourceHealth>>,
    uplinks: Vec<Connection<UplinkConfig, UplinkHealth>>,
}

/// One of them, with what it was started with; its places are those in force.
struct Connection<Config, Health> {
    config: Config,
    health: watch::Receiver<Health>,
    task: JoinHandle<()>,
    stop: CancellationToken,
}

/// By what connections are started.
pub(crate) struct Starter {
    pub(crate) field: davy_field::Context,
    pub(crate) north: davy_uplink::Context,
}

/// What a new configuration means for the connections.
pub(crate) struct Plan {
    /// From the places in force to the new ones, of everything that may still be said by those who are heard now.
    pub(crate) mapping: Mapping,
    /// The sources that go on, by their places in force.
    pub(crate) sources: Vec<SourceIx>,
    /// … and the uplinks.
    pub(crate) uplinks: Vec<UplinkIx>,
}

impl Connections {
    pub(crate) fn start(sources: Vec<SourceConfig>, uplinks: Vec<UplinkConfig>, starter: &Starter) -> Self {
        Self {
            sources: sources.into_iter().map(|config| starter.source(config)).collect(),
            uplinks: uplinks.into_iter().map(|config| starter.uplink(config)).collect(),
        }
    }

    /// Looks who is concerned.
    pub(crate) fn plan(&self, old: &Site, new: &Configuration) -> Plan {
        let mapping = Mapping::new(old, &new.site);
        let names_are_kept = old.people == new.site.people
            && old.zones == new.site.zones
            && old.cameras == new.site.cameras
            && old.units == new.site.units;
        let goes_on = |config: &SourceConfig| {
            let is_same = |moved| new.sources.contains(&moved);
            (names_are_kept || !matches!(config, SourceConfig::Mqtt(_)))
                && moved_source(config, &mapping).is_some_and(is_same)
        };
        let uplink_goes_on =
            |config: &UplinkConfig| moved_uplink(config, &mapping).is_some_and(|moved| new.uplinks.contains(&moved));
        let (sources, sources_end) = split(&self.sources, goes_on, SourceIx::from);
        let (uplinks, uplinks_end) = split(&self.uplinks, uplink_goes_on, UplinkIx::from);
        Plan { mapping: mapping.without(old, &sources_end, &uplinks_end), sources, uplinks }
    }

    /// Ends those that do not go on and begins what is new.
    pub(crate) async fn turn_to(
        &mut self,
        plan: &Plan,
        sources: Vec<SourceConfig>,
        uplinks: Vec<UplinkConfig>,
        starter: &Starter,
    ) {
        let sources_kept = kept(&mut self.sources, |at| plan.mapping.source(at.into()).map(SourceIx::at));
        let uplinks_kept = kept(&mut self.uplinks, |at| plan.mapping.uplink(at.into()).map(UplinkIx::at));
        let connectors = std::mem::take(&mut self.sources).into_iter().map(Connection::end);
        let others = std::mem::take(&mut self.uplinks).into_iter().map(Connection::end);
        // Of a server or broker nobody is two clients at once.
        join(connectors, limits::FIELD_STOP_MAX, "connectors").await;
        join(others, limits::UPLINK_STOP_MAX, "uplinks").await;
        self.sources = filled_up(sources_kept, sources, |config| starter.source(config));
        self.uplinks = filled_up(uplinks_kept, uplinks, |config| starter.uplink(config));
    }

    /// How each source is doing.
    pub(crate) fn sources(&self, site: &Site) -> Vec<(Source, watch::Receiver<SourceHealth>)> {
        site.sources.iter().cloned().zip(self.sources.iter().map(|connection| connection.health.clone())).collect()
    }

    /// How each uplink is doing.
    pub(crate) fn uplinks(&self, site: &Site) -> Vec<(Uplink, watch::Receiver<UplinkHealth>)> {
        site.uplinks.iter().cloned().zip(self.uplinks.iter().map(|connection| connection.health.clone())).collect()
    }

    /// The tasks of the connectors and of the uplinks, which end when they are told to.
    pub(crate) fn into_tasks(self) -> (Vec<JoinHandle<()>>, Vec<JoinHandle<()>>) {
        let connectors = self.sources.into_iter().map(|connection| connection.task).collect();
        (connectors, self.uplinks.into_iter().map(|connection| connection.task).collect())
    }
}

impl<Config, Health> Connection<Config, Health> {
    fn end(self) -> JoinHandle<()> {
        self.stop.cancel();
        self.task
    }
}

impl Starter {
    fn source(&self, config: SourceConfig) -> Connection<SourceConfig, SourceHealth> {
        let stop = self.field.stop.child_token();
        let running =
            davy_field::start(config.clone(), &davy_field::Context { stop: stop.clone(), ..self.field.clone() });
        Connection { config, health: running.health, task: running.task, stop }
    }

    fn uplink(&self, config: UplinkConfig) -> Connection<UplinkConfig, UplinkHealth> {
        let stop = self.north.stop.child_token();
        let name = &self.field.site.uplinks[config.uplink().at()].id;
        let context = davy_uplink::Context { stop: stop.clone(), ..self.north.clone() };
        let running = davy_uplink::start(config.clone(), name, &context);
        Connection { config, health: running.health, task: running.task, stop }
    }
}

/// Waits for tasks that were told to end.
pub(crate) async fn join(tasks: impl IntoIterator<Item = JoinHandle<()>>, limit: Duration, what: &str) {
    let all = futures::future::join_all(tasks);
    if tokio::time::timeout(limit, all).await.is_err() {
        tracing::warn!("{what} did not end within {} s and are left to the end of the process", limit.as_secs());
    }
}

/// The places of those that go on and of those that end.
fn split<C, H, Ix>(all: &[Connection<C, H>], goes_on: impl Fn(&C) -> bool, ix: fn(usize) -> Ix) -> (Vec<Ix>, Vec<Ix>) {
    let (on, end): (Vec<usize>, Vec<usize>) = (0..all.len()).partition(|at| goes_on(&all[*at].config));
    (on.into_iter().map(ix).collect(), end.into_iter().map(ix).collect())
}

/// Takes those out that have a new place, with it; the others stay.
fn kept<T>(all: &mut Vec<T>, place: impl Fn(usize) -> Option<usize>) -> BTreeMap<usize, T> {
    let (mut on, mut end) = (BTreeMap::new(), Vec::new());
    for (at, connection) in std::mem::take(all).into_iter().enumerate() {
        match place(at) {
            Some(place) => drop(on.insert(place, connection)),
            None => end.push(connection),
        }
    }
    *all = end;
    on
}

/// Those that go on at their places, and the others begun.
fn filled_up<C, H>(
    kept: BTreeMap<usize, Connection<C, H>>,
    configs: Vec<C>,
    start: impl Fn(C) -> Connection<C, H>,
) -> Vec<Connection<C, H>> {
    let mut kept = kept;
    let all = configs.into_iter().enumerate().map(|(at, config)| match kept.remove(&at) {
        Some(connection) => Connection { config, ..connection },
        None => start(config),
    });
    all.collect()
}

/// The same source at its new place, with its tags at theirs; `None` when something of it is gone.
fn moved_source(config: &SourceConfig, mapping: &Mapping) -> Option<SourceConfig> {
    let mut moved = config.clone();
    match &mut moved {
        SourceConfig::OpcUa(opcua) => {
            opcua.source = mapping.source(opcua.source)?;
            for item in &mut opcua.items {
                item.tag = mapping.tag(item.tag)?;
            }
        }
        SourceConfig::Modbus(modbus) => {
            modbus.source = mapping.source(modbus.source)?;
            for item in &mut modbus.items {
                item.tag = mapping.tag(item.tag)?;
            }
        }
        SourceConfig::Mqtt(mqtt) => mqtt.source = mapping.source(mqtt.source)?,
        SourceConfig::Board(board) => {
            board.source = mapping.source(board.source)?;
            for item in &mut board.items {
                item.tag = mapping.tag(item.tag)?;
            }
        }
    }
    Some(moved)
}

fn moved_uplink(config: &UplinkConfig, mapping: &Mapping) -> Option<UplinkConfig> {
    Some(config.clone().at(mapping.uplink(config.uplink())?))
}
