//! The section of a new source in `gateway.toml`, as a person says it on the command line or on the page. What does not fit a kind of
//! source is told when the configuration is checked.

use super::text;

/// What a URL leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceUrl {
    /// `opc.tcp://`.
    OpcUa,
    /// `modbus://` and its relatives, or a serial port.
    Modbus(ModbusWay),
    /// `mqtt://` and `mqtts://`.
    Mqtt,
}

/// How a line of Modbus is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModbusWay {
    /// Modbus TCP.
    Tcp,
    /// RTU over TCP.
    Rtu,
    /// A serial port.
    Serial,
    /// The device connects, and speaks TCP.
    Listen,
    /// The device connects, and speaks RTU, as serial device servers (DTU) do.
    ListenRtu,
}

/// Where a password comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PasswordFrom {
    /// There is none.
    #[default]
    Nowhere,
    /// A file, as the configuration names it.
    File(String),
    /// A variable of the environment.
    Variable(String),
}

/// The settings of a serial port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialLine {
    /// Bits a second.
    pub baud: u32,
    /// `none`, `even` or `odd`.
    pub parity: String,
    /// Stop bits.
    pub stop_bits: u8,
}

/// A source that is to be written. Files are named as the configuration names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSource {
    /// Its id.
    pub id: String,
    /// Where it is.
    pub url: String,
    /// What people call it; the id without it.
    pub name: Option<String>,
    /// OPC UA: the policy.
    pub security: Option<String>,
    /// OPC UA: the mode.
    pub security_mode: Option<String>,
    /// OPC UA: whether the certificate must be that of the host.
    pub certificate_host_check: bool,
    /// OPC UA: whether it must be in time.
    pub certificate_time_check: bool,
    /// The user at the server or broker.
    pub user: Option<String>,
    /// Where his password is.
    pub password: PasswordFrom,
    /// OPC UA: the user by certificate.
    pub user_certificate_file: Option<String>,
    /// OPC UA: its key.
    pub user_key_file: Option<String>,
    /// MQTT: the authority to trust.
    pub ca_file: Option<String>,
    /// MQTT: the gateway's certificate.
    pub client_certificate_file: Option<String>,
    /// MQTT: its key.
    pub client_key_file: Option<String>,
    /// A device that dials in: from where.
    pub allow: Vec<String>,
    /// A device that dials in: what it says of itself.
    pub registration: Option<String>,
    /// MQTT: the topics of people's positions.
    pub location: Option<String>,
    /// MQTT: the topics of video events.
    pub video: Option<String>,
    /// MQTT: the topics of tickets.
    pub ticket: Option<String>,
    /// A serial port's settings.
    pub line: SerialLine,
}

impl SourceUrl {
    /// What a URL leads to.
    ///
    /// # Errors
    /// In words: no scheme of ours.
    pub fn of(url: &str) -> Result<Self, String> {
        let schemes = [
            ("opc.tcp://", Self::OpcUa),
            ("modbus://", Self::Modbus(ModbusWay::Tcp)),
            ("modbus-rtu://", Self::Modbus(ModbusWay::Rtu)),
            ("modbus-listen://", Self::Modbus(ModbusWay::Listen)),
            ("modbus-rtu-listen://", Self::Modbus(ModbusWay::ListenRtu)),
            ("mqtt://", Self::Mqtt),
            ("mqtts://", Self::Mqtt),
            ("/dev/", Self::Modbus(ModbusWay::Serial)),
        ];
        let found = schemes.into_iter().find(|(scheme, _)| url.starts_with(scheme)).map(|(_, kind)| kind);
        found.ok_or_else(|| {
            format!(
                "{url}: write opc.tcp://host:port/path, modbus://host:port, modbus-rtu://host:port, /dev/ttyS1, mqtt://host:port, \
                 mqtts://host:port, or for devices that dial in modbus-listen://address:port or modbus-rtu-listen://address:port"
            )
        })
    }
}

