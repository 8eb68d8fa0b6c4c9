//! The words of a site's beginning: `init`, `source`, `browse`, `read`.

use super::{Format, HeaderLanguage, Parity};
use clap::{Args, Subcommand, ValueEnum};
use davy_config::scaffold::changeable;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The configuration folder; made when there is none.
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// The enterprise's code 企业编码 in the registration system of hazardous chemicals, nine digits.
    #[arg(long, value_name = "CODE")]
    pub(crate) company_code: Option<String>,
    /// The gateway's id, unique within the enterprise and part of every message's id: letters, digits, . _ -
    #[arg(long, value_name = "ID")]
    pub(crate) gateway_id: Option<String>,
    /// What people call the gateway.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Who writes the configuration, for the history of the alarm table.
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    /// Where the page listens; 127.0.0.1:8080 without it.
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Source {
    #[command(subcommand)]
    pub(crate) act: SourceAct,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SourceAct {
    /// Tries a server or device, shows what it is, and adds it to gateway.toml, whose other lines stay as they are. On a terminal it
    /// asks before it trusts a certificate or writes; elsewhere say --trust and --apply.
    #[command(
        after_help = "Examples:\n  davy source add dcs opc.tcp://192.168.1.10:4840/ --user davy --config /etc/davy --data /var/lib/davy\n  davy source add gds modbus://192.168.1.20 --name 气体检测系统 --config /etc/davy --apply\n  davy source add dtu modbus-rtu-listen://0.0.0.0:5020 --allow 10.0.0.0/24 --registration DTU-1 --config /etc/davy --apply\n  davy source add line /dev/ttyS1 --baud 19200 --parity even --config /etc/davy --apply\n  davy source add people mqtt://192.168.1.30 --location 'site/location/+' --config /etc/davy --apply"
    )]
    Add(Box<SourceAdd>),
    /// Tries a source of the configuration and says what stands in the way.
    #[command(after_help = "Example:\n  davy source test dcs --config /etc/davy --data /var/lib/davy")]
    Test(SourceTest),
    /// Changes keys of a source in gateway.toml, whose other lines stay as they are. Shows the difference and checks the whole.
    #[command(
        after_help = "Examples:\n  davy source set gds address=192.168.1.21 poll_interval=2s --config /etc/davy --apply\n  davy source set dcs history=true --config /etc/davy\nAn empty value takes the key out: lost_priority="
    )]
    Set(SourceSet),
    /// Takes a source out of gateway.toml, with its tables; refused as long as a row of the point table names it.
    #[command(after_help = "Example:\n  davy source remove gds --config /etc/davy --apply")]
    Remove(SourceRemove),
}

