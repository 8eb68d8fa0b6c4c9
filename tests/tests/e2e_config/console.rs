//! The versions of a configuration from the console: beside a gateway that runs, and while none does.

use super::{SIZE, WHY, apply, high, in_force, limit};
use acceptance::{
    places,
    site::Site,
    waiting::{self, LONG},
};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::{fs, process::Output};
use tokio::process::Command;

async fn davy(site: &Site, words: &[&str]) -> Result<Output> {
    let mut command = Command::new(places::davy()?);
    Ok(command.arg("config").args(words).current_dir(&site.folder).env_remove("DAVY_CONFIG").output().await?)
}

/// What it prints when it is done.
async fn told(site: &Site, words: &[&str]) -> Result<String> {
    let output = davy(site, words).await?;
    ensure!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

async fn refused(site: &Site, words: &[&str], status: i32, said: &str) -> Result<()> {
    let output = davy(site, words).await?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.code() == Some(status) && text.contains(said), "{words:?}: {} {text}", output.status);
    Ok(())
}

const BACK: [&str; 6] = ["--config", "config", "--data", "data", "--by", "李工"];

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_looked_at_and_taken_back_from_the_console() -> Result<()> {
    let mut site = Site::start("config_console", SIZE).await?;
    let first = in_force(&site).await?;
    apply(&site, &first, &high("30")).await?;
    looked_at(&site).await?;
    beside_a_running_gateway(&site).await?;
    while_none_runs(&mut site).await?;
    site.end().await?;
    site.gateway.verify().await
}

async fn looked_at(site: &Site) -> Result<()> {
    let versions: Value =
        serde_json::from_str(&told(site, &["versions", "--data", "data", "--format", "json"]).await?)?;
    let numbers: Vec<_> = versions.as_array().context("a list")?.iter().map(|about| about["number"].as_u64()).collect();
    assert_eq!(numbers, [Some(2), Some(1)], "the newest first");
    let text = told(site, &["versions", "--data", "data"]).await?;
    ensure!(text.contains(WHY) && text.contains("李工 (e2e)") && text.contains("page"), "{text}");
    let table = told(site, &["show", "2", "tags.csv", "--data", "data"]).await?;
    assert_eq!(table, fs::read_to_string(site.folder.join("config/tags.csv"))?, "a file as it was");
    ensure!(told(site, &["show", "1", "--data", "data"]).await?.contains("risk/units.csv"), "the names of its files");
    let difference = told(site, &["diff", "1", "2", "--data", "data"]).await?;
    ensure!(difference.contains("tags.csv:") && difference.contains("+ ") && difference.contains(WHY), "{difference}");
    let none = told(site, &["diff", "2", "--config", "config", "--data", "data"]).await?;
    ensure!(none.contains("no difference"), "{none}");
    refused(site, &["show", "9", "--data", "data"], 1, "there is no version 9").await?;
    refused(site, &["show", "1", "x.toml", "--data", "data"], 1, "version 1 has no file x.toml").await?;
    refused(site, &["diff", "1", "--data", "data"], 2, "OTHER").await
}

/// The folder changes and nothing else, until the gateway is asked to read it; then the record says who and why.
async fn beside_a_running_gateway(site: &Site) -> Result<()> {
    let shown = [&["rollback", "1", "--reason", "误改"][..], &BACK[..]].concat();
    let text = told(site, &shown).await?;
    ensure!(text.contains("nothing was written"), "without --apply nothing is written: {text}");
    ensure!(limit(site).await? == 30.0 && site.gateway.api.get("config").await?["folder"] == "in_force");
    let text = told(site, &[&shown[..], &["--apply"]].concat()).await?;
    ensure!(text.contains("systemctl reload davy"), "{text}");
    ensure!(limit(site).await? == 30.0 && site.gateway.api.get("config").await?["folder"] == "edited");
    site.gateway.reload().await?;
    waiting::until_true("version 1 is in force", LONG, async || Ok(limit(site).await? == 25.0)).await?;
    let now = site.gateway.api.get("config").await?;
    assert_eq!((&now["by"], &now["reason"], &now["how"]), (&json!("李工"), &json!("误改"), &json!("console")));
    let kept = fs::read_dir(site.folder.join("config"))?.flatten();
    let kept = kept.filter(|entry| entry.file_name().to_string_lossy().starts_with("tags.csv.")).count();
    assert_eq!(kept, 1, "what was in the folder is beside it");
    ensure!(!site.folder.join("config/.davy-change").exists(), "nothing is left to tell");
    Ok(())
}

/// A folder that no gateway starts with is mended, and the next start says so.
async fn while_none_runs(site: &mut Site) -> Result<()> {
    ensure!(site.gateway.stop().await?.success(), "an orderly stop");
    let table = site.folder.join("config/tags.csv");
    fs::write(&table, fs::read_to_string(&table)?.replace(",0,100,M-", ",100,0,M-"))?;
    let words = [&["rollback", "2", "--reason", "点表改坏", "--apply"][..], &BACK[..]].concat();
    let text = told(site, &words).await?;
    ensure!(text.contains("the next one starts with it"), "{text}");
    refused(
        site,
        &[&["rollback", "2", "--reason", " ", "--apply"][..], &BACK[..]].concat(),
        1,
        "the reason is one line",
    )
    .await?;
    site.gateway.start_again().await?;
    site.reads_everything().await?;
    ensure!(limit(site).await? == 30.0, "the version that was wanted");
    let newest = site.gateway.api.list("config/versions").await?.into_iter().next().context("a version")?;
    assert_eq!((&newest["how"], &newest["back_to"], &newest["by"]), (&json!("rollback"), &json!(2), &json!("李工")));
    let told = async || {
        let rows = site.gateway.api.list("journal").await?;
        Ok(rows
            .iter()
            .any(|row| row["record"]["action"] == "roll_back_configuration" && row["record"]["note"] == "点表改坏"))
    };
    waiting::until_true("who did it is on record", LONG, told).await
}
