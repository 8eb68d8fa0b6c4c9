//! A configuration that is looked at, put in force and taken back over the network while an alarm stands; a gateway that is killed in
//! between; and what would have been raised under another one.

#[path = "e2e_config/console.rs"]
mod console;
#[path = "e2e_config/page.rs"]
mod page;

use acceptance::{
    folder::{gas, level, level_rule},
    site::{Site, Size, write_gas},
    waiting::{self, LONG},
};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::{fs, time::Duration};

const SIZE: Size = Size {
    levels: 4,
    gases: 2,
    people: 1,
    zones: 1,
    cameras: 0,
    places: false,
    commands: Vec::new(),
    more_tags: Vec::new(),
    more_nodes: Vec::new(),
    data: None,
    clock: false,
};
const WHY: &str = "限值按新的安全评价报告";

async fn in_force(site: &Site) -> Result<String> {
    Ok(site.gateway.api.get("config").await?["version"].as_str().context("a version")?.to_owned())
}

/// Another high limit of the first detector.
fn high(limit: &str) -> Value {
    json!([{ "edit": "points", "rows": [{ "BIT_NO": gas(1), "高限": limit }] }])
}

async fn limit(site: &Site) -> Result<Value> {
    let rule = site.gateway.api.find("rules", "rule", &format!("{}.H", gas(1))).await?;
    let parameters = rule["parameters"].as_array().context("parameters")?;
    let limit = parameters.iter().find(|parameter| parameter["name"] == "limit").context("the limit")?;
    Ok(limit["value"].clone())
}

async fn apply(site: &Site, base: &str, edits: &Value) -> Result<Value> {
    let body = json!({ "base": base, "edits": edits, "reason": WHY, "by": "李工" });
    site.gateway.api.post("config/apply", &body).await
}

