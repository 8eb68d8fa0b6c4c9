//! The disk under a running gateway is full, fails, goes read-only or hangs: lamp and alarms go on at once, it is reported,
//! nothing that is not on the disk goes to the enterprise, and all of it does when the disk is back.

use acceptance::{
    deliveries,
    disk::{self, Disk, Faults},
    figures, folder,
    manager::ServiceManager,
    places,
    receiver::Message,
    site::{self, Site, Size},
    waiting::{self, LONG},
};
use anyhow::{Result, ensure};
use serde_json::json;
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

struct Case {
    name: &'static str,
    fault: fn(&Disk) -> Faults,
    /// Whether the journal reports that nothing is durable, or takes its time and succeeds.
    reported: bool,
}

/// A sync that does not end until the disk is another.
const HANGS: Duration = Duration::from_secs(3_600);
const SLOW: Duration = Duration::from_secs(3);

const CASES: [Case; 6] = [
    Case { name: "full", fault: |_| Faults { capacity: Some(0), ..Faults::default() }, reported: true },
    Case { name: "writes fail", fault: |_| Faults { write_fails: true, ..Faults::default() }, reported: true },
    Case { name: "syncs fail", fault: |_| Faults { sync_fails: true, ..Faults::default() }, reported: true },
    Case { name: "read-only", fault: |_| Faults { read_only: true, ..Faults::default() }, reported: true },
    Case { name: "hangs", fault: |_| Faults { sync_takes: HANGS, ..Faults::default() }, reported: true },
    Case { name: "slow, 3 s", fault: |_| Faults { sync_takes: SLOW, ..Faults::default() }, reported: false },
];

#[tokio::test(flavor = "multi_thread")]
async fn alarming_goes_on_whatever_the_disk_does() -> Result<()> {
    if !disk::available() {
        return Ok(());
    }
    let disk = Disk::new();
    std::fs::create_dir(disk.path().join("data"))?;
    let data = Some(disk.path().join("data"));
    let mut site =
        Site::start("disk", Size { gases: 2 * CASES.len(), people: 1, zones: 1, data, ..Size::default() }).await?;
    let mut lines = vec!["| disk | shown after | at the enterprise after |\n|---|---|---|".to_owned()];
    for (at, case) in CASES.iter().enumerate() {
        let (shown, told) = under(&mut site, &disk, case, at).await?;
        lines.push(format!("| {} | {} ms | {} ms |", case.name, shown.as_millis(), told.as_millis()));
    }
    site.drained().await?;
    assert_eq!(deliveries::problems(&site.receiver.messages()), Vec::<String>::new());
    figures::report("From the value to lamp and page, and to the enterprise, on a disk that fails", &lines)?;
    site.end().await?;
    site.gateway.verify().await
}

/// One fault; gives how long a crossing took to the page, and to the enterprise.
async fn under(site: &mut Site, disk: &Disk, case: &Case, at: usize) -> Result<(Duration, Duration)> {
    let name = case.name;
    let number = 2 * at + 1;
    disk.set((case.fault)(disk));
    let crossed = Instant::now();
    let rule = format!("{}.H", folder::gas(number));
    site::write_gas(&mut site.modbus, number, 40.0).await?;
    let raised = async || site.gateway.api.find("alarms", "rule", &rule).await.map(Some);
    let alarm = waiting::until(&format!("{name}: the alarm is raised"), LONG, raised).await?;
    let shown = crossed.elapsed();
    let is_it = |message: &Message| message.kind() == "alarm" && message.text("rule") == rule;
    ensure!(site.receiver.first(is_it).is_none(), "{name}: what is not on the disk was sent");
    let lamp = site.gateway.api.section("annunciation").await?;
    ensure!(lamp["pattern"] == "flash", "{name}: {lamp}");
    if case.reported {
        reported(site, name, &alarm["id"]).await?;
        ensure!(site.receiver.first(is_it).is_none(), "{name}: what is not on the disk was sent");
        disk.set(Faults::default());
    }
    site.receiver.wait_for_alarm(&rule).await?;
    let told = crossed.elapsed();
    disk.set(Faults::default());
    all_is_well_again(site, name).await?;
    Ok((shown, told))
}

