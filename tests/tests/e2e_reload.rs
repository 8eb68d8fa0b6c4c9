//! A configuration that changes while the gateway runs: the connections that it does not concern go on without missing a value,
//! alarms stay what they are, and what is bad is refused.

use acceptance::{
    folder::{level, level_rule},
    gateway::Gateway,
    site::{Site, Size},
    waiting::{self, LONG},
};
use anyhow::{Context, Result, ensure};
use davy_core::event::{Event, Sample};
use davy_store::recording::Recording;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const LOAD_HZ: u32 = 20;
const LOAD_S: u32 = 6;
const ROUNDS: usize = 3;

/// Puts another text into a file of the configuration.
fn edit(folder: &Path, file: &str, change: impl FnOnce(String) -> String) -> Result<()> {
    let path = folder.join("config").join(file);
    let before = fs::read_to_string(&path)?;
    let after = change(before.clone());
    ensure!(after != before, "{file} was to change");
    Ok(fs::write(path, after)?)
}

/// Times that each line was logged.
fn logged(gateway: &Gateway, words: &str) -> Result<usize> {
    Ok(gateway.log()?.lines().filter(|line| line.contains(words)).count())
}

async fn reload(gateway: &Gateway, words: &str) -> Result<()> {
    let before = logged(gateway, words)?;
    gateway.reload().await?;
    waiting::until_true(words, LONG, async || Ok(logged(gateway, words)? > before)).await
}

async fn source(gateway: &Gateway, id: &str) -> Result<Value> {
    gateway.api.find("sources", "source", id).await
}

/// First a tag before all others, so that every place moves, and another limit; then what is bad; then what cannot change while
/// the gateway runs; then the new tag goes again.
async fn change_the_configuration(gateway: &Gateway, folder: &Path) -> Result<()> {
    let row = "GT-000,气体零,gds,1/holding/0,f32,CDAB,%LEL,0,100,,,,60,,1,0s,0s,high,,撤离人员\n";
    let with_row = |text: String| text.replacen('\n', &format!("\n{row}"), 1);
    edit(folder, "tags.csv", |text| with_row(text).replace(",,20,,,1,", ",,21,,,1,"))?;
    reload(gateway, "the configuration is in force").await?;
    let tag = async || Ok(gateway.api.find("tags", "tag", "GT-000").await?["severity"] == "good");
    waiting::until_true("the new tag is read", LONG, tag).await?;

    let good = fs::read_to_string(folder.join("config/tags.csv"))?;
    edit(folder, "tags.csv", |text| text.replace(",0,100,M-", ",100,0,M-"))?;
    reload(gateway, "the configuration is refused").await?;
    fs::write(folder.join("config/tags.csv"), &good)?;
    edit(folder, "gateway.toml", |text| text.replace("gateway_id = \"gw-1\"", "gateway_id = \"gw-2\""))?;
    reload(gateway, "gateway_id cannot change while the gateway runs").await?;
    edit(folder, "gateway.toml", |text| text.replace("gateway_id = \"gw-2\"", "gateway_id = \"gw-1\""))?;

    for _ in 0..ROUNDS {
        edit(folder, "tags.csv", |text| text.replace(row, ""))?;
        reload(gateway, "the configuration is in force").await?;
        edit(folder, "tags.csv", with_row)?;
        reload(gateway, "the configuration is in force").await?;
    }
    edit(folder, "tags.csv", |text| text.replace(row, ""))?;
    reload(gateway, "the configuration is in force").await?;
    ensure!(gateway.api.find("tags", "tag", "GT-000").await.is_err(), "the tag is gone");
    Ok(())
}

/// Every value of a tag that the engine was told under any configuration.
fn told(data: PathBuf, tag: &str) -> Result<(usize, Vec<Sample>)> {
    let recording = Recording::open(&data)?;
    let runs = recording.runs()?;
    let mut samples = Vec::new();
    for run in &runs {
        let files = davy_config::Files(run.beginning.files.clone());
        let site = davy_config::read(&files, &|_| Ok(davy_config::STAND_IN.to_owned()))?.configuration.site;
        let at = site.tags.iter().position(|known| known.id.as_str() == tag).context("the tag")?;
        recording.play(run, |part| {
            for told in part.told {
                let Event::Samples(of_all) = told.event else { continue };
                samples.extend(of_all.into_iter().filter(|sample| sample.tag.at() == at));
            }
            true
        })?;
    }
    Ok((runs.len(), samples))
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_concerned_misses_nothing() -> Result<()> {
    let size = Size { levels: 4, gases: 2, people: 2, zones: 1, ..Size::default() };
    let mut site = Site::start("reload", size).await?;
    let (rule, beyond) = level_rule(1);
    site.opcua.write(&level(1), beyond).await?;
    site.receiver.wait_for_alarm(&rule).await?;

    let loaded = [level(3)];
    let (written, changed) =
        tokio::join!(site.opcua.load(&loaded, LOAD_HZ, LOAD_S), change_the_configuration(&site.gateway, &site.folder));
    changed?;
    let written = usize::try_from(written?)?;
    // The last of them is published after the load has ended.
    let last = site.opcua.read(&loaded[0]).await?;
    let is_read = async || Ok(site.gateway.api.find("tags", "tag", &loaded[0]).await?["value"] == last);
    waiting::until_true("the last value is read", LONG, is_read).await?;
    let (dcs, gds) = (source(&site.gateway, "dcs").await?, source(&site.gateway, "gds").await?);
    ensure!(dcs["connects"] == 1 && dcs["up"] == true, "{dcs}");
    ensure!(gds["up"] == true, "{gds}");

    // Who goes on is understood under the places in force, and alarms as before.
    site.devices.send_json("site/location/C-002", &json!({"zone": "Z-001", "sos": true})).await?;
    site.receiver.wait_for_alarm("sos-P-002").await?;
    let alarms = site.receiver.of("alarm");
    let of_rule: Vec<_> = alarms.iter().filter(|alarm| alarm.text("rule") == rule).collect();
    let occurrences: BTreeSet<_> = of_rule.iter().map(|alarm| alarm.text("id")).collect();
    let cleared: Vec<_> = of_rule.iter().filter(|alarm| !alarm.data()["cleared_at"].is_null()).collect();
    ensure!(occurrences.len() == 1 && cleared.is_empty(), "the alarm stays what it is: {occurrences:?}, {cleared:?}");
    let statuses = site.receiver.of("status");
    let statuses: Vec<_> =
        statuses.iter().map(|status| status.text("change")).filter(|change| !change.is_empty()).collect();
    let reconfigured = vec!["reconfigured"; 2 * ROUNDS + 2];
    assert_eq!(statuses, [vec!["first_start"], reconfigured].concat());

    let folder = site.folder.clone();
    site.end().await?;
    let (runs, samples) = told(folder.join("data"), &level(3))?;
    // A server that was held up writes what it owes within a millisecond, so a time alone does not tell one value from another.
    let values: BTreeSet<_> = samples.iter().map(|sample| (sample.source_time, sample.value.to_bits())).collect();
    assert_eq!(runs, 2 * ROUNDS + 3, "a run for each configuration");
    // The first value of the load is the one that was there.
    let between: Vec<_> = values.iter().map(|(time, bits)| (time.map(|time| time.0), f64::from_bits(*bits))).collect();
    assert_eq!(values.len(), written, "of {written} values; the server's: {}; {between:?}", dcs["notes"]);
    Ok(())
}
