//! A server with certificates, from the first refusal to the journal: over the page, the API and the command line.

use acceptance::{
    browser::Browser,
    gateway::{Gateway, PASSWORD},
    peers::{Node, OpcUa},
    places,
    waiting::{self, LONG},
    watched::Watched,
};
use anyhow::{Context as _, Result, ensure};
use davy_field::wire::{Protocol, Sent};
use serde_json::{Value, json};
use std::{fs, path::Path, process::Output};
use tokio::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn a_person_trusts_a_server_and_is_on_record() -> Result<()> {
    let folder = places::fresh("security")?;
    let data = folder.join("data");
    let security = json!({
        "folder": folder,
        "policies": ["Basic256Sha256_SignAndEncrypt"],
        "tokens": ["user"],
        "users": {"davy": "right"},
        "client_key": data.join("pki/private/key.pem"),
    });
    let node = Node { name: "LI-1".to_owned(), data_type: "Double", value: json!(42.5) };
    let mut server = OpcUa::start_secured(vec![node], security, &folder).await?;
    let tap = Watched::open("OPC UA", Protocol::OpcUa, server.port).await?;
    configure(&folder.join("config"), tap.port())?;
    let mut gateway = Gateway::start(&folder).await?;
    let mut browser = Browser::start(&folder).await?;

    let sha256 = refused(&gateway).await?;
    trusted_on_the_page(&gateway, &mut browser, &sha256).await?;
    alarm_before_the_end(&gateway).await?;
    decided_on_the_command_line(&gateway, &data, &sha256).await?;
    no_alarm_without_the_source(&gateway, &folder.join("config")).await?;
    assert_eq!(server.writes_seen().await?, 0);
    let counts = tap.counts();
    ensure!(counts.contains_key(&Sent::Sealed), "encrypted, so that the server's own count is what tells: {counts:?}");
    assert_eq!(browser.troubles().await?, json!([]), "the page throws nothing");
    ensure!(gateway.stop().await?.success(), "an orderly stop");
    gateway.verify().await
}

fn configure(folder: &Path, port: u16) -> Result<()> {
    fs::create_dir_all(folder.join("risk"))?;
    let gateway = format!(
        r#"
[gateway]
company_code = "330100123"
gateway_id = "gw-1"
name = "安全连接试验"

[web]
listen = "127.0.0.1:0"

[[source.opcua]]
id = "dcs"
name = "DCS"
endpoint = "opc.tcp://127.0.0.1:{port}/"
security = "Basic256Sha256"
user = "davy"
password_file = "password.txt"
publishing_interval = "200ms"
"#
    );
    fs::write(folder.join("gateway.toml"), gateway)?;
    fs::write(folder.join("password.txt"), "right\n")?;
    let tags = "位号,名称,数据源,地址,工程单位,量程下限,量程上限\nLI-1,液位,dcs,ns=2;s=LI-1,%,0,100\n";
    Ok(fs::write(folder.join("tags.csv"), tags)?)
}

/// The gateway refuses the server, says so, and lists its certificate; gives the fingerprint.
async fn refused(gateway: &Gateway) -> Result<String> {
    let is_refused = async || {
        let source = gateway.api.find("sources", "source", "dcs").await?;
        Ok(source["detail"].as_str().is_some_and(|detail| detail.contains("certificate is not trusted")))
    };
    waiting::until_true("the source says why", LONG, is_refused).await?;
    let rejected = gateway.api.find("certificates", "standing", "rejected").await?;
    ensure!(rejected["source"] == "dcs" && rejected["subject"] == "CN=Acceptance", "{rejected}");
    let own = gateway.api.find("certificates", "standing", "own").await?;
    ensure!(own["uris"] == json!(["urn:davy:330100123:gw-1"]), "{own}");
    Ok(rejected["sha256"].as_str().context("it has a fingerprint")?.to_owned())
}

async fn trusted_on_the_page(gateway: &Gateway, browser: &mut Browser, sha256: &str) -> Result<()> {
    let card = |standing| format!("[data-testid=certificate][data-id=\"{sha256}\"][data-standing={standing}]");
    gateway.add_user("陈静", "instrument_engineer").await?;
    browser.open(&gateway.address).await?;
    browser.log_in("陈静", PASSWORD).await?;
    browser.click("[data-testid=tab-sources]").await?;
    browser.visible(&card("rejected")).await?;
    browser.picture("security-1-rejected").await?;
    browser.click(&format!("{} [data-testid=trust]", card("rejected"))).await?;
    let asked = browser.text("[data-testid=certificate-dialog]").await?;
    ensure!(asked.replace(':', "").contains(&sha256.to_uppercase()), "the dialogue names the fingerprint: {asked}");
    browser.picture("security-2-dialogue").await?;
    browser.click("[data-testid=certificate-dialog] [data-testid=submit]").await?;
    browser.visible(&card("trusted")).await?;
    browser.visible("[data-testid=source][data-id=dcs][data-up=true]").await?;
    browser.picture("security-3-trusted").await?;
    let arrives = async || Ok(gateway.api.find("tags", "tag", "LI-1").await?["value"] == 42.5);
    waiting::until_true("the value arrives without a restart", LONG, arrives).await?;
    on_record(gateway, "trust_certificate", "陈静", sha256).await
}

