//! `gateway.toml`: who the gateway is, where the plant is read, where the enterprise is.

use crate::settings::Endpoints;
use std::net::SocketAddr;

/// The sources of the point table.
pub(super) const OPCUA_SOURCE: &str = "dcs";
pub(super) const MODBUS_SOURCE: &str = "gds";

/// The file.
pub(super) fn file(endpoints: &Endpoints, web_listen: SocketAddr) -> String {
    let Endpoints { modbus, field, enterprise, .. } = endpoints;
    let opcua = endpoints.opcua_url();
    format!(
        r#"# The gateway of the simulated plant. Written by the plant from its own description: a tank farm and a reaction unit,
# read over OPC UA, Modbus TCP and MQTT, and an enterprise platform behind MQTT.

[gateway]
company_code = "330100123"
gateway_id = "gw-demo"
name = "罐区与反应装置边缘网关"

# Who wrote this configuration and why; the history of the alarm table shows it.
[change]
version = "1.0"
author = "davy"
reason = "模拟装置自带的配置"
date = "2026-11-23"

# The edges of plan.png, in metres like the polygons of zones.csv.
[map]
west = 0
south = 0
east = 400
north = 250

[web]
listen = "{web_listen}"

[board]
kind = "simulated"

# The DCS and SIS: tanks, reactors and utilities.
[[source.opcua]]
id = "{OPCUA_SOURCE}"
name = "DCS"
endpoint = "{opcua}"
security = "none"
publishing_interval = "500ms"
sampling_interval = "250ms"
queue_size = 10
lost_after = "2s"
lost_priority = "high"

# The gas detection system as unit id 1, the PLC of the loading racks and the fire water as unit id 2.
[[source.modbus]]
id = "{MODBUS_SOURCE}"
name = "气体检测与装卸PLC"
address = "{modbus}"
poll_interval = "500ms"
timeout = "1s"
gap_max = 8
lost_after = "5s"
lost_priority = "high"

# People's beacons and video analytics.
[[source.mqtt]]
id = "people"
name = "人员定位与视频分析"
url = "mqtt://{field}"
lost_after = "5s"
lost_priority = "high"

[source.mqtt.location]
topic = "site/location/+"
card = {{ topic_level = 2 }}
zone = {{ pointer = "/zone" }}
x = {{ pointer = "/x" }}
y = {{ pointer = "/y" }}
sos = {{ pointer = "/sos" }}
battery = {{ pointer = "/battery" }}
time = {{ pointer = "/time" }}

[source.mqtt.video]
topic = "site/video/+"
camera = {{ topic_level = 2 }}
algorithm = {{ pointer = "/algorithm" }}
confidence = {{ pointer = "/confidence" }}
picture = {{ pointer = "/picture" }}
time = {{ pointer = "/time" }}

# The enterprise platform.
[[uplink.mqtt]]
id = "enterprise"
name = "企业平台"
url = "mqtt://{enterprise}"
lost_after = "5s"
lost_priority = "medium"
"#
    )
}
