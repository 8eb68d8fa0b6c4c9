//! An instrument engineer commissions an empty gateway on the page: an OPC UA server that he does not know and a Modbus device, from
//! the fingerprint to the first alarm and the signed sheet of the loop check. Nothing is ever written toward either.

#![allow(clippy::print_stdout, reason = "figures are printed, because they are those of the machine")]

#[path = "e2e_commission_page/bench.rs"]
mod bench;
#[path = "e2e_commission_page/looks.rs"]
mod looks;

use acceptance::waiting::{self, LONG};
use anyhow::{Context as _, Result, ensure};
use bench::{Bench, PASSWORD_OF_SERVER, place};
use serde_json::json;
use std::{fs, time::Instant};

#[tokio::test(flavor = "multi_thread")]
async fn an_engineer_commissions_an_empty_gateway_on_the_page() -> Result<()> {
    let mut bench = Bench::start("commission_page").await?;
    let begun = Instant::now();
    add_server(&mut bench).await?;
    add_device(&mut bench).await?;
    bench.apply("两个数据源").await?;
    bench.browser.visible("[data-testid=source][data-id=dcs][data-up=true]").await?;
    bench.browser.visible("[data-testid=source][data-id=gds][data-up=true]").await?;
    bench.browser.picture("commission-3-up").await?;
    println!("both sources up after {:.1} s", begun.elapsed().as_secs_f64());
    take_variable(&mut bench).await?;
    take_registers(&mut bench).await?;
    bind(&mut bench).await?;
    bench.apply("首批测点").await?;
    first_alarm(&mut bench).await?;
    println!("the first alarm after {:.1} s", begun.elapsed().as_secs_f64());
    import(&mut bench).await?;
    change_source(&mut bench).await?;
    check_loops(&mut bench).await?;
    println!("the loop check after {:.1} s", begun.elapsed().as_secs_f64());
    on_record(&bench).await?;
    bench.end().await
}

/// Unknown at first: its fingerprint is compared with the server's own before it is accepted.
async fn add_server(bench: &mut Bench) -> Result<()> {
    let own = bench.fingerprint()?;
    let browser = &mut bench.browser;
    browser.click("[data-testid=tab-commissioning]").await?;
    browser.click("[data-testid=add-source]").await?;
    browser.fill("[data-testid=source-id]", "dcs").await?;
    browser.fill("[data-testid=source-name]", "中控 DCS").await?;
    browser.fill("[data-testid=source-place]", &format!("127.0.0.1:{}", bench.opcua_at)).await?;
    browser.click("[data-testid=look-offers]").await?;
    browser.visible("[data-testid=fingerprint][data-trusted=false]").await?;
    let shown = browser.attribute("[data-testid=fingerprint] .digits", "aria-label").await?;
    assert_eq!(shown, own, "the fingerprint is that of the server's certificate");
    let chosen = browser.text("[data-testid=chosen]").await?;
    ensure!(chosen.contains("Aes256_Sha256_RsaPss SignAndEncrypt"), "the strongest: {chosen}");
    browser.picture("commission-1-fingerprint").await?;
    browser.click("[data-testid=accept-certificate]").await?;
    browser.visible("[data-testid=fingerprint][data-trusted=true]").await?;
    browser.fill("[data-testid=source-user]", "reader").await?;
    browser.fill("[data-testid=source-password]", PASSWORD_OF_SERVER).await?;
    browser.click("dialog [data-testid=submit]").await?;
    browser.visible("[data-testid=drafted-source][data-id=dcs]").await
}

async fn add_device(bench: &mut Bench) -> Result<()> {
    let browser = &mut bench.browser;
    browser.click("[data-testid=add-source]").await?;
    browser.select("[data-testid=source-kind]", "modbus").await?;
    browser.fill("[data-testid=source-id]", "gds").await?;
    browser.fill("[data-testid=source-place]", &format!("127.0.0.1:{}", bench.modbus_at)).await?;
    browser.click("[data-testid=look-offers]").await?;
    browser.visible("[data-testid=offers][data-kind=modbus]").await?;
    browser.click("dialog [data-testid=submit]").await?;
    browser.visible("[data-testid=drafted-source][data-id=gds]").await?;
    browser.picture("commission-2-draft").await
}

async fn take_variable(bench: &mut Bench) -> Result<()> {
    let browser = &mut bench.browser;
    browser.click("[data-testid=look][data-id=dcs]").await?;
    browser.click("[data-testid=node][data-name=Plant] [data-testid=open-node]").await?;
    let level = "[data-testid=node][data-name=LI-1101]";
    browser.visible(level).await?;
    let words = browser.text(level).await?;
    ensure!(words.contains("42.5") && words.contains('%'), "the value stands beside: {words}");
    browser.click(&format!("{level} [data-testid=tick]")).await?;
    browser.picture("commission-4-tree").await?;
    browser.click("[data-testid=take]").await?;
    browser.visible("[data-testid=taken]").await?;
    // The whole server is searched, and what was taken is not offered again.
    browser.fill("[data-testid=look-tree] [data-testid=search]", "li-11").await?;
    browser.visible(&format!("{level} [data-testid=tick]:disabled")).await
}

