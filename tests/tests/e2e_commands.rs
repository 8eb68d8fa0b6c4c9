//! Commands of the enterprise platform, signed with PyJWT and sent over a real broker: each kind does what it says, once; what
//! is not from the platform does nothing; and whatever is killed in between, none is done twice and no receipt is lost.

use acceptance::{
    folder::{gas, level, level_rule, unit},
    platform::{self, Platform, claims, receipt, seconds},
    receiver::Receiver,
    site::{Site, Size, write_gas},
    waiting::{self, LONG},
};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, path::Path, time::Duration};

const KINDS: [&str; 6] = ["acknowledge", "task", "hazard", "stop", "ticket", "risk_model"];

async fn site(test: &str) -> Result<Site> {
    let size =
        Size { levels: 4, gases: 2, people: 2, zones: 2, places: true, commands: KINDS.to_vec(), ..Size::default() };
    Site::start(test, size).await
}

/// The audits of a command in the journal.
async fn audits(site: &Site, id: &str) -> Result<Vec<Value>> {
    let rows = site.gateway.api.list("journal").await?;
    Ok(rows.into_iter().filter(|row| row["kind"] == "audit" && row["record"]["command"]["id"] == id).collect())
}

async fn ask(site: &mut Site, id: &str, kind: &str, data: Value) -> Result<Value> {
    let platform = site.platform.as_mut().context("commands are taken")?;
    platform.ask(&site.receiver, id, kind, data).await
}

