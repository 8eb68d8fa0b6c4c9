//! Who may do what, from the first boot: the set-up with its code, every role at its main task, what a role may not, changes at the
//! console beside the running gateway and while it is stopped, and all of it in the journal.

use acceptance::{
    browser::Browser,
    folder::NOTICE,
    gateway::PASSWORD,
    site::{Site, Size},
    waiting::{self, LONG},
};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::{fs, time::Instant};

#[tokio::test(flavor = "multi_thread")]
async fn every_role_does_its_work_and_no_other() -> Result<()> {
    let mut site = Site::start("access", Size { levels: 4, gases: 4, ..Size::default() }).await?;
    let mut browser = Browser::start(&site.folder).await?;
    browser.open(&site.gateway.address.clone()).await?;
    let code = first_boot(&site, &mut browser).await?;
    users(&site, &mut browser).await?;
    site.cross(1..=4).await?;
    operator(&site, &mut browser).await?;
    engineer(&site, &mut browser).await?;
    safety_officer(&site, &mut browser).await?;
    viewer(&site, &mut browser).await?;
    refusals(&site).await?;
    assert_eq!(
        browser.troubles().await?,
        json!([]),
        "the page throws nothing, and keeps to its content security policy"
    );
    on_record(&mut site, &code).await?;
    site.gateway.verify().await
}

async fn first_boot(site: &Site, browser: &mut Browser) -> Result<String> {
    browser.visible("[data-testid=entrance]").await?;
    ensure!(browser.text("[data-testid=notice]").await? == NOTICE, "everybody is told the site's notice before");
    let file = site.folder.join("data/setup-code");
    let code = fs::read_to_string(&file)?;
    let log = site.gateway.log()?;
    ensure!(log.contains("setup-code") && !log.contains(code.trim()), "the log names the file and not the code");
    browser.picture("access-1-setup").await?;
    browser.fill("[data-testid=setup-name]", "张伟").await?;
    browser.fill("[data-testid=new-password]", PASSWORD).await?;
    browser.fill("[data-testid=new-password-again]", PASSWORD).await?;
    browser.fill("[data-testid=setup-code]", "AAAAA-BBBBB-CCCCC-DDDDD").await?;
    browser.click("[data-testid=send]").await?;
    browser.visible("[data-testid=refused]").await?;
    browser.fill("[data-testid=setup-code]", &code.trim().to_lowercase()).await?;
    browser.click("[data-testid=send]").await?;
    browser.visible("[data-testid=who][data-role=administrator]").await?;
    ensure!(!file.exists(), "the code is used up");
    Ok(code.trim().to_owned())
}

/// One on the page, the others at the console beside the running gateway.
async fn users(site: &Site, browser: &mut Browser) -> Result<()> {
    browser.click("[data-testid=who]").await?;
    browser.click("[data-testid=add-user]").await?;
    browser.fill("[data-testid=user-name]", "陈静").await?;
    browser.click("[data-testid=role-operator]").await?;
    browser.fill("[data-testid=new-password]", PASSWORD).await?;
    browser.fill("[data-testid=new-password-again]", PASSWORD).await?;
    browser.fill("[data-testid=reason]", "夜班").await?;
    browser.click("dialog [data-testid=send]").await?;
    browser.visible("[data-testid=user][data-id=陈静][data-role=operator]").await?;
    for (name, role) in [("李工", "instrument_engineer"), ("王安", "safety_officer"), ("赵敏", "viewer")] {
        site.gateway.add_user(name, role).await?;
    }
    browser.picture("access-2-users").await?;
    log_out(browser).await
}

async fn log_out(browser: &mut Browser) -> Result<()> {
    browser.click("[data-testid=log-out]").await?;
    browser.visible("[data-testid=login-name]").await
}

