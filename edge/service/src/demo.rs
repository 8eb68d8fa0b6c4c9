//! `davy demo`: the whole product on a desk. The plant is simulated; everything between it and the page is the product,
//! over the real protocols.

use crate::{
    access::Entrance,
    cli::Demo as Args,
    clock,
    gateway::{self, Setup},
    output, taps,
};
use anyhow::Context as _;
use davy_api::Demo;
use davy_config::Files;
use davy_field::wire::Tap;
use davy_plant::{Plant, Settings};
use std::{net::SocketAddr, path::PathBuf, time::Duration};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Runs the demo until Ctrl-C, SIGTERM or the end of `--for`.
pub(crate) fn command(args: Args) -> anyhow::Result<()> {
    let temporary = tempfile::Builder::new().prefix("davy-demo-").tempdir().context("make a folder for the journal")?;
    let data = args.data.clone().unwrap_or_else(|| temporary.path().to_owned());
    gateway::block_on(run(args, data))
}

async fn run(args: Args, data: PathBuf) -> anyhow::Result<()> {
    let listener = gateway::listen(args.listen).await?;
    let address = listener.local_addr()?;
    let stop = CancellationToken::new();
    gateway::stop_on_signals(&stop)?;
    if let Some(seconds) = args.seconds {
        stop_after(Duration::from_secs(seconds), stop.clone());
    }
    let plant_stop = CancellationToken::new();
    let settings = Settings { speed: args.speed, web_listen: address, ..Settings::new(clock::utc, plant_stop.clone()) };
    let plant = davy_plant::start(settings).await.context("start the simulated plant")?;
    let mut checked = davy_config::read(&Files(plant.configuration()), &|name| {
        Err(format!("{name} is not there: the demo has no secrets"))
    })?;
    let mut taps = Vec::new();
    for source in &mut checked.configuration.sources {
        taps.extend(taps::open(source, None).await?.unwrap_or_default());
    }
    let demo = follow(&plant, stop.clone());
    let greeting = greeting(address, &plant, args.seconds);
    let (entrance, folder, made) = (Entrance::Demo, None, None);
    let setup = Setup { checked, data, listener, demo: Some(demo), entrance, greeting, folder, made };
    let result = gateway::run(setup, stop).await;
    plant.stop().await;
    output::line(proof(&taps));
    result
}

/// What was sent toward the plant, from its first byte to its last.
fn proof(taps: &[Tap]) -> String {
    let counts: Vec<_> = taps.iter().flat_map(Tap::counts).collect();
    let sent: u64 = counts.iter().map(|(_, count)| count).sum();
    let others: Vec<String> = counts
        .iter()
        .filter(|(sent, _)| sent.only_reads() != Some(true))
        .map(|(sent, count)| format!("{count} × {sent}"))
        .collect();
    match others.is_empty() {
        true => format!("Toward the plant: {sent} messages, only reads."),
        false => format!("Toward the plant: {sent} messages, NOT only reads: {}", others.join(", ")),
    }
}

fn greeting(address: SocketAddr, plant: &Plant, seconds: Option<u64>) -> Vec<String> {
    let ends = plant.endpoints();
    vec![
        format!("Davy: http://{address}/"),
        "  The simulated plant, for any other client as well:".to_owned(),
        format!("    OPC UA     {}", ends.opcua_url()),
        format!("    Modbus TCP {}", ends.modbus),
        format!("    MQTT       {} (field)  {} (enterprise)", ends.field, ends.enterprise),
        match seconds {
            Some(seconds) => format!("  Ends after {seconds} s; the log follows."),
            None => "  Ctrl-C ends it; the log follows.".to_owned(),
        },
    ]
}

fn stop_after(time: Duration, stop: CancellationToken) {
    tokio::spawn(async move {
        tokio::time::sleep(time).await;
        stop.cancel();
    });
}

/// What the plant and the enterprise receiver are up to, for the page.
fn follow(plant: &Plant, stop: CancellationToken) -> watch::Receiver<Demo> {
    let mut view = plant.view();
    let show = |view: &mut watch::Receiver<davy_plant::PlantView>| {
        Demo(serde_json::to_value(&*view.borrow_and_update()).unwrap_or_default())
    };
    let (sender, receiver) = watch::channel(show(&mut view));
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                changed = view.changed() => if changed.is_err() { return },
            }
            sender.send_replace(show(&mut view));
        }
    });
    receiver
}