/// Raises the alarm of a level, with a task and a suspected hazard; gives the ids of the three.
async fn raise(site: &mut Site, number: usize) -> Result<(String, String, String)> {
    let (rule, beyond) = level_rule(number);
    site.opcua.write(&level(number), beyond).await?;
    let alarm = site.receiver.wait_for_alarm(&rule).await?.text("id").to_owned();
    let measure = format!("M-{}", level(number));
    let of = async |kind: &str| {
        let found = site.receiver.wait(kind, |one| one.kind() == kind && one.text("measure") == measure).await?;
        Ok::<_, anyhow::Error>(found.text("id").to_owned())
    };
    Ok((alarm, of("task").await?, of("hazard").await?))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_does_what_it_says() -> Result<()> {
    let mut site = site("commands").await?;
    let (alarm, task, hazard) = raise(&mut site, 1).await?;
    let photo = json!({ "uri": "photo-7", "media_type": "image/jpeg" });
    let stop = json!({ "action": "open", "unit": unit(2), "for_s": 3600, "reason": "检修" });
    let ticket = json!({
        "id": "DH-1", "work": "01", "status": "in_work", "zone": "Z-001", "content": "管线焊接", "supervisor": "P-001",
        "workers": ["P-002"], "analyses": [{ "time": "2026-11-23T08:00:00Z", "gas": "甲烷", "value": 0.1 }],
    });
    for (id, kind, data, outcome, action) in [
        ("a-1", "acknowledge", json!({ "alarm": alarm }), "done", "acknowledge_alarm"),
        ("a-2", "acknowledge", json!({ "alarm": alarm }), "refused", "acknowledge_alarm"),
        ("a-3", "acknowledge", json!({ "alarm": "no-such~1.9" }), "refused", "acknowledge_alarm"),
        ("t-1", "task", json!({ "action": "accept", "task": task }), "done", "accept_task"),
        ("t-2", "task", json!({ "action": "attach", "task": task, "attachment": photo }), "done", "add_attachment"),
        ("t-3", "task", json!({ "action": "finish", "task": task, "result": "normal" }), "done", "finish_task"),
        ("t-4", "task", json!({ "action": "cancel", "task": task, "reason": "无" }), "refused", "cancel_task"),
        (
            "h-1",
            "hazard",
            json!({ "hazard": hazard, "verdict": "confirmed", "note": "属实", "danger_level": "general" }),
            "done",
            "review_hazard",
        ),
        ("s-1", "stop", stop, "done", "stop_unit"),
        ("s-2", "stop", json!({ "action": "close", "unit": unit(2) }), "done", "resume_unit"),
        ("s-3", "stop", json!({ "action": "open", "unit": unit(2), "reason": "" }), "invalid", "stop_unit"),
        ("p-1", "ticket", ticket.clone(), "done", "take_ticket"),
        (
            "p-2",
            "ticket",
            json!({ "id": "DH-2", "work": "01", "status": "in_work", "zone": "Z-9" }),
            "invalid",
            "refuse_command",
        ),
        ("x-1", "task", json!({ "action": "write", "register": 40001 }), "invalid", "refuse_command"),
        ("x-2", "write", json!({ "tag": "LI-001", "value": 1 }), "invalid", "refuse_command"),
    ] {
        let receipt = ask(&mut site, id, kind, data).await?;
        ensure!(receipt["outcome"] == outcome && receipt["kind"] == kind, "{id}: {receipt}");
        ensure!(receipt["reason"].is_null() == (outcome == "done"), "{id}: {receipt}");
        let audits = audits(&site, id).await?;
        ensure!(audits.len() == 1 && audits[0]["seq"] == receipt["seq"], "{id}: {receipt}, {audits:?}");
        let audit = &audits[0]["record"];
        ensure!(audit["action"] == action && audit["by"] == "platform:platform/李四", "{id}: {audit}");
    }
    let api = &site.gateway.api;
    let alarm = api.find("alarms", "id", &alarm).await?;
    ensure!(alarm["acknowledged_by"] == "platform:platform/李四", "{alarm}");
    ensure!(api.find("hazards", "id", &hazard).await?["state"] == "confirmed");
    let heard = |message: &acceptance::receiver::Message| message.kind() == "ticket" && message.lane() != "reply";
    let ticket = site.receiver.wait("the ticket", |one| heard(one) && one.text("id") == "DH-1").await?;
    ensure!(ticket.data()["unit"] == unit(1) && ticket.data()["supervisor"] == "P-001", "{ticket:?}");
    site.end().await
}

/// What may not be told apart from silence: nothing is answered, one row of the journal says that they came.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_the_platform_s_does_nothing() -> Result<()> {
    let mut site = site("commands_foreign").await?;
    let (alarm, ..) = raise(&mut site, 1).await?;
    let mut stranger = Platform::start("stranger", site.enterprise.port, &site.folder).await?;
    let mut platform = site.platform.take().context("commands are taken")?;
    let asked = |id: &str| claims(id, "acknowledge", json!({ "alarm": alarm }));
    let good = platform.sign(&asked("f-0"), &Value::Null).await?;
    let other = platform.sign(&claims("f-0", "acknowledge", json!({ "alarm": "other" })), &Value::Null).await?;
    let tampered = {
        let (head, signature) = good.rsplit_once('.').context("a signature")?;
        let (header, _) = head.split_once('.').context("a header")?;
        let payload = other.split('.').nth(1).context("a payload")?;
        format!("{header}.{payload}.{signature}")
    };
    let unsigned = platform.sign(&asked("f-1"), &json!({ "algorithm": "none" })).await?;
    let symmetric = platform.sign(&asked("f-2"), &json!({ "algorithm": "HS256" })).await?;
    let foreign = stranger.sign(&asked("f-3"), &Value::Null).await?;
    let unknown = stranger.sign(&asked("f-4"), &json!({ "kid": "stranger" })).await?;
    for jws in [tampered, unsigned, symmetric, foreign, unknown, "{}".to_owned(), "x".repeat(200_000)] {
        platform.send("acknowledge", &jws).await?;
    }
    let now = seconds();
    let mut with = async |id: &str, changes: Value| {
        let mut claims = asked(id);
        for (key, value) in changes.as_object().into_iter().flatten() {
            claims[key] = value.clone();
        }
        let jws = platform.sign(&claims, &Value::Null).await?;
        platform.send("acknowledge", &jws).await?;
        receipt(&site.receiver, id, 1).await
    };
    for (id, changes, outcome, words) in [
        ("g-1", json!({ "aud": "330100123/gw-2" }), "refused", "not for this gateway"),
        ("g-2", json!({ "iat": now - 7_200, "exp": now - 3_600 }), "refused", "it is over"),
        ("g-3", json!({ "iat": now + 3_600, "exp": now + 7_200 }), "refused", "from the future"),
        ("g-4", json!({ "kind": "task" }), "invalid", "another topic"),
        ("g-5", json!({ "by": "" }), "invalid", "name the person"),
    ] {
        let receipt = with(id, changes).await?;
        let reason = receipt["reason"].as_str().unwrap_or_default();
        ensure!(receipt["outcome"] == outcome && reason.contains(words), "{id}: {receipt}");
    }
    let replies: Vec<_> = site.receiver.messages().into_iter().filter(|one| one.topic.contains("/reply/")).collect();
    assert_eq!(replies.len(), 5, "nobody known is answered, and everybody else once");
    let found = site.gateway.api.find("alarms", "id", &alarm).await?;
    ensure!(found["acknowledged_by"].is_null(), "{found}");
    let rows = site.gateway.api.list("journal").await?;
    let noted = rows.iter().filter(|row| row["record"]["action"] == "note_unauthenticated").count();
    assert_eq!(noted, 1, "one row an hour");
    site.platform = Some(platform);
    site.end().await
}

