//! A backup is made while alarms come and go; the box dies; another one goes on from the backup. What the first had open is open
//! again, every id is given once, and the enterprise has all rows of both.

use acceptance::{
    deliveries,
    gateway::Gateway,
    places,
    receiver::Message,
    site::{Site, Size},
};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};
use tokio::process::Command;

/// Levels and detectors that cross before the backup, while it is made, after it, and at the second box.
const IN_EACH_PART: usize = 4;
const ALL: usize = 4 * IN_EACH_PART;

#[tokio::test(flavor = "multi_thread")]
async fn another_box_goes_on_from_a_backup_of_a_running_one() -> Result<()> {
    let mut site =
        Site::start("backup", Size { levels: ALL, gases: ALL, people: 2, zones: 1, ..Size::default() }).await?;
    let mut numbers = 1..=ALL;
    site.cross(numbers.by_ref().take(IN_EACH_PART)).await?;
    let before = open_rules(&site.gateway).await?;
    let file = site.folder.join("gw-1.tar.zst");
    let folders = [site.folder.join("config"), site.folder.join("data")];
    let made = tokio::spawn(backup(folders, file.clone()));
    site.cross(numbers.by_ref().take(IN_EACH_PART)).await?;
    let made = made.await??;
    site.cross(numbers.by_ref().take(IN_EACH_PART)).await?;
    site.drained().await?;
    let first_epoch = epoch(&site.gateway).await?;
    ensure!(made["epoch"] == first_epoch && made["head"].as_u64() > Some(0), "{made}");
    site.gateway.kill().await?;

    let second = site.folder.join("second");
    restore(&file, &second).await?;
    site.gateway = Gateway::start(&second).await?;
    let first_token = fs::read_to_string(site.folder.join("davy-token"))?;
    site.gateway
        .api
        .with_token(&first_token)
        .get("system")
        .await
        .context("the tokens of the first are those of the second")?;
    site.reads_everything().await?;
    let open = open_rules(&site.gateway).await?;
    ensure!(before.is_subset(&open), "open before the backup and not after it: {:?}", before.difference(&open));
    let second_epoch = epoch(&site.gateway).await?;
    ensure!(second_epoch > first_epoch, "{second_epoch} is no later epoch than {first_epoch}");
    site.cross(numbers.by_ref()).await?;
    site.drained().await?;

    let messages = site.receiver.messages();
    let of_both = by_epoch(&messages);
    assert_eq!(of_both.keys().copied().collect::<Vec<_>>(), [first_epoch, second_epoch]);
    for (epoch, messages) in &of_both {
        assert_eq!(deliveries::problems(messages), Vec::<String>::new(), "epoch {epoch}");
    }
    let says_so = |message: &Message| message.kind() == "audit" && message.text("action") == "restore";
    ensure!(of_both[&second_epoch].iter().any(says_so), "the second epoch does not say where it comes from");
    site.end().await?;
    site.gateway.verify().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_due_when_it_was_backed_up_goes_up_from_the_other_box() -> Result<()> {
    let mut site =
        Site::start("backup-due", Size { levels: 3 * IN_EACH_PART, gases: 3 * IN_EACH_PART, ..Size::default() })
            .await?;
    let mut numbers = 1..=3 * IN_EACH_PART;
    site.cross(numbers.by_ref().take(IN_EACH_PART)).await?;
    site.enterprise.stop().await?;
    site.cross(numbers.by_ref().take(IN_EACH_PART)).await?;
    let folders = [site.folder.join("config"), site.folder.join("data")];
    let file = site.folder.join("gw-1.tar.zst");
    let made = backup(folders, file.clone()).await?;
    site.gateway.kill().await?;

    let second = site.folder.join("second");
    restore(&file, &second).await?;
    site.gateway = Gateway::start(&second).await?;
    site.reads_everything().await?;
    site.cross(numbers.by_ref()).await?;
    let due = site.gateway.api.find("uplinks", "uplink", "enterprise").await?["earlier"].as_u64();
    ensure!(due > Some(0), "nothing is shown as due of the first box's journal: {due:?}");
    // A backup of the second box holds what is due of the first as well.
    let again = site.folder.join("again.tar.zst");
    backup([second.join("config"), second.join("data")], again.clone()).await?;
    site.gateway.kill().await?;
    let third = site.folder.join("third");
    restore(&again, &third).await?;
    site.gateway = Gateway::start(&third).await?;
    site.enterprise.start_again().await?;
    site.drained().await?;

    let messages = site.receiver.messages();
    let of_each = by_epoch(&messages);
    let epochs: Vec<u64> = of_each.keys().copied().collect();
    ensure!(epochs.len() == 3 && made["epoch"] == epochs[0], "{epochs:?}");
    for (epoch, messages) in &of_each {
        assert_eq!(deliveries::problems(messages), Vec::<String>::new(), "epoch {epoch}");
    }
    let newest = of_each[&epochs[0]].iter().filter_map(Message::seq).max();
    ensure!(newest == made["head"].as_u64(), "up to row {newest:?} of {}", made["head"]);
    site.end().await?;

    // Once through, it stays so.
    site.gateway.start_again().await?;
    site.drained().await?;
    let after = by_epoch(&site.receiver.messages());
    for epoch in &epochs[..2] {
        assert_eq!(after[epoch].len(), of_each[epoch].len(), "epoch {epoch} went up again");
    }
    site.end().await?;
    site.gateway.verify().await
}

async fn open_rules(gateway: &Gateway) -> Result<BTreeSet<String>> {
    let alarms = gateway.api.list("alarms").await?;
    Ok(alarms.iter().filter_map(|alarm| alarm["rule"].as_str()).map(str::to_owned).collect())
}

async fn epoch(gateway: &Gateway) -> Result<u64> {
    gateway.api.get("system").await?["epoch"].as_u64().context("a number")
}

async fn backup([config, data]: [std::path::PathBuf; 2], file: std::path::PathBuf) -> Result<Value> {
    let mut command = Command::new(places::davy()?);
    command.arg("backup").arg("--data").arg(data).arg("--config").arg(config).arg("--to").arg(file);
    answer(command.args(["--format", "json"])).await
}

async fn restore(file: &Path, folder: &Path) -> Result<()> {
    fs::create_dir(folder)?;
    let mut command = Command::new(places::davy()?);
    command.arg("restore").arg(file).arg("--data").arg(folder.join("data")).arg("--config").arg(folder.join("config"));
    answer(command.args(["--by", "张伟", "--format", "json"])).await.map(drop)
}

async fn answer(command: &mut Command) -> Result<Value> {
    let output = command.output().await?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The rows of the journals, by the epoch in their ids.
fn by_epoch(messages: &[Message]) -> BTreeMap<u64, Vec<Message>> {
    let mut epochs: BTreeMap<u64, Vec<Message>> = BTreeMap::new();
    for message in deliveries::of_journal(messages) {
        let epoch = message.id().split('/').nth(1).and_then(|epoch| epoch.parse().ok()).unwrap_or_default();
        epochs.entry(epoch).or_default().push(message.clone());
    }
    epochs
}
