//! The alarm box, simulated, beside the real gateway: what lamp and horn do at an alarm, buttons, a test that returns to normal, a
//! hang of everything but the box, a supply that fails, and a box that is not there.

use acceptance::{
    folder::level_rule,
    manager::ServiceManager,
    places,
    process::Process,
    site::{Site, Size},
    waiting::{self, LONG},
};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::{fs, path::Path};
use tokio::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn lamp_horn_buttons_and_test() -> Result<()> {
    let mut site = Site::start("board", Size { levels: 4, gases: 4, ..Size::default() }).await?;
    seen(&site, &[("lamp_green", "on"), ("health", "on"), ("horn", "off")]).await?;
    a_test_returns_to_normal(&site).await?;
    an_alarm_ends_a_test(&mut site).await?;
    buttons(&site).await?;
    site.end().await?;
    site.gateway.verify().await
}

async fn a_test_returns_to_normal(site: &Site) -> Result<()> {
    let test = json!({ "by": "李工", "outputs": { "lamp_red": true, "horn": true, "health": false }, "seconds": 2 });
    site.gateway.api.post("board/test", &test).await?;
    seen(site, &[("lamp_red", "on"), ("horn", "pulsing"), ("health", "off"), ("lamp_green", "on")]).await?;
    let panel = panel(site).await?;
    ensure!(panel["test"]["by"] == "李工 (e2e)", "{}", panel["test"]);
    // Nobody says that it is to end.
    seen(site, &[("lamp_red", "off"), ("horn", "off"), ("health", "on")]).await?;
    audited(site, "test_board", "李工 (e2e)", "its time is up").await
}

async fn an_alarm_ends_a_test(site: &mut Site) -> Result<()> {
    let test = json!({ "by": "李工", "outputs": { "lamp_green": true, "lamp_blue": true }, "seconds": 60 });
    site.gateway.api.post("board/test", &test).await?;
    seen(site, &[("lamp_blue", "on")]).await?;
    site.cross(1..=1).await?;
    seen(site, &[("lamp_blue", "off"), ("lamp_green", "off"), ("horn", "pulsing"), ("health", "on")]).await?;
    let refused = site.gateway.api.post("board/test", &test).await.expect_err("an alarm is not acknowledged");
    ensure!(refused.to_string().contains("board_busy"), "{refused}");
    audited(site, "test_board", "李工 (e2e)", "something new to show").await
}

/// Pressed as a person does: for a moment.
async fn buttons(site: &Site) -> Result<()> {
    press(site, "silence", async || {
        let signs = site.gateway.api.section("annunciation").await?;
        Ok(signs["silenced_until"].is_string() && signs["horn"] == false)
    })
    .await?;
    seen(site, &[("horn", "off")]).await?;
    audited(site, "silence_horn", "button", "").await?;
    press(site, "acknowledge", async || {
        let alarms = site.gateway.api.list("alarms").await?;
        Ok(!alarms.is_empty() && alarms.iter().all(|alarm| alarm["state"] == "acknowledged"))
    })
    .await?;
    let alarm = site.gateway.api.find("alarms", "rule", &level_rule(1).0).await?;
    ensure!(alarm["acknowledged_by"] == "button", "{alarm}");
    press(site, "lamp_test", async || Ok(panel_output(&panel(site).await?, "lamp_blue") == "on")).await?;
    seen(site, &[("lamp_blue", "off")]).await?;
    audited(site, "test_board", "button", "").await
}

