//! What has been: an operator opens a trend from a warning and asks why, an engineer tries refused rows again.

use acceptance::{
    browser::Browser,
    folder,
    gateway::PASSWORD,
    http_receiver::HttpReceiver,
    site::{Site, Size},
    waiting::{self, LONG},
};
use anyhow::{Result, ensure};
use serde_json::json;
use std::fs;

const REASON: &str = "风险事件编码不在台账中";
/// The level that crosses its one limit, HH at 90.
const LEVEL: usize = 4;
/// How far the cursor is moved at the most, a hundredth of the picture each time.
const STEPS_MAX: usize = 110;

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_what_has_been_and_an_engineer_tries_again() -> Result<()> {
    let mut site = Site::start("page-past", Size { levels: 6, gases: 2, ..Size::default() }).await?;
    let mut receiver = HttpReceiver::start(json!({"warning": REASON, "hazard": REASON}), &site.folder).await?;
    uplink(&mut site, receiver.port).await?;
    let mut browser = Browser::start(&site.folder).await?;
    site.gateway.add_user("李工", "instrument_engineer").await?;
    browser.open(&site.gateway.address.clone()).await?;
    browser.log_in("李工", PASSWORD).await?;
    a_gap_and_a_crossing(&mut site).await?;
    trend_of_the_warning(&mut browser).await?;
    why(&mut browser).await?;
    refused_rows(&site, &mut receiver, &mut browser).await?;
    on_record(&mut browser).await?;
    assert_eq!(browser.troubles().await?, json!([]), "the page throws nothing");
    site.end().await
}

/// Adds the receiver beside the enterprise's broker.
async fn uplink(site: &mut Site, port: u16) -> Result<()> {
    let path = site.folder.join("config/gateway.toml");
    let more =
        format!("\n[[uplink.http]]\nid = \"bureau\"\nname = \"监管平台\"\nurl = \"http://127.0.0.1:{port}/events\"\n");
    fs::write(&path, fs::read_to_string(&path)?.replacen("\n[change]", &format!("{more}\n[change]"), 1))?;
    site.gateway.kill().await?;
    site.gateway.start_again().await?;
    site.reads_everything().await
}

/// The server is away until its loss is told, then it is back, and then a level is too high.
async fn a_gap_and_a_crossing(site: &mut Site) -> Result<()> {
    site.opcua.stop().await?;
    let is_lost = async || Ok(site.gateway.api.find("sources", "source", "dcs").await?["up"] == false);
    waiting::until_true("the source is lost", LONG, is_lost).await?;
    site.opcua.start_again().await?;
    site.reads_everything().await?;
    let (rule, beyond) = folder::level_rule(LEVEL);
    site.opcua.write(&folder::level(LEVEL), beyond).await?;
    site.receiver.wait_for_alarm(&rule).await.map(drop)
}

async fn trend_of_the_warning(browser: &mut Browser) -> Result<()> {
    browser.click("[data-testid=warning] [data-testid=trend-link]").await?;
    browser.visible(&format!("[data-testid=trend-tag][data-id={}]", folder::level(LEVEL))).await?;
    browser.visible("[data-testid=trend-plot][data-limits='1'][data-gaps]:not([data-gaps='0'])").await?;
    browser.visible("[data-testid=trend-plot][data-alarms]:not([data-alarms='0'])").await?;
    browser.visible("[data-testid=trend-tag] td.value").await?;
    let chart = "[data-testid=trend-chart]";
    browser.picture("trend-crossing").await?;
    to_the_gap(browser, chart).await?;
    let said = browser.text("[data-testid=trend-gap]").await?;
    ensure!(said.contains("无数据") && said.contains("未收到数据"), "the gap says why: {said}");
    let spoken = browser.attribute(chart, "aria-valuetext").await?;
    ensure!(spoken.contains("无数据"), "a screen reader hears of the gap: {spoken}");
    browser.picture("trend-gap").await?;
    for _ in 0..2 {
        browser.press(chart, "Backspace").await?;
    }
    browser.visible("[data-testid=trend-back]:disabled").await
}

/// Moves the cursor by keys from the present into the past until it stands in the gap.
async fn to_the_gap(browser: &mut Browser, chart: &str) -> Result<()> {
    browser.press(chart, "End").await?;
    for _ in 0..2 {
        browser.press(chart, "+").await?;
    }
    browser.visible("[data-testid=trend-back]:enabled").await?;
    browser.press(chart, "End").await?;
    for _ in 0..STEPS_MAX {
        if browser.count("[data-testid=trend-gap]").await? > 0 {
            return Ok(());
        }
        browser.press(chart, "ArrowLeft").await?;
    }
    let window = [browser.attribute(chart, "aria-valuemin").await?, browser.attribute(chart, "aria-valuemax").await?];
    anyhow::bail!(
        "in {window:?} the cursor has not met the gap: {}",
        browser.text("[data-testid=trend-readout]").await?
    )
}

async fn why(browser: &mut Browser) -> Result<()> {
    browser.click("[data-testid=tab-tasks]").await?;
    browser.click("[data-testid=hazard] [data-testid=why]").await?;
    for kind in ["alarm", "warning", "hazard"] {
        browser.visible(&format!("[data-testid=chain] [data-testid=journal-row][data-kind={kind}]")).await?;
    }
    let first = browser.text("[data-testid=chain] [data-testid=journal-row]").await?;
    ensure!(first.contains("≥") && first.contains("90"), "it begins with the value and the limit: {first}");
    browser.picture("why").await
}

async fn refused_rows(site: &Site, receiver: &mut HttpReceiver, browser: &mut Browser) -> Result<()> {
    let parked = async || site.gateway.api.list("uplinks/bureau/parked").await;
    waiting::until_true("rows are refused", LONG, async || Ok(parked().await?.len() >= 2)).await?;
    browser.click("[data-testid=tab-sources]").await?;
    browser.click("[data-testid=uplink][data-id=bureau] [data-testid=show-parked]").await?;
    browser.visible("[data-testid=parked-row]").await?;
    let said = browser.text("[data-testid=parked-rows]").await?;
    ensure!(said.contains(REASON) && said.contains("gw-1/1/"), "which and why: {said}");
    browser.picture("parked").await?;
    receiver.refuse(json!({})).await?;
    let seq = parked().await?[0]["seq"].clone();
    browser.click(&format!("[data-testid=parked-row][data-seq='{seq}'] [data-testid=retry]")).await?;
    browser.hidden(&format!("[data-testid=parked-row][data-seq='{seq}']")).await?;
    if browser.count("[data-testid=retry-all]").await? > 0 {
        browser.click("[data-testid=retry-all]").await?;
    }
    browser.hidden("[data-testid=parked-row]").await?;
    waiting::until_true("nothing is refused any more", LONG, async || Ok(parked().await?.is_empty())).await
}

/// What the engineer did is in the journal, in the words of the page.
async fn on_record(browser: &mut Browser) -> Result<()> {
    browser.click("[data-testid=tab-journal]").await?;
    browser.click("[data-testid=kind-audit]").await?;
    browser.visible("[data-testid=journal-row][data-kind=audit]").await?;
    browser.hidden("[data-testid=journal-row][data-kind=alarm]").await?;
    let row = "[data-testid=journal-row][data-kind=audit]";
    let said = browser.text(row).await?;
    ensure!(said.contains("李工") && said.contains("重发被拒消息"), "who did what: {said}");
    browser.click(&format!("{row} button")).await?;
    browser.visible(&format!("{row} dl")).await?;
    browser.picture("journal").await
}
