//! A running connector: everything it tells the engine, and its health.

use acceptance::waiting::LONG;
use anyhow::{Context as _, Result, bail, ensure};
use davy_config::SourceConfig;
use davy_core::{
    event::{Event, Link, Sample},
    health::SourceHealth,
    id::{SourceIx, TagIx},
    model::Site,
    time::UtcTime,
};
use davy_field::{
    Context, Pki, Running,
    wire::{Counts, Recorder},
};
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

pub(crate) struct Stand {
    running: Running,
    inbox: mpsc::Receiver<Event>,
    stop: CancellationToken,
    sent: Recorder,
}

pub(crate) fn utc() -> UtcTime {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    UtcTime(i64::try_from(since_1970.as_millis()).expect("the clock shows no time beyond 64 bits"))
}

impl Stand {
    /// Without certificates.
    pub(crate) fn start(config: SourceConfig, site: Site) -> Self {
        Self::start_with(config, site, Arc::new(Pki::new("/nonexistent".as_ref())))
    }

    pub(crate) fn start_with(config: SourceConfig, site: Site, pki: Arc<Pki>) -> Self {
        Self::start_after(config, site, pki, None)
    }

    /// After somebody else who heard the source until then.
    pub(crate) fn start_after(config: SourceConfig, site: Site, pki: Arc<Pki>, heard_until: Option<UtcTime>) -> Self {
        // Small, so that the connector has to wait for the test now and then.
        let (sender, inbox) = mpsc::channel(4);
        let stop = CancellationToken::new();
        let sent = Recorder::default();
        let context = Context {
            utc,
            inbox: sender,
            pki,
            site: Arc::new(site),
            stop: stop.clone(),
            heard_until,
            panel: None,
            sent: Some(sent.clone()),
        };
        Self { running: davy_field::start(config, &context), inbox, stop, sent }
    }

    /// The first answer that an event gives; events before it are passed over.
    pub(crate) async fn event<T>(&mut self, what: &str, mut answer: impl FnMut(&Event) -> Option<T>) -> Result<T> {
        let search = async {
            loop {
                let event = self.inbox.recv().await.context("the connector ended")?;
                if let Some(answer) = answer(&event) {
                    return Ok(answer);
                }
            }
        };
        match timeout(LONG, search).await {
            Ok(answer) => answer,
            Err(_) => bail!("{what}: not within {} s; {:?}", LONG.as_secs(), self.health()),
        }
    }

    pub(crate) async fn up(&mut self) -> Result<()> {
        self.event("the source is up", |event| (*event == Event::Source(SourceIx(0), Link::Up)).then_some(())).await
    }

    /// Waits until the source is down; gives the reason.
    pub(crate) async fn down(&mut self) -> Result<String> {
        let reason = |event: &Event| {
            let Event::Source(_, Link::Down(reason)) = event else { return None };
            Some(reason.clone())
        };
        self.event("the source is down", reason).await
    }

    /// The next batch of samples.
    pub(crate) async fn batch(&mut self) -> Result<Vec<Sample>> {
        let batch = |event: &Event| {
            let Event::Samples(samples) = event else { return None };
            Some(samples.clone())
        };
        self.event("samples come", batch).await
    }

    /// The next sample of each of so many tags.
    pub(crate) async fn samples(&mut self, tags: usize) -> Result<Vec<Sample>> {
        let mut next = BTreeMap::new();
        while next.len() < tags {
            for sample in self.batch().await? {
                next.entry(sample.tag).or_insert(sample);
            }
        }
        Ok(next.into_values().collect())
    }

    /// The next sample of a tag that satisfies a test.
    pub(crate) async fn sample(&mut self, tag: usize, test: impl Fn(&Sample) -> bool) -> Result<Sample> {
        let wanted = |event: &Event| {
            let Event::Samples(samples) = event else { return None };
            samples.iter().find(|sample| sample.tag == TagIx::from(tag) && test(sample)).copied()
        };
        self.event(&format!("tag {tag} has the value"), wanted).await
    }

    /// The next sample of a tag that has exactly this value.
    pub(crate) async fn value(&mut self, tag: usize, value: f64) -> Result<Sample> {
        self.sample(tag, |sample| sample.value.total_cmp(&value).is_eq()).await
    }

    pub(crate) fn health(&self) -> SourceHealth {
        self.running.health.borrow().clone()
    }

    /// Waits for a health; events are taken and passed over meanwhile.
    pub(crate) async fn health_with(
        &mut self,
        what: &str,
        test: impl Fn(&SourceHealth) -> bool,
    ) -> Result<SourceHealth> {
        let search = async {
            loop {
                tokio::select! {
                    health = self.running.health.wait_for(&test) => return Ok(health.context("the connector ended")?.clone()),
                    event = self.inbox.recv() => drop(event.context("the connector ended")?),
                }
            }
        };
        match timeout(LONG, search).await {
            Ok(health) => health,
            Err(_) => bail!("{what}: not within {} s; {:?}", LONG.as_secs(), self.health()),
        }
    }

    /// What Modbus and MQTT have sent.
    pub(crate) fn sent(&self) -> Counts {
        self.sent.counts()
    }

    /// Stops the connector, which has sent nothing but reads, and waits until its task has ended, without ever emptying the
    /// inbox.
    pub(crate) async fn stop(self) -> Result<()> {
        self.stop.cancel();
        timeout(Duration::from_secs(30), self.running.task).await.context("the connector stops")??;
        let counts = self.sent.counts();
        ensure!(counts.keys().all(|sent| sent.only_reads() == Some(true)), "no read is among {counts:?}");
        Ok(())
    }
}
