//! Sources of every kind are added, changed and taken out with `davy source`, beside devices that this project did not write.

use crate::{Bench, IDENTITY};
use acceptance::{broker::Broker, peers::OpcUa, places, process::Process, tls, waiting::LONG};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::fs;
use tokio::process::Command;

async fn begun(test: &str) -> Result<Bench> {
    let bench = Bench::new(test)?;
    bench.good(&[&["init", &bench.config][..], &IDENTITY].concat()).await?;
    Ok(bench)
}

fn text(bench: &Bench, name: &str) -> Result<String> {
    Ok(bench.folder.join(name).to_str().context("a path of letters")?.to_owned())
}

/// pymodbus at the far end of a pseudo-terminal, and the port's path.
async fn serial_device(bench: &Bench) -> Result<(Process, String)> {
    let path = bench.folder.join("tty");
    let setup = json!({"port": places::free_port()?, "way": "pty", "framing": "rtu", "path": path,
        "registration": "", "devices": {"1": {"holding": [[0, 8]]}}});
    let mut command = Command::new(places::python()?);
    command.arg(places::workspace().join("tests/peers/modbus_line.py"));
    let mut device = Process::start("modbus_line.py", &mut command, &bench.folder.join("line.log"))?;
    ensure!(device.ask(&setup, LONG).await?["ready"] == setup["port"], "it is ready");
    let port = fs::canonicalize(&path)?.to_str().context("a path of letters")?.to_owned();
    Ok((device, port))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_serial_port_and_devices_that_dial_in_are_added() -> Result<()> {
    let bench = begun("first-site-lines").await?;
    let (_device, port) = serial_device(&bench).await?;
    let add = ["source", "add", "line", &port, "--baud", "19200", "--parity", "even", "--stop-bits", "1", "--apply"];
    let added = bench.on_config(&add).await?;
    for words in ["the line is open", "+ baud = 19200", "+ parity = \"even\"", "davy read /dev/pts/"] {
        ensure!(added.contains(words), "{words}: {added}");
    }
    let absent = bench.on_config(&["source", "add", "line-2", "/dev/ttyNONE", "--apply"]).await?;
    ensure!(absent.contains("not yet") && absent.contains("/dev/ttyNONE"), "{absent}");

    let listen = ["source", "add", "dtu", "modbus-rtu-listen://127.0.0.1:5020"];
    let open = bench.ends(2, &[&listen[..], &["--config", &bench.config, "--apply"]].concat()).await?;
    ensure!(open.contains("allow = [\"10.0.0.5\"") && open.contains("nothing was written"), "{open}");
    let from = ["--allow", "10.0.0.5", "--allow", "192.168.1.0/24", "--registration", "DTU-0001", "--apply"];
    let added = bench.on_config(&[&listen[..], &from].concat()).await?;
    for words in [
        "+ listen = \"127.0.0.1:5020\"",
        "+ framing = \"rtu\"",
        "+ allow = [\"10.0.0.5\", \"192.168.1.0/24\"]",
        "+ registration = \"DTU-0001\"",
        "the device connects by itself",
    ] {
        ensure!(added.contains(words), "{words}: {added}");
    }
    ensure!(!added.contains("davy read"), "it cannot be asked: {added}");
    let stray = ["source", "add", "x", "modbus://127.0.0.1:1", "--allow", "10.0.0.5", "--config", &bench.config];
    ensure!(bench.ends(2, &stray).await?.contains("allow: belongs to listen"));
    ensure!(bench.on_config(&["check"]).await?.contains("good: 3 sources"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_with_tls_and_a_user_by_certificate_are_added() -> Result<()> {
    let bench = begun("first-site-certificates").await?;
    tls::certificates(&bench.folder)?;
    let folder = bench.folder.display();
    let listener = format!(
        "allow_anonymous true\ncafile {folder}/ca.pem\ncertfile {folder}/server.pem\nkeyfile {folder}/server.key\n\
         require_certificate true\n"
    );
    let broker = Broker::start_with("broker", &bench.folder, &listener).await?;
    let url = format!("mqtts://127.0.0.1:{}", broker.port);
    let (ca, certificate, key) = (text(&bench, "ca.pem")?, text(&bench, "client.pem")?, text(&bench, "client.key")?);
    let add = ["source", "add", "people", &url, "--location", "site/location/+", "--ca-file", &ca];
    let unknown = bench.on_config(&add).await?;
    ensure!(unknown.contains("not yet"), "the broker asks for a certificate: {unknown}");
    let known = ["--client-certificate-file", &certificate, "--client-key-file", &key, "--apply"];
    let added = bench.on_config(&[&add[..], &known].concat()).await?;
    ensure!(added.contains("connected    ") && added.contains("+ client_key_file = "), "{added}");

    let security = json!({"folder": bench.folder.join("dcs"), "policies": ["Basic256Sha256_SignAndEncrypt"],
        "tokens": ["certificate"]});
    fs::create_dir_all(bench.folder.join("dcs"))?;
    let server = OpcUa::start_secured(Vec::new(), security, &bench.folder).await?;
    let url = format!("opc.tcp://127.0.0.1:{}/", server.port);
    let add = ["source", "add", "dcs", &url, "--config", &bench.config, "--data", &bench.data];
    let anonymous = bench.ends(1, &add).await?;
    ensure!(anonymous.contains("--user-certificate-file"), "what the server takes is said: {anonymous}");
    let (certificate, key) = (text(&bench, "dcs/user.pem")?, text(&bench, "dcs/user-key.pem")?);
    let by_certificate = ["--user-certificate-file", &certificate, "--user-key-file", &key];
    let shown = bench.good(&[&add[..], &by_certificate].concat()).await?;
    ensure!(shown.contains("is not trusted") && shown.contains("nothing was written"), "{shown}");
    let listed = bench.good(&["trust", "list", "--data", &bench.data, "--format", "json"]).await?;
    let listed: Value = serde_json::from_str(&listed)?;
    let sha256 = listed.as_array().into_iter().flatten().find(|view| view["standing"] == "rejected");
    let sha256 = sha256.and_then(|view| view["sha256"].as_str()).context("it is listed for a decision")?;
    let trust = ["--trust", sha256, "--by", "李工", "--apply"];
    let added = bench.good(&[&add[..], &by_certificate, &trust].concat()).await?;
    for words in ["a session was made", "+ user_certificate_file = ", "+ user_key_file = "] {
        ensure!(added.contains(words), "{words}: {added}");
    }
    ensure!(bench.on_both(&["source", "test", "dcs"]).await?.contains("a session was made"));
    ensure!(bench.on_config(&["check"]).await?.contains("good: 2 sources"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_changed_and_taken_out() -> Result<()> {
    let bench = begun("first-site-change").await?;
    for (id, url) in [("gds", "modbus://10.0.0.9"), ("plc", "modbus://10.0.0.10")] {
        bench.on_config(&["source", "add", id, url, "--offline", "--apply"]).await?;
    }
    let before = bench.file("gateway.toml")?;
    let shown = bench.on_config(&["source", "set", "gds", "poll_interval=2s", "address=10.0.0.11:502"]).await?;
    for words in
        ["- address = \"10.0.0.9\"", "+ address = \"10.0.0.11:502\"", "+ poll_interval = \"2s\"", "add --apply"]
    {
        ensure!(shown.contains(words), "{words}: {shown}");
    }
    assert_eq!(bench.file("gateway.toml")?, before, "without --apply nothing is written");
    let config = ["--config", &bench.config, "--apply"];
    for (change, status, words) in [
        ("poll_interval=2", 2, "poll_interval"),
        ("pol_interval=2s", 2, "did you mean poll_interval"),
        ("id=other", 2, "no key that can be changed"),
        ("retries=", 1, "no key \"retries\""),
    ] {
        let refused = bench.ends(status, &[&["source", "set", "gds", change][..], &config].concat()).await?;
        ensure!(refused.contains(words), "{change}: {refused}");
        assert_eq!(bench.file("gateway.toml")?, before, "{change}");
    }
    let set = bench.on_config(&["source", "set", "gds", "poll_interval=2s", "retries=2", "--apply"]).await?;
    ensure!(set.contains("wrote ") && set.contains("the old one is kept as"), "{set}");
    let same = bench.on_config(&["source", "set", "gds", "retries=2", "--apply"]).await?;
    ensure!(same.contains("says that already"), "{same}");
    bench.on_config(&["source", "set", "gds", "poll_interval=", "retries=", "--apply"]).await?;
    assert_eq!(bench.file("gateway.toml")?, before);

    let table = bench.file("tags.csv")?;
    let row = "T-1,液位,gds,1/holding/0,u16".to_owned() + &",".repeat(table.matches(',').count() - 4);
    fs::write(format!("{}/tags.csv", bench.config), format!("{table}{row}\n"))?;
    let remove = ["source", "remove", "gds"];
    let refused = bench.ends(2, &[&remove[..], &config].concat()).await?;
    ensure!(refused.contains("tags.csv:2:") && refused.contains("nothing was written"), "{refused}");
    assert_eq!(bench.file("gateway.toml")?, before);
    fs::write(format!("{}/tags.csv", bench.config), table)?;
    let shown = bench.on_config(&remove).await?;
    ensure!(shown.contains("- id = \"gds\"") && !shown.contains("plc"), "{shown}");
    assert_eq!(bench.file("gateway.toml")?, before);
    bench.on_config(&[&remove[..], &["--apply"]].concat()).await?;
    let after = bench.file("gateway.toml")?;
    ensure!(
        !after.contains("gds")
            && after.contains("plc")
            && before.starts_with(after.split("\n[[").next().unwrap_or_default())
    );
    ensure!(bench.on_config(&["check"]).await?.contains("good: 1 source,"));
    let unknown = bench.ends(1, &[&remove[..], &config].concat()).await?;
    ensure!(unknown.contains("no source \"gds\""), "{unknown}");
    Ok(())
}