/// Every command is sent until its receipt is there, while the gateway is killed again and again.
#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "how much was tried")]
async fn killed_in_between_none_is_done_twice_and_no_receipt_is_lost() -> Result<()> {
    const ROUNDS: usize = 12;
    let mut site = site("commands_killed").await?;
    let mut platform = site.platform.take().context("commands are taken")?;
    let mut receipts = BTreeMap::new();
    for round in 0..ROUNDS {
        let action = if round % 2 == 0 { "open" } else { "close" };
        let mut data = json!({ "action": action, "unit": unit(3) });
        if action == "open" {
            data["reason"] = "检修".into();
        }
        let id = format!("k-{round}");
        let jws = platform.sign(&claims(&id, "stop", data), &Value::Null).await?;
        platform.send("stop", &jws).await?;
        // Anywhere between the broker and the receipt.
        tokio::time::sleep(Duration::from_millis(round as u64 * 3)).await;
        site.gateway.kill().await?;
        site.gateway.start_again().await?;
        let receipt = until_answered(&platform, &site.receiver, &id, &jws).await?;
        ensure!(receipt["outcome"] == "done", "{receipt}");
        receipts.insert(id, (jws, receipt));
    }
    site.gateway.kill().await?;
    site.gateway.start_again().await?;
    for (id, (jws, receipt)) in &receipts {
        let so_far = count(&site.receiver, id);
        let again = until_more(&platform, &site.receiver, id, jws, so_far).await?;
        ensure!(again == *receipt, "the same for ever: {again} and {receipt}");
        assert_eq!(audits(&site, id).await?.len(), 1, "{id} is in the journal once");
    }
    let done = site.gateway.api.list("journal").await?;
    let done =
        done.iter().filter(|row| row["record"]["action"] == "stop_unit" || row["record"]["action"] == "resume_unit");
    assert_eq!(done.count(), ROUNDS, "none was done twice");
    // Another command under an id that is taken is none.
    let other =
        platform.sign(&claims("k-0", "stop", json!({ "action": "close", "unit": unit(1) })), &Value::Null).await?;
    let so_far = count(&site.receiver, "k-0");
    let reused = until_more(&platform, &site.receiver, "k-0", &other, so_far).await?;
    ensure!(reused["outcome"] == "invalid", "{reused}");
    println!("{ROUNDS} commands, {} kills", ROUNDS + 1);
    site.end().await?;
    site.gateway.verify().await
}

fn count(receiver: &Receiver, id: &str) -> usize {
    receiver.count(|message| message.topic.contains("/reply/") && message.text("command") == id)
}

async fn until_answered(platform: &Platform, receiver: &Receiver, id: &str, jws: &str) -> Result<Value> {
    if count(receiver, id) > 0 {
        return receipt(receiver, id, 1).await;
    }
    until_more(platform, receiver, id, jws, 0).await
}

