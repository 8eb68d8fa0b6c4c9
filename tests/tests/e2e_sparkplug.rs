//! A gateway as a Sparkplug edge node: a host application that this project did not write sees births, values and deaths in order and
//! without a gap, whatever is unplugged; and whatever it commands, the field hears nothing of it.

use acceptance::{
    broker::Broker,
    gateway::Gateway,
    peers::{Modbus, Node, OpcUa, float_cdab},
    places,
    sparkplug::{Host, NAME, bd_seq, keeps_the_rules, metric},
    waiting::{self, LONG},
    watched::Watched,
};
use anyhow::{Context as _, Result, ensure};
use davy_core::event::Event;
use davy_field::wire::Protocol;
use davy_store::recording::Recording;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const LEVEL: &str = "LI-1";
const SILENT: &str = "LI-2";
const GAS: &str = "GT-1";

struct Plant {
    folder: PathBuf,
    server: OpcUa,
    modbus: Modbus,
    taps: [Watched; 2],
    enterprise: Broker,
    host: Host,
    gateway: Gateway,
    /// The level's values so far are 1, 2, 3 and so on.
    written: usize,
}

impl Plant {
    async fn start() -> Result<Self> {
        let folder = places::fresh("sparkplug")?;
        let node = |name: &str, value| Node { name: name.to_owned(), data_type: "Double", value };
        let server = OpcUa::start(vec![node(LEVEL, json!(0.0)), node(SILENT, json!(0.0))], &folder).await?;
        let mut modbus = Modbus::start(json!({"1": {"holding": [[0, 4]]}}), &folder).await?;
        modbus.write(1, "holding", 0, &float_cdab(12.5)).await?;
        let taps = [
            Watched::open("OPC UA", Protocol::OpcUa, server.port).await?,
            Watched::open("Modbus", Protocol::ModbusTcp, modbus.port).await?,
        ];
        let enterprise = Broker::start("enterprise", &folder).await?;
        let host = Host::start(enterprise.port, &folder).await?;
        configure(&folder.join("config"), [taps[0].port(), taps[1].port(), enterprise.port])?;
        let gateway = Gateway::start(&folder).await?;
        Ok(Self { folder, server, modbus, taps, enterprise, host, gateway, written: 0 })
    }

    /// So many values of the level, each heard by the gateway.
    async fn write(&mut self, count: usize) -> Result<()> {
        for _ in 0..count {
            self.written += 1;
            let value = self.written as f64;
            self.server.write(LEVEL, value).await?;
            let has_come = async || Ok(self.gateway.api.find("tags", "tag", LEVEL).await?["value"] == value);
            waiting::until_true("the value has come", LONG, has_come).await?;
        }
        Ok(())
    }

    /// Waits until the host has the last of the values as data; gives the one before it. The last one itself may be what the birth has
    /// told, at the same time, and is of the present then.
    async fn have_arrived(&mut self, after: usize) -> Result<Value> {
        let (before, last) = (self.written as f64 - 1.0, self.written as f64);
        self.arrives(last, after).await?;
        self.arrives(before, after).await
    }

    async fn arrives(&mut self, value: f64, after: usize) -> Result<Value> {
        let is_it = |one: &&Value| one["name"] == LEVEL && one["value"] == value;
        let told = |message: &Value| message["kind"] == "DDATA" && metrics(message).any(|one| is_it(&one));
        let (_, message) = self.host.wait_for(&format!("{LEVEL} = {value} arrives"), after, told).await?;
        metrics(&message).find(is_it).cloned().context("it has just been found")
    }

    async fn uplink(&self) -> Result<Value> {
        self.gateway.api.find("uplinks", "uplink", "scada").await
    }

    async fn heard(&mut self) -> Result<usize> {
        Ok(self.host.messages().await?.len())
    }

    /// Without its primary host the node is not born; what is heard meanwhile arrives after its birth, as of the past.
    async fn waits_for_its_host(&mut self) -> Result<u64> {
        let waits = async || Ok(self.uplink().await?["detail"].as_str().is_some_and(|why| why.contains(NAME)));
        waiting::until_true("the uplink waits for its primary host", LONG, waits).await?;
        self.write(3).await?;
        ensure!(self.uplink().await?["up"] == false && self.heard().await? == 0, "born without its host");
        self.host.say(true).await?;
        let (_, birth) = self.host.wait("NBIRTH", None, 0).await?;
        ensure!(metric(&birth, "Node Control/Rebirth").is_some_and(|one| one["value"] == false), "{birth}");
        let (_, of_level) = self.host.wait("DBIRTH", Some("dcs"), 0).await?;
        let level = metric(&of_level, LEVEL).context("the level")?;
        ensure!(level["value"] == 3.0 && level["type"] == "DOUBLE" && level["alias"].is_u64(), "{level}");
        ensure!(
            level["properties"] == json!({"Quality": 192, "engUnit": "mm", "engLow": 0.0, "engHigh": 9999.0}),
            "{level}"
        );
        let (_, of_gas) = self.host.wait("DBIRTH", Some("gds"), 0).await?;
        ensure!(metric(&of_gas, GAS).is_some_and(|one| one["value"] == 12.5), "{of_gas}");
        let one = self.have_arrived(0).await?;
        ensure!(one["historical"] == true, "{one}");
        bd_seq(&birth)
    }

