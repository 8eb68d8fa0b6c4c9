//! A gateway that knows its plant's risks and no source yet; a server with security and a device beside it, both tapped.

use acceptance::{
    browser::Browser,
    gateway::{Gateway, PASSWORD},
    peers::{Modbus, Node, OpcUa, float_cdab},
    places,
    watched::Watched,
};
use anyhow::{Result, ensure};
use davy_field::wire::Protocol;
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
};

pub(crate) const PASSWORD_OF_SERVER: &str = "correct-horse-7";

pub(crate) struct Bench {
    pub(crate) folder: PathBuf,
    pub(crate) opcua: OpcUa,
    pub(crate) opcua_at: u16,
    pub(crate) modbus_at: u16,
    pub(crate) gateway: Gateway,
    pub(crate) browser: Browser,
    modbus: Modbus,
    tap: Watched,
}

pub(crate) fn place(folder: &Path, name: &str) -> PathBuf {
    folder.join(name)
}

/// A server that lets in users with a password alone, with certificates alone.
pub(crate) async fn server(folder: &Path) -> Result<OpcUa> {
    let node = |name: &str| Node { name: name.to_owned(), data_type: "Double", value: json!(42.5) };
    let security = json!({
        "folder": folder,
        "policies": ["Basic256Sha256_SignAndEncrypt", "Aes256Sha256RsaPss_SignAndEncrypt"],
        "tokens": ["user"],
        "users": {"reader": PASSWORD_OF_SERVER},
        // Long enough that its end is nothing to be warned of.
        "until_s": 40_000_000,
        "client_key": folder.join("data/pki/private/key.pem"),
    });
    let described = json!({"LI-1101": {"range": [0, 100], "unit": "%", "description": "储罐液位"}});
    let nodes = (1101..1131).map(|number| node(&format!("LI-{number}"))).collect();
    OpcUa::start_described(nodes, described, security, folder).await
}

/// With a float of 25.5 in the registers 2 and 3, its words swapped.
pub(crate) async fn device(folder: &Path) -> Result<Modbus> {
    let mut modbus = Modbus::start(json!({"1": {"holding": [[0, 16]]}}), folder).await?;
    modbus.write(1, "holding", 2, &float_cdab(25.5)).await?;
    Ok(modbus)
}

pub(crate) fn configure(config: &Path) -> Result<()> {
    fs::create_dir_all(config.join("risk"))?;
    let gateway = "[gateway]\ncompany_code = \"330100123\"\ngateway_id = \"gw-1\"\nname = \"一号罐区\"\n\n[web]\nlisten = \"127.0.0.1:0\"\n";
    for (name, text) in [
        ("gateway.toml", gateway),
        ("tags.csv", "位号,名称,数据源,地址\n"),
        ("risk/units.csv", "编号,风险分析单元名称,风险分析对象,风险等级\nU-1,储罐单元,罐区,重大\n"),
        ("risk/events.csv", "编号,风险分析单元,风险事件名称\nRE-01,U-1,储罐满罐溢流\n"),
        ("risk/measures.csv", "编号,风险事件,管控方式,管控措施描述\nCM-01,RE-01,自动化监控,液位高高报警\n"),
    ] {
        fs::write(config.join(name), text)?;
    }
    Ok(())
}

impl Bench {
    pub(crate) async fn start(test: &str) -> Result<Self> {
        let folder = places::fresh(test)?;
        configure(&folder.join("config"))?;
        let (opcua, modbus) = (server(&folder).await?, device(&folder).await?);
        let tap = Watched::open("Modbus", Protocol::ModbusTcp, modbus.port).await?;
        let gateway = Gateway::start(&folder).await?;
        gateway.add_user("李工", "instrument_engineer").await?;
        let mut browser = Browser::start(&folder).await?;
        browser.open(&gateway.address.clone()).await?;
        browser.log_in("李工", PASSWORD).await?;
        let (opcua_at, modbus_at) = (opcua.port, tap.port());
        Ok(Self { folder, opcua, opcua_at, modbus_at, gateway, browser, modbus, tap })
    }

    /// The SHA-256 of the server's certificate, as the server itself would show it.
    pub(crate) fn fingerprint(&self) -> Result<String> {
        let der = fs::read(self.folder.join("server.der"))?;
        let facts = davy_field::certificate_facts(&der).map_err(anyhow::Error::msg)?;
        Ok(facts.sha256)
    }

    /// Applies what is drafted, for a reason.
    pub(crate) async fn apply(&mut self, reason: &str) -> Result<()> {
        let browser = &mut self.browser;
        browser.click("[data-testid=draft-apply]").await?;
        browser.fill("dialog [data-testid=note]", reason).await?;
        browser.click("dialog [data-testid=submit]").await?;
        browser.hidden("[data-testid=draft]").await?;
        browser.visible("[data-testid=connection][data-live=true]").await
    }

    pub(crate) async fn end(mut self) -> Result<()> {
        assert_eq!(self.browser.troubles().await?, json!([]), "the page throws nothing");
        ensure!(self.opcua.writes_seen().await? == 0 && self.modbus.writes_seen().await? == 0, "nothing is written");
        self.tap.only_reads()?;
        ensure!(self.gateway.stop().await?.success(), "an orderly stop");
        self.gateway.verify().await
    }
}