/// A float whose words are swapped: every byte order stands there, and the one that makes sense is clicked.
async fn take_registers(bench: &mut Bench) -> Result<()> {
    let browser = &mut bench.browser;
    browser.click("[data-testid=look][data-id=gds]").await?;
    browser.fill("[data-testid=registers-from]", "1/40003").await?;
    browser.fill("[data-testid=registers-count]", "4").await?;
    browser.click("[data-testid=read-registers]").await?;
    let figure =
        |order: &str| format!("[data-testid=figure][data-address='1/holding/2'][data-data=f32][data-order={order}]");
    for order in ["ABCD", "CDAB", "BADC", "DCBA"] {
        browser.visible(&figure(order)).await?;
    }
    assert_eq!(browser.text(&figure("CDAB")).await?, "25.5");
    browser.picture("commission-5-registers").await?;
    browser.click(&figure("CDAB")).await?;
    browser.fill("[data-testid=point-tag]", "GT-1201").await?;
    browser.fill("[data-testid=point-name]", "泵房可燃气体").await?;
    browser.fill("[data-testid=point-range_low]", "0").await?;
    browser.fill("[data-testid=point-range_high]", "100").await?;
    browser.click("dialog [data-testid=submit]").await?;
    browser.hidden("[data-testid=point-dialog]").await
}

/// Limits, and the measure that the level proves; the value is drawn between the limits as they are typed.
async fn bind(bench: &mut Bench) -> Result<()> {
    let browser = &mut bench.browser;
    browser.click("[data-testid=view-points]").await?;
    let gas = "[data-testid=point][data-id=GT-1201][data-standing=new]";
    browser.visible(gas).await?;
    // In no table yet, and read as it would be there.
    browser.click(&format!("{gas} [data-testid=open-point]")).await?;
    browser.visible("[data-testid=point-would-be][data-severity=good]").await?;
    ensure!(browser.text("[data-testid=point-would-be]").await?.contains("25.5"), "the value of a point of the draft");
    browser.select("[data-testid=point-order]", "ABCD").await?;
    browser.click("[data-testid=point-read]").await?;
    browser.hidden("[data-testid=point-would-be][data-number='25.5']").await?;
    browser.picture("commission-5-draft-value").await?;
    browser.press("[data-testid=point-read]", "Escape").await?;
    browser.hidden("[data-testid=point-dialog]").await?;
    browser.click("[data-testid=point][data-id=LI-1101] [data-testid=open-point]").await?;
    browser.fill("[data-testid=point-HH]", "90").await?;
    browser.fill("[data-testid=point-on_delay]", "0s").await?;
    browser.visible("[data-testid=limit-scale] .amount").await?;
    browser.select("[data-testid=point-measure]", "CM-01").await?;
    browser.visible("[data-testid=point-event]").await?;
    browser.picture("commission-6-point").await?;
    browser.click("dialog [data-testid=submit]").await?;
    browser.hidden("[data-testid=point-dialog]").await
}

async fn first_alarm(bench: &mut Bench) -> Result<()> {
    let level = async || bench.gateway.api.find("tags", "tag", "LI-1101").await.map(|tag| tag["value"] == 42.5);
    waiting::until_true("the level is read", LONG, async || Ok(level().await.unwrap_or(false))).await?;
    let gas = bench.gateway.api.find("tags", "tag", "GT-1201").await?;
    assert_eq!(gas["value"], 25.5, "in the byte order that was chosen");
    bench.opcua.write("LI-1101", 95.0).await?;
    bench.browser.click("[data-testid=tab-alarms]").await?;
    let alarm = "[data-testid=alarm][data-id^='LI-1101.HH']";
    bench.browser.visible(alarm).await?;
    let words = bench.browser.text(alarm).await?;
    ensure!(words.contains("储罐液位") && words.contains("储罐单元"), "{words}");
    bench.browser.picture("commission-7-first-alarm").await?;
    bench.opcua.write("LI-1101", 42.5).await
}

/// To a spreadsheet program and back: what the file changes is shown before it goes into the draft.
async fn import(bench: &mut Bench) -> Result<()> {
    let table = bench
        .browser
        .evaluate("fetch('/api/v1/config/points?format=csv&header=zh').then((told) => told.text())")
        .await?;
    let table = table.as_str().context("a table")?.to_owned();
    ensure!(table.contains("LI-1101") && table.contains("GT-1201"), "{table}");
    let file = bench.folder.join("点表.csv");
    fs::write(&file, table.replace("泵房可燃气体", "一号泵房可燃气体"))?;
    let browser = &mut bench.browser;
    browser.click("[data-testid=tab-commissioning]").await?;
    browser.click("[data-testid=view-points]").await?;
    browser.upload("[data-testid=import-file]", &file).await?;
    browser.visible("[data-testid=import-dialog] [data-testid=difference]").await?;
    let difference = browser.text("[data-testid=import-dialog] [data-testid=difference]").await?;
    ensure!(difference.contains("一号泵房可燃气体"), "{difference}");
    browser.picture("commission-8-import").await?;
    browser.click("dialog [data-testid=submit]").await?;
    bench.apply("更正名称").await?;
    let renamed = async || Ok(bench.gateway.api.find("tags", "tag", "GT-1201").await?["name"] == "一号泵房可燃气体");
    waiting::until_true("the name is in force", LONG, renamed).await
}

