//! Many reconnects leave nothing behind: no session at the server, no descriptor and no memory here.

use crate::opcua_server::{Server, levels};
use acceptance::waiting;
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::fs;

/// Cuts in a test of every day; `DAVY_RECONNECTS=1000` makes it a long one.
const CUTS: usize = 12;

/// What memory may grow by from the first cuts to the last: the allocator keeps some. A thousand sessions left behind, with
/// 200 items each, would take several times as much.
const MEMORY_SLACK_KIB: usize = 24 * 1024;

#[expect(clippy::print_stdout, reason = "the figures are what a long test is for")]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_grows_by_reconnecting() -> Result<()> {
    let cuts = std::env::var("DAVY_RECONNECTS").ok().and_then(|text| text.parse().ok()).unwrap_or(CUTS);
    let names = levels(200);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut server = Server::start_levels("field_opcua_reconnects", names.len(), json!({})).await?;
    let mut stand = server.stand(&names);
    stand.up().await?;
    let (mut descriptors, mut memory) = (0, 0);
    let port = server.port;
    for cut in 1..=cuts {
        server.ask(json!({"op": "cut"})).await?;
        stand.down().await?;
        stand.up().await?;
        server.write(names[0], f64::from(u32::try_from(cut)?), 0).await?;
        stand.value(0, f64::from(u32::try_from(cut)?)).await?;
        waiting::until_true("one connection", waiting::LONG, async || Ok(connections_to(port)? == 1)).await?;
        if cut == CUTS.min(cuts) / 2 {
            (descriptors, memory) = (open_descriptors()?, resident_kib()?);
        }
    }
    // Other tests of this process open and close theirs; a leak would be one for each cut.
    let (descriptors_now, memory_now) = (open_descriptors()?, resident_kib()?);
    println!("{cuts} cuts: descriptors {descriptors} to {descriptors_now}, resident {memory} to {memory_now} KiB");
    ensure!(descriptors_now < descriptors + cuts.max(50) / 2, "descriptors: {descriptors} to {descriptors_now}");
    ensure!(memory_now < memory + MEMORY_SLACK_KIB || cuts <= CUTS, "resident: {memory} to {memory_now} KiB");
    assert_eq!(stand.health().connects, 1 + cuts as u64);
    stand.stop().await?;
    // The sessions of cut connections time out on the server; the last one was closed in order.
    let mut left = async || {
        let counts = server.ask(json!({"op": "counts"})).await?;
        Ok::<_, anyhow::Error>((counts["sessions"] == 0 && counts["subscriptions"] == 0).then_some(()))
    };
    waiting::until("the server has no session left", waiting::LONG, &mut left).await.context("after every cut")
}

/// Connections to a port of this machine that are not over: every state of `/proc/net/tcp` but `TIME_WAIT`, which is the kernel's.
fn connections_to(port: u16) -> Result<usize> {
    const TIME_WAIT: &str = "06";
    let table = fs::read_to_string("/proc/net/tcp")?;
    let far_end = format!("0100007F:{port:04X}");
    let is_there = |line: &&str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        fields.get(2) == Some(&far_end.as_str()) && fields.get(3) != Some(&TIME_WAIT)
    };
    Ok(table.lines().filter(is_there).count())
}

fn open_descriptors() -> Result<usize> {
    Ok(fs::read_dir("/proc/self/fd")?.count())
}

fn resident_kib() -> Result<usize> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the kernel says VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
