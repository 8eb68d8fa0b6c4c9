//! Very many alarms at once: the list stays small and quick, and a new alarm is soon seen. `DAVY_BUSY_ALARMS` says how many; without
//! it there are as many as a short test can make.

use acceptance::{
    browser::Browser,
    folder,
    gateway::PASSWORD,
    site::{Site, Size},
    waiting::{self, LONG},
};
use anyhow::{Result, ensure};
use davy_core::time::UtcTime;
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};
use tokio::time::{MissedTickBehavior, interval};

const ALARMS: usize = 150;
/// Of them, those that come one by one while the page is looked at, ten a second.
const LATE: usize = 60;
const EVERY: Duration = Duration::from_millis(100);
/// Drawn at once, however many there are: some more than fit on the screen.
const ROWS_MAX: u64 = 60;

/// In the page: when it first told of so many alarms, and how long the frames were.
const WATCH: &str = "(() => {
    window.told = {};
    window.begun = Date.now();
    window.frames = [];
    const look = () => { window.told[document.querySelector('#alarms-title .count').textContent] ??= Date.now(); };
    // What is put into the document before a frame is on the screen after it.
    new MutationObserver(() => requestAnimationFrame(() => setTimeout(look))).observe(document.body, { childList: true, characterData: true, subtree: true });
    let last = performance.now();
    const frame = (at) => { window.frames.push(at - last); last = at; requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
})()";

#[tokio::test(flavor = "multi_thread")]
async fn many_alarms_are_a_short_list_and_a_new_one_is_soon_seen() -> Result<()> {
    let alarms = std::env::var("DAVY_BUSY_ALARMS").ok().map_or(Ok(ALARMS), |text| text.parse())?;
    let mut site = Site::start("page-busy", Size { levels: alarms, gases: 2, ..Size::default() }).await?;
    let mut browser = Browser::start(&site.folder).await?;
    site.gateway.add_user("陈静", "operator").await?;
    browser.open(&format!("{}#/alarms", site.gateway.address)).await?;
    browser.log_in("陈静", PASSWORD).await?;
    let early = alarms - LATE;
    for number in 1..=early {
        site.opcua.write(&folder::level(number), folder::level_rule(number).1).await?;
    }
    are_open(&site, early).await?;
    browser.visible("[data-testid=alarm]").await?;
    browser.evaluate(WATCH).await?;
    let mut pace = interval(EVERY);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for number in early + 1..=alarms {
        pace.tick().await;
        site.opcua.write(&folder::level(number), folder::level_rule(number).1).await?;
    }
    are_open(&site, alarms).await?;
    tell(&site, &mut browser, alarms).await?;
    by_the_keyboard(&mut browser).await?;
    assert_eq!(browser.troubles().await?, json!([]), "the page throws nothing");
    site.end().await
}

async fn are_open(site: &Site, alarms: usize) -> Result<()> {
    let is_open = async || {
        let open = site.gateway.api.list("alarms").await?;
        Ok(open.iter().filter(|alarm| alarm["trigger"]["observed"] == "value").count() >= alarms)
    };
    waiting::until_true("every alarm is open", LONG, is_open).await
}

/// Prints how long it took from the engine to the screen, and how the browser fared.
#[expect(clippy::print_stdout, reason = "the figures are what it is for")]
async fn tell(site: &Site, browser: &mut Browser, alarms: usize) -> Result<()> {
    let mut all = site.gateway.api.list("alarms").await?;
    all.retain(|alarm| alarm["hidden_because"] == json!([]));
    let tells_of = format!(
        "new Promise((done) => {{ const look = () => Number(document.querySelector('#alarms-title .count').textContent) >= {} ? done() : setTimeout(look, 20); look(); }})",
        all.len()
    );
    browser.evaluate(&tells_of).await?;
    // What the page has just shown is written down a frame later.
    browser.evaluate("new Promise((done) => setTimeout(done, 500))").await?;
    let rows = browser.count("[data-testid=alarm]").await?;
    ensure!(rows <= ROWS_MAX, "{rows} of {alarms} rows are drawn");
    let told: BTreeMap<usize, i64> = serde_json::from_value(browser.evaluate("window.told").await?)?;
    let begun = browser.evaluate("window.begun").await?.as_i64().unwrap_or(i64::MAX);
    let mut raised: Vec<i64> =
        all.iter().filter_map(|alarm| Some(UtcTime::parse(alarm["raised_at"].as_str()?)?.0)).collect();
    raised.sort_unstable();
    // Nothing goes while they come: the nth is seen when the page first tells of n, or of more.
    let seen = raised.iter().enumerate().map(|(before, at)| (at, told.range(before + 1..).map(|(_, at)| *at).min()));
    let mut late: Vec<i64> = seen.filter(|(at, _)| **at >= begun).filter_map(|(at, seen)| Some(seen? - at)).collect();
    late.sort_unstable();
    ensure!(
        late.len() + 2 > LATE,
        "{} new alarms were seen on the screen; {} are open, the page told of {:?}",
        late.len(),
        raised.len(),
        told.keys().max()
    );
    let at = |share: usize| late[(late.len() * share / 100).min(late.len() - 1)];
    let frames: Vec<f64> = serde_json::from_value(browser.evaluate("window.frames").await?)?;
    let seconds = frames.iter().sum::<f64>() / 1_000.0;
    let memory = browser.evaluate("performance.memory.usedJSHeapSize").await?;
    println!(
        "{alarms} alarms, {rows} rows drawn, {} frames in {seconds:.1} s ({:.1}/s, longest {:.0} ms), {:.1} MB; engine to screen of {} at 10/s: p50 {} ms, p99 {} ms, most {} ms",
        frames.len(),
        frames.len() as f64 / seconds,
        frames.iter().fold(0.0, |one: f64, other| one.max(*other)),
        memory.as_f64().unwrap_or_default() / 1e6,
        late.len(),
        at(50),
        at(99),
        at(100),
    );
    Ok(())
}

/// The last row, an alarm or the head of a unit, is one key away, though it was never drawn; `?` says which key.
async fn by_the_keyboard(browser: &mut Browser) -> Result<()> {
    browser.press("body", "End").await?;
    browser.visible("[data-row].current").await?;
    let is_last = "(() => { const row = document.querySelector('[data-row].current'); const list = document.querySelector('[data-testid=alarm-list]'); \
        return row === document.activeElement && Number(row.getAttribute('aria-rowindex')) === Number(list.dataset.rows) + 1 })()";
    assert_eq!(browser.evaluate(is_last).await?, Value::Bool(true), "the last row is the one that is pointed at");
    browser.press("body", "?").await?;
    browser.visible("[data-testid=keys-list]").await?;
    browser.press("dialog", "Escape").await?;
    browser.press("body", "1").await?;
    browser.visible("[data-testid=filter-critical][aria-pressed=true]").await?;
    browser.press("body", "0").await?;
    browser.visible("[data-testid=filter-critical][aria-pressed=false]").await
}