/// Keys of a source that is there: what is wrong is said in the form, what is right is in force after the draft is applied; the password
/// is a name of a file, here and everywhere.
async fn change_source(bench: &mut Bench) -> Result<()> {
    let browser = &mut bench.browser;
    browser.click("[data-testid=view-sources]").await?;
    browser.click("[data-testid=open-set-source][data-id=dcs]").await?;
    browser.visible("[data-testid=set-source] [data-testid=set-endpoint]").await?;
    let shown = browser.evaluate("document.querySelector('[data-testid=set-password_file]').value").await?;
    assert_eq!(shown, "secrets/dcs-password", "a secret is the name of its file");
    browser.press("[data-testid=set-endpoint]", "Escape").await?;
    browser.hidden("[data-testid=set-source]").await?;
    browser.click("[data-testid=open-set-source][data-id=gds]").await?;
    browser.fill("[data-testid=set-poll_interval]", "bald").await?;
    browser.click("dialog [data-testid=submit]").await?;
    browser.visible("[data-testid=set-wrong]").await?;
    browser.picture("commission-8-set-source").await?;
    browser.fill("[data-testid=set-poll_interval]", "500ms").await?;
    browser.fill("[data-testid=set-name]", "气体检测").await?;
    browser.click("dialog [data-testid=submit]").await?;
    browser.hidden("[data-testid=set-source]").await?;
    browser.visible("[data-testid=changing]").await?;
    bench.apply("更快轮询").await?;
    let keys = bench.gateway.api.get("config/sources/gds").await?;
    assert_eq!((&keys["keys"]["poll_interval"], &keys["keys"]["name"]), (&json!("500ms"), &json!("气体检测")));
    bench.browser.visible("[data-testid=source][data-id=gds][data-up=true]").await
}

async fn check_loops(bench: &mut Bench) -> Result<()> {
    let browser = &mut bench.browser;
    browser.click("[data-testid=view-loops]").await?;
    browser.click("[data-testid=loop][data-id=LI-1101] [data-testid=check-loop]").await?;
    browser.click("[data-testid=loop-pass]").await?;
    for (at, read) in ["0.1", "25", "50.2", "75.1", "99.9"].into_iter().enumerate() {
        browser.fill(&format!("[data-testid=read-{at}]"), read).await?;
    }
    browser.picture("commission-9-loop").await?;
    browser.click("dialog [data-testid=submit]").await?;
    browser.visible("[data-testid=loop][data-id=LI-1101][data-result=pass]").await?;
    browser.click("[data-testid=loop][data-id=GT-1201] [data-testid=check-loop]").await?;
    browser.click("[data-testid=loop-fail]").await?;
    browser.fill("dialog [data-testid=note]", "零点漂移").await?;
    browser.click("dialog [data-testid=submit]").await?;
    browser.visible("[data-testid=loop][data-id=GT-1201][data-result=fail]").await?;
    browser.picture("commission-10-loops").await?;
    let exported = async |browser: &mut acceptance::browser::Browser, format: &str| {
        let code = format!("fetch('/api/v1/loop-check?format={format}').then((told) => told.text())");
        Ok::<_, anyhow::Error>(browser.evaluate(&code).await?.as_str().unwrap_or_default().to_owned())
    };
    let csv = exported(&mut bench.browser, "csv").await?;
    ensure!(csv.contains("50 → 50.2") && csv.contains("不合格") && csv.contains("李工"), "{csv}");
    let paper = exported(&mut bench.browser, "html").await?;
    ensure!(paper.contains("零点漂移") && paper.contains("监护 witnessed"), "{paper}");
    Ok(())
}

async fn on_record(bench: &Bench) -> Result<()> {
    let rows = bench.gateway.api.list("journal").await?;
    let audits: Vec<_> = rows.iter().filter(|row| row["kind"] == "audit").map(|row| &row["record"]).collect();
    let has = |action: &str, object: Option<&str>| {
        audits.iter().any(|audit| {
            audit["by"] == "李工" && audit["action"] == action && object.is_none_or(|of| audit["object"] == of)
        })
    };
    ensure!(has("trust_certificate", None) && has("apply_configuration", None), "{audits:#?}");
    ensure!(has("check_loop", Some("LI-1101")) && has("check_loop", Some("GT-1201")), "{audits:#?}");
    let text = serde_json::to_string(&rows)? + &bench.gateway.log()?;
    ensure!(!text.contains(PASSWORD_OF_SERVER), "the server's password is nowhere on record");
    let kept = fs::read_to_string(place(&bench.folder, "config/secrets/dcs-password"))?;
    assert_eq!(kept.trim(), PASSWORD_OF_SERVER);
    let checks: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(bench.folder.join("data/loop-check.json"))?)?;
    assert_eq!(checks["LI-1101"]["points"][2], json!({ "applied": 50.0, "read": 50.2 }));
    Ok(())
}