/// The journal's alarm, `/readyz`, and an acknowledgement that is not confirmed.
async fn reported(site: &Site, name: &str, alarm: &serde_json::Value) -> Result<()> {
    let rule = "system-journal-not-durable";
    let open = async || site.gateway.api.find("alarms", "rule", rule).await.map(Some);
    waiting::until(&format!("{name}: the journal's alarm is raised"), LONG, open).await?;
    let ready = async || Ok(!is_ready(site).await?);
    waiting::until_true(&format!("{name}: /readyz says no"), LONG, ready).await?;
    let id = alarm.as_str().unwrap_or_default();
    let answer = site.gateway.api.post(&format!("alarms/{id}/acknowledge"), &json!({"by": "张伟"})).await;
    let refused = answer.err().map(|error| error.to_string()).unwrap_or_default();
    ensure!(refused.contains("not_durable"), "{name}: an acknowledgement that is not on the disk: {refused}");
    Ok(())
}

async fn all_is_well_again(site: &mut Site, name: &str) -> Result<()> {
    waiting::until_true(&format!("{name}: /readyz says yes"), LONG, async || is_ready(site).await).await?;
    let api = &site.gateway.api;
    let acknowledged = async || {
        let mut all = true;
        for alarm in api.list("alarms").await? {
            if let Some(id) = alarm["id"].as_str().filter(|_| alarm["acknowledged_by"].is_null()) {
                all = false;
                // What was done while it could not be kept is done: the page may not show it yet.
                let _ = api.post(&format!("alarms/{id}/acknowledge"), &json!({"by": "张伟"})).await;
            }
        }
        Ok(all)
    };
    waiting::until_true(&format!("{name}: all is acknowledged"), LONG, acknowledged).await?;
    site.drained().await
}

/// Alarming goes on for as long as the disk hangs; the service manager hears no more, ends the gateway, and the next one, whose disk
/// is well again, goes on with the alarms as they were.
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_hangs_ends_in_a_restart() -> Result<()> {
    if !disk::available() {
        return Ok(());
    }
    let disk = Disk::new();
    std::fs::create_dir(disk.path().join("data"))?;
    let data = Some(disk.path().join("data"));
    let mut site = Site::start("disk_hangs", Size { gases: 4, people: 1, zones: 1, data, ..Size::default() }).await?;
    ensure!(site.gateway.stop().await?.success(), "an orderly stop");
    with_hardware_watchdog(&site.folder)?;
    let mut manager = ServiceManager::listen(&site.folder)?;
    site.gateway.start_again().await?;
    let fed = async || Ok(manager.heard().contains(&"WATCHDOG=1".to_owned()));
    waiting::until_true("the manager hears that davy is alive", LONG, fed).await?;
    let before = crossed(&mut site, 1).await?;
    site.receiver.wait_for_alarm(&format!("{}.H", folder::gas(1))).await?;

    let begun = Instant::now();
    disk.set(Faults { sync_takes: HANGS, ..Faults::default() });
    crossed(&mut site, 3).await?;
    manager.loses_patience(LONG).await?;
    let restarted = begun.elapsed();
    let panel = site.gateway.api.get("system").await?["panel"].clone();
    ensure!(panel["alive"] == true, "alarms are evaluated all the while: {panel}");
    let dog = &panel["watchdogs"][0];
    ensure!(panel["watchdogs"][1]["fed"] == false, "nor is the hardware: {panel}");
    ensure!(dog["fed"] == false && dog["detail"].as_str().is_some_and(|why| why.contains("disk")), "{dog}");
    // Nothing ends a process that waits for a disk: on a box the hardware watchdog, which is not fed either, resets the disk as well.
    site.gateway.abort().await?;
    disk.set(Faults::default());
    ensure!(!site.gateway.ended().await?.success(), "it was aborted");
    site.gateway.start_again().await?;
    let fed = async || Ok(manager.heard().contains(&"WATCHDOG=1".to_owned()));
    waiting::until_true("the manager hears the next one", LONG, fed).await?;
    ensure!(crossed(&mut site, 1).await? == before, "the alarm is what it was");
    crossed(&mut site, 3).await?;
    site.receiver.wait_for_alarm(&format!("{}.H", folder::gas(3))).await?;
    all_is_well_again(&mut site, "after the restart").await?;
    assert_eq!(deliveries::problems(&site.receiver.messages()), Vec::<String>::new());
    let lines = [format!("From a disk that hangs to the restart by the service manager: {} s", restarted.as_secs())];
    figures::report("A disk that hangs", &lines)?;
    site.end().await?;
    site.gateway.verify().await
}