/// The words of a refusal.
fn refused(answer: Result<Value>, code: &str) -> Result<String> {
    let words = format!("{:#}", answer.err().with_context(|| format!("{code} was to be refused"))?);
    ensure!(words.contains(code), "{words}");
    Ok(words)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_changes_while_an_alarm_stands_and_changes_back() -> Result<()> {
    let mut site = Site::start("config", SIZE).await?;
    let (rule, beyond) = level_rule(1);
    site.opcua.write(&level(1), beyond).await?;
    let alarm = site.receiver.wait_for_alarm(&rule).await?.text("id").to_owned();
    let first = in_force(&site).await?;
    ensure!(limit(&site).await? == 25.0);

    let checked = site.gateway.api.post("config/check", &json!({ "base": first, "edits": high("30") })).await?;
    ensure!(checked["errors"] == json!([]) && checked["restart"] == json!([]), "{checked}");
    ensure!(checked["changes"] == json!([format!("rules: changed {}.H", gas(1))]), "{checked}");
    ensure!(checked["differences"][0]["file"] == "tags.csv", "{checked}");
    ensure!(limit(&site).await? == 25.0, "to look changes nothing");
    let wrong = site.gateway.api.post("config/check", &json!({ "base": first, "edits": high("300") })).await?;
    ensure!(wrong["errors"][0]["file"] == "tags.csv" && wrong["errors"][0]["line"].as_u64() > Some(1), "{wrong}");
    refused(apply(&site, &first, &high("300")).await, "config_refused")?;
    refused(apply(&site, "c0ffee", &high("30")).await, "config_outdated")?;
    let web = json!([{ "edit": "file", "name": "gateway.toml", "text": other_id(&site)? }]);
    let words = refused(apply(&site, &first, &web).await, "config_needs_restart")?;
    ensure!(words.contains("gateway_id"), "{words}");
    refused(apply(&site, &first, &json!([{ "edit": "file", "name": "../x.toml", "text": "" }])).await, "invalid")?;

    let applied = apply(&site, &first, &high("30")).await?;
    ensure!(applied["number"] == 2 && applied["how"] == "page" && applied["by"] == "李工 (e2e)", "{applied}");
    goes_on(&site, &alarm, 30.0).await?;
    let second = in_force(&site).await?;
    ensure!(applied["version"] == json!(second) && second != first);
    ensure!(fs::read_to_string(site.folder.join("config/gateway.toml"))?.contains(WHY), "the files say why");
    refused(apply(&site, &first, &high("35")).await, "config_outdated")?;
    let zones = site.folder.join("config/zones.csv");
    let good = fs::read_to_string(&zones)?;
    fs::write(&zones, format!("{good}\n"))?;
    ensure!(site.gateway.api.get("config").await?["folder"] == "edited");
    refused(apply(&site, &second, &high("35")).await, "config_folder_edited")?;
    fs::write(&zones, good)?;

    site.gateway.kill().await?;
    site.gateway.start_again().await?;
    site.reads_everything().await?;
    ensure!(in_force(&site).await? == second, "what is in force is what the next start finds");
    goes_on(&site, &alarm, 30.0).await?;

    let back = json!({ "base": second, "number": 1, "reason": "误改", "by": "李工" });
    let back = site.gateway.api.post("config/rollback", &back).await?;
    ensure!(back["number"] == 3 && back["how"] == "rollback" && back["back_to"] == 1, "{back}");
    goes_on(&site, &alarm, 25.0).await?;
    ensure!(!site.folder.join("config/.davy-change").exists(), "everything is told");
    on_record(&site, [&first, &second]).await?;
    site.end().await?;
    site.gateway.verify().await
}

fn other_id(site: &Site) -> Result<String> {
    Ok(fs::read_to_string(site.folder.join("config/gateway.toml"))?.replace("\"gw-1\"", "\"gw-2\""))
}

/// The alarm is the one that it was.
async fn goes_on(site: &Site, alarm: &str, limit_now: f64) -> Result<()> {
    let now = limit(site).await?;
    ensure!(now == limit_now, "the limit is {now}");
    let found = site.gateway.api.find("alarms", "id", alarm).await?;
    ensure!(found["state"] == "unacknowledged" && found["cleared_at"].is_null(), "{found}");
    Ok(())
}

/// Who, what, before, after and why, and the versions say the same.
async fn on_record(site: &Site, [first, second]: [&String; 2]) -> Result<()> {
    let audit = site.gateway.api.list("journal?kind=audit").await;
    let rows = match audit {
        Ok(rows) => rows,
        Err(_) => site.gateway.api.get("journal?kind=audit").await?["items"].as_array().context("rows")?.clone(),
    };
    let of = |action: &str| {
        let records = rows.iter().map(|row| &row["record"]);
        records.filter(|record| record["action"] == action).cloned().collect::<Vec<_>>()
    };
    let (applied, back) = (of("apply_configuration"), of("roll_back_configuration"));
    ensure!(applied.len() == 1 && back.len() == 1, "{applied:?} {back:?}");
    let said =
        (&applied[0]["by"], &applied[0]["object"], &applied[0]["before"], &applied[0]["after"], &applied[0]["note"]);
    let expected = (&json!("李工 (e2e)"), &json!("2"), &json!(first), &json!(second), &json!(WHY));
    ensure!(said == expected, "{said:?}");
    ensure!(back[0]["object"] == "1" && back[0]["before"] == json!(second) && back[0]["note"] == "误改", "{back:?}");
    let versions = site.gateway.api.list("config/versions").await?;
    let hows: Vec<_> = versions.iter().map(|version| version["how"].as_str().unwrap_or_default()).collect();
    ensure!(hows == ["rollback", "page", "start"], "{hows:?}");
    let difference = site.gateway.api.get("config/versions/2").await?["differences"].clone();
    ensure!(difference.to_string().contains(WHY), "{difference}");
    Ok(())
}

/// Killed at any moment, it starts with the old configuration or with the new one, and knows who applied what is in force.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_killed_in_between_starts_with_the_old_or_the_new_one() -> Result<()> {
    let mut site = Site::start("config_kill", SIZE).await?;
    let mut seen = [0, 0];
    for (round, wait_ms) in [0, 5, 10, 20, 40, 80, 160, 320].into_iter().enumerate() {
        let (before, base) = (limit(&site).await?, in_force(&site).await?);
        let wanted = 26.0 + round as f64;
        let api = site.gateway.api.clone();
        let body = json!({ "base": base, "edits": high(&wanted.to_string()), "reason": WHY, "by": "李工" });
        let asked = tokio::spawn(async move { api.post("config/apply", &body).await.is_ok() });
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        site.gateway.kill().await?;
        let answered = asked.await?;
        site.gateway.start_again().await?;
        let now = limit(&site).await?;
        ensure!(now == wanted || now == before && !answered, "{now} is neither {before} nor {wanted}");
        seen[usize::from(now == wanted)] += 1;
        ensure!(site.gateway.api.get("config").await?["folder"] == "in_force");
        let (gateway, folder) = (&site.gateway, &site.folder);
        let told = async || {
            let rows = gateway.api.get("journal?kind=audit&limit=5000").await?;
            let rows =
                rows["items"].as_array().context("rows")?.iter().filter(|row| {
                    row["record"]["action"] == "apply_configuration" && row["record"]["by"] == "李工 (e2e)"
                });
            let told = rows.map(|row| row["record"]["after"].to_string()).collect::<std::collections::BTreeSet<_>>();
            let versions = gateway.api.list("config/versions").await?;
            let by_page = versions.iter().filter(|version| version["how"] == "page");
            let mut applied = by_page.map(|version| version["version"].to_string());
            Ok(applied.all(|version| told.contains(&version)) && !folder.join("config/.davy-change").exists())
        };
        waiting::until_true("who applied it is on record", LONG, told).await?;
    }
    eprintln!("killed while applying: {} times the old one was found, {} times the new one", seen[0], seen[1]);
    ensure!(seen[0] + seen[1] == 8);
    site.reads_everything().await?;
    site.end().await?;
    site.gateway.verify().await
}

