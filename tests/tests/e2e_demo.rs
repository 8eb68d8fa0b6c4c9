//! `davy demo`: the whole product in one process, without configuration. Everything its story tells is seen from outside.

use acceptance::{api::Api, places, process::Process, waiting::LONG};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};
use tokio::process::Command;

/// A little faster than the plant's own time. Not more: the gateway's delays do not run faster with the story, and a
/// transmitter that is bad for less than ten seconds is no alarm.
const SPEED: &str = "1.25";
/// One whole cycle of the story, 260 seconds of its own time.
const SECONDS: u64 = 208;

fn demo(folder: &Path, seconds: Option<u64>) -> Result<Process> {
    let mut command = Command::new(places::davy()?);
    command.args(["demo", "--listen", "127.0.0.1:0", "--speed", SPEED, "--data"]).arg(folder.join("data"));
    if let Some(seconds) = seconds {
        command.args(["--for", &seconds.to_string()]);
    }
    Process::start("davy demo", &mut command, &folder.join("demo.log"))
}

async fn address(process: &mut Process) -> Result<Api> {
    let line = process.line(LONG).await?;
    let at = line.find("http://").with_context(|| format!("the first line is the page's address, not `{line}`"))?;
    let address: String = line[at..].chars().take_while(|letter| !letter.is_whitespace()).collect();
    Api::new(&address)
}

/// A scene of the story: the field of an alarm, and a part of it that tells the scene.
const SCENES: [(&str, &str, &str); 8] = [
    ("the tank overfills", "rule", "LI-1103.HH"),
    ("gas with people near", "rule", "GT-2101"),
    ("a transmitter goes bad", "rule", "TT-2103"),
    ("the OPC UA server restarts", "rule_kind", "source_lost"),
    ("the enterprise link drops", "rule_kind", "uplink_lost"),
    ("a camera sees smoke", "rule_kind", "video"),
    ("a person calls for help", "rule_kind", "sos"),
    ("too many people", "rule_kind", "over_capacity"),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_story_is_told_and_nothing_is_lost() -> Result<()> {
    let folder = places::fresh("demo")?;
    let mut process = demo(&folder, Some(SECONDS))?;
    let api = address(&mut process).await?;
    let (seen, last) = watch(&api).await;
    let missing: Vec<&str> = SCENES.iter().filter(|scene| !seen.contains_key(scene.0)).map(|scene| scene.0).collect();
    ensure!(missing.is_empty(), "not seen: {missing:?}; seen: {seen:?}");
    assert_eq!(seen["a transmitter goes bad"]["rule_kind"], "bad_quality");
    assert_eq!(seen["a camera sees smoke"]["trigger"]["camera"], "CAM-05");
    let receiver = &last["receiver"];
    assert_eq!(
        (&receiver["gaps"], &receiver["unreadable"]),
        (&json!(0), &json!(0)),
        "the receiver misses nothing: {last}"
    );
    ensure!(receiver["counts"]["live"]["alarm"].as_u64() > Some(10), "the receiver shows what it got: {last}");
    let status = process.end(LONG).await?;
    ensure!(status.success(), "the demo ends by itself: {status}");
    only_reads(&mut process).await?;
    is_whole(&folder.join("data")).await
}

/// The journal that it leaves behind, by `davy verify`.
async fn is_whole(data: &Path) -> Result<()> {
    let answer = Command::new(places::davy()?).arg("verify").arg("--data").arg(data).output().await?;
    ensure!(answer.status.success(), "davy verify: {}", String::from_utf8_lossy(&answer.stdout));
    Ok(())
}

/// The alarms of each scene, until the demo ends; and the last that the receiver showed.
async fn watch(api: &Api) -> (BTreeMap<&'static str, Value>, Value) {
    let (mut seen, mut last, begun) = (BTreeMap::new(), Value::Null, Instant::now());
    while begun.elapsed() < Duration::from_secs(SECONDS) + LONG {
        let (Ok(alarms), Ok(shown)) = (api.list("alarms").await, api.section("demo").await) else { break };
        for (scene, field, part) in SCENES {
            let its = alarms.iter().find(|alarm| alarm[field].as_str().is_some_and(|text| text.starts_with(part)));
            if let Some(alarm) = its {
                seen.entry(scene).or_insert_with(|| alarm.clone());
            }
        }
        last = shown;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    (seen, last)
}

/// The demo has taps of its own before its plant, and says at the end what they saw.
async fn only_reads(process: &mut Process) -> Result<()> {
    let lines = process.remaining_lines(LONG).await?;
    let said =
        lines.iter().find_map(|line| line.strip_prefix("Toward the plant: ")).context("what was sent is told")?;
    let sent: u64 = said.split(' ').next().and_then(|count| count.parse().ok()).context("a number")?;
    ensure!(sent > 10 && said.ends_with("messages, only reads."), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_ends_it_cleanly() -> Result<()> {
    let folder = places::fresh("demo_interrupted")?;
    let mut process = demo(&folder, None)?;
    let api = address(&mut process).await?;
    api.get("system").await?;
    process.signal("INT").await?;
    let status = process.end(LONG).await?;
    ensure!(status.success(), "Ctrl-C ends it cleanly: {status}");
    Ok(())
}