/// The simulated box with a watchdog of the machine, which is a file here.
fn with_hardware_watchdog(folder: &Path) -> Result<()> {
    let (board, config) = (places::workspace().join("config/boards/simulated.toml"), folder.join("config"));
    let device = folder.join("watchdog");
    fs::write(&device, [])?;
    let board = fs::read_to_string(board)?;
    let watched = board.replacen("driver = ", &format!("watchdog = \"{}\"\ndriver = ", device.display()), 1);
    fs::write(config.join("board.toml"), watched)?;
    let gateway = fs::read_to_string(config.join("gateway.toml"))?;
    Ok(fs::write(config.join("gateway.toml"), gateway + "\n[board]\nfile = \"board.toml\"\n")?)
}

/// A gas beyond its limit is an alarm; its id.
async fn crossed(site: &mut Site, number: usize) -> Result<String> {
    let rule = format!("{}.H", folder::gas(number));
    site::write_gas(&mut site.modbus, number, 40.0).await?;
    let raised = async || site.gateway.api.find("alarms", "rule", &rule).await.map(Some);
    let alarm = waiting::until(&format!("{rule} is raised"), LONG, raised).await?;
    Ok(alarm["id"].as_str().unwrap_or_default().to_owned())
}

/// Others fill the file system but for a little: the oldest samples leave it, and the journal goes on.
#[tokio::test(flavor = "multi_thread")]
async fn samples_leave_a_file_system_that_others_fill() -> Result<()> {
    if !disk::available() {
        return Ok(());
    }
    let disk = Disk::new();
    let data = disk.path().join("data");
    std::fs::create_dir(&data)?;
    let mut site =
        Site::start("disk-nearly", Size { levels: 2, gases: 2, data: Some(data.clone()), ..Size::default() }).await?;
    let recorded = async || Ok(oldest_and_newest(&data).is_ok_and(|(oldest, newest)| newest > oldest));
    waiting::until_true("some blocks are recorded", LONG, recorded).await?;
    let (before, _) = oldest_and_newest(&data)?;
    disk.set(Faults { capacity: Some(disk.used() / (100 - LEFT_PERCENT) * 100), ..Faults::default() });
    let gave_way = async || Ok(oldest_and_newest(&data).is_ok_and(|(oldest, _)| oldest > before));
    waiting::until_true("the oldest samples are gone", LONG, gave_way).await?;
    site.cross(1..=2).await?;
    site.drained().await?;
    let messages = site.receiver.messages();
    assert_eq!(deliveries::problems(&messages), Vec::<String>::new());
    let not_durable = |message: &Message| message.text("rule") == "system-journal-not-durable";
    ensure!(!messages.iter().any(not_durable), "a row was not on the disk");
    site.end().await?;
    site.gateway.verify().await
}

/// Less than what is kept free, and more than some rows take.
const LEFT_PERCENT: u64 = 7;

/// The blocks of the recording, by number.
fn oldest_and_newest(data: &std::path::Path) -> Result<(i64, i64)> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let recording = rusqlite::Connection::open_with_flags(data.join("recording.db"), flags)?;
    let blocks = "SELECT coalesce(min(id), 0), coalesce(max(id), 0) FROM block";
    Ok(recording.query_row(blocks, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

async fn is_ready(site: &Site) -> Result<bool> {
    Ok(reqwest::get(format!("{}/readyz", site.gateway.address.trim_end_matches('/'))).await?.status().is_success())
}
