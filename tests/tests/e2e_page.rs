//! The page in a real browser, against the real gateway with real peers. Pictures go to `target/e2e/pictures`.

use acceptance::{
    browser::Browser,
    folder,
    gateway::PASSWORD,
    site::{self, Site, Size},
    waiting::{self, LONG},
};
use anyhow::{Result, ensure};

#[path = "e2e_page/busy.rs"]
mod busy;
#[path = "e2e_page/past.rs"]
mod past;
#[path = "e2e_page/reference.rs"]
mod reference;

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_and_acknowledges() -> Result<()> {
    let size = Size { levels: 6, gases: 4, people: 3, zones: 2, cameras: 1, ..Size::default() };
    let mut site = Site::start("page", size).await?;
    let mut browser = Browser::start(&site.folder).await?;
    site.gateway.add_user("陈静", "operator").await?;
    reference::is_read_without_a_log_in(&site, &mut browser).await?;
    browser.open(&site.gateway.address.clone()).await?;
    browser.log_in("陈静", PASSWORD).await?;
    calm(&mut browser).await?;
    local_time_of_the_site(&mut browser).await?;
    a_crossing_appears(&mut site, &mut browser).await?;
    on_the_map(&mut browser).await?;
    everybody_is_counted(&mut browser).await?;
    both_languages(&mut browser).await?;
    acknowledge(&site, &mut browser).await?;
    sources_and_uplinks(&mut browser).await?;
    lost_and_found(&mut site, &mut browser).await?;
    another_configuration(&mut site, &mut browser).await?;
    assert_eq!(browser.troubles().await?, serde_json::json!([]), "the page throws nothing");
    site.end().await
}

async fn calm(browser: &mut Browser) -> Result<()> {
    browser.visible("[data-testid=lamp][data-colour=green]").await?;
    browser.visible("[data-testid=unit][data-colour=blue]").await?;
    assert_eq!(browser.count("[data-testid=warning]").await?, 0);
    browser.picture("1-calm").await
}

async fn a_crossing_appears(site: &mut Site, browser: &mut Browser) -> Result<()> {
    site::locate(&site.devices, 1, "Z-001", false).await?;
    site::write_gas(&mut site.modbus, 1, 60.0).await?;
    let (rule, beyond) = folder::level_rule(4);
    site.opcua.write(&folder::level(4), beyond).await?;
    let alarm = site.receiver.wait_for_alarm(&rule).await?;
    ensure!(alarm.data()["priority"] == "high");
    let warning = site
        .receiver
        .wait("the warning", |message| message.kind() == "warning" && message.text("risk_event") == "EV-LI-004")
        .await?;
    browser.visible(&format!("[data-testid=warning][data-id=\"{}\"][data-colour=orange]", warning.text("id"))).await?;
    browser.visible("[data-testid=lamp][data-colour=amber][data-pattern=flash]").await?;
    browser.visible("[data-testid=unit][data-colour=orange]").await?;
    browser.picture("2-warning").await
}

/// The browser stands in another zone, and says so.
async fn local_time_of_the_site(browser: &mut Browser) -> Result<()> {
    assert_eq!(browser.text("[data-testid=zone]").await?, "UTC+08:00");
    let hours = "new Date(Date.now() + 8 * 3_600_000).toISOString().slice(11, 13)";
    let same = format!("document.querySelector('[data-testid=clock] b').innerText.startsWith({hours})");
    assert_eq!(browser.evaluate(&same).await?, true, "the clock is that of the site");
    Ok(())
}

/// Zones lie where the table says, with who is in them; by the keyboard one tells more of itself.
async fn on_the_map(browser: &mut Browser) -> Result<()> {
    browser.visible("[data-testid=map-zone][data-id=Z-001][data-people='1']").await?;
    assert_eq!(browser.count("[data-testid=map-zone]").await?, 2);
    browser.press("[data-testid=map-zone][data-id=Z-001] .name", "Enter").await?;
    ensure!(browser.text("[data-testid=map-picked]").await?.contains("人员1"), "who is there is named");
    browser.visible("[data-testid=worst][data-level=orange]").await
}

/// Three are on the roster, one card has been heard of: nobody is missing from the list, and ticks are counted.
async fn everybody_is_counted(browser: &mut Browser) -> Result<()> {
    browser.click("[data-testid=tab-people]").await?;
    browser.click("[data-testid=muster]").await?;
    browser.visible("[data-testid=muster-group][data-kind=never]").await?;
    assert_eq!(browser.count("[data-testid=muster-person]").await?, 3);
    browser.click("[data-testid=muster-group][data-kind=zone] input").await?;
    ensure!(browser.text("[data-testid=muster-sum]").await?.starts_with("已清点 1 / 3 人"), "one of three is counted");
    browser.picture("3-muster").await?;
    browser.click("[data-testid=muster]").await?;
    browser.click("[data-testid=tab-overview]").await
}