async fn on_record(gateway: &Gateway, action: &str, by: &str, sha256: &str) -> Result<()> {
    let is_there = async || {
        let rows = gateway.api.list("journal").await?;
        let mut audits = rows.iter().filter(|row| row["kind"] == "audit").map(|row| &row["record"]);
        Ok(audits.any(|audit| {
            (&audit["action"], &audit["by"], &audit["object"]) == (&json!(action), &json!(by), &json!(sha256))
        }))
    };
    waiting::until_true(&format!("{action} by {by} is in the journal"), LONG, is_there).await
}

/// The peer's certificate is valid for a day.
async fn alarm_before_the_end(gateway: &Gateway) -> Result<()> {
    let is_raised = async || {
        let alarms = gateway.api.list("alarms").await?;
        Ok(alarms.iter().any(|alarm| alarm["rule"] == "system-certificate-expiring"))
    };
    waiting::until_true("the end of the certificate is an alarm", LONG, is_raised).await
}

/// Nothing rests on the certificate of a source that has left the configuration.
async fn no_alarm_without_the_source(gateway: &Gateway, config: &Path) -> Result<()> {
    fs::write(config.join("tags.csv"), "位号,名称,数据源,地址\n")?;
    let config = config.to_str().context("a path of letters")?;
    let remove = ["source", "remove", "dcs", "--config", config, "--apply"];
    let removed = Command::new(places::davy()?).args(remove).output().await?;
    ensure!(removed.status.success(), "{}", String::from_utf8_lossy(&removed.stderr));
    gateway.reload().await?;
    let is_over = async || {
        let alarms = gateway.api.list("alarms").await?;
        let mut of_rule = alarms.iter().filter(|alarm| alarm["rule"] == "system-certificate-expiring");
        Ok(of_rule.all(|alarm| !alarm["returned_at"].is_null()))
    };
    waiting::until_true("the alarm is over", LONG, is_over).await
}

async fn davy(data: &Path, words: &[&str]) -> Result<Output> {
    Ok(Command::new(places::davy()?).args(words).arg("--data").arg(data).output().await?)
}

async fn decided_on_the_command_line(gateway: &Gateway, data: &Path, sha256: &str) -> Result<()> {
    let listed = davy(data, &["trust", "list", "--format", "json"]).await?;
    let listed: Vec<Value> = serde_json::from_slice(&listed.stdout)?;
    let trusted = listed.iter().find(|view| view["standing"] == "trusted").context("it is listed as trusted")?;
    ensure!(trusted["sha256"] == sha256 && trusted["decided_by"] == "陈静", "{trusted}");
    let shown = davy(data, &["trust", "show", &sha256.to_uppercase()]).await?;
    ensure!(String::from_utf8(shown.stdout)?.contains("decided"), "it says who decided");
    let unknown = davy(data, &["trust", "accept", "00:11", "--by", "李工"]).await?;
    assert_eq!(unknown.status.code(), Some(1));
    ensure!(String::from_utf8(unknown.stderr)?.contains("no certificate with the fingerprint 00:11"));

    let is_up = |up: bool| async move { Ok(gateway.api.find("sources", "source", "dcs").await?["up"] == up) };
    ensure!(davy(data, &["trust", "reject", sha256, "--by", "李工"]).await?.status.success());
    waiting::until_true("the connection ends", LONG, async || is_up(false).await).await?;
    on_record(gateway, "reject_certificate", "李工", sha256).await?;
    ensure!(davy(data, &["trust", "accept", sha256, "--by", "李工"]).await?.status.success());
    waiting::until_true("the connection is made again", LONG, async || is_up(true).await).await?;
    on_record(gateway, "trust_certificate", "李工", sha256).await?;

    let before = davy(data, &["certificate", "show"]).await?.stdout;
    ensure!(davy(data, &["certificate", "renew", "--by", "王工"]).await?.status.success());
    let after = davy(data, &["certificate", "show"]).await?.stdout;
    ensure!(before != after, "another certificate");
    let own = gateway.api.find("certificates", "standing", "own").await?;
    let own = own["sha256"].as_str().context("it has a fingerprint")?;
    ensure!(String::from_utf8(after)?.contains(own));
    on_record(gateway, "renew_certificate", "王工", own).await
}
