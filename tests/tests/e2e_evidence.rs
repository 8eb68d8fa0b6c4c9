//! The evidence of a gas warning with people inside, at a real gateway with real peers: on request while it lasts, kept a
//! minute after it has closed although the gateway was killed in between, the same by API, file and command, and with a hash
//! that finds a changed byte.

use acceptance::{
    places,
    receiver::Message,
    site::{self, Site, Size},
    waiting::{self, LONG},
};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};
use tokio::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn the_evidence_of_a_gas_warning() -> Result<()> {
    let size = Size { gases: 2, people: 3, zones: 2, cameras: 1, places: true, ..Size::default() };
    let mut site = Site::start("evidence", size).await?;
    let data = site.folder.join("data");
    people_and_a_ticket(&site).await?;
    let warning = gas_rises(&mut site).await?;
    let path = format!("warnings/{warning}/evidence");
    let open = site.gateway.api.get(&path).await?;
    assert_eq!((&open["warning"]["id"], &open["closed_at"]), (&json!(warning), &Value::Null));
    let unknown = site.gateway.api.get("warnings/EV-GT-001~9.9/evidence").await;
    ensure!(format!("{:?}", unknown.err()).contains("no_such_warning"), "an unknown warning is refused");

    gas_falls(&mut site, &warning).await?;
    site.gateway.kill().await?;
    ensure!(!data.join("evidence").exists(), "killed before it was kept");
    site.gateway.start_again().await?;
    let of_warning = |message: &Message| message.kind() == "evidence" && message.text("warning") == warning;
    let told = site.receiver.wait("the evidence is kept and told", of_warning).await?;

    let file = data.join("evidence").join(format!("{warning}.json"));
    let text = fs::read_to_string(&file)?;
    let packet: Value = serde_json::from_str(&text)?;
    assert_eq!((&packet["sha256"], told.data()["bytes"].as_u64()), (&told.data()["sha256"], Some(text.len() as u64)));
    assert_eq!(site.gateway.api.get(&path).await?, packet, "what is kept is given out");
    check_content(&packet, &warning)?;
    check_command(&data, &warning, &packet).await?;
    check_hash(&data, &file, &text).await?;

    site.drained().await?;
    site.end().await?;
    site.gateway.verify().await?;
    replays(&site.folder).await
}

async fn people_and_a_ticket(site: &Site) -> Result<()> {
    for person in [1, 2] {
        site::locate(&site.devices, person, "Z-001", false).await?;
    }
    site::locate(&site.devices, 3, "Z-002", false).await?;
    let ticket = json!({"ID": "DH-1", "TICKETTYPE": "03", "TICKETSTATUS": "2", "TICKETPOSITION": "Z-001",
        "TICKETCONTENT": "管线焊接", "STARTTIME": "2020-01-01T00:00:00Z", "ENDTIME": "2099-01-01T00:00:00Z"});
    site.devices.send_json("site/ticket/DH-1", &ticket).await?;
    let known = async || {
        let people = site.gateway.api.list("people").await?;
        Ok(people.len() == 3 && site.gateway.api.find("tickets", "id", "DH-1").await.is_ok())
    };
    waiting::until_true("people and ticket are known", LONG, known).await
}

/// Gas, smoke on a picture, and an answer; gives the warning's id.
async fn gas_rises(site: &mut Site) -> Result<String> {
    site::write_gas(&mut site.modbus, 1, 60.0).await?;
    let alarm = site.receiver.wait_for_alarm("GT-001.H").await?;
    let of_event = |message: &Message| message.kind() == "warning" && message.text("risk_event") == "EV-GT-001";
    let warning = site.receiver.wait("the warning", of_event).await?;
    assert_eq!(warning.data()["people_count"], 2);
    let sight = json!({"algorithm": "smoke", "confidence": 0.9, "picture": "http://nvr/clip/7.mp4"});
    site.devices.send_json("site/video/CAM-001", &sight).await?;
    let acknowledge = format!("alarms/{}/acknowledge", alarm.text("id"));
    site.gateway.api.post(&acknowledge, &json!({"by": "李四"})).await?;
    site::locate(&site.devices, 2, "", false).await?;
    Ok(warning.text("id").to_owned())
}

async fn gas_falls(site: &mut Site, warning: &str) -> Result<()> {
    let gone = |message: &Message| {
        message.kind() == "person" && message.text("id") == "P-002" && message.text("zone").is_empty()
    };
    site.receiver.wait("P-002 has left", gone).await?;
    // The recording is written in blocks: what was said until now is to be on the disk before the gateway is killed.
    let path = format!("warnings/{warning}/evidence");
    let recorded = async || {
        let packet = site.gateway.api.get(&path).await?;
        let gas = packet["samples"].as_array().and_then(|tags| tags.iter().find(|tag| tag["tag"] == "GT-001"));
        let points = gas.and_then(|tag| tag["points"].as_array());
        let rose = points.is_some_and(|points| points.iter().any(|point| point["value"] == 60.0));
        Ok(rose && packet["sights"].as_array().is_some_and(|sights| !sights.is_empty()))
    };
    waiting::until_true("the gas and the sight are recorded", LONG, recorded).await?;
    site::write_gas(&mut site.modbus, 1, 5.0).await?;
    let closed = |message: &Message| {
        message.kind() == "warning" && message.text("id") == warning && message.text("state") == "closed"
    };
    site.receiver.wait("the warning is closed", closed).await.map(drop)
}

