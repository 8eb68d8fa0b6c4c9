//! The reference of the interface: the gateway's own document, read by whoever reaches the gateway.

use acceptance::{browser::Browser, site::Site};
use anyhow::{Result, ensure};

const SHELVE: &str = "POST /api/v1/alarms/{id}/shelve";

/// Every operation of the document is listed; a search narrows them, one is shown with what it needs and takes, and its address leads
/// there again.
pub(crate) async fn is_read_without_a_log_in(site: &Site, browser: &mut Browser) -> Result<()> {
    let address = site.gateway.address.trim_end_matches('/').to_owned();
    browser.open(&format!("{address}/")).await?;
    browser.visible("[data-testid=entrance] [data-testid=reference][href='/reference']").await?;
    browser.open(&format!("{address}/reference")).await?;
    browser.visible("[data-testid=operation]").await?;
    let count = "fetch('/api/openapi.json').then((answer) => answer.json()).then(({ paths }) => \
        Object.values(paths).flatMap(Object.keys).length)";
    let said = browser.evaluate(count).await?.as_u64();
    ensure!(said.is_some_and(|said| said > 80), "the document has its operations: {said:?}");
    assert_eq!(Some(browser.count("[data-testid=operation]").await?), said);
    browser.fill("[data-testid=search]", "alarms shelve").await?;
    browser.click(&format!("[data-testid=operation][data-id='{SHELVE}']")).await?;
    browser.visible(&format!("[data-testid=shown][data-id='{SHELVE}']")).await?;
    ensure!(browser.text("[data-testid=permission]").await?.ends_with("shelve"), "who may is said");
    let line = browser.text("[data-testid=curl]").await?;
    ensure!(line.contains(&address) && line.contains("$DAVY_TOKEN") && line.contains("for_s"), "{line}");
    ensure!(browser.text("[data-testid=problems]").await?.contains("password_again"), "how it is refused is said");
    browser.picture("0-reference").await?;
    browser.click("[data-testid=shown] a[href='#schema/Shelve']").await?;
    browser.visible("[data-testid=schema][data-name=Shelve] [data-testid=field]").await?;
    let kept = format!("{address}/reference#GET%20/api/v1/tags");
    browser.open("about:blank").await?;
    browser.open(&kept).await?;
    browser.visible("[data-testid=shown][data-id='GET /api/v1/tags'] [data-testid=example]").await
}
