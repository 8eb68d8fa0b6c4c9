//! The same on the page, by an engineer: what a lower limit would have raised, the limit applied with a reason, what is wrong with a
//! file and where, and the way back.

use crate::{SIZE, limit, reads};
use acceptance::{
    browser::Browser,
    folder::gas,
    gateway::PASSWORD,
    site::{Site, write_gas},
    waiting::{self, LONG},
};
use anyhow::{Result, ensure};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn an_engineer_asks_what_if_applies_and_goes_back_on_the_page() -> Result<()> {
    let mut site = Site::start("config_page", SIZE).await?;
    site.gateway.add_user("李工", "instrument_engineer").await?;
    write_gas(&mut site.modbus, 1, 20.0).await?;
    reads(&site, 20.0).await?;
    write_gas(&mut site.modbus, 1, 5.0).await?;
    reads(&site, 5.0).await?;
    let mut browser = Browser::start(&site.folder).await?;
    browser.open(&site.gateway.address.clone()).await?;
    browser.log_in("李工", PASSWORD).await?;
    what_if(&mut browser).await?;
    apply(&site, &mut browser).await?;
    wrong_file(&mut browser).await?;
    back(&site, &mut browser).await?;
    who_may_only_read_sees_them(&site).await?;
    assert_eq!(browser.troubles().await?, json!([]), "the page throws nothing");
    site.end().await
}

async fn what_if(browser: &mut Browser) -> Result<()> {
    let rule = format!("{}.H", gas(1));
    browser.click("[data-testid=tab-rules]").await?;
    browser.click(&format!("[data-testid=rule][data-id=\"{rule}\"] button")).await?;
    browser.click("[data-testid=rule-what-if]").await?;
    browser.fill("[data-testid=what-if-limit]", "15").await?;
    browser.click("[data-testid=what-if-all]").await?;
    // The recording reaches the disk in blocks.
    for _ in 0..60 {
        browser.click("[data-testid=what-if-ask]").await?;
        browser.visible("[data-testid=what-if]:is([data-state=done], [data-state=failed])").await?;
        let found = browser.count(&format!("[data-testid=what-if-change][data-id=\"{rule}\"]")).await?;
        if found == 1 {
            browser.picture("config-1-what-if").await?;
            return browser.click("[data-testid=what-if-put]").await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    anyhow::bail!("a lower limit would have raised {rule}")
}

async fn apply(site: &Site, browser: &mut Browser) -> Result<()> {
    browser.click("[data-testid=draft-apply]").await?;
    browser.visible("dialog [data-testid=difference][data-file=\"tags.csv\"]").await?;
    browser.fill("dialog [data-testid=note]", "按推演结果下调").await?;
    browser.picture("config-2-apply").await?;
    browser.click("dialog [data-testid=submit]").await?;
    let applied = async || Ok(limit(site).await? == 15.0);
    waiting::until_true("the limit is in force", LONG, applied).await?;
    browser.hidden("[data-testid=draft]").await?;
    let version = site.gateway.api.find("config/versions", "how", "page").await?;
    ensure!(version["by"] == "李工" && version["reason"] == "按推演结果下调", "{version}");
    Ok(())
}

async fn wrong_file(browser: &mut Browser) -> Result<()> {
    browser.click("[data-testid=view-files]").await?;
    browser.click("[data-testid=file][data-name=\"zones.csv\"]").await?;
    browser.visible("[data-testid=editor]").await?;
    browser.fill("[data-testid=editor]", "区域编号,名称\nZ-001,一\nZ-001,二\n").await?;
    browser.click("[data-testid=file-check]").await?;
    browser.visible("[data-testid=finding]").await?;
    browser.click("[data-testid=finding]").await?;
    browser.picture("config-3-findings").await?;
    browser.click("[data-testid=draft-discard]").await?;
    browser.click("[data-testid=draft-discard]").await?;
    browser.hidden("[data-testid=draft]").await
}

async fn back(site: &Site, browser: &mut Browser) -> Result<()> {
    browser.click("[data-testid=view-versions]").await?;
    browser.click("[data-testid=version][data-number=\"1\"] [data-testid=version-back]").await?;
    browser.fill("dialog [data-testid=note]", "报警太多").await?;
    browser.click("dialog [data-testid=submit]").await?;
    browser.visible("[data-testid=version][data-number=\"3\"][data-how=rollback]").await?;
    browser.picture("config-4-versions").await?;
    ensure!(limit(site).await? == 25.0, "the old limit is in force again");
    Ok(())
}

/// Who, why and the difference; no way back, neither on the page nor behind it.
async fn who_may_only_read_sees_them(site: &Site) -> Result<()> {
    site.gateway.add_user("王看", "viewer").await?;
    let mut browser = Browser::start(&site.folder).await?;
    browser.open(&site.gateway.address.clone()).await?;
    browser.log_in("王看", PASSWORD).await?;
    browser.hidden("[data-testid=tab-commissioning]").await?;
    browser.click("[data-testid=tab-system]").await?;
    browser.click("[data-testid=part-versions]").await?;
    browser.visible("[data-testid=version][data-number=\"3\"][data-how=rollback]").await?;
    ensure!(browser.text("[data-testid=versions]").await?.contains("按推演结果下调"), "who changed it and why");
    browser.click("[data-testid=version][data-number=\"2\"] .row").await?;
    browser.visible("[data-testid=version][data-number=\"2\"] [data-testid=difference]").await?;
    assert_eq!(browser.count("[data-testid=version-back]").await?, 0);
    browser.picture("config-5-viewer").await?;
    let status = "fetch('/api/v1/config/rollback', { method: 'POST', headers: { 'content-type': 'application/json' }, \
        body: '{\"base\":\"x\",\"number\":1,\"reason\":\"x\"}' }).then((answer) => answer.status)";
    assert_eq!(browser.evaluate(status).await?, 403, "a viewer goes back to nothing");
    assert_eq!(browser.troubles().await?, json!([]), "the page throws nothing");
    Ok(())
}
