//! How many reads of the live state the API answers in a second, and how soon; printed.

use super::seconds;
use acceptance::{
    figures, folder,
    site::{Site, Size},
    waiting::{self, LONG},
};
use anyhow::{Context as _, Result};
use reqwest::Client;
use std::{
    fs,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

const READERS: usize = 8;
const ALARMS: usize = 50;
const PATHS: [&str; 5] = ["system", "alarms", "units", "tags", "kpi"];

#[tokio::test(flavor = "multi_thread")]
async fn reads_of_the_live_state() -> Result<()> {
    let time = seconds("DAVY_READ_SECONDS", 2)?;
    let mut site =
        Site::start("api-reads", Size { levels: 200, gases: 4, people: 3, zones: 2, ..Size::default() }).await?;
    for level in 1..=ALARMS {
        site.opcua.write(&folder::level(level), folder::level_rule(level).1).await?;
    }
    let open = async || Ok(site.gateway.api.list("alarms").await?.len() >= ALARMS);
    waiting::until_true("the alarms are open", LONG, open).await?;
    let token = fs::read_to_string(site.folder.join("davy-token")).context("the token of the tests")?;
    let mut lines = vec![
        format!("{READERS} clients at once, each asks when it has its answer; 204 tags, {ALARMS} alarms open"),
        String::new(),
        "| read | requests/s | p50 | p99 |\n|---|---|---|---|".to_owned(),
    ];
    for path in PATHS {
        let url = format!("{}/api/v1/{path}", site.gateway.address.trim_end_matches('/'));
        let mut took = read(&url, token.trim(), time).await?;
        took.sort_unstable();
        let ms = |percent| figures::percentile(&took, percent).as_secs_f64() * 1_000.0;
        let rate = took.len() as f64 / time.as_secs_f64();
        lines.push(format!("| `{path}` | {rate:.0} | {:.1} ms | {:.1} ms |", ms(50), ms(99)));
    }
    figures::report("Reads of the live state", &lines)?;
    site.end().await
}

async fn read(url: &str, token: &str, time: Duration) -> Result<Vec<Duration>> {
    let client = Client::new();
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        let request = client.get(url).bearer_auth(token).build()?;
        let client = client.clone();
        readers.spawn(async move {
            let (begun, mut took) = (Instant::now(), Vec::new());
            while begun.elapsed() < time {
                let asked = Instant::now();
                let request = request.try_clone().context("a request without a body")?;
                client.execute(request).await?.error_for_status()?.bytes().await?;
                took.push(asked.elapsed());
            }
            anyhow::Ok(took)
        });
    }
    let mut took = Vec::new();
    while let Some(one) = readers.join_next().await {
        took.extend(one??);
    }
    Ok(took)
}
