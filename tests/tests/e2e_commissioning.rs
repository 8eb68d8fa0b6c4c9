//! What an instrument engineer does before and beside a running gateway: looks at servers and devices that this project did not
//! write, and shows an assessor that they are only read.

use acceptance::{
    peers::{Modbus, Node, OpcUa, float_cdab},
    places,
    site::{Site, Size},
    watched::Watched,
};
use anyhow::{Context, Result, ensure};
use davy_field::wire::Protocol;
use serde_json::{Value, json};
use std::process::Output;
use tokio::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn a_look_before_there_is_a_configuration() -> Result<()> {
    let folder = places::fresh("look")?;
    let node = |name: &str| Node { name: name.to_owned(), data_type: "Double", value: json!(42.5) };
    let opcua = OpcUa::start(vec![node("LI-001"), node("LI-002")], &folder).await?;
    let mut modbus = Modbus::start(json!({"1": {"holding": [[0, 8]]}}), &folder).await?;
    modbus.write(1, "holding", 2, &float_cdab(25.5)).await?;
    let taps = [
        Watched::open("OPC UA", Protocol::OpcUa, opcua.port).await?,
        Watched::open("Modbus", Protocol::ModbusTcp, modbus.port).await?,
    ];
    let server = format!("opc.tcp://127.0.0.1:{}/", taps[0].port());
    let device = format!("modbus://127.0.0.1:{}", taps[1].port());

    let nodes: Value = serde_json::from_str(&good(&["browse", &server, "--format", "json"]).await?)?;
    let nodes = nodes.as_array().context("a list")?;
    let level = nodes.iter().find(|node| node["address"] == "nsu=urn:davy:acceptance;s=LI-001").context("LI-001")?;
    assert_eq!(
        (&level["variable"]["data_type"], &level["variable"]["told"]["number"]),
        (&json!("Double"), &json!(42.5))
    );
    let table = good(&["browse", &server, "--format", "csv"]).await?;
    let variables = nodes.iter().filter(|node| node["class"] == "Variable").count();
    ensure!(table.lines().count() == variables + 1 && table.contains("nsu=urn:davy:acceptance;s=LI-002"), "{table}");

    let values = good(&["read", &server, "ns=2;s=LI-001", "ns=2;s=NOWHERE"]).await?;
    ensure!(values.contains("ns=2;s=LI-001: 42.5 [Good") && values.contains("ns=2;s=NOWHERE: – [Bad"), "{values}");
    let registers = good(&["read", &device, "1/holding/2", "--count", "2"]).await?;
    ensure!(registers.contains("CDAB  f32 25.5") && registers.contains("ABCD  f32"), "{registers}");

    for (arguments, words) in [
        (["read", "opc.tcp://127.0.0.1:1/", "ns=2;s=LI-001"], "refused"),
        (["read", &device, "1/holding/60000"], "refuses"),
        (["read", &device, "1/holding/x"], "is not a Modbus address"),
        (["read", "http://127.0.0.1", "1/holding/0"], "write opc.tcp://"),
    ] {
        let refused = davy(&arguments).await?;
        let said = String::from_utf8(refused.stderr)?;
        ensure!(refused.status.code() == Some(1) && said.contains(words), "{arguments:?}: {said}");
    }
    taps.iter().try_for_each(Watched::only_reads)
}

async fn good(arguments: &[&str]) -> Result<String> {
    let output = davy(arguments).await?;
    ensure!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

async fn davy(arguments: &[&str]) -> Result<Output> {
    Ok(Command::new(places::davy()?).args(arguments).output().await?)
}

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
    let config = site.folder.join("config");
    let always = ["doctor", "--read-only", "--config", config.to_str().context("a path of letters")?];
    davy(&[&always[..], arguments].concat()).await
}

async fn connects(site: &Site) -> Result<u64> {
    let sources = site.gateway.api.list("sources").await?;
    Ok(sources.iter().filter_map(|source| source["connects"].as_u64()).sum())
}