/// A limit that would have been crossed adds the alarm; meanwhile the gateway does its work.
#[tokio::test(flavor = "multi_thread")]
async fn a_lower_limit_would_have_raised_alarms() -> Result<()> {
    let mut site = Site::start("config_what_if", SIZE).await?;
    for _ in 0..2 {
        write_gas(&mut site.modbus, 1, 20.0).await?;
        reads(&site, 20.0).await?;
        write_gas(&mut site.modbus, 1, 5.0).await?;
        reads(&site, 5.0).await?;
    }
    let base = in_force(&site).await?;
    let ask = json!({ "base": base, "edits": high("15"), "by": "李工" });
    let gateway = &site.gateway;
    let added = async || {
        gateway.api.post("config/what-if", &ask).await?;
        let ended = waiting::until("the what-if is done", LONG, async || {
            let told = gateway.api.get("config/what-if").await?;
            anyhow::Ok((told["state"] != "running").then_some(told))
        });
        let ended = ended.await?;
        if ended["state"] == "failed" {
            // Nothing has reached the disk yet.
            ensure!(ended["error"].to_string().contains("recorded"), "{ended}");
            return Ok(None);
        }
        ensure!(ended["asked_by"] == "李工 (e2e)" && ended["done"] == 1.0, "{ended}");
        let runs = ended["result"]["runs"].as_array().context("runs")?;
        let alarms = runs.iter().flat_map(|run| run["alarms"].as_array().into_iter().flatten());
        let mut of_rule = alarms.filter(|change| change["id"] == json!(format!("{}.H", gas(1))));
        Ok(of_rule.next().filter(|change| change["added"].as_array().is_some_and(|added| added.len() == 2)).cloned())
    };
    let change = waiting::until("both crossings are recorded", LONG, added).await?;
    ensure!(change["name"].as_str().is_some_and(|name| !name.is_empty()) && change["removed"] == json!([]), "{change}");
    ensure!(limit(&site).await? == 25.0, "nothing has changed");

    let first = site.gateway.api.post("config/what-if", &ask).await?;
    ensure!(first["state"] == "running", "{first}");
    let second = site.gateway.api.post("config/what-if", &ask).await;
    ensure!(second.is_ok() || refused(second, "what_if_running").is_ok());
    let stopped = site.gateway.api.post("config/what-if/stop", &json!({ "by": "李工" })).await?;
    ensure!(stopped["state"] == "stopped" || stopped["state"] == "done", "{stopped}");
    let cleaned = async || Ok(!site.folder.join("data/what-if").exists());
    waiting::until_true("nothing is left of it", LONG, cleaned).await?;
    let wrong = json!({ "base": base, "edits": high("300"), "by": "李工" });
    let told = async || Ok(refused(site.gateway.api.post("config/what-if", &wrong).await, "config_refused").is_ok());
    waiting::until_true("what is wrong is not played", LONG, told).await?;
    site.end().await
}

async fn reads(site: &Site, value: f64) -> Result<()> {
    let reads = async || Ok(site.gateway.api.find("tags", "tag", &gas(1)).await?["value"] == value);
    waiting::until_true("the detector is read", LONG, reads).await
}