    /// What happens while the link is up is of the present.
    async fn tells_what_happens(&mut self) -> Result<()> {
        let before = self.heard().await?;
        self.write(3).await?;
        self.server.write_as(SILENT, 7.0, 0x808C_0000).await?;
        let one = self.have_arrived(before).await?;
        ensure!(one["historical"] == false && one["properties"]["Quality"] == 192, "{one}");
        let told = |message: &Value| {
            metrics(message).any(|one| {
                one["name"] == SILENT && one["properties"] == json!({"Quality": 0, "statusCode": 0x808C_0000_u32})
            })
        };
        self.host.wait_for("the failed sensor", before, told).await.map(drop)
    }

    /// Rebirth is the one command that is carried out.
    async fn obeys_rebirth_alone(&mut self, connection: u64) -> Result<()> {
        let before = self.heard().await?;
        self.host.command(Some("dcs"), LEVEL, json!(4711.0)).await?;
        self.host.command(None, "Node Control/Reboot", json!(true)).await?;
        self.host.rebirth().await?;
        let (at, birth) = self.host.wait("NBIRTH", None, before).await?;
        ensure!(bd_seq(&birth)? == connection, "{birth}");
        self.host.wait("DBIRTH", Some("dcs"), at).await?;
        let said = async || Ok(self.gateway.log()?.contains("sparkplug_commands_dropped"));
        waiting::until_true("dropped commands are in the log", LONG, said).await
    }

    /// A source that is lost is a device that dies; it is born when it is back.
    async fn tells_which_source_is_lost(&mut self) -> Result<()> {
        let before = self.heard().await?;
        self.modbus.stop().await?;
        let (at, _) = self.host.wait("DDEATH", Some("gds"), before).await?;
        self.modbus.start_again().await?;
        self.host.wait("DBIRTH", Some("gds"), at).await.map(drop)
    }

    /// A broker that was away gets what it missed, as of the past, from the next connection.
    async fn survives_its_broker(&mut self, connection: u64) -> Result<u64> {
        let before = self.heard().await?;
        self.enterprise.stop().await?;
        let is_down = async || Ok(self.uplink().await?["up"] == false);
        waiting::until_true("the uplink is down", LONG, is_down).await?;
        self.write(5).await?;
        self.enterprise.start_again().await?;
        let next = self.is_born(connection, before).await?;
        let one = self.have_arrived(before).await?;
        ensure!(one["historical"] == true, "{one}");
        Ok(next)
    }

    /// With its host gone the node dies in order, and is born again with it.
    async fn follows_its_host(&mut self, connection: u64) -> Result<u64> {
        let before = self.heard().await?;
        self.host.say(false).await?;
        let (at, death) = self.host.wait("NDEATH", None, before).await?;
        ensure!(bd_seq(&death)? == connection && !self.is_last_will(&death)?, "{death}");
        self.write(2).await?;
        ensure!(self.heard().await? == at + 1, "it speaks to a host that is gone");
        self.host.say(true).await?;
        let next = self.is_born(connection, at).await?;
        let one = self.have_arrived(at).await?;
        ensure!(one["historical"] == true, "{one}");
        Ok(next)
    }

    /// A gateway that is killed is declared dead by the broker; one that stops says so itself.
    async fn dies(&mut self, killed: bool, connection: u64) -> Result<()> {
        let before = self.heard().await?;
        if killed {
            self.gateway.kill().await?;
        } else {
            ensure!(self.gateway.stop().await?.success(), "an orderly stop");
        }
        let (at, death) = self.host.wait("NDEATH", None, before).await?;
        ensure!(bd_seq(&death)? == connection && self.is_last_will(&death)? == killed, "{death}");
        ensure!(self.heard().await? == at + 1, "it speaks after its death");
        Ok(())
    }

    /// Whether a death was told to the broker before the last birth.
    fn is_last_will(&self, death: &Value) -> Result<bool> {
        let birth = self.host.so_far().iter().rfind(|message| message["kind"] == "NBIRTH").context("a birth")?;
        let time = |message| metric(message, "bdSeq").and_then(|one| one["timestamp"].as_u64()).context("a time");
        Ok(time(death)? <= time(birth)?)
    }

    /// From its next start on.
    fn speaks_mqtt_5(&self) -> Result<()> {
        let path = self.folder.join("config/gateway.toml");
        let text = fs::read_to_string(&path)?;
        Ok(fs::write(path, text.replace("primary_host = ", "version = \"5\"\nprimary_host = "))?)
    }

