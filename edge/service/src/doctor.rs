//! `davy doctor`: the box, its serial ports, and with `--read-only` what is sent toward the field: the connectors of a configuration
//! read their sources through taps, and what was sent is printed by its code in the protocol, for an assessor of functional safety
//! or security.

mod of_box;
mod serial;

use crate::{
    cli::{Doctor, Format},
    clock, gateway, limits, output,
    taps::{self, Untapped},
};
use anyhow::Context as _;
use davy_config::SourceConfig;
use davy_core::model::Source;
use davy_field::{
    Pki,
    wire::{Counts, Recorder, Tap},
};
use serde_json::{Value, json};
use std::{path::Path, process::ExitCode, sync::Arc, time::Duration};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

/// What was seen of a source.
struct Seen {
    source: Source,
    /// Whether it was up at the end.
    up: bool,
    /// Why not, or where it is.
    detail: String,
    /// Why nothing was seen on the wire.
    untapped: Option<Untapped>,
    counts: Counts,
}

/// Looks at what was asked about.
pub(crate) fn command(args: &Doctor) -> anyhow::Result<ExitCode> {
    match args.config.as_deref().filter(|_| args.read_only) {
        Some(config) => read_only(config, args),
        None if args.serial => serial::command(args),
        None => of_box::command(args),
    }
}

/// Prints the counts; 0 when every source was heard and nothing but reads was sent, else 1.
fn read_only(config: &Path, args: &Doctor) -> anyhow::Result<ExitCode> {
    let checked = davy_config::read_dir(config)?;
    let seen = gateway::block_on(watch(checked.configuration, args))?;
    let good = seen.iter().all(|seen| seen.up && seen.only_reads());
    match args.format {
        Format::Json => output::line(json!({
            "seconds": args.seconds,
            "only_reads": seen.iter().all(Seen::only_reads),
            "sources": seen.iter().map(Seen::row).collect::<Vec<_>>(),
        })),
        Format::Text => seen.iter().for_each(Seen::print),
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn watch(configuration: davy_config::Configuration, args: &Doctor) -> anyhow::Result<Vec<Seen>> {
    let stop = CancellationToken::new();
    let (inbox, mut events) = mpsc::channel(limits::INBOX_MAX);
    let site = Arc::new(configuration.site);
    let data = args.data.clone().unwrap_or_default();
    let pki = Arc::new(Pki::new(&data));
    let context = davy_field::Context {
        utc: clock::utc,
        inbox,
        pki,
        panel: None,
        site: Arc::clone(&site),
        stop: stop.clone(),
        heard_until: None,
        sent: None,
    };
    let mut watched = Vec::new();
    // Toward the inputs of the box nothing is ever sent.
    let wired = |source: &SourceConfig| !matches!(source, SourceConfig::Board(_));
    for mut source in configuration.sources.into_iter().filter(wired) {
        let taps = taps::open(&mut source, args.data.as_deref()).await.context("open a tap on a loopback port")?;
        look_only(&mut source);
        let recorder = Recorder::default();
        let sent = matches!(taps, Err(Untapped::Within(_))).then(|| recorder.clone());
        let context = davy_field::Context { sent, ..context.clone() };
        watched.push((taps, recorder, davy_field::start(source, &context)));
    }
    // Nobody acts on what is read; it only must not pile up.
    let _ = timeout(Duration::from_secs(args.seconds), async { while events.recv().await.is_some() {} }).await;
    let health: Vec<_> = watched.iter().map(|(_, _, running)| running.health.borrow().clone()).collect();
    stop.cancel();
    let mut seen = Vec::new();
    for ((taps, recorder, running), health) in watched.into_iter().zip(health) {
        // A connector that does not end in time is broken off with its tap; what it sent until then is told.
        let _ = timeout(limits::FIELD_STOP_MAX, running.task).await;
        let source = site.sources[running.source.at()].clone();
        let (untapped, taps) = match taps {
            Ok(taps) => (None, taps),
            Err(why) => (Some(why), Vec::new()),
        };
        let mut counts = recorder.counts();
        for (sent, count) in taps.iter().flat_map(Tap::counts) {
            *counts.entry(sent).or_default() += count;
        }
        seen.push(Seen { source, up: health.up, detail: health.detail, untapped, counts });
    }
    Ok(seen)
}

/// A gateway may be running beside it, and a broker takes a second client of the same name for the first one.
pub(crate) fn look_only(source: &mut SourceConfig) {
    if let SourceConfig::Mqtt(mqtt) = source {
        mqtt.broker.client_id.push_str("-doctor");
        mqtt.keeps_session = false;
    }
}

impl Seen {
    /// What is encrypted counts as seen by nobody, not as a read.
    fn only_reads(&self) -> bool {
        !self.counts.is_empty() && self.counts.keys().all(|sent| sent.only_reads() == Some(true))
    }

    fn verdict(&self) -> String {
        let seen = if self.counts.keys().any(|sent| sent.only_reads() == Some(false)) {
            "NOT only reads"
        } else if let Some(Untapped::Unseen(why)) = self.untapped {
            why
        } else if self.counts.is_empty() {
            "nothing was sent"
        } else if self.only_reads() {
            "only reads"
        } else {
            "encrypted: how much was sent is counted, and what it was has not been seen; look with security_mode = \"Sign\", which leaves requests legible, or without encryption on a test bench"
        };
        match self.untapped {
            Some(Untapped::Within(place)) => format!("{seen} (counted within the gateway, {place}, not on the wire)"),
            _ => seen.to_owned(),
        }
    }

    /// Where it was counted.
    fn counted(&self) -> &'static str {
        match self.untapped {
            None => "on the wire",
            Some(Untapped::Within(_)) => "within the gateway",
            Some(Untapped::Unseen(_)) => "nowhere",
        }
    }

    fn print(&self) {
        let Source { id, name, .. } = &self.source;
        let state = if self.up { "up" } else { "down" };
        output::line(format_args!("{id} {name}: {}; {state}: {}", self.verdict(), self.detail));
        for (sent, count) in &self.counts {
            let mark = match sent.only_reads() {
                Some(true) => "read",
                Some(false) => "NO READ",
                None => "?",
            };
            output::line(format_args!("  {count:>9} × {:<8} {sent} [{mark}]", sent.code()));
        }
    }

    fn row(&self) -> Value {
        let counts = self.counts.iter().map(|(sent, count)| {
            json!({"code": sent.code(), "name": sent.to_string(), "count": count, "only_reads": sent.only_reads()})
        });
        json!({
            "source": self.source.id,
            "up": self.up,
            "detail": self.detail,
            "only_reads": self.only_reads(),
            "counted": self.counted(),
            "sent": counts.collect::<Vec<_>>(),
        })
    }
}
