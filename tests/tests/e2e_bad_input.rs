//! What bad input gets: a wrong configuration every error at once and nothing started; malformed and unknown things from
//! the field a count with the latest example, and nothing else is disturbed.

use acceptance::{
    folder::{self, Folder, level_rule},
    places,
    process::Process,
    site::{self, Site, Size},
    waiting::{self, LONG},
};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::{fs, path::Path};
use tokio::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_configuration_is_refused_as_a_whole() -> Result<()> {
    let folder = places::fresh("wrong_configuration")?;
    let web = places::free_port()?;
    wrong_configuration(&folder, web)?;
    // (file, line, column, a word of the message), by the order of the files above.
    let expected = [
        ("gateway.toml", 8, "127.0.0.1"),
        ("tags.csv", 2, "dsc"),
        ("tags.csv", 3, "nonsense"),
        ("people.csv", 3, "C-001"),
        ("rules.toml", 9, "CAM-9"),
    ];
    for command in ["run", "check"] {
        let (status, said) = davy(&folder, command).await?;
        assert_eq!(status, Some(2), "davy {command} refuses: {said}");
        for (file, line, word) in expected {
            let place = format!("{file}:{line}:");
            let found = said.lines().find(|text| text.contains(&place) && text.contains(word));
            let found = found.with_context(|| format!("davy {command}: no {place} with {word} in:\n{said}"))?;
            let column = found.split(&place).nth(1).and_then(|rest| rest.split(':').next());
            ensure!(column.is_some_and(|column| column.parse::<u32>().is_ok()), "no column: {found}");
        }
    }
    ensure!(tokio::net::TcpStream::connect(("127.0.0.1", web)).await.is_err(), "nothing listens");
    ensure!(!folder.join("data").exists(), "no data folder was begun");
    Ok(())
}

fn wrong_configuration(folder: &Path, web: u16) -> Result<()> {
    let good = Folder {
        web,
        opcua: 1,
        modbus: 2,
        field: 3,
        enterprise: 4,
        levels: 2,
        people: 2,
        zones: 1,
        cameras: 1,
        ..Folder::default()
    };
    good.write(folder)?;
    let change = |name: &str, from: &str, to: &str| -> Result<()> {
        let path = folder.join("config").join(name);
        let text = fs::read_to_string(&path)?;
        ensure!(text.contains(from), "{name} has no `{from}`");
        Ok(fs::write(&path, text.replacen(from, to, 1))?)
    };
    change("gateway.toml", &format!("127.0.0.1:{web}"), &format!("localhost:{web}"))?;
    change("tags.csv", "LI-001,液位1,dcs", "LI-001,液位1,dsc")?;
    change("tags.csv", "ns=2;s=LI-002", "nonsense")?;
    change("people.csv", "C-002", "C-001")?;
    change("rules.toml", "camera = \"CAM-001\"", "camera = \"CAM-9\"")
}

/// Runs a command that ends by itself; gives its exit status and all that it said.
async fn davy(folder: &Path, command: &str) -> Result<(Option<i32>, String)> {
    let log = folder.join(format!("{command}.log"));
    let mut program = Command::new(places::davy()?);
    program.arg(command).arg("--config").arg(folder.join("config"));
    if command == "run" {
        program.arg("--data").arg(folder.join("data"));
    }
    let mut process = Process::start(command, &mut program, &log)?;
    let mut said = process.remaining_lines(LONG).await?.join("\n");
    let status = process.end(LONG).await?;
    said.push_str(&fs::read_to_string(&log)?);
    Ok((status.code(), said))
}

