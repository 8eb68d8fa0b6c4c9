//! A gateway that is given another configuration while it runs. One that is bad, or that asks for what cannot be changed while it
//! runs, is refused whole, and the one in force goes on.

use super::{apply::Record, page::Page};
use crate::{
    clock,
    commands::model::{self, Told},
    connections::{Connections, Starter},
    inboxes::Gauge,
    limits,
    owner::Change,
    tls, update,
    versions::About,
};
use anyhow::{Context as _, anyhow, bail};
use davy_api::How;
use davy_config::{BoardConfig, Checked, Configuration, Errors, StorageConfig, WebConfig};
use davy_core::{
    health::SourceHealth,
    id::{SourceId, UplinkId},
    indicators::Indicators,
    model::{Gateway, Source, SourceKind},
};
use davy_uplink::commands::asks::RiskModelAsk;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::{mpsc, oneshot, watch},
};
use tokio_util::sync::CancellationToken;

/// What changes with the configuration.
pub(crate) struct Live {
    pub(crate) connections: Connections,
    pub(crate) starter: Starter,
    pub(crate) page: Page,
    pub(crate) tls: Option<Arc<tls::Keeper>>,
    pub(crate) changes: mpsc::Sender<Change>,
    /// Those whose acknowledgements the journal waits for before it makes room.
    pub(crate) cursors: watch::Sender<Vec<UplinkId>>,
    pub(crate) record: Record,
    pub(crate) data: PathBuf,
    /// How much waits for the loop.
    pub(crate) gauge: Gauge,
}

/// What does not.
#[derive(Clone, Debug)]
pub(crate) struct Fixed {
    pub(crate) board: BoardConfig,
    pub(crate) storage: StorageConfig,
    pub(crate) web: WebConfig,
}

impl Live {
    /// How each source is doing.
    pub(crate) fn sources(&self) -> Vec<(Source, watch::Receiver<SourceHealth>)> {
        self.connections.sources(&self.starter.field.site)
    }

    /// Reads the folder again and puts in force what it says; otherwise says why not.
    pub(crate) async fn turn_to_folder(&mut self) {
        let Some(folder) = self.record.folder.clone() else { return };
        if let Some(words) = update::stands_still(&self.data) {
            return tracing::error!("the configuration is not read again: {words}");
        }
        let before = self.starter.field.site.gateway.config_version.clone();
        match self.read_and_turn(&folder).await {
            Ok(on) => tracing::info!(%before, "the configuration is in force; {on} connections went on"),
            Err(error) => match error.downcast_ref::<Errors>() {
                Some(errors) => {
                    errors.0.iter().for_each(|finding| tracing::error!("{finding}"));
                    tracing::error!("the configuration is refused; {before} stays in force");
                }
                None => tracing::error!("the configuration is refused; {before} stays in force: {error:#}"),
            },
        }
    }

    async fn read_and_turn(&mut self, folder: &Path) -> anyhow::Result<usize> {
        let folder = folder.to_owned();
        let checked = tokio::task::spawn_blocking(move || tls::read_dir(&folder)).await;
        let checked = checked.context("read the configuration")??;
        for finding in &checked.coverage {
            tracing::warn!("{finding}");
        }
        let part = self.record.begin(&checked, How::Console).await;
        let turned = self.turn_to(checked, part.as_ref().map(|part| part.about.clone())).await;
        self.record.end(part, turned.is_ok()).await;
        turned
    }

    /// Puts a risk model of the enterprise platform in force; gives what to tell it.
    pub(crate) async fn turn_to_model(&mut self, by: String, model: RiskModelAsk) -> Told {
        let Some(folder) = self.record.folder.clone() else {
            return Told::refused("this gateway has no configuration folder: it is a demonstration".to_owned());
        };
        if let Some(words) = update::stands_still(&self.data) {
            return Told::refused(words);
        }
        let in_force = self.record.in_force.now();
        let proposed = tokio::task::spawn_blocking(move || model::propose(&folder, &in_force, by, model)).await;
        let proposal = match proposed {
            Ok(Ok(proposal)) => proposal,
            Ok(Err(told)) => return told,
            Err(error) => return Told::refused(format!("the model could not be checked: {error}")),
        };
        let Some(prepared) = proposal else {
            return Told::done(vec!["nothing changed: the very model is in force".to_owned()]);
        };
        let before = self.starter.field.site.gateway.config_version.clone();
        let details = prepared.about.changes.clone();
        match self.put_in_force(prepared).await {
            Ok(_) => {
                tracing::info!(%before, "a risk model of the platform is in force");
                Told::done(details)
            }
            Err(error) => {
                tracing::error!("a risk model of the platform is refused: {error:#}");
                Told::refused(format!("{error:#}"))
            }
        }
    }