    /// Waits for a birth by the next connection; gives its number.
    async fn is_born(&mut self, before: u64, after: usize) -> Result<u64> {
        let (_, birth) = self.host.wait("NBIRTH", None, after).await?;
        let next = bd_seq(&birth)?;
        ensure!(next == before + 1, "{before} and then {next}");
        Ok(next)
    }

    /// Every value that was recorded since the first birth is at the host, with the time that the source gave it.
    async fn nothing_is_lost(&mut self) -> Result<()> {
        let mut told: BTreeMap<usize, BTreeSet<i64>> = BTreeMap::new();
        let of_level = |one: &&Value| one["name"] == LEVEL && one["null"] == false;
        for one in self.host.messages().await?.iter().flat_map(metrics).filter(of_level) {
            let (value, time) = (one["value"].as_f64().context("a value")?, one["timestamp"].as_i64());
            told.entry(value as usize).or_default().insert(time.context("a time")?);
        }
        let recorded = recorded(&self.folder)?;
        for value in 1..=self.written {
            let (told, recorded) = (told.get(&value), recorded.get(&value));
            ensure!(recorded.is_some() && told == recorded, "{value}: recorded {recorded:?}, told {told:?}");
        }
        Ok(())
    }

    async fn was_only_read(&mut self) -> Result<()> {
        let writes = self.server.writes_seen().await? + self.modbus.writes_seen().await?;
        ensure!(writes == 0, "the field's servers have seen {writes} requests that would change something");
        self.taps.iter().try_for_each(Watched::only_reads)
    }
}

fn metrics(message: &Value) -> impl Iterator<Item = &Value> {
    message["metrics"].as_array().into_iter().flatten()
}

/// The source times of each value of the level.
fn recorded(folder: &Path) -> Result<BTreeMap<usize, BTreeSet<i64>>> {
    let recording = Recording::open(&folder.join("data"))?;
    let mut times: BTreeMap<usize, BTreeSet<i64>> = BTreeMap::new();
    for run in recording.runs()? {
        recording.play(&run, |part| {
            for told in part.told {
                let Event::Samples(samples) = told.event else { continue };
                for sample in samples.iter().filter(|sample| sample.tag.at() == 0 && sample.quality.is_usable()) {
                    let time = sample.source_time.unwrap_or(sample.received_time);
                    times.entry(sample.value as usize).or_default().insert(time.0);
                }
            }
            true
        })?;
    }
    Ok(times)
}

fn configure(folder: &Path, [opcua, modbus, enterprise]: [u16; 3]) -> Result<()> {
    fs::create_dir_all(folder)?;
    let gateway = format!(
        r#"
[gateway]
company_code = "330100123"
gateway_id = "gw-1"
name = "Sparkplug 试验"

[web]
listen = "127.0.0.1:0"

[[source.opcua]]
id = "dcs"
name = "DCS"
endpoint = "opc.tcp://127.0.0.1:{opcua}/"
security = "none"
publishing_interval = "100ms"

[[source.modbus]]
id = "gds"
name = "GDS"
address = "127.0.0.1:{modbus}"
poll_interval = "250ms"

[[uplink.sparkplug]]
id = "scada"
name = "SCADA"
url = "mqtt://127.0.0.1:{enterprise}"
primary_host = "{NAME}"
[uplink.sparkplug.samples]
min_interval = "0s"
deadband_percent = 0
"#
    );
    fs::write(folder.join("gateway.toml"), gateway)?;
    let tags = format!(
        "位号,名称,数据源,地址,数据类型,字节序,工程单位,量程下限,量程上限\n\
         {LEVEL},液位一,dcs,ns=2;s={LEVEL},,,mm,0,9999\n{SILENT},液位二,dcs,ns=2;s={SILENT},,,mm,0,9999\n\
         {GAS},氢气,gds,1/holding/0,f32,CDAB,ppm,0,100\n"
    );
    Ok(fs::write(folder.join("tags.csv"), tags)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_application_misses_nothing_and_can_command_nothing() -> Result<()> {
    let mut plant = Plant::start().await?;
    let first = plant.waits_for_its_host().await?;
    plant.tells_what_happens().await?;
    plant.obeys_rebirth_alone(first).await?;
    plant.tells_which_source_is_lost().await?;
    let second = plant.survives_its_broker(first).await?;
    let third = plant.follows_its_host(second).await?;
    plant.dies(true, third).await?;
    let before = plant.heard().await?;
    plant.speaks_mqtt_5()?;
    plant.gateway.start_again().await?;
    let fourth = plant.is_born(third, before).await?;
    plant.dies(false, fourth).await?;

    keeps_the_rules(plant.host.messages().await?)?;
    plant.nothing_is_lost().await?;
    plant.was_only_read().await?;
    plant.gateway.verify().await
}