async fn both_languages(browser: &mut Browser) -> Result<()> {
    let chinese = browser.text("body").await?;
    browser.click("[data-testid=lang-toggle]").await?;
    browser.visible("html[lang=en]").await?;
    let english = browser.text("body").await?;
    ensure!(chinese.contains("预警") && english.contains("arning") && chinese != english, "both languages");
    browser.picture("3-english").await?;
    browser.click("[data-testid=lang-toggle]").await?;
    browser.visible("html[lang^=zh]").await
}

async fn acknowledge(site: &Site, browser: &mut Browser) -> Result<()> {
    browser.click("[data-testid=tab-alarms]").await?;
    let alarm = site.gateway.api.find("alarms", "rule", &folder::level_rule(4).0).await?;
    let row = format!("[data-testid=alarm][data-id=\"{}\"]", alarm["id"].as_str().unwrap_or_default());
    browser.visible(&row).await?;
    browser.click(&format!("{row} [data-testid=acknowledge]")).await?;
    let acknowledged = async || {
        let alarm = site.gateway.api.find("alarms", "rule", &folder::level_rule(4).0).await?;
        Ok(alarm["acknowledged_by"] == "陈静" && alarm["state"] == "acknowledged")
    };
    waiting::until_true("the alarm is acknowledged by 陈静", LONG, acknowledged).await?;
    browser.hidden(&format!("{row} [data-testid=acknowledge]")).await?;
    browser.picture("4-acknowledged").await
}

async fn sources_and_uplinks(browser: &mut Browser) -> Result<()> {
    browser.click("[data-testid=tab-tasks]").await?;
    browser.visible("[data-testid=task]").await?;
    browser.picture("5-tasks").await?;
    browser.click("[data-testid=tab-sources]").await?;
    browser.visible("[data-testid=source]").await?;
    browser.visible("[data-testid=uplink]").await?;
    assert_eq!(browser.count("[data-testid=source]").await?, 3);
    browser.picture("6-sources").await
}

/// A page that shows old values as if they were live is worse than none.
async fn lost_and_found(site: &mut Site, browser: &mut Browser) -> Result<()> {
    site.gateway.kill().await?;
    browser.visible("[data-testid=lost]").await?;
    browser.picture("7-lost").await?;
    site.gateway.start_again().await?;
    // Sessions end with the process.
    browser.visible("[data-testid=entrance][data-lost=true]").await?;
    browser.picture("7-over").await?;
    browser.log_in("陈静", PASSWORD).await?;
    browser.hidden("[data-testid=lost]").await?;
    browser.visible("[data-testid=lamp][data-colour=amber]").await?;
    browser.picture("8-found").await
}

/// A limit is moved and the process killed as soon as it has started with it: the history has the change once, with who made
/// it and why, and the page shows it.
async fn another_configuration(site: &mut Site, browser: &mut Browser) -> Result<()> {
    for (file, old, new) in
        [("tags.csv", ",M-LI-002,,20,", ",M-LI-002,,25,"), ("gateway.toml", "端到端试验\"\ndate", "低限上调\"\ndate")]
    {
        let path = site.folder.join("config").join(file);
        let text = std::fs::read_to_string(&path)?;
        ensure!(text.contains(old), "{file} has no {old}");
        std::fs::write(&path, text.replacen(old, new, 1))?;
    }
    for _ in 0..2 {
        site.gateway.kill().await?;
        site.gateway.start_again().await?;
    }
    browser.visible("[data-testid=entrance][data-lost=true]").await?;
    browser.log_in("陈静", PASSWORD).await?;
    let is_told = async || Ok(site.gateway.api.list("rules/changes").await?.len() >= 3);
    waiting::until_true("the history has the change", LONG, is_told).await?;
    let changes = site.gateway.api.list("rules/changes").await?;
    let told: Vec<String> =
        changes.iter().map(|row| format!("{} {}", row["record"]["change"], row["record"]["rule"])).collect();
    assert_eq!(told, ["\"configuration\" null", "\"changed\" \"LI-002.L\"", "\"configuration\" null"]);
    let changed = &changes[1]["record"];
    ensure!(changed["fields"][0] == serde_json::json!({"field": "limit", "from": 20.0, "to": 25.0}), "{changed}");
    ensure!(changed["stated"]["reason"] == "低限上调" && changed["stated_before"] == false, "{changed}");
    browser.click("[data-testid=tab-rules]").await?;
    browser.click("[data-testid=rule][data-id=\"LI-002.L\"] button").await?;
    browser.visible("[data-testid=change][data-change=changed]").await?;
    ensure!(browser.text("[data-testid=changes]").await?.contains("低限上调"), "the page says why");
    browser.picture("9-table").await
}
