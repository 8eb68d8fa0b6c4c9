//! Time passes, more than the journal is kept: old rows that the enterprise has make room, and those that it has not got stay until
//! it has them.

use acceptance::{
    clock, deliveries,
    site::{Site, Size},
    waiting::{self, LONG},
};
use anyhow::{Context as _, Result, ensure};

const DAY_S: i64 = 86_400;
/// The journal is kept for 400 days.
const LATER_S: i64 = 500 * DAY_S;
/// Levels and detectors that cross with the enterprise there, and without it.
const IN_EACH_PART: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn old_rows_make_room_once_the_enterprise_has_them() -> Result<()> {
    let all = 2 * IN_EACH_PART;
    let size = Size { levels: all, gases: all, people: 2, zones: 1, clock: true, ..Size::default() };
    let mut site = Site::start("retention", size).await?;
    site.cross(1..=IN_EACH_PART).await?;
    site.drained().await?;
    let sent = head(&site).await?;
    site.enterprise.stop().await?;
    site.cross(IN_EACH_PART + 1..=all).await?;
    let unsent = head(&site).await?;
    ensure!(site.gateway.stop().await?.success(), "an orderly stop");

    clock::set(&site.folder, LATER_S)?;
    site.gateway.start_again().await?;
    begins_behind(&site, sent / 2).await?;
    let first = begins_at(&site).await?;
    ensure!(first <= sent + 1, "row {} was never sent, and the journal begins at {first}", sent + 1);
    site.reads_everything().await?;
    site.enterprise.start_again().await?;
    site.drained().await?;
    assert_eq!(deliveries::problems(&site.receiver.messages()), Vec::<String>::new());

    ensure!(site.gateway.stop().await?.success(), "an orderly stop");
    site.gateway.start_again().await?;
    begins_behind(&site, unsent).await?;
    site.reads_everything().await?;
    site.drained().await?;
    assert_eq!(deliveries::problems(&site.receiver.messages()), Vec::<String>::new());
    site.end().await?;
    let verdict = site.gateway.verdict().await?;
    ensure!(verdict["made_room"].as_u64() >= Some(unsent), "{verdict}");
    site.gateway.verify().await
}

async fn head(site: &Site) -> Result<u64> {
    site.gateway.api.get("system").await?["journal"]["head"].as_u64().context("a number")
}

/// The place of the oldest row that is there.
async fn begins_at(site: &Site) -> Result<u64> {
    let page = site.gateway.api.get("journal?limit=1").await?;
    page["items"][0]["seq"].as_u64().with_context(|| format!("no row: {page}"))
}

async fn begins_behind(site: &Site, seq: u64) -> Result<()> {
    let gone = async || Ok(begins_at(site).await? > seq);
    waiting::until_true(&format!("the journal begins behind row {seq}"), LONG, gone).await
}