/// Sends again, as a platform does that has no receipt, until there is one more.
async fn until_more(platform: &Platform, receiver: &Receiver, id: &str, jws: &str, so_far: usize) -> Result<Value> {
    waiting::until(&format!("a receipt of {id}"), LONG, async || {
        platform.send("stop", jws).await?;
        tokio::time::sleep(Duration::from_millis(200)).await;
        if count(receiver, id) > so_far { receipt(receiver, id, so_far + 1).await.map(Some) } else { Ok(None) }
    })
    .await
}

fn model(folder: &Path) -> Result<BTreeMap<String, String>> {
    let entries = fs::read_dir(folder.join("config/risk"))?;
    let files = entries.map(|entry| {
        let entry = entry?;
        Ok((entry.file_name().to_string_lossy().into_owned(), fs::read_to_string(entry.path())?))
    });
    files.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_risk_model_is_put_in_force_as_a_whole_or_not_at_all() -> Result<()> {
    let mut site = site("commands_model").await?;
    write_gas(&mut site.modbus, 1, 40.0).await?;
    let alarm = site.receiver.wait_for_alarm(&format!("{}.H", gas(1))).await?.text("id").to_owned();
    let before = model(&site.folder)?;
    let mut new = before.clone();
    new.entry("units.csv".to_owned()).or_default().push_str("U-99,单元99,装置,较大\n");

    let mut bad = new.clone();
    bad.entry("units.csv".to_owned()).or_default().push_str("U-99,单元99,装置,很大\n");
    bad.insert("surprise.csv".to_owned(), String::new());
    let refused = ask(&mut site, "m-0", "risk_model", json!({ "files": bad })).await?;
    let details = refused["details"].as_array().context("details")?.clone();
    ensure!(refused["outcome"] == "invalid" && details.len() >= 3, "every error: {refused}");
    let at = |place: &str| details.iter().any(|line| line.as_str().is_some_and(|line| line.starts_with(place)));
    ensure!(at("risk/units.csv:") && at("risk/surprise.csv:"), "{details:?}");
    ensure!(model(&site.folder)? == before, "nothing was touched");

    let done = ask(&mut site, "m-1", "risk_model", json!({ "files": new })).await?;
    ensure!(done["outcome"] == "done" && done["details"][0] == "units: added U-99", "{done}");
    site.gateway.api.find("units", "unit", "U-99").await?;
    ensure!(model(&site.folder)? == new, "the files are those that were sent");
    let versions = site.gateway.api.list("config/versions").await?;
    ensure!(versions.len() == 2 && versions[0]["how"] == "platform" && versions[0]["in_force"] == true, "{versions:?}");
    let old = site.gateway.api.get("config/versions/1").await?;
    ensure!(old["files"]["risk/units.csv"] == before["units.csv"], "the old one is kept");
    let found = site.gateway.api.find("alarms", "id", &alarm).await?;
    ensure!(found["state"] == "unacknowledged", "alarms go on: {found}");
    let dcs = site.gateway.api.find("sources", "source", "dcs").await?;
    ensure!(dcs["connects"] == 1, "connections go on: {dcs}");

    let same = ask(&mut site, "m-2", "risk_model", json!({ "files": new })).await?;
    ensure!(
        same["outcome"] == "done" && same["details"][0].as_str().unwrap_or_default().starts_with("nothing changed"),
        "{same}"
    );
    let mut late = claims("m-3", "risk_model", json!({ "files": before }));
    late["iat"] = (seconds() - 600).into();
    let platform = site.platform.as_mut().context("commands are taken")?;
    let jws = platform.sign(&late, &Value::Null).await?;
    platform.send("risk_model", &jws).await?;
    let late = platform::receipt(&site.receiver, "m-3", 1).await?;
    ensure!(late["outcome"] == "refused", "what comes late puts nothing back: {late}");

    site.gateway.kill().await?;
    site.gateway.start_again().await?;
    site.gateway.api.find("units", "unit", "U-99").await?;
    site.reads_everything().await?;
    site.end().await
}
