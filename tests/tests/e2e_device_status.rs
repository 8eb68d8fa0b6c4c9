//! What a server says of the device behind a value, its sub-status and its limit bits (OPC 10000-8, 6.4; NAMUR NE 107), comes
//! through to whoever reads the API.

use acceptance::{
    gateway::Gateway,
    peers::{Node, OpcUa},
    places,
    waiting::{self, LONG},
    watched::Watched,
};
use anyhow::{Result, ensure};
use davy_field::wire::Protocol;
use serde_json::{Value, json};
use std::fs;

/// A status code as the server sends it, and severity, device status and limit as the API tells them.
const TOLD: [(u32, &str, Option<&str>, Option<&str>); 10] = [
    // UncertainSensorNotAccurate at the low limit.
    (0x4093_0500, "uncertain", Some("out_of_specification"), Some("low")),
    // UncertainEngineeringUnitsExceeded at the high one.
    (0x4094_0600, "uncertain", Some("out_of_specification"), Some("high")),
    // BadSensorFailure, and the value stands still.
    (0x808C_0700, "bad", Some("failure"), Some("constant")),
    // BadDeviceFailure.
    (0x808B_0000, "bad", Some("failure"), None),
    // BadOutOfService.
    (0x808D_0000, "bad", Some("function_check"), None),
    // UncertainSensorCalibration.
    (0x420A_0000, "uncertain", Some("function_check"), None),
    // GoodLocalOverride.
    (0x0096_0000, "good", Some("function_check"), None),
    // Limit bits of an info type that is none of a value's mean nothing.
    (0x4093_0200, "uncertain", Some("out_of_specification"), None),
    // Nothing is said of the device where it cannot be heard: BadNoCommunication.
    (0x8031_0000, "bad", None, None),
    (0x0000_0000, "good", None, None),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_a_device_comes_through() -> Result<()> {
    let folder = places::fresh("device-status")?;
    let node = Node { name: "LI-1".to_owned(), data_type: "Double", value: json!(42.5) };
    let mut server = OpcUa::start(vec![node], &folder).await?;
    let tap = Watched::open("OPC UA", Protocol::OpcUa, server.port).await?;
    let config = folder.join("config");
    fs::create_dir_all(&config)?;
    let gateway = format!(
        r#"
[gateway]
company_code = "330100123"
gateway_id = "gw-1"
name = "设备状态试验"

[web]
listen = "127.0.0.1:0"

[[source.opcua]]
id = "dcs"
name = "DCS"
endpoint = "opc.tcp://127.0.0.1:{}/"
security = "none"
publishing_interval = "100ms"
"#,
        tap.port()
    );
    fs::write(config.join("gateway.toml"), gateway)?;
    fs::write(config.join("tags.csv"), "tag,name,source,address\nLI-1,液位,dcs,ns=2;s=LI-1\n")?;
    let mut gateway = Gateway::start(&folder).await?;
    for (value, (status, severity, device_status, limited)) in (1_u32..).zip(TOLD) {
        server.write_as("LI-1", f64::from(value), status).await?;
        let expected = json!([status, severity, device_status, limited]);
        let told = |row: &Value| json!([row["quality"], row["severity"], row["device_status"], row["limited"]]);
        let is_told = async || Ok(told(&gateway.api.find("tags", "tag", "LI-1").await?) == expected);
        let last = waiting::until_true(&format!("{status:#010X} is told"), LONG, is_told).await;
        ensure!(last.is_ok(), "{expected}: {:?}, {}", last, gateway.api.find("tags", "tag", "LI-1").await?);
    }
    ensure!(gateway.stop().await?.success(), "an orderly stop");
    tap.only_reads()?;
    gateway.verify().await
}