/// Everything stands still but the thread of the box: the health relay drops, the service manager hears no more, and both
/// come back with the loop.
#[tokio::test(flavor = "multi_thread")]
async fn a_hang_drops_the_health_relay_and_feeds_no_watchdog() -> Result<()> {
    let mut site = Site::start("board_hang", Size { levels: 1, gases: 1, ..Size::default() }).await?;
    ensure!(site.gateway.stop().await?.success(), "an orderly stop");
    let mut manager = ServiceManager::listen(&site.folder)?;
    site.gateway.start_again().await?;
    let mut words = Vec::new();
    let fed = async || {
        words.extend(manager.heard());
        Ok(words.iter().filter(|word| *word == "WATCHDOG=1").count() >= 2)
    };
    waiting::until_true("systemd hears that davy is alive", LONG, fed).await?;
    ensure!(words[0] == "READY=1", "{words:?}");
    let dogs = panel(&site).await?["watchdogs"].clone();
    ensure!(dogs[0]["name"] == "systemd" && dogs[0]["fed"] == true && dogs[0]["timeout_s"] == 9, "{dogs}");

    let freezer = freeze(&site).await?;
    let dropped = async || Ok(site.gateway.log()?.contains("the health relay drops"));
    waiting::until_true("the health relay drops", LONG, dropped).await?;
    manager.heard();
    // Of nothing there is no condition to wait for: longer than between two words to a manager as patient as this one.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    ensure!(manager.heard().is_empty(), "a loop that hangs feeds nobody");
    drop(freezer);
    seen(&site, &[("health", "on"), ("lamp_green", "on")]).await?;
    waiting::until_true("systemd hears it again", LONG, async || Ok(!manager.heard().is_empty())).await?;

    ensure!(site.gateway.stop().await?.success(), "an orderly stop");
    ensure!(manager.heard().contains(&"STOPPING=1".to_owned()), "an orderly stop is told");
    site.gateway.verify().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supply_that_fails_is_on_record_and_the_stop_is_in_order() -> Result<()> {
    let mut site = Site::start("board_power", Size { levels: 1, gases: 1, ..Size::default() }).await?;
    fs::write(inputs(&site), "power_fail\n")?;
    let status = site.gateway.ended().await?;
    ensure!(status.success(), "{status}");
    site.gateway.verify().await?;
    fs::remove_file(inputs(&site))?;
    site.gateway.start_again().await?;
    audited(&site, "power_fail", "board", "an orderly stop begins").await?;
    site.end().await
}

/// Named on start, alarmed of, and alarming goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_box_that_is_not_there_is_an_alarm_and_stops_nothing() -> Result<()> {
    let mut site = Site::start("board_missing", Size { levels: 1, gases: 1, ..Size::default() }).await?;
    ensure!(site.gateway.stop().await?.success(), "an orderly stop");
    let config = site.folder.join("config/gateway.toml");
    let text = fs::read_to_string(&config)?;
    ensure!(!text.contains("[board]"), "the site has the box of the default");
    fs::write(&config, text + "\n[board]\nkind = \"generic-gpio\"\n")?;
    site.gateway.start_again().await?;
    site.reads_everything().await?;
    let panel = panel(&site).await?;
    ensure!(panel["hardware"] == true && panel["alive"] == true, "{panel}");
    let horn = panel["outputs"].as_array().and_then(|all| all.iter().find(|of| of["name"] == "horn").cloned());
    let trouble = horn.context("a horn")?["trouble"].as_str().unwrap_or_default().to_owned();
    ensure!(trouble.contains("/dev/gpiochip0 cannot be opened"), "{trouble}");
    ensure!(site.gateway.log()?.contains("/dev/gpiochip0 cannot be opened"), "it is named on start");
    let alarm = async || site.gateway.api.find("alarms", "rule", "system-board-trouble").await.map(Some);
    let alarm = waiting::until("the box is an alarm", LONG, alarm).await?;
    ensure!(alarm["trigger"]["reason"].as_str().is_some_and(|why| why.contains("horn: ")), "{alarm}");
    let (code, said) = board_test(&site.folder).await?;
    ensure!(code == Some(1) && said.contains("horn: FAILED: the GPIO chip /dev/gpiochip0"), "{said}");
    site.cross(1..=1).await?;
    site.end().await
}