async fn operator(site: &Site, browser: &mut Browser) -> Result<()> {
    browser.fill("[data-testid=login-name]", "陈静").await?;
    browser.fill("[data-testid=login-password]", "a wrong password").await?;
    browser.click("[data-testid=send]").await?;
    browser.visible("[data-testid=refused]").await?;
    browser.picture("access-3-refused").await?;
    let begun = Instant::now();
    browser.log_in("陈静", PASSWORD).await?;
    assert_eq!(browser.count("[data-testid=stop]").await?, 0, "to stop a unit is not offered to operators");
    browser.click("[data-testid=tab-alarms]").await?;
    browser.click("[data-testid=alarm] [data-testid=acknowledge]").await?;
    let signed = async || {
        let alarms = site.gateway.api.list("alarms").await?;
        Ok(alarms.iter().any(|alarm| alarm["acknowledged_by"] == "陈静"))
    };
    waiting::until_true("陈静 has acknowledged", LONG, signed).await?;
    inspects(site, browser).await?;
    #[expect(clippy::print_stdout, reason = "a figure that people read")]
    {
        println!(
            "an operator logs in, acknowledges, takes a task and finishes it, in two languages: {:.1} s (by a machine's hand)",
            begun.elapsed().as_secs_f64()
        );
    }
    browser.picture("access-4-operator").await?;
    log_out(browser).await
}

/// Takes a task in Chinese and finishes it in English.
async fn inspects(site: &Site, browser: &mut Browser) -> Result<()> {
    browser.click("[data-testid=tab-tasks]").await?;
    browser.visible("[data-testid=task][data-state=issued]").await?;
    let task = browser.attribute("[data-testid=task][data-state=issued]", "data-id").await?;
    let card = format!("[data-testid=task][data-id=\"{task}\"]");
    browser.click(&format!("{card} [data-testid=accept]")).await?;
    browser.visible(&format!("{card}[data-state=accepted]")).await?;
    browser.click("[data-testid=lang-toggle]").await?;
    browser.visible("html[lang=en]").await?;
    browser.click(&format!("{card} [data-testid=finish]")).await?;
    browser.click("dialog [data-testid=result-normal]").await?;
    browser.fill("dialog [data-testid=note]", "looked at, all well").await?;
    browser.click("dialog [data-testid=submit]").await?;
    let finished = async || {
        let rows = site.gateway.api.list("journal").await?;
        Ok(rows.iter().any(|row| {
            let record = &row["record"];
            row["kind"] == "task" && record["id"] == *task && record["finished_by"] == "陈静"
        }))
    };
    waiting::until_true("陈静 has finished the task", LONG, finished).await?;
    browser.click("[data-testid=lang-toggle]").await?;
    browser.visible("html[lang^=zh]").await?;
    browser.click("[data-testid=tab-alarms]").await
}

async fn engineer(site: &Site, browser: &mut Browser) -> Result<()> {
    browser.log_in("李工", PASSWORD).await?;
    browser.click("[data-testid=tab-alarms]").await?;
    browser.click("[data-testid=alarm] [data-testid=hide]").await?;
    browser.click("[data-testid=hide-service]").await?;
    browser.fill("dialog [data-testid=note]", "更换变送器").await?;
    browser.click("dialog [data-testid=submit]").await?;
    let hidden = async || {
        let hidden = site.gateway.api.list("hidden").await?;
        Ok(hidden.iter().any(|rule| rule["hidden_because"][0]["by"] == "李工"))
    };
    waiting::until_true("李工 has taken a rule out of service", LONG, hidden).await?;
    browser.click("[data-testid=tab-tasks]").await?;
    browser.visible("[data-testid=hazard]").await?;
    assert_eq!(
        browser.count("[data-testid=review-rejected]").await?,
        0,
        "to judge hazards is not offered to engineers"
    );
    log_out(browser).await
}

async fn safety_officer(site: &Site, browser: &mut Browser) -> Result<()> {
    browser.log_in("王安", PASSWORD).await?;
    browser.click("[data-testid=tab-tasks]").await?;
    browser.click("[data-testid=hazard] [data-testid=review-rejected]").await?;
    browser.fill("dialog [data-testid=note]", "仪表误报").await?;
    browser.click("dialog [data-testid=submit]").await?;
    let reviewed = async || {
        let rows = site.gateway.api.list("journal").await?;
        Ok(rows.iter().any(|row| row["kind"] == "hazard" && row["record"]["reviewed_by"] == "王安"))
    };
    waiting::until_true("王安 has judged a hazard", LONG, reviewed).await?;
    log_out(browser).await
}