impl NewSource {
    /// The text of its section.
    ///
    /// # Errors
    /// In words: what a URL of its kind does not take, or what is missing.
    pub fn section(&self) -> Result<String, String> {
        let kind = SourceUrl::of(&self.url)?;
        let mut section = Section(Vec::new());
        let table = match kind {
            SourceUrl::OpcUa => "opcua",
            SourceUrl::Modbus(_) => "modbus",
            SourceUrl::Mqtt => "mqtt",
        };
        section.0.push(format!("[[source.{table}]]"));
        section.key("id", Some(&self.id));
        section.key("name", Some(self.name.as_ref().unwrap_or(&self.id)));
        section.place(self, kind);
        if !self.allow.is_empty() {
            let allow: Vec<String> = self.allow.iter().map(|range| text(range)).collect();
            section.0.push(format!("allow = [{}]", allow.join(", ")));
        }
        section.key("registration", self.registration.as_ref());
        section.key("security", self.security.as_ref());
        section.key("security_mode", self.security_mode.as_ref());
        section.key("user", self.user.as_ref());
        match &self.password {
            PasswordFrom::Nowhere => {}
            PasswordFrom::File(file) => section.key("password_file", Some(file)),
            PasswordFrom::Variable(variable) => section.key("password_env", Some(variable)),
        }
        section.off("certificate_host_check", !self.certificate_host_check);
        section.off("certificate_time_check", !self.certificate_time_check);
        section.key("user_certificate_file", self.user_certificate_file.as_ref());
        section.key("user_key_file", self.user_key_file.as_ref());
        section.key("ca_file", self.ca_file.as_ref());
        section.key("client_certificate_file", self.client_certificate_file.as_ref());
        section.key("client_key_file", self.client_key_file.as_ref());
        section.messages(self, kind)?;
        Ok(section.0.join("\n"))
    }
}

struct Section(Vec<String>);

impl Section {
    fn key(&mut self, key: &str, value: Option<&String>) {
        self.0.extend(value.map(|value| format!("{key} = {}", text(value))));
    }

    fn off(&mut self, key: &str, is_off: bool) {
        self.0.extend(is_off.then(|| format!("{key} = false")));
    }

    fn place(&mut self, source: &NewSource, kind: SourceUrl) {
        let host = || source.url.split_once("://").map(|(_, host)| host.trim_end_matches('/').to_owned());
        match kind {
            SourceUrl::OpcUa => self.key("endpoint", Some(&source.url)),
            SourceUrl::Modbus(ModbusWay::Tcp | ModbusWay::Rtu) => self.key("address", host().as_ref()),
            SourceUrl::Modbus(ModbusWay::Listen | ModbusWay::ListenRtu) => self.key("listen", host().as_ref()),
            SourceUrl::Modbus(ModbusWay::Serial) => self.serial(source),
            SourceUrl::Mqtt => self.key("url", Some(&source.url)),
        }
        if let SourceUrl::Modbus(ModbusWay::Rtu | ModbusWay::ListenRtu) = kind {
            self.key("framing", Some(&"rtu".to_owned()));
        }
    }

    fn serial(&mut self, source: &NewSource) {
        let SerialLine { baud, parity, stop_bits } = &source.line;
        self.key("serial", Some(&source.url));
        self.0.push(format!("baud = {baud}"));
        self.key("parity", Some(parity));
        self.0.push(format!("stop_bits = {stop_bits}"));
    }

    /// Which messages of a broker, and where each thing stands in them by default.
    fn messages(&mut self, source: &NewSource, kind: SourceUrl) -> Result<(), String> {
        let wanted = [("location", &source.location), ("video", &source.video), ("ticket", &source.ticket)];
        let given: Vec<&str> = wanted.iter().filter(|(_, topic)| topic.is_some()).map(|(name, _)| *name).collect();
        match (kind, given.first()) {
            (SourceUrl::Mqtt, None) => {
                return Err("say what the broker brings: location 'site/location/+', video 'site/video/+' or ticket 'site/ticket/+'"
                    .to_owned());
            }
            (SourceUrl::Mqtt, Some(_)) | (_, None) => {}
            (_, Some(name)) => return Err(format!("{name} is for mqtt:// and mqtts:// alone")),
        }
        if let Some(topic) = &source.location {
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
        if let Some(topic) = &source.video {
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
        if let Some(topic) = &source.ticket {
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
        assert_eq!(SourceUrl::of("modbus-rtu://10.0.0.1:4001"), Ok(SourceUrl::Modbus(ModbusWay::Rtu)));
        assert_eq!(SourceUrl::of("mqtts://10.0.0.1"), Ok(SourceUrl::Mqtt));
        assert_eq!(SourceUrl::of("modbus-rtu-listen://0.0.0.0:5020"), Ok(SourceUrl::Modbus(ModbusWay::ListenRtu)));
        let unknown = SourceUrl::of("tcp://10.0.0.1").expect_err("which protocol?");
        assert!(unknown.contains("modbus://host:port"), "{unknown}");
    }
}