    /// How many connections it did not concern. Without `about` it is the version that was in force.
    pub(super) async fn turn_to(&mut self, checked: Checked, about: Option<About>) -> anyhow::Result<usize> {
        let fixed = self.record.in_force.now().fixed.changed(&self.starter.field.site.gateway, &checked.configuration);
        if !fixed.is_empty() {
            bail!("{} cannot change while the gateway runs; restart it", fixed.join(", "));
        }
        let in_force = self.record.next(&checked, about);
        let configuration = checked.configuration;
        let plan = Arc::new(self.connections.plan(&self.starter.field.site, &configuration));
        let Configuration { site, sources, uplinks, samples, files, web, map, .. } = configuration;
        let (inbox, events) = mpsc::channel(limits::INBOX_MAX);
        let (answer, answered) = oneshot::channel();
        let site = Arc::new(site);
        let change = Change { site: Arc::clone(&site), files, samples, events, plan: Arc::clone(&plan), answer };
        self.changes.send(change).await.ok().context("the gateway is stopping")?;
        answered.await.context("the gateway is stopping")?.map_err(|why| anyhow!(why))?;
        self.record.in_force.replace(in_force);
        self.gauge.add(&inbox);
        (self.starter.field.inbox, self.starter.north.inbox) = (inbox.clone(), inbox);
        self.cursors.send_replace(super::uplinks_of_records(&site, &uplinks));
        self.starter.north.gateway = site.gateway.clone();
        self.starter.field.site = Arc::clone(&site);
        // Who begins anew takes over from who is ended here.
        self.starter.field.heard_until = Some(clock::utc());
        self.connections.turn_to(&plan, sources, uplinks, &self.starter).await;
        // A Modbus device or a contact shows no certificate, whatever the source of its id was before.
        let shows = |source: &&Source| !matches!(source.kind, SourceKind::Modbus | SourceKind::Board);
        let left: Vec<&SourceId> = site.sources.iter().filter(shows).map(|source| &source.id).collect();
        self.starter.field.pki.keeps_in_use(&left);
        if let Some(tls) = &self.tls {
            tls.turn(web.certificate).await;
        }
        let connections = &self.connections;
        self.page.turn(|page| {
            page.sources = connections.sources(&site);
            page.uplinks = connections.uplinks(&site);
            page.site = Arc::clone(&site);
            page.map = super::page::map(&site, map);
            page.identity.gateway = site.gateway.clone();
            page.indicators = Indicators::new(&site);
        });
        Ok(plan.sources.len() + plan.uplinks.len())
    }
}

impl Fixed {
    /// The keys that differ.
    pub(crate) fn changed(&self, gateway: &Gateway, new: &Configuration) -> Vec<String> {
        let other = &new.site.gateway;
        let changed = [
            ("company_code", gateway.company_code != other.company_code),
            ("gateway_id", gateway.gateway_id != other.gateway_id),
            ("[board]", self.board != new.board),
            ("[storage]", self.storage != new.storage),
            ("[web]", fixed(&self.web) != fixed(&new.web)),
        ];
        changed.into_iter().filter(|(_, changed)| *changed).map(|(key, _)| key.to_owned()).collect()
    }
}

/// All but the certificate, which ends and is replaced.
fn fixed(web: &WebConfig) -> WebConfig {
    WebConfig { certificate: None, ..web.clone() }
}

/// SIGHUP, by which a process is asked to read its configuration again.
pub(crate) struct Hangups(Option<Signal>);

impl Hangups {
    pub(crate) fn listen(wanted: bool) -> anyhow::Result<Self> {
        let signal = wanted.then(|| signal(SignalKind::hangup())).transpose();
        Ok(Self(signal.context("listen for SIGHUP")?))
    }

    /// Waits for the next; false when the gateway stops.
    pub(crate) async fn next(&mut self, stop: &CancellationToken) -> bool {
        let asked = async {
            match &mut self.0 {
                Some(signal) => drop(signal.recv().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => false,
            () = asked => true,
        }
    }
}