/// Looks, and is taken out at the console meanwhile.
async fn viewer(site: &Site, browser: &mut Browser) -> Result<()> {
    browser.log_in("赵敏", PASSWORD).await?;
    browser.click("[data-testid=tab-alarms]").await?;
    browser.visible("[data-testid=alarm]").await?;
    for button in ["acknowledge", "hide", "silence"] {
        assert_eq!(browser.count(&format!("[data-testid={button}]")).await?, 0, "{button} is not offered to viewers");
    }
    browser.picture("access-5-viewer").await?;
    site.gateway.console(&["user", "remove", "赵敏"]).await?;
    browser.visible("[data-testid=entrance][data-lost=true]").await?;
    assert_eq!(browser.count("[data-testid=alarm]").await?, 0, "no old value is left on the screen");
    browser.picture("access-6-over").await
}

async fn refusals(site: &Site) -> Result<()> {
    let token = site.gateway.console(&["token", "add", "panel", "--role", "operator", "--days", "1"]).await?;
    let operator = site.gateway.api.with_token(token.trim());
    waiting::until_true("the token is known", LONG, async || Ok(operator.get("system").await.is_ok())).await?;
    let refused = operator.post("units/U-1/stop", &json!({ "reason": "检修" })).await;
    let refused = refused.err().context("an operator stops no unit")?.to_string();
    ensure!(
        refused.contains("not_allowed") && refused.contains("instrument_engineer"),
        "it says whose it is: {refused}"
    );
    let nobody = acceptance::api::Api::new(&site.gateway.address)?;
    for path in ["alarms", "people", "journal", "users"] {
        let refused = nobody.get(path).await.err().context("nobody sees anything")?.to_string();
        ensure!(refused.contains("401"), "{path}: {refused}");
    }
    Ok(())
}

/// What happened while the gateway was stopped as well.
async fn on_record(site: &mut Site, code: &str) -> Result<()> {
    site.end().await?;
    site.gateway.console(&["user", "role", "陈静", "--role", "safety_officer"]).await?;
    site.gateway.start_again().await?;
    let audits = async || {
        let rows = site.gateway.api.list("journal").await?;
        let audits = rows.into_iter().filter(|row| row["kind"] == "audit").map(|mut row| row["record"].take());
        Ok::<Vec<Value>, anyhow::Error>(audits.collect())
    };
    let has = |audits: &[Value], wanted: [&str; 5]| {
        let text = |audit: &Value, field: &str| audit[field].as_str().unwrap_or("-").to_owned();
        audits
            .iter()
            .any(|audit| ["by", "action", "object", "before", "after"].map(|field| text(audit, field)) == wanted)
    };
    let there = async || Ok(has(&audits().await?, ["试验", "change_role", "陈静", "operator", "safety_officer"]));
    waiting::until_true("the change while it was stopped is on record", LONG, there).await?;
    let audits = audits().await?;
    for wanted in [
        ["张伟", "set_up", "张伟", "-", "administrator"],
        ["张伟", "log_in", "127.0.0.1", "-", "-"],
        ["张伟", "add_user", "陈静", "-", "operator"],
        ["试验", "add_user", "李工", "-", "instrument_engineer"],
        ["陈静", "log_in_failed", "127.0.0.1", "-", "-"],
        ["陈静", "log_in", "127.0.0.1", "-", "-"],
        ["陈静", "log_out", "127.0.0.1", "-", "-"],
        ["试验", "remove_user", "赵敏", "viewer", "-"],
    ] {
        ensure!(has(&audits, wanted), "{wanted:?} is not on record: {audits:#?}");
    }
    let text = serde_json::to_string(&audits)? + &site.gateway.log()?;
    for secret in [PASSWORD, code, "argon2", "davy_session"] {
        ensure!(!text.contains(secret), "no secret is in the journal or the log");
    }
    let token = fs::read_to_string(site.folder.join("davy-token"))?;
    ensure!(!text.contains(&token), "no token is in the journal or the log");
    site.end().await
}