fn check_content(packet: &Value, warning: &str) -> Result<()> {
    let list = |of: &Value| of.as_array().cloned().unwrap_or_default();
    assert_eq!((&packet["format"], &packet["warning"]["id"]), (&json!("davy.evidence.v1"), &json!(warning)));
    assert_eq!((&packet["warning"]["state"], &packet["gateway_id"]), (&json!("closed"), &json!("gw-1")));
    let samples = list(&packet["samples"]);
    let gas = samples.iter().find(|tag| tag["tag"] == "GT-001").context("the detector's values")?;
    let values: Vec<f64> = list(&gas["points"]).iter().filter_map(|point| point["value"].as_f64()).collect();
    ensure!(values.contains(&0.0) && values.contains(&60.0), "before and during: {values:?}");
    ensure!(
        list(&gas["points"]).iter().all(|point| point["severity"].is_string() && point["received_time"].is_string())
    );
    let people: Vec<_> = list(&packet["people"])
        .iter()
        .map(|stay| {
            (stay["person"].clone(), stay["zone"].clone(), stay["entered_at"].is_string(), stay["left_at"].is_string())
        })
        .collect();
    let stay = |person: &str, left| (json!(person), json!("Z-001"), true, left);
    ensure!(people.contains(&stay("P-001", false)) && people.contains(&stay("P-002", true)), "{people:?}");
    ensure!(people.iter().all(|(person, ..)| person != "P-003"), "not who was elsewhere: {people:?}");
    let pictures: Vec<_> = list(&packet["sights"]).iter().map(|sight| sight["picture"].clone()).collect();
    assert_eq!(pictures, ["http://nvr/clip/7.mp4"]);
    let tickets: Vec<_> = list(&packet["tickets"]["rows"]).iter().map(|row| row["record"]["id"].clone()).collect();
    ensure!(tickets.contains(&json!("DH-1")), "{tickets:?}");
    let states: Vec<_> = list(&packet["alarms"]["rows"]).iter().map(|row| row["record"]["state"].clone()).collect();
    for state in ["unacknowledged", "acknowledged", "normal"] {
        ensure!(states.contains(&json!(state)), "{state} among {states:?}");
    }
    let audits: Vec<_> = list(&packet["audits"]["rows"]).iter().map(|row| row["record"]["by"].clone()).collect();
    assert_eq!(audits, ["李四 (e2e)"]);
    assert_eq!(list(&packet["configurations"]).len(), 1);
    Ok(())
}

async fn davy(arguments: &[&str], paths: &[(&str, &Path)]) -> Result<Output> {
    let mut command = Command::new(places::davy()?);
    command.args(arguments);
    for (name, path) in paths {
        command.arg(name).arg(path);
    }
    Ok(command.output().await?)
}

/// The command beside the running gateway: the kept one; and put together anew, which differs in when that was alone.
async fn check_command(data: &Path, warning: &str, kept: &Value) -> Result<()> {
    let given = davy(&["evidence", warning, "--format", "json"], &[("--data", data)]).await?;
    assert_eq!(serde_json::from_slice::<Value>(&given.stdout)?, *kept);
    let anew = davy(&["evidence", warning, "--anew", "--format", "json"], &[("--data", data)]).await?;
    let timeless = |packet: &Value| {
        let mut packet = packet.clone();
        ["sha256", "assembled_at"].iter().for_each(|field| packet[field] = Value::Null);
        packet
    };
    assert_eq!(
        timeless(&serde_json::from_slice(&anew.stdout)?),
        timeless(kept),
        "journal and recording still say the same"
    );
    let words = davy(&["evidence", warning], &[("--data", data)]).await?;
    let words = String::from_utf8(words.stdout)?;
    ensure!(words.contains(warning) && words.contains("sha256"), "{words}");
    let unknown = davy(&["evidence", "EV-GT-001~9.9"], &[("--data", data)]).await?;
    ensure!(!unknown.status.success() && String::from_utf8_lossy(&unknown.stderr).contains("EV-GT-001~9.9"));
    Ok(())
}

/// By the command, and by a program that knows nothing but what the handbook says.
async fn check_hash(data: &Path, file: &Path, text: &str) -> Result<()> {
    let verify = async |file: &PathBuf| davy(&["evidence"], &[("--verify", file), ("--data", data)]).await;
    let file = file.to_owned();
    let holds = verify(&file).await?;
    ensure!(holds.status.success(), "{}", String::from_utf8_lossy(&holds.stdout));
    let program = "import hashlib, sys\ntext = open(sys.argv[1], newline='').read()\n\
        print(hashlib.sha256((text[:11] + text[75:]).encode()).hexdigest() == text[11:75])";
    let python = Command::new(places::python()?).args(["-c", program]).arg(&file).output().await?;
    assert_eq!(String::from_utf8(python.stdout)?.trim(), "True");
    let at = text.find("60.0").context("the value")?;
    fs::write(&file, [&text[..at], "20.0", &text[at + 4..]].concat())?;
    let changed = verify(&file).await?;
    let words = String::from_utf8(changed.stdout)?;
    ensure!(changed.status.code() == Some(1) && words.contains("was changed"), "{words}");
    fs::write(&file, text)?;
    ensure!(verify(&file).await?.status.success(), "as it was again");
    Ok(())
}

/// That evidence was kept is part of what the engine was told: played again it gives the same journal.
async fn replays(folder: &Path) -> Result<()> {
    let (config, data) = (folder.join("config"), folder.join("data"));
    let answer = davy(&["replay", "--format", "json"], &[("--config", &config), ("--data", &data)]).await?;
    ensure!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    let answer: Value = serde_json::from_slice(&answer.stdout)?;
    let runs = answer["runs"].as_array().context("runs")?;
    assert_eq!(runs.len(), 2, "a run for each start");
    ensure!(runs.iter().all(|run| run["journal"]["same"] == true), "{runs:?}");
    Ok(())
}