/// A contact that closes is an alarm of its tag, and so it is after a restart; one that opens is a value like any other.
#[tokio::test(flavor = "multi_thread")]
async fn a_contact_is_a_tag() -> Result<()> {
    let mut site = Site::start("board_contact", Size { levels: 1, gases: 1, ..Size::default() }).await?;
    ensure!(site.gateway.stop().await?.success(), "an orderly stop");
    let config = site.folder.join("config");
    let append = |file: &str, more: &str| {
        let path = config.join(file);
        fs::write(&path, fs::read_to_string(&path)? + more)
    };
    append("gateway.toml", "\n[[source.board]]\nid = \"box\"\nname = \"箱上干接点\"\n")?;
    append("tags.csv", "ZS-001,手动报警按钮,box,contact_1,,,,,,,,,1,,,0s,0s,critical,,组织撤离\n")?;
    site.gateway.start_again().await?;
    contact_is(&site, 0.0).await?;
    fs::write(inputs(&site), "contact_1\n")?;
    let raised = async || site.gateway.api.find("alarms", "rule", "ZS-001.H").await.map(Some);
    let alarm = waiting::until("the contact is an alarm", LONG, raised).await?;
    site.receiver.wait_for_alarm("ZS-001.H").await?;
    site.gateway.kill().await?;
    site.gateway.start_again().await?;
    contact_is(&site, 1.0).await?;
    let after = site.gateway.api.find("alarms", "rule", "ZS-001.H").await?;
    ensure!(after["id"] == alarm["id"] && after["guidance"] == "组织撤离", "{after}");
    let source = site.gateway.api.find("sources", "source", "box").await?;
    ensure!(source["kind"] == "board" && source["up"] == true, "{source}");
    fs::write(inputs(&site), "")?;
    contact_is(&site, 0.0).await?;
    site.end().await?;
    site.gateway.verify().await
}

async fn contact_is(site: &Site, value: f64) -> Result<()> {
    let tag = async || site.gateway.api.find("tags", "tag", "ZS-001").await;
    let is_so = async || Ok(tag().await.is_ok_and(|tag| tag["severity"] == "good" && tag["value"] == value));
    waiting::until_true(&format!("the contact is {value}"), LONG, is_so).await
}

async fn board_test(folder: &Path) -> Result<(Option<i32>, String)> {
    let mut command = Command::new(places::davy()?);
    let output = command.args(["board", "test", "--config"]).arg(folder.join("config")).output().await?;
    Ok((output.status.code(), String::from_utf8(output.stdout)?))
}

async fn panel(site: &Site) -> Result<Value> {
    Ok(site.gateway.api.get("system").await?["panel"].clone())
}

fn panel_output(panel: &Value, name: &str) -> String {
    let all = panel["outputs"].as_array().into_iter().flatten();
    let state = all.filter(|output| output["name"] == name).find_map(|output| output["state"].as_str());
    state.unwrap_or_default().to_owned()
}

/// Waits until the outputs are so.
async fn seen(site: &Site, outputs: &[(&str, &str)]) -> Result<()> {
    let are_so = async || {
        let panel = panel(site).await?;
        Ok(outputs.iter().all(|(name, state)| panel_output(&panel, name) == *state))
    };
    waiting::until_true(&format!("{outputs:?}"), LONG, are_so).await
}

fn inputs(site: &Site) -> std::path::PathBuf {
    site.folder.join("data/board-inputs")
}

/// Presses until it is answered, and lets go.
async fn press(site: &Site, button: &str, answered: impl AsyncFnMut() -> Result<bool>) -> Result<()> {
    fs::write(inputs(site), format!("{button}\n"))?;
    waiting::until_true(&format!("{button} is answered"), LONG, answered).await?;
    fs::write(inputs(site), "")?;
    let at_rest = async || {
        let panel = panel(site).await?;
        let all = panel["inputs"].as_array().cloned().unwrap_or_default();
        Ok(all.iter().all(|input| input["active"] == false))
    };
    waiting::until_true("the button is let go", LONG, at_rest).await
}

/// Waits until the journal has such a row.
async fn audited(site: &Site, action: &str, by: &str, note: &str) -> Result<()> {
    let is_there = async || {
        let rows = site.gateway.api.list("journal?kind=audit").await?;
        let records = rows.iter().map(|row| &row["record"]);
        let note_of = |record: &Value| record["note"].as_str().is_some_and(|text| text.contains(note));
        Ok(records.filter(|of| of["action"] == action && of["by"] == by).any(note_of))
    };
    waiting::until_true(&format!("{action} by {by}: {note}"), LONG, is_there).await
}

/// Holds every thread still but that of the box, until it is dropped.
async fn freeze(site: &Site) -> Result<Process> {
    let mut command = Command::new(places::python()?);
    command.arg(places::workspace().join("tests/peers/freeze.py"));
    command.args([&site.gateway.id()?.to_string(), "davy-panel"]);
    let mut freezer = Process::start("freeze.py", &mut command, &site.folder.join("freeze.log"))?;
    let said = freezer.line(LONG).await?;
    ensure!(said.ends_with("threads stand still"), "{said}");
    Ok(freezer)
}