#[derive(Debug, Args)]
pub(crate) struct SourceSet {
    /// The source's id.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Keys as gateway.toml has them, with their values; what is no number, no true or false and no list is a text.
    #[arg(value_name = "KEY=VALUE", required = true, value_parser = key_and_value)]
    pub(crate) changes: Vec<(String, String)>,
    /// The configuration folder.
    #[arg(long, value_name = "DIR", env = "DAVY_CONFIG")]
    pub(crate) config: PathBuf,
    /// Write gateway.toml without asking.
    #[arg(long)]
    pub(crate) apply: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SourceRemove {
    /// The source's id.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// The configuration folder.
    #[arg(long, value_name = "DIR", env = "DAVY_CONFIG")]
    pub(crate) config: PathBuf,
    /// Write gateway.toml without asking.
    #[arg(long)]
    pub(crate) apply: bool,
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE, such as poll_interval=2s")?;
    changeable(key, value)
}

#[derive(Debug, Args)]
pub(crate) struct SourceAdd {
    /// The source's id, to which the point table refers: letters, digits, . _ -
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// opc.tcp://host:port/path, modbus://host:port, modbus-rtu://host:port (RTU over TCP), a serial port /dev/ttyS1,
    /// mqtt://host:port or mqtts://host:port; modbus-listen://address:port or modbus-rtu-listen://address:port for a device that
    /// dials in (DTU).
    #[arg(value_name = "URL")]
    pub(crate) url: String,
    #[command(flatten)]
    pub(crate) place: ConfigAndData,
    /// What people call it; the id without it.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// OPC UA: none, Basic256Sha256, Aes128_Sha256_RsaOaep or Aes256_Sha256_RsaPss. Without it the strongest that the server
    /// offers; none must be said.
    #[arg(long, value_name = "POLICY")]
    pub(crate) security: Option<String>,
    /// OPC UA: SignAndEncrypt or Sign.
    #[arg(long, value_name = "MODE", requires = "security")]
    pub(crate) security_mode: Option<String>,
    /// OPC UA: the server's certificate may be that of another host.
    #[arg(long)]
    pub(crate) no_certificate_host_check: bool,
    /// OPC UA: the server's certificate may have expired.
    #[arg(long)]
    pub(crate) no_certificate_time_check: bool,
    /// OPC UA: trust the server's certificate if it has this SHA-256 or SHA-1, compared with the one at the server.
    #[arg(long, value_name = "FINGERPRINT")]
    pub(crate) trust: Option<String>,
    /// Who trusts it, for the journal; without it who is logged in.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    /// The user at the server or broker. The password is asked for on a terminal and kept in secrets/ID-password.
    #[arg(long)]
    pub(crate) user: Option<String>,
    /// A file with the password, from the configuration folder or from here.
    #[arg(long, value_name = "FILE", conflicts_with = "password_env", requires = "user")]
    pub(crate) password_file: Option<PathBuf>,
    /// A variable of the environment with the password.
    #[arg(long, value_name = "VARIABLE", requires = "user")]
    pub(crate) password_env: Option<String>,
    /// OPC UA: the user by certificate (DER or PEM), from the configuration folder or from here.
    #[arg(long, value_name = "FILE", requires = "user_key_file", conflicts_with = "user")]
    pub(crate) user_certificate_file: Option<PathBuf>,
    /// OPC UA: its key (PEM, not encrypted).
    #[arg(long, value_name = "FILE", requires = "user_certificate_file")]
    pub(crate) user_key_file: Option<PathBuf>,
    /// A device that dials in: from which address or range it may connect, 10.0.0.5 or 192.168.1.0/24; may be said again.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) allow: Vec<String>,
    /// A device that dials in: what it says of itself before anything else, where it does.
    #[arg(long, value_name = "TEXT")]
    pub(crate) registration: Option<String>,
    /// mqtts://: the authority to trust (PEM), from the configuration folder or from here.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// mqtts://: the gateway's certificate (PEM), where the broker asks for one.
    #[arg(long, value_name = "FILE", requires = "client_key_file")]
    pub(crate) client_certificate_file: Option<PathBuf>,
    /// mqtts://: its key (PEM, not encrypted).
    #[arg(long, value_name = "FILE", requires = "client_certificate_file")]
    pub(crate) client_key_file: Option<PathBuf>,
    /// MQTT: the topics of people's positions, such as 'site/location/+'; the last level is the card.
    #[arg(long, value_name = "TOPICS")]
    pub(crate) location: Option<String>,
    /// MQTT: the topics of video events, such as 'site/video/+'; the last level is the camera.
    #[arg(long, value_name = "TOPICS")]
    pub(crate) video: Option<String>,
    /// MQTT: the topics of special-work tickets, such as 'site/ticket/+'.
    #[arg(long, value_name = "TOPICS")]
    pub(crate) ticket: Option<String>,
    #[command(flatten)]
    pub(crate) line: Line,
    /// Add it without trying; an OPC UA server then needs --security.
    #[arg(long)]
    pub(crate) offline: bool,
    /// Write gateway.toml without asking.
    #[arg(long)]
    pub(crate) apply: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SourceTest {
    /// The source's id.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) place: ConfigAndData,
}

/// Where a configuration and its data are.
#[derive(Debug, Args)]
pub(crate) struct ConfigAndData {
    /// The configuration folder.
    #[arg(long, value_name = "DIR", env = "DAVY_CONFIG")]
    pub(crate) config: PathBuf,
    /// The folder of journal and state, where the certificates of OPC UA are; a gateway may be running on it.
    #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
    pub(crate) data: Option<PathBuf>,
}

/// Where a configuration and its data are, if there is one.
#[derive(Debug, Args)]
pub(crate) struct MaybeConfigured {
    /// The configuration folder, for a source.
    #[arg(long, value_name = "DIR", env = "DAVY_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// The data folder with the certificates, for a source.
    #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
    pub(crate) data: Option<PathBuf>,
}

/// The settings of a serial port.
#[derive(Debug, Args)]
pub(crate) struct Line {
    /// Bits a second of a serial port.
    #[arg(long, default_value_t = 9_600, value_parser = clap::value_parser!(u32).range(300..=921_600))]
    pub(crate) baud: u32,
    /// The check bit of a serial port.
    #[arg(long, value_enum, default_value_t = Parity::None)]
    pub(crate) parity: Parity,
    /// The stop bits of a serial port.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
    pub(crate) stop_bits: u8,
}

#[derive(Debug, Args)]
pub(crate) struct Browse {
    /// A source of the configuration, with its security; or a server, opc.tcp://host:port/path, without security.
    #[arg(value_name = "SOURCE", required_unless_present = "source", conflicts_with = "source")]
    pub(crate) url: Option<String>,
    #[command(flatten)]
    pub(crate) secured: Secured,
    /// Where to begin, such as 'ns=2;s=Plant'; the Objects folder by default.
    #[arg(long, value_name = "NODE")]
    pub(crate) from: Option<String>,
    /// How many levels down.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(crate) depth: u16,
    /// How many nodes at most.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=200_000))]
    pub(crate) nodes: u32,
    /// The format of the result; csv and xlsx are a point table.
    #[arg(long, value_enum, default_value_t = NodesFormat::Text)]
    pub(crate) format: NodesFormat,
    /// A point table for `davy tags import`: the same as --format csv.
    #[arg(long, conflicts_with = "format")]
    pub(crate) csv: bool,
    /// The language of the point table's headers.
    #[arg(long, value_enum, default_value_t = HeaderLanguage::Zh)]
    pub(crate) header: HeaderLanguage,
    /// The file for the point table; standard output without it.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// The format of nodes on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum NodesFormat {
    Text,
    Csv,
    Xlsx,
    Json,
}

/// A server as the configuration has it, with its certificates and its password.
#[derive(Debug, Args)]
pub(crate) struct Secured {
    /// A source of --config; the same as to name it instead of a URL.
    #[arg(long, value_name = "ID", requires = "config")]
    pub(crate) source: Option<String>,
    #[command(flatten)]
    pub(crate) place: MaybeConfigured,
}

#[derive(Debug, Args)]
pub(crate) struct Read {
    /// opc.tcp://host:port/path, modbus://host:port, modbus-rtu://host:port (RTU over TCP), a serial port, /dev/ttyS1, or a source
    /// of the configuration.
    #[arg(value_name = "URL")]
    pub(crate) url: String,
    #[command(flatten)]
    pub(crate) place: MaybeConfigured,
    /// Nodes, 'ns=2;s=LI-1101', and alarms of a DCS, 'alarm(ns=2;s=LI-1101)/HighHigh'; or one Modbus address, 1/holding/100,
    /// 1/40101.
    #[arg(value_name = "ADDRESS", required_unless_present = "identify")]
    pub(crate) addresses: Vec<String>,
    /// How many registers or bits of a Modbus device.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=2_000))]
    pub(crate) count: u16,
    /// Ask this unit of a Modbus device who it is (function code 43/14). Some devices hang when they are asked.
    #[arg(long, value_name = "UNIT_ID", conflicts_with = "addresses")]
    pub(crate) identify: Option<u8>,
    #[command(flatten)]
    pub(crate) line: Line,
    /// How long to wait for an answer of a Modbus device, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(10..=60_000))]
    pub(crate) timeout: u64,
    /// The format of the result.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}
