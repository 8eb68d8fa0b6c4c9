//! The section of a source in `gateway.toml`, as the command line says it. What does not fit a kind of source is told when the
//! configuration is checked.

use super::opcua::Chosen;
use crate::cli::{Parity, SourceAdd};
use anyhow::{Context, bail};
use davy_config::scaffold::text;
use std::{
    env,
    path::{Path, PathBuf},
};

/// What a URL leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    OpcUa,
    Modbus(Way),
    Mqtt,
}

/// How a line of Modbus is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Tcp,
    /// RTU over TCP.
    Rtu,
    Serial,
    /// The device connects, and speaks TCP.
    Listen,
    /// The device connects, and speaks RTU, as serial device servers (DTU) do.
    ListenRtu,
}

/// Where a password comes from.
pub(super) enum Password {
    None,
    /// To be kept in a file of the configuration folder.
    Typed {
        file: String,
        text: String,
    },
    File(String),
    Variable(String),
}

impl Kind {
    pub(super) fn of(url: &str) -> anyhow::Result<Self> {
        let schemes = [
            ("opc.tcp://", Self::OpcUa),
            ("modbus://", Self::Modbus(Way::Tcp)),
            ("modbus-rtu://", Self::Modbus(Way::Rtu)),
            ("modbus-listen://", Self::Modbus(Way::Listen)),
            ("modbus-rtu-listen://", Self::Modbus(Way::ListenRtu)),
            ("mqtt://", Self::Mqtt),
            ("mqtts://", Self::Mqtt),
            ("/dev/", Self::Modbus(Way::Serial)),
        ];
        let found = schemes.into_iter().find(|(scheme, _)| url.starts_with(scheme)).map(|(_, kind)| kind);
        found.with_context(|| {
            format!(
                "{url}: write opc.tcp://host:port/path, modbus://host:port, modbus-rtu://host:port, /dev/ttyS1, mqtt://host:port, \
                 mqtts://host:port, or for devices that dial in modbus-listen://address:port or modbus-rtu-listen://address:port"
            )
        })
    }
}

/// The text of the section.
pub(super) fn of(
    args: &SourceAdd,
    kind: Kind,
    security: Option<&Chosen>,
    password: &Password,
) -> anyhow::Result<String> {
    let mut section = Section(Vec::new());
    let table = match kind {
        Kind::OpcUa => "opcua",
        Kind::Modbus(_) => "modbus",
        Kind::Mqtt => "mqtt",
    };
    section.0.push(format!("[[source.{table}]]"));
    section.key("id", Some(&args.id));
    section.key("name", Some(args.name.as_ref().unwrap_or(&args.id)));
    let host = || args.url.split_once("://").map(|(_, host)| host.trim_end_matches('/').to_owned());
    match kind {
        Kind::OpcUa => section.key("endpoint", Some(&args.url)),
        Kind::Modbus(Way::Tcp | Way::Rtu) => section.key("address", host().as_ref()),
        Kind::Modbus(Way::Listen | Way::ListenRtu) => section.key("listen", host().as_ref()),
        Kind::Modbus(Way::Serial) => section.line(args),
        Kind::Mqtt => section.key("url", Some(&args.url)),
    }
    if let Kind::Modbus(Way::Rtu | Way::ListenRtu) = kind {
        section.key("framing", Some(&"rtu".to_owned()));
    }
    if !args.allow.is_empty() {
        let allow: Vec<String> = args.allow.iter().map(|range| text(range)).collect();
        section.0.push(format!("allow = [{}]", allow.join(", ")));
    }
    section.key("registration", args.registration.as_ref());
    section.key("security", security.map(|chosen| &chosen.policy));
    section.key("security_mode", security.and_then(|chosen| chosen.mode.as_ref()));
    section.key("user", args.user.as_ref());
    match password {
        Password::None => {}
        Password::Typed { file, .. } | Password::File(file) => section.key("password_file", Some(file)),
        Password::Variable(variable) => section.key("password_env", Some(variable)),
    }
    section.off("certificate_host_check", args.no_certificate_host_check);
    section.off("certificate_time_check", args.no_certificate_time_check);
    for (key, file) in [
        ("user_certificate_file", &args.user_certificate_file),
        ("user_key_file", &args.user_key_file),
        ("ca_file", &args.ca_file),
        ("client_certificate_file", &args.client_certificate_file),
        ("client_key_file", &args.client_key_file),
    ] {
        if let Some(file) = file {
            section.key(key, Some(&path(&args.place.config, file)?));
        }
    }
    section.messages(args, kind)?;
    Ok(section.0.join("\n"))
}

struct Section(Vec<String>);

impl Section {
    fn key(&mut self, key: &str, value: Option<&String>) {
        self.0.extend(value.map(|value| format!("{key} = {}", text(value))));
    }

    fn off(&mut self, key: &str, is_off: bool) {
        self.0.extend(is_off.then(|| format!("{key} = false")));
    }

    fn line(&mut self, args: &SourceAdd) {
        self.key("serial", Some(&args.url));
        let parity = match args.line.parity {
            Parity::None => "none",
            Parity::Even => "even",
            Parity::Odd => "odd",
        };
        self.0.push(format!("baud = {}", args.line.baud));
        self.key("parity", Some(&parity.to_owned()));
        self.0.push(format!("stop_bits = {}", args.line.stop_bits));
    }