#[tokio::test(flavor = "multi_thread")]
async fn strange_things_from_the_field_are_counted_and_disturb_nothing() -> Result<()> {
    let row =
        |tag: &str, source: &str, place: &str| format!("{tag},未知,{source},{place},%,0,100,,,,80,,1,0s,0s,high,,");
    let more_tags = vec![row("XX-901", "dcs", "ns=2;s=NOWHERE,,"), row("XX-902", "gds", "1/holding/60000,u16,")];
    let size = Size { levels: 6, gases: 6, people: 2, zones: 1, cameras: 1, more_tags, ..Size::default() };
    let mut site = Site::start("strange_things", size).await?;
    let connects = connects(&site).await?;

    site.devices.send("site/location/C-001", "{not json").await?;
    site.devices.send("site/location/C-001", vec![0xFF, 0x00, 0xC3]).await?;
    site.devices.send("site/location/C-001", "[]").await?;
    site.devices.send_json("site/location/C-777", &json!({"zone": "Z-001", "sos": true})).await?;
    site.devices.send_json("site/video/CAM-777", &json!({"algorithm": "smoke", "confidence": 0.9})).await?;
    site.devices.send_json("site/video/CAM-001", &json!({"algorithm": "smoke", "confidence": "很高"})).await?;

    counted(&site, "people", "malformed", 4, "").await?;
    counted(&site, "people", "unknown", 2, "CAM-777").await?;
    counted(&site, "dcs", "unknown", 1, "NOWHERE").await?;
    counted(&site, "gds", "unknown", 1, "60000").await?;
    only_its_tag_is_bad(&site).await?;
    a_status_alone_makes_a_value_bad(&mut site).await?;

    site.opcua.write(&folder::level(1), level_rule(1).1).await?;
    site::write_gas(&mut site.modbus, 1, 60.0).await?;
    site::locate(&site.devices, 2, "Z-001", true).await?;
    for rule in [level_rule(1).0, "GT-001.H".to_owned(), "sos-P-002".to_owned()] {
        site.receiver.wait_for_alarm(&rule).await?;
    }
    // The page's state follows the journal by a fraction of a second.
    let shown = async || Ok(site.gateway.api.list("alarms").await?.len() >= 3);
    waiting::until_true("the three alarms are shown", LONG, shown).await?;
    let alarms = site.receiver.messages().into_iter().filter(|message| message.kind() == "alarm").count();
    assert_eq!(alarms, 3, "nothing else is alarmed");
    assert_eq!(self::connects(&site).await?, connects, "no connection was made anew");
    site.end().await
}

async fn counted(site: &Site, source: &str, oddity: &str, count: u64, example: &str) -> Result<()> {
    let what = format!("{source} counts {count} {oddity}, latest {example}");
    let enough = async || {
        let health = site.gateway.api.find("sources", "source", source).await?;
        let oddity = &health[oddity];
        let (counted, latest) =
            (oddity["count"].as_u64().unwrap_or_default(), oddity["latest"].as_str().unwrap_or_default());
        Ok(counted >= count && !latest.is_empty() && latest.contains(example) && !oddity["latest_at"].is_null())
    };
    waiting::until_true(&what, LONG, enough).await
}

async fn only_its_tag_is_bad(site: &Site) -> Result<()> {
    let tags = site.gateway.api.list("tags").await?;
    let bad: Vec<&Value> = tags.iter().filter(|tag| tag["severity"] == "bad").map(|tag| &tag["tag"]).collect();
    assert_eq!(bad, ["XX-901", "XX-902"], "{tags:?}");
    Ok(())
}

/// A sensor fails and its last value stays: nothing but the status code changes.
async fn a_status_alone_makes_a_value_bad(site: &mut Site) -> Result<()> {
    let tag = folder::level(2);
    for (status, name) in [(0x808C_0000, "BadSensorFailure"), (0, "Good")] {
        site.opcua.write_as(&tag, folder::CALM, status).await?;
        let shown = async || Ok(site.gateway.api.find("tags", "tag", &tag).await?["quality_name"] == name);
        waiting::until_true(&format!("{tag} is {name}"), LONG, shown).await?;
    }
    Ok(())
}

async fn connects(site: &Site) -> Result<Vec<Value>> {
    let sources = site.gateway.api.list("sources").await?;
    Ok(sources.iter().map(|source| source["connects"].clone()).collect())
}
