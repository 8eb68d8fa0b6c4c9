//! `davy doctor --read-only`: the connectors of a configuration read their sources through taps, and what was sent toward
//! the field is printed by its code in the protocol, for an assessor of functional safety or security.

use crate::{
    cli::{Doctor, Format},
    clock, gateway, limits, output,
};
use anyhow::Context;
use davy_config::{ModbusFraming, ModbusLink, OpcUaSecurity, SourceConfig};
use davy_core::model::Source;
use davy_field::{
    Pki,
    wire::{Counts, Protocol, Tap},
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
    /// Why nothing could be seen.
    untapped: Option<&'static str>,
    counts: Counts,
}

/// Prints the counts; 0 when every source was heard and nothing but reads was sent, else 1.
pub(crate) fn command(args: &Doctor) -> anyhow::Result<ExitCode> {
    let checked = davy_config::read_dir(&args.config)?;
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
    let context = davy_field::Context { utc: clock::utc, inbox, pki, site: Arc::clone(&site), stop: stop.clone() };
    let mut watched = Vec::new();
    for mut source in configuration.sources {
        let taps = tap(&mut source, args.data.as_deref()).await.context("open a tap on a loopback port")?;
        look_only(&mut source);
        watched.push((taps, davy_field::start(source, &context)));
    }
    // Nobody acts on what is read; it only must not pile up.
    let _ = timeout(Duration::from_secs(args.seconds), async { while events.recv().await.is_some() {} }).await;
    let health: Vec<_> = watched.iter().map(|(_, running)| running.health.borrow().clone()).collect();
    stop.cancel();
    let mut seen = Vec::new();
    for ((taps, running), health) in watched.into_iter().zip(health) {
        // A connector that does not end in time is broken off with its tap; what it sent until then is told.
        let _ = timeout(limits::FIELD_STOP_MAX, running.task).await;
        let source = site.sources[running.source.at()].clone();
        let (untapped, taps) = match taps {
            Ok(taps) => (None, taps),
            Err(why) => (Some(why), Vec::new()),
        };
        let mut counts = Counts::new();
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

/// Leads a source through taps, one for each of its addresses; or why that cannot be.
async fn tap(source: &mut SourceConfig, data: Option<&Path>) -> anyhow::Result<Result<Vec<Tap>, &'static str>> {
    let mut taps = Vec::new();
    match source {
        SourceConfig::OpcUa(opcua) if opcua.security != OpcUaSecurity::None && data.is_none() => {
            return Ok(Err("encrypted, and without --data there is no certificate to connect with"));
        }
        SourceConfig::OpcUa(opcua) => {
            if let OpcUaSecurity::Secured(secured) = &mut opcua.security {
                // The tap's address is not the server's; the certificate must be the trusted one all the same.
                secured.host_check = false;
            }
            for endpoint in std::iter::once(&mut opcua.endpoint).chain(&mut opcua.backup) {
                let (host, port, path) = davy_field::wire::opcua_place(endpoint)
                    .with_context(|| format!("{endpoint} has no host and port"))?;
                let tap = Tap::open(Protocol::OpcUa, host, port).await?;
                *endpoint = format!("opc.tcp://127.0.0.1:{}{path}", tap.port());
                taps.push(tap);
            }
        }
        SourceConfig::Modbus(modbus) => {
            let ModbusLink::Connect { address, backup, framing } = &mut modbus.link else {
                return Ok(Err("a serial line, or a device that dials in, cannot be tapped; use a line analyser"));
            };
            let protocol = match framing {
                ModbusFraming::Tcp => Protocol::ModbusTcp,
                ModbusFraming::Rtu => Protocol::ModbusRtuOverTcp,
            };
            for address in [Some(address), backup.as_mut()].into_iter().flatten() {
                taps.push(tap_address(protocol, &mut address.host, &mut address.port).await?);
            }
        }
        SourceConfig::Mqtt(mqtt) if mqtt.broker.ca_pem.is_some() => {
            return Ok(Err("encrypted; look at the same source without TLS on a test bench"));
        }
        SourceConfig::Mqtt(mqtt) => {
            taps.push(tap_address(Protocol::Mqtt, &mut mqtt.broker.host, &mut mqtt.broker.port).await?);
        }
    }
    Ok(Ok(taps))
}

async fn tap_address(protocol: Protocol, host: &mut String, port: &mut u16) -> anyhow::Result<Tap> {
    let tap = Tap::open(protocol, host, *port).await?;
    "127.0.0.1".clone_into(host);
    *port = tap.port();
    Ok(tap)
}

impl Seen {
    /// What is encrypted counts as seen by nobody, not as a read.
    fn only_reads(&self) -> bool {
        !self.counts.is_empty() && self.counts.keys().all(|sent| sent.only_reads() == Some(true))
    }

    fn verdict(&self) -> &'static str {
        if self.counts.keys().any(|sent| sent.only_reads() == Some(false)) {
            "NOT only reads"
        } else if let Some(why) = self.untapped {
            why
        } else if self.counts.is_empty() {
            "nothing was sent"
        } else if self.only_reads() {
            "only reads"
        } else {
            "encrypted: cannot be seen from outside; look at the same source without encryption on a test bench"
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
            "sent": counts.collect::<Vec<_>>(),
        })
    }
}