    /// Which messages of a broker, and where each thing stands in them by default.
    fn messages(&mut self, args: &SourceAdd, kind: Kind) -> anyhow::Result<()> {
        let wanted = [("--location", &args.location), ("--video", &args.video), ("--ticket", &args.ticket)];
        let given: Vec<&str> = wanted.iter().filter(|(_, topic)| topic.is_some()).map(|(flag, _)| *flag).collect();
        match (kind, given.first()) {
            (Kind::Mqtt, None) => bail!(
                "say what the broker brings: --location 'site/location/+', --video 'site/video/+' or --ticket 'site/ticket/+'"
            ),
            (Kind::Mqtt, Some(_)) | (_, None) => {}
            (_, Some(flag)) => bail!("{flag} is for mqtt:// and mqtts:// alone"),
        }
        if let Some(topic) = &args.location {
            let level = level(topic);
            self.table(
                "location",
                topic,
                &[
                    &format!("card = {{ topic_level = {level} }}"),
                    "zone = { pointer = \"/zone\" }",
                    "sos = { pointer = \"/sos\" }",
                ],
            );
        }
        if let Some(topic) = &args.video {
            let level = level(topic);
            self.table(
                "video",
                topic,
                &[
                    &format!("camera = {{ topic_level = {level} }}"),
                    "algorithm = { pointer = \"/algorithm\" }",
                    "confidence = { pointer = \"/confidence\" }",
                ],
            );
        }
        if let Some(topic) = &args.ticket {
            self.table("ticket", topic, &[]);
        }
        Ok(())
    }

    fn table(&mut self, name: &str, topic: &str, lines: &[&str]) {
        self.0.extend([String::new(), format!("[source.mqtt.{name}]"), format!("topic = {}", text(topic))]);
        self.0.extend(lines.iter().map(|line| (*line).to_owned()));
    }
}

/// The level of a topic that tells one message's object from another's: its last wildcard, or else its last level.
fn level(topic: &str) -> usize {
    let levels: Vec<&str> = topic.split('/').collect();
    levels.iter().rposition(|level| *level == "+").unwrap_or(levels.len().saturating_sub(1))
}

/// A file as the configuration names it: relative to its folder where it is there, else in full.
pub(super) fn path(config: &Path, file: &Path) -> anyhow::Result<String> {
    let here = || -> anyhow::Result<PathBuf> { Ok(env::current_dir()?.join(file)) };
    let path = if config.join(file).exists() { file.to_owned() } else { here()? };
    let path = path.to_str().with_context(|| format!("{} is no text", path.display()))?;
    Ok(path.to_owned())
}

/// What to do with a source that was written.
pub(super) fn next(args: &SourceAdd) -> Vec<String> {
    let (id, url, config) = (&args.id, &args.url, args.place.config.display());
    let data = args.place.data.as_ref().map(|data| format!(" --data {}", data.display())).unwrap_or_default();
    let serial = if url.starts_with('/') {
        format!(" --baud {} --stop-bits {}", args.line.baud, args.line.stop_bits)
    } else {
        String::new()
    };
    let lines = match Kind::of(url) {
        Ok(Kind::OpcUa) => vec![
            format!("davy source test {id} --config {config}{data}"),
            format!("davy browse {id} --csv --config {config}{data} > points.csv"),
            format!("davy tags import points.csv --merge --config {config}"),
        ],
        Ok(Kind::Modbus(way)) => {
            // A device that dials in cannot be asked before the gateway runs.
            let read = matches!(way, Way::Tcp | Way::Rtu | Way::Serial);
            let read = read.then(|| format!("davy read {url} 1/holding/0 --count 8{serial}"));
            let table = [
                format!("davy tags export --config {config} --format xlsx -o tags.xlsx"),
                format!("davy tags import tags.xlsx --config {config}"),
            ];
            read.into_iter().chain(table).collect()
        }
        Ok(Kind::Mqtt) => vec![format!("davy check --config {config}")],
        Err(_) => Vec::new(),
    };
    std::iter::once("next:".to_owned()).chain(lines.into_iter().map(|line| format!("  {line}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_of_a_topic() {
        for (topic, expected) in [("site/location/+", 2), ("+/location/+/raw", 2), ("cards", 0), ("a/b", 1)] {
            assert_eq!(level(topic), expected, "{topic}");
        }
    }

    #[test]
    fn urls() {
        assert_eq!(Kind::of("modbus-rtu://10.0.0.1:4001").expect("known"), Kind::Modbus(Way::Rtu));
        assert_eq!(Kind::of("mqtts://10.0.0.1").expect("known"), Kind::Mqtt);
        assert_eq!(Kind::of("modbus-rtu-listen://0.0.0.0:5020").expect("known"), Kind::Modbus(Way::ListenRtu));
        let unknown = Kind::of("tcp://10.0.0.1").expect_err("which protocol?");
        assert!(unknown.to_string().contains("modbus://host:port"), "{unknown}");
    }
}
