//! The same looks over the API, and what they are refused for.

use super::bench::{PASSWORD_OF_SERVER, configure, device, server};
use acceptance::{
    gateway::Gateway,
    peers::{Node, OpcUa},
    places,
    waiting::{self, LONG},
};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::{fs, path::Path, time::Instant};

/// Both sources, and no tag.
fn with_sources(config: &Path, opcua: u16, modbus: u16) -> Result<()> {
    let path = config.join("gateway.toml");
    let text = fs::read_to_string(&path)?
        + &format!(
            "\n[[source.opcua]]\nid = \"dcs\"\nname = \"DCS\"\nendpoint = \"opc.tcp://127.0.0.1:{opcua}/\"\nsecurity = \"Basic256Sha256\"\n\
         user = \"reader\"\npassword_file = \"secret\"\n\n[[source.modbus]]\nid = \"gds\"\nname = \"GDS\"\naddress = \"127.0.0.1:{modbus}\"\n"
        );
    fs::write(config.join("secret"), PASSWORD_OF_SERVER)?;
    Ok(fs::write(path, text)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_through_the_gateway_with_and_without_a_source() -> Result<()> {
    let folder = places::fresh("commission_looks")?;
    let (mut opcua, mut modbus) = (server(&folder).await?, device(&folder).await?);
    configure(&folder.join("config"))?;
    with_sources(&folder.join("config"), opcua.port, modbus.port)?;
    let mut gateway = Gateway::start(&folder).await?;
    let look = async |what: &str, body: Value| gateway.api.post(&format!("look/{what}"), &body).await;
    let refused = async |what: &str, body: Value| {
        let told = look(what, body).await.err().context("it is refused")?.to_string();
        Ok::<String, anyhow::Error>(told)
    };

    let url = format!("opc.tcp://127.0.0.1:{}/", opcua.port);
    let offers = look("offers", json!({ "url": url, "id": "dcs" })).await?;
    assert_eq!(offers["endpoints"].as_array().map(Vec::len), Some(2), "{offers:#}");
    assert_eq!(
        offers["chosen"],
        json!({ "security": "Aes256_Sha256_RsaPss", "security_mode": "SignAndEncrypt", "user": "password" })
    );
    let anonymous = look("offers", json!({ "url": url, "user": "anonymous" })).await?;
    assert_eq!((&anonymous["chosen"], &anonymous["lacking"]), (&Value::Null, &"password_needed".into()));
    let sha256 = offers["certificate"]["sha256"].as_str().context("a certificate")?.to_owned();
    let untrusted = refused("browse", json!({ "source": "dcs" })).await?;
    ensure!(untrusted.contains("unreachable") && untrusted.contains("not trusted"), "{untrusted}");
    gateway.api.post(&format!("certificates/{sha256}/trust"), &json!({})).await?;
    let level = look("browse", json!({ "source": "dcs" })).await?;
    let plant = level["items"].as_array().context("nodes")?.iter().find(|node| node["display_name"] == "Plant");
    let plant = plant.context("the folder")?;
    ensure!(plant["has_below"] == true && plant["variable"].is_null(), "{plant}");
    let below = look("browse", json!({ "source": "dcs", "node": plant["address"], "limit": 20 })).await?;
    assert_eq!(
        (below["items"].as_array().map(Vec::len), &below["next"], &below["matching"]),
        (Some(20), &"20".into(), &30.into())
    );
    let rest =
        look("browse", json!({ "source": "dcs", "node": plant["address"], "limit": 20, "cursor": "20" })).await?;
    assert_eq!((rest["items"].as_array().map(Vec::len), &rest["next"]), (Some(10), &Value::Null));
    let tank = &below["items"][0];
    assert_eq!(
        (&tank["variable"]["range"], &tank["variable"]["engineering_unit"]),
        (&json!([0.0, 100.0]), &"%".into())
    );
    ensure!(
        tank["variable"]["is_point"] == true && tank["has_below"] == false,
        "properties stand for themselves: {tank}"
    );
    let found = look("browse", json!({ "source": "dcs", "deep": true, "filter": "li-1101" })).await?;
    assert_eq!((&found["matching"], &found["items"][0]["path"]), (&1.into(), &json!(["Plant", "LI-1101"])));

    let values = look("read", json!({ "source": "dcs", "nodes": [tank["address"], "ns=2;s=NOWHERE"] })).await?;
    assert_eq!((&values["values"][0]["number"], &values["values"][1]["severity"]), (&json!(42.5), &"bad".into()));
    let registers = look("read", json!({ "source": "gds", "registers": "1/40003", "count": 4 })).await?;
    let orders = registers["groups"][0]["orders"].as_array().context("orders")?;
    let swapped = orders.iter().find(|order| order["order"] == "CDAB").context("CDAB")?;
    assert_eq!((orders.len(), &swapped["values"][0]), (4, &json!({ "data": "f32", "value": 25.5 })));
    let cells = json!({ "地址": "1/40003", "data": "f32", "order": "CDAB", "scale": "2", "offset": "-1" });
    let row = look("read", json!({ "source": "gds", "row": cells })).await?;
    assert_eq!(
        (&row["of"], &row["values"][0]["number"], &row["values"][0]["severity"]),
        (&"nodes".into(), &json!(50.0), &"good".into())
    );
    let row = look("read", json!({ "source": "dcs", "row": { "address": tank["address"] } })).await?;
    assert_eq!(row["values"][0]["number"], 42.5);
    let row = look("read", json!({ "source": "gds", "row": { "address": "1/holding/60000", "data": "u16" } })).await?;
    assert_eq!((&row["values"][0]["number"], &row["values"][0]["severity"]), (&Value::Null, &"bad".into()));
    let device = look("offers", json!({ "url": format!("modbus://127.0.0.1:{}", modbus.port) })).await?;
    assert_eq!(device["kind"], "modbus");
    let found =
        json!([{ "path": ["Plant", "LI-1101"], "name": "储罐液位", "address": tank["address"], "range": [0, 100] }]);
    let rows = look("propose", json!({ "source": "dcs", "found": found, "taken": ["LI-1101"] })).await?;
    assert_eq!(
        (&rows["rows"][0]["cells"]["tag"], &rows["rows"][0]["cells"]["range_high"]),
        (&"Plant.LI-1101".into(), &"100".into())
    );

    for (what, body, words) in [
        ("browse", json!({ "source": "plc" }), "no_such_source"),
        ("browse", json!({ "source": "gds" }), "which registers"),
        ("browse", json!({ "url": "modbus://127.0.0.1" }), "no OPC UA server"),
        ("browse", json!({ "source": "dcs", "node": "nsu=urn:elsewhere;s=x" }), "leads nowhere"),
        ("read", json!({ "source": "gds", "registers": "1/holding/60000" }), "refuses"),
        ("read", json!({ "source": "gds", "registers": "1/holding/0", "count": 126 }), "cannot be read at once"),
        ("read", json!({ "source": "gds", "registers": "x" }), "is not a Modbus address"),
        ("read", json!({ "source": "gds", "row": { "address": "1/40003" } }), "data: is empty"),
        ("read", json!({ "url": "modbus://127.0.0.1", "row": { "address": "1/40003" } }), "say which in `source`"),
        ("offers", json!({ "url": "http://127.0.0.1" }), "write opc.tcp://"),
        ("offers", json!({ "url": "modbus://127.0.0.1:1" }), "unreachable"),
    ] {
        let told = refused(what, body.clone()).await?;
        ensure!(told.contains(words), "{what} {body}: {told}");
    }
    ensure!(opcua.writes_seen().await? == 0 && modbus.writes_seen().await? == 0, "nothing is written");
    ensure!(!gateway.log()?.contains(PASSWORD_OF_SERVER), "no password in the log");
    ensure!(gateway.stop().await?.success(), "an orderly stop");
    gateway.verify().await
}

/// A tree is drawn level by level, and the whole of it searched, in the time that a person waits. Figures are printed, because they
/// are those of the machine.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_ten_thousand_nodes() -> Result<()> {
    let folder = places::fresh("commission_nodes")?;
    let node = |number| Node { name: format!("LI-{number:05}"), data_type: "Double", value: json!(number) };
    let more = json!({ "LI-00000": { "range": [0, 100] } });
    let opcua = OpcUa::start_described((0..10_000).map(node).collect(), more, Value::Null, &folder).await?;
    configure(&folder.join("config"))?;
    let mut gateway = Gateway::start(&folder).await?;
    let url = format!("opc.tcp://127.0.0.1:{}/", opcua.port);
    for (what, body, matching) in [
        ("the folders", json!({ "url": url }), None),
        ("the first 200 of a folder", json!({ "url": url, "node": "ns=2;s=Plant" }), Some(500)),
        ("the last 100", json!({ "url": url, "node": "ns=2;s=Plant", "cursor": "400" }), Some(500)),
        ("a search", json!({ "url": url, "deep": true, "filter": "LI-0999" }), Some(10)),
        ("1 000 at once", json!({ "url": url, "deep": true, "limit": 1_000 }), Some(10_000)),
    ] {
        let begun = Instant::now();
        let level = gateway.api.post("look/browse", &body).await?;
        println!("{what}: {:.2} s", begun.elapsed().as_secs_f64());
        ensure!(
            level["whole"] == true && matching.is_none_or(|count| level["matching"] == count),
            "{what}: {}",
            level["matching"]
        );
    }
    let alive = async || Ok(gateway.api.get("system").await.is_ok());
    waiting::until_true("the gateway answers as before", LONG, alive).await?;
    ensure!(gateway.stop().await?.success(), "an orderly stop");
    Ok(())
}
