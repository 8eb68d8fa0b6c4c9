//! `davy doctor` beside a running gateway, on servers that this project did not write.

use acceptance::{
    places,
    site::{Site, Size},
};
use anyhow::{Result, ensure};
use serde_json::Value;
use std::process::Output;
use tokio::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn an_assessor_sees_that_the_field_is_only_read() -> Result<()> {
    let size = Size { levels: 3, gases: 2, people: 1, zones: 1, cameras: 1, ..Size::default() };
    let mut site = Site::start("doctor", size).await?;
    let connects = connects(&site).await?;
    let seen = doctor(&site, &["--for", "3", "--format", "json"]).await?;
    let report: Value = serde_json::from_slice(&seen.stdout)?;
    ensure!(seen.status.success() && report["only_reads"] == true, "{report:#}");
    for (source, needed) in [("dcs", "Publish"), ("gds", "Read Holding Registers"), ("people", "SUBSCRIBE")] {
        let sources = report["sources"].as_array().cloned().unwrap_or_default();
        let found = sources.iter().find(|found| found["source"] == source).cloned().unwrap_or_default();
        let asked = found["sent"].as_array().cloned().unwrap_or_default();
        ensure!(found["up"] == true && asked.iter().any(|sent| sent["name"] == needed), "{source}: {found:#}");
    }
    assert_eq!(self::connects(&site).await?, connects, "the running gateway is left alone");

    site.modbus.stop().await?;
    let silent = doctor(&site, &["--for", "2"]).await?;
    let words = String::from_utf8(silent.stdout)?;
    ensure!(!silent.status.success() && words.contains("gds") && words.contains("down"), "{words}");
    ensure!(words.contains("dcs") && words.contains("only reads"), "{words}");
    site.modbus.start_again().await?;
    site.end().await
}

async fn doctor(site: &Site, arguments: &[&str]) -> Result<Output> {
    let mut command = Command::new(places::davy()?);
    command.args(["doctor", "--read-only", "--config"]).arg(site.folder.join("config")).args(arguments);
    Ok(command.output().await?)
}

async fn connects(site: &Site) -> Result<u64> {
    let sources = site.gateway.api.list("sources").await?;
    Ok(sources.iter().filter_map(|source| source["connects"].as_u64()).sum())
}
