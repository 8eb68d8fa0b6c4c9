//! The same tables filled by batches over HTTP; the receiver is killed in the middle.

use crate::run::{AT_ONCE, by_id};
use acceptance::{
    consumer::{self, Database},
    folder::{self, level_rule},
    gateway::Gateway,
    places,
    process::Process,
    site::{Site, Size},
    waiting::{self, LONG},
};
use anyhow::{Result, ensure};
use std::{fs, path::Path};

#[tokio::test(flavor = "multi_thread")]
async fn over_http_it_has_every_row_too() -> Result<()> {
    let mut site = Site::start("consumer_http", Size { levels: 4, gases: 1, zones: 1, ..Size::default() }).await?;
    let database = Database::create(&site.folder).await?;
    let port = places::free_port()?;
    let mut first = receiver(&site.folder, port).await?;
    add_uplink(&site.folder, port)?;
    ensure!(site.gateway.stop().await?.success(), "an orderly stop");
    site.gateway.start_again().await?;
    site.reads_everything().await?;
    site.opcua.write(&folder::level(1), level_rule(1).1).await?;
    all_there(&site.gateway, &database).await?;
    first.kill().await?;
    site.opcua.write(&folder::level(2), level_rule(2).1).await?;
    let lost = async || site.gateway.api.find("alarms", "rule", &level_rule(2).0).await.map(Some);
    waiting::until("the alarm is raised", LONG, lost).await?;
    let _second = receiver(&site.folder, port).await?;
    all_there(&site.gateway, &database).await?;
    assert_eq!(database.gaps(&AT_ONCE).await?, []);
    let open = by_id(database.records("SELECT data FROM open_alarm")?, "id");
    assert_eq!(open, by_id(site.gateway.api.list("alarms").await?, "id"));
    site.end().await
}

async fn receiver(folder: &Path, port: u16) -> Result<Process> {
    let mut command = consumer::script("receiver.py")?;
    fs::write(folder.join("token"), "a-token-for-one-test\n")?;
    command.args(["--port", &port.to_string(), "--database"]).arg(folder.join("consumer.db"));
    command.arg("--token-file").arg(folder.join("token"));
    let mut process = Process::start("receiver.py", &mut command, &folder.join("receiver.log"))?;
    process.line(LONG).await?;
    Ok(process)
}

fn add_uplink(folder: &Path, port: u16) -> Result<()> {
    let config = folder.join("config");
    fs::copy(folder.join("token"), config.join("token"))?;
    let text = fs::read_to_string(config.join("gateway.toml"))?;
    let uplink = format!(
        "[[uplink.http]]\nid = \"platform\"\nname = \"企业平台\"\nurl = \"http://127.0.0.1:{port}/davy/events\"\ntoken_file = \"token\"\n\n[change]"
    );
    Ok(fs::write(config.join("gateway.toml"), text.replace("[change]", &uplink))?)
}

async fn all_there(gateway: &Gateway, database: &Database) -> Result<()> {
    let same = async || {
        let journal = gateway.api.list("journal").await?.len();
        Ok(database.number("SELECT count(*) FROM event")? == journal as u64)
    };
    waiting::until_true("the tables have the whole journal", LONG, same).await
}
