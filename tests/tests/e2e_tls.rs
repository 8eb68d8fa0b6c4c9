//! The page over TLS: the certificate that the gateway makes, whom it lets in and whom not, and the site's own in its place.

use acceptance::{
    browser::Browser,
    gateway::{Gateway, PASSWORD},
    places,
    tls::{certificates, openssl},
    waiting::{self, LONG},
};
use anyhow::{Result, ensure};
use serde_json::json;
use std::{fs, net::SocketAddr, os::unix::fs::PermissionsExt as _, path::Path};
use tokio::{net::TcpSocket, process::Command};

#[tokio::test(flavor = "multi_thread")]
async fn the_page_over_tls() -> Result<()> {
    let folder = places::fresh("tls")?;
    configure(&folder, "")?;
    certificates(&folder.join("config"))?;
    let mut gateway = Gateway::start(&folder).await?;
    ensure!(gateway.address.starts_with("https://127.0.0.1:"), "{}", gateway.address);
    let own = folder.join("data/web/certificate.pem");

    can_be_compared(&gateway, &own)?;
    nobody_else_is_believed(&gateway, &folder).await?;
    no_plain_request(&gateway).await?;
    in_the_browser(&gateway, &folder, &own).await?;
    half_open_handshakes(&gateway, &own).await?;
    sites_own(&gateway, &folder).await?;
    bad_ones_are_refused(&gateway, &folder).await?;
    configure(&folder, "")?;
    gateway.reload().await?;
    let again = async || gateway.api.get("system").await.map(Some);
    waiting::until("the gateway's own certificate is shown again", LONG, again).await?;
    ensure!(gateway.stop().await?.success(), "an orderly stop");
    Ok(())
}

fn configure(folder: &Path, certificate: &str) -> Result<()> {
    let gateway = format!(
        "[gateway]\ncompany_code = \"330100123\"\ngateway_id = \"gw-1\"\nname = \"页面加密试验\"\n\n\
         [web]\nlisten = \"127.0.0.1:0\"\ntls = true\nnames = [\"gw-1.example.com\"]\n{certificate}"
    );
    fs::create_dir_all(folder.join("config"))?;
    Ok(fs::write(folder.join("config/gateway.toml"), gateway)?)
}

fn can_be_compared(gateway: &Gateway, own: &Path) -> Result<()> {
    let folder = own.parent().expect("it is in a folder");
    let said = openssl(folder, "x509 -in certificate.pem -noout -fingerprint -sha256 -ext subjectAltName")?;
    let fingerprint = said.lines().next().and_then(|line| line.split_once('=')).expect("a fingerprint").1.to_owned();
    ensure!(gateway.proof.contains(&fingerprint), "{} has no {fingerprint}", gateway.proof);
    ensure!(gateway.log()?.contains(&fingerprint), "the log has it");
    for name in ["DNS:localhost", "IP Address:127.0.0.1", "DNS:gw-1.example.com"] {
        ensure!(said.contains(name), "{said}");
    }
    let mode = fs::metadata(folder.join("key.pem"))?.permissions().mode() & 0o777;
    ensure!(mode == 0o600, "the key can be read by others: {mode:o}");
    Ok(())
}

async fn nobody_else_is_believed(gateway: &Gateway, folder: &Path) -> Result<()> {
    gateway.api.get("system").await?;
    let other = gateway.api.trusting(&fs::read_to_string(folder.join("config/ca.pem"))?)?;
    let error = format!("{:?}", other.get("system").await.expect_err("another authority"));
    ensure!(error.contains("certificate"), "{error}");
    Ok(())
}

async fn no_plain_request(gateway: &Gateway) -> Result<()> {
    let response = reqwest::get(gateway.address.replace("https://", "http://")).await?;
    let (status, words) = (response.status(), response.text().await?);
    ensure!(status.as_u16() == 400 && words.contains("https://"), "{status}: {words}");
    Ok(())
}

async fn in_the_browser(gateway: &Gateway, folder: &Path, own: &Path) -> Result<()> {
    gateway.add_user("李工", "administrator").await?;
    let mut stranger = Browser::start(folder).await?;
    let error = stranger.open(&gateway.address).await.expect_err("nobody has compared it").to_string();
    ensure!(error.contains("ERR_CERT_AUTHORITY_INVALID"), "{error}");
    let mut browser = Browser::start_trusting(folder, own).await?;
    browser.open(&gateway.address).await?;
    browser.log_in("李工", PASSWORD).await?;
    ensure!(browser.troubles().await? == json!([]), "the page throws nothing");
    Ok(())
}

async fn half_open_handshakes(gateway: &Gateway, own: &Path) -> Result<()> {
    let address: SocketAddr = gateway.address.trim_start_matches("https://").trim_end_matches('/').parse()?;
    let mut held = Vec::new();
    for _ in 0..300 {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from(([127, 0, 0, 3], 0)))?;
        let stream = socket.connect(address).await?;
        // The beginning of a greeting; what is beyond the share of its address is closed.
        let _sent = stream.try_write(&[0x16, 3, 1, 2]);
        held.push(stream);
    }
    // A client of its own makes a connection of its own.
    gateway.api.trusting(&fs::read_to_string(own)?)?.get("system").await.map(drop)
}

async fn sites_own(gateway: &Gateway, folder: &Path) -> Result<()> {
    configure(folder, "certificate = \"server.pem\"\nkey = \"server.key\"\n")?;
    gateway.reload().await?;
    let site = gateway.api.trusting(&fs::read_to_string(folder.join("config/ca.pem"))?)?;
    let shown = async || site.get("system").await.map(Some);
    waiting::until("the site's certificate is shown", LONG, shown).await?;
    Ok(())
}

async fn bad_ones_are_refused(gateway: &Gateway, folder: &Path) -> Result<()> {
    let refusals = || Ok::<_, anyhow::Error>(gateway.log()?.matches("the configuration is refused").count());
    for (number, (certificate, key, words)) in [
        ("server.pem", "client.key", "gateway.toml:10:15: certificate: its key belongs to another certificate"),
        ("server.csr", "server.key", "is not what is needed; name a PEM file with -----BEGIN CERTIFICATE-----"),
        ("missing.pem", "server.key", "cannot be read"),
    ]
    .into_iter()
    .enumerate()
    {
        configure(folder, &format!("certificate = \"{certificate}\"\nkey = \"{key}\"\n"))?;
        let check =
            Command::new(places::davy()?).arg("check").arg("--config").arg(folder.join("config")).output().await?;
        let said = String::from_utf8(check.stdout)?;
        ensure!(check.status.code() == Some(2) && said.contains(words), "{}: {said}", check.status);
        gateway.reload().await?;
        waiting::until_true("it is refused", LONG, async || Ok(refusals()? == number + 1)).await?;
        let site = gateway.api.trusting(&fs::read_to_string(folder.join("config/ca.pem"))?)?;
        site.get("system").await?;
    }
    Ok(())
}
