//! The command line: names, defaults, examples.

use clap::{Args, Parser, Subcommand, ValueEnum};
use davy_core::time::UtcTime;
use std::path::PathBuf;

mod access;
mod board;
mod config;
mod doctor;
mod site;
mod update;

pub(crate) use access::*;
pub(crate) use board::*;
pub(crate) use config::*;
pub(crate) use doctor::*;
pub(crate) use site::*;
pub(crate) use update::*;

/// On-site monitoring gateway for hazardous-chemical plants (双重预防机制边缘网关).
#[derive(Debug, Parser)]
#[command(version, about, propagate_version = true)]
pub(crate) struct Cli {
    /// How to write the log, which goes to standard error; RUST_LOG chooses what is in it.
    #[arg(long, global = true, value_enum, default_value_t = Log::Text)]
    pub(crate) log: Log,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The log's format.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Log {
    Text,
    Json,
}

/// The format of results on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

/// The format of the alarm table on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableFormat {
    Text,
    Csv,
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The whole product on a desk: a simulated plant, the gateway, an enterprise receiver and the page.
    #[cfg(feature = "plant")]
    #[command(after_help = "Example:\n  davy demo --speed 5")]
    Demo(Demo),
    /// The gateway. Exits 0 after an orderly stop (SIGTERM, Ctrl-C), 2 for a bad configuration.
    #[command(after_help = "Example:\n  davy run --config /etc/davy --data /var/lib/davy")]
    Run(Run),
    /// Reads a configuration and prints every error and everything odd. Exits 0 when it may be run, 2 when not.
    #[command(after_help = "Example:\n  davy check --config /etc/davy")]
    Check(Check),
    /// Prints the master alarm table of a configuration: every rule with its limits, delays, priority and guidance. Exits 0,
    /// or 2 when the configuration is bad.
    #[command(after_help = "Example:\n  davy rules --config /etc/davy --format csv > table.csv")]
    Rules(Rules),
    /// Prints the evidence of a warning: values before and after, alarms, answers, people, sights, tickets, as one document with a
    /// hash. Or says whether such a file is still what was written. Exits 0, or 1 when the warning is unknown or the file was changed.
    #[command(
        after_help = "Examples:\n  davy evidence RE-0101~1.7 --data /var/lib/davy --format json > packet.json\n  davy evidence --verify packet.json --data /var/lib/davy"
    )]
    Evidence(Evidence),
    /// Plays what was recorded through another configuration: alarms and warnings added, removed, moved. Exits 0, or 1 when
    /// the recorded configuration does not give the journal again.
    #[command(
        after_help = "Example:\n  davy replay --config ./changed --data /var/lib/davy --from 2026-11-23T00:00:00Z"
    )]
    Replay(Replay),
    /// Verifies the journal: its hash chain, gaps and cursors. Exits 0 when it is whole, 1 when not.
    #[command(after_help = "Example:\n  davy verify --data /var/lib/davy")]
    Verify(Verify),
    /// Copies what a gateway needs to go on elsewhere into one file: journal, state, keys and evidence; the gateway may be
    /// running. Exits 0.
    #[command(
        after_help = "Example:\n  davy backup --data /var/lib/davy --config /etc/davy --to /mnt/usb/gw-1.tar.zst"
    )]
    Backup(Backup),
    /// Goes on from a backup in an empty folder. Ids go on in another epoch, so none is given twice. Exits 0, or 1 when the
    /// backup is not whole.
    #[command(
        after_help = "Example:\n  davy restore /mnt/usb/gw-1.tar.zst --data /var/lib/davy --config /etc/davy --by Zhang"
    )]
    Restore(Restore),
    /// Signed updates of the gateway: looked at, installed beside what runs, and how the last one went. What does not show that it
    /// alarms is rolled back by itself. Exits 0, or 1 when it is refused.
    #[command(
        after_help = "Examples:\n  davy update look /media/usb/davy-0.2.0-aarch64-unknown-linux-gnu.davy --config /etc/davy\n  davy update install /media/usb/davy-0.2.0-aarch64-unknown-linux-gnu.davy --config /etc/davy --data /var/lib/davy --by Zhang\n  davy update show --data /var/lib/davy"
    )]
    Update(Update),
    /// Begins the configuration of a site in an empty folder: gateway.toml, an empty point table, an empty list of risk units. Asks
    /// on a terminal for what is not given, and never overwrites anything. Exits 0, or 2 when something given is wrong.
    #[command(
        after_help = "Examples:\n  davy init /etc/davy\n  davy init /etc/davy --company-code 330100123 --gateway-id gw-1 --name 罐区边缘网关 --author 李工"
    )]
    Init(Init),
    /// Adds a source to gateway.toml after it was tried, or tries one that is there. Exits 0, 1 when it cannot be reached, 2 when
    /// the configuration would be bad.
    #[command(
        after_help = "Examples:\n  davy source add dcs opc.tcp://192.168.1.10:4840/ --user davy --config /etc/davy --data /var/lib/davy\n  davy source test dcs --config /etc/davy --data /var/lib/davy"
    )]
    Source(Source),
    /// Lists the nodes of an OPC UA server, by its URL before there is a configuration or as a source of one: address, type, unit,
    /// range, value. With --csv as a point table, to be filled in and given to `davy tags import`. Exits 0, or 1 when the server
    /// cannot be reached.
    #[command(
        after_help = "Examples:\n  davy browse opc.tcp://192.168.1.10:4840/ --depth 4\n  davy browse dcs --config /etc/davy --data /var/lib/davy\n  davy browse dcs --csv --config /etc/davy --data /var/lib/davy > points.csv\n  davy browse dcs --format xlsx -o points.xlsx --config /etc/davy --data /var/lib/davy"
    )]
    Browse(Browse),
    /// The point table as CSV or as a workbook (XLSX), both ways, and the sheet of a loop check. Exits 0, or 2 when it is refused.
    #[command(
        after_help = "Examples:\n  davy tags export --config /etc/davy --format xlsx -o tags.xlsx\n  davy tags import tags.xlsx --config /etc/davy\n  davy tags import tags.xlsx --config /etc/davy --apply\n  davy tags import points.csv --merge --config /etc/davy --apply\n  davy tags loop-check --config /etc/davy --format html -o loops.html"
    )]
    Tags(Tags),
    /// Reads nodes of an OPC UA server or registers of a Modbus device; a pair of registers is shown in every byte order. Exits 0,
    /// or 1 when nothing can be reached.
    #[command(
        after_help = "Examples:\n  davy read opc.tcp://192.168.1.10:4840/ 'ns=2;s=LI-1101'\n  davy read modbus://192.168.1.20:502 1/holding/100 --count 4\n  davy read modbus-rtu://192.168.1.21:4001 1/40101 --count 2\n  davy read /dev/ttyS1 1/input/0 --baud 9600 --parity even\n  davy read modbus://192.168.1.20 --identify 1\n  davy read dcs 'ns=2;s=LI-1101' --config /etc/davy --data /var/lib/davy"
    )]
    Read(Read),
    /// Looks at the box and at what an assessor asks about. With --read-only it reads every source of a configuration for a while,
    /// through a tap on the wire, and prints how often each kind of request was sent. Exits 0, or 1 when anything but a read was sent
    /// or a source was not heard, or when something is wrong with the box.
    #[command(
        after_help = "Examples:\n  davy doctor --box\n  davy doctor --serial\n  davy doctor --read-only --config /etc/davy --for 60"
    )]
    Doctor(Doctor),
    /// Which OPC UA servers are trusted, by their certificates. Exits 0, or 1 when there is no such certificate.
    #[command(
        after_help = "Examples:\n  davy trust list --data /var/lib/davy\n  davy trust accept 3F:A2:… --data /var/lib/davy --by Zhang"
    )]
    Trust(Trust),
    /// The users of the page and their roles; a gateway may be running on the folder and sees a change within a second. Exits 0, or
    /// 1 when it is refused.
    #[command(
        after_help = "Examples:\n  davy user add 陈静 --role operator --data /var/lib/davy\n  davy user password 陈静 --data /var/lib/davy\n  davy user list --data /var/lib/davy"
    )]
    User(User),
    /// Tokens by which programs use the API; each is printed once. Exits 0, or 1 when it is refused.
    #[command(after_help = "Example:\n  davy token add prometheus --role viewer --days 365 --data /var/lib/davy")]
    Token(Token),
    /// The configurations that were in force: which there were, how they differ, and one of them put into the folder again. Exits 0, 1
    /// when there is no such version, or 2 when the configuration would be bad.
    #[command(
        after_help = "Examples:\n  davy config versions --data /var/lib/davy\n  davy config diff 12 --config /etc/davy --data /var/lib/davy\n  davy config rollback 12 --by 李工 --reason 新限值误报太多 --config /etc/davy --data /var/lib/davy"
    )]
    Config(Config),
    /// The gateway's own certificate, to be trusted at the OPC UA servers. Exits 0, or 1 when there is none.
    #[command(after_help = "Example:\n  davy certificate show --data /var/lib/davy")]
    Certificate(Certificate),
    /// The box with lamp, horn and relays: how it is wired, and a try of its lines while no gateway runs on it. Exits 0, or 1 when a line
    /// cannot be driven or read.
    #[command(
        after_help = "Examples:\n  davy board show --config /etc/davy\n  davy board test --config /etc/davy --seconds 2 --watch 30"
    )]
    Board(Board),
}

#[cfg(feature = "plant")]
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Keep journal and state here instead of in a folder that is removed at the end.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Where the page listens; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080", value_parser = loopback)]
    pub(crate) listen: std::net::SocketAddr,
    /// Seconds of the plant's story per second, 0.05 to 60.
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    pub(crate) speed: f64,
    /// Stop after this many seconds instead of on Ctrl-C.
    #[arg(long = "for", value_name = "SECONDS")]
    pub(crate) seconds: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The configuration folder.
    #[arg(long, value_name = "DIR", env = "DAVY_CONFIG")]
    pub(crate) config: PathBuf,
    /// The folder of journal and state; one process at a time.
    #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
    pub(crate) data: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The folder of journal and state; a gateway may be running on it.
    #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
    pub(crate) data: PathBuf,
    /// The configuration folder, to be copied as well.
    #[arg(long, value_name = "DIR", env = "DAVY_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// The file to write, such as gw-1.tar.zst; it must not be there yet.
    #[arg(long, value_name = "FILE")]
    pub(crate) to: PathBuf,
    /// Copy the recording and the history of the tags as well, which are large.
    #[arg(long)]
    pub(crate) samples: bool,
    /// The format of the result.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The backup.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The folder of journal and state: a new or an empty one.
    #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
    pub(crate) data: PathBuf,
    /// Where the configuration goes: a new or an empty folder. Without it the configuration is left in the backup.
    #[arg(long, value_name = "DIR")]
    pub(crate) config: Option<PathBuf>,
    /// Who does it; it is written into the journal.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
    /// The format of the result.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The configuration folder.
    #[arg(long, value_name = "DIR", env = "DAVY_CONFIG")]
    pub(crate) config: PathBuf,
    /// The format of the result.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Rules {
    /// The configuration folder.
    #[arg(long, value_name = "DIR", env = "DAVY_CONFIG")]
    pub(crate) config: PathBuf,
    /// The format of the result; csv is for spreadsheet programs.
    #[arg(long, value_enum, default_value_t = TableFormat::Text)]
    pub(crate) format: TableFormat,
}

#[derive(Debug, Args)]
pub(crate) struct Evidence {
    /// The warning's id, as log, page and journal show it.
    #[arg(value_name = "WARNING_ID", required_unless_present = "verify", conflicts_with = "verify")]
    pub(crate) warning: Option<String>,
    /// The folder of journal, state and recording; a gateway may be running on it.
    #[arg(long, value_name = "DIR", env = "DAVY_DATA", required_unless_present = "verify")]
    pub(crate) data: Option<PathBuf>,
    /// Put it together from journal and recording, even where a file was kept when the warning closed.
    #[arg(long, conflicts_with = "verify")]
    pub(crate) anew: bool,
    /// Say whether this file still matches its hash and, with --data, whether the journal names the same.
    #[arg(long, value_name = "FILE")]
    pub(crate) verify: Option<PathBuf>,
    /// The format of the result.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The folder of the other configuration.
    #[arg(long, value_name = "DIR", env = "DAVY_CONFIG")]
    pub(crate) config: PathBuf,
    /// The folder of journal, state and recording; a gateway may be running on it.
    #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
    pub(crate) data: PathBuf,
    /// Count only what began from then on, RFC 3339; without it from the beginning of the recording.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) from: Option<UtcTime>,
    /// Count only what began until then.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) to: Option<UtcTime>,
    /// The format of the result.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Take the processor last, end with the process that started it, and tell how far it is as lines of JSON on standard error.
    #[arg(long, hide = true)]
    pub(crate) background: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Tags {
    #[command(subcommand)]
    pub(crate) act: TagsAct,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TagsAct {
    /// Writes the point table with every column for a spreadsheet program.
    Export(TagsExport),
    /// Checks a table in the whole configuration and prints what it would change. Chinese or English headers; UTF-8 and GBK
    /// are told apart. With --apply it takes the place of tags.csv, of which a copy stays beside it.
    Import(TagsImport),
    /// Writes the sheet of a loop check 回路测试: every tag with its limits and, where its source answers, its value.
    LoopCheck(LoopCheck),
}

#[derive(Debug, Args)]
pub(crate) struct TagsExport {
    /// The configuration folder.
    #[arg(long, value_name = "DIR", env = "DAVY_CONFIG")]
    pub(crate) config: PathBuf,
    /// A workbook keeps texts as texts; in CSV a spreadsheet program takes 1/2 for a date.
    #[arg(long, value_enum, default_value_t = TagsFormat::Csv)]
    pub(crate) format: TagsFormat,
    /// The encoding of CSV.
    #[arg(long, value_enum, default_value_t = Encoding::Utf8)]
    pub(crate) encoding: Encoding,
    /// The language of the headers.
    #[arg(long, value_enum, default_value_t = HeaderLanguage::Zh)]
    pub(crate) header: HeaderLanguage,
    /// The file to write; standard output without it.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct TagsImport {
    /// A CSV or XLSX file.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The configuration folder.
    #[arg(long, value_name = "DIR", env = "DAVY_CONFIG")]
    pub(crate) config: PathBuf,
    /// Replace tags.csv; without it nothing is changed.
    #[arg(long)]
    pub(crate) apply: bool,
    /// Keep the tags that the file does not have: its rows are added, or take the place of those of the same tag.
    #[arg(long)]
    pub(crate) merge: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LoopCheck {
    /// The configuration folder.
    #[arg(long, value_name = "DIR", env = "DAVY_CONFIG")]
    pub(crate) config: PathBuf,
    /// The data folder, for the certificates of OPC UA sources that are secured.
    #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// Read no source; values and qualities stay blank.
    #[arg(long)]
    pub(crate) offline: bool,
    /// html is for printing on A4.
    #[arg(long, value_enum, default_value_t = SheetFormat::Csv)]
    pub(crate) format: SheetFormat,
    /// The file to write; standard output without it.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// The format of the point table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TagsFormat {
    Csv,
    Xlsx,
}

/// The encoding of CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Encoding {
    #[value(name = "utf-8")]
    Utf8,
    Gbk,
}

/// The language of headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HeaderLanguage {
    Zh,
    En,
}

/// The format of a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SheetFormat {
    Csv,
    Html,
}

/// The check bit of a serial port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Parity {
    None,
    Even,
    Odd,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The folder of journal and state.
    #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
    pub(crate) data: PathBuf,
    /// The format of the result.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Trust {
    #[command(subcommand)]
    pub(crate) act: TrustAct,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TrustAct {
    /// Lists every certificate: own, trusted, and rejected ones that wait for a decision.
    List {
        /// The folder of journal and state; a gateway may be running on it.
        #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
        data: PathBuf,
        /// The format of the result.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Shows one.
    Show {
        /// Its SHA-256 or SHA-1, with or without colons.
        fingerprint: String,
        /// The folder of journal and state; a gateway may be running on it.
        #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
        data: PathBuf,
        /// The format of the result.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Trusts one. Compare its fingerprint with the one at the server first.
    Accept(DecideIn),
    /// Trusts one no longer; its connection ends.
    Reject(DecideIn),
    /// Takes one out of the list; it is listed again when a server shows it.
    Remove(DecideIn),
}

#[derive(Debug, Args)]
pub(crate) struct DecideIn {
    #[command(flatten)]
    pub(crate) decide: Decide,
    /// The folder of journal and state; a gateway may be running on it.
    #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
    pub(crate) data: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Decide {
    /// Its SHA-256 or SHA-1, with or without colons.
    pub(crate) fingerprint: String,
    /// Who decides, for the journal; without it who is logged in.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
}

impl Decide {
    /// A decision that was made elsewhere than on the command line of `davy trust`.
    pub(crate) fn of(fingerprint: &str, by: Option<String>) -> Self {
        Self { fingerprint: fingerprint.to_owned(), by }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Certificate {
    #[command(subcommand)]
    pub(crate) act: CertificateAct,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CertificateAct {
    /// Shows it and where it is.
    Show {
        /// The folder of journal and state; a gateway may be running on it.
        #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
        data: PathBuf,
        /// The format of the result.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Makes another key and certificate and keeps the old ones beside them. Every server must trust it anew.
    Renew {
        /// The folder of journal and state; a gateway may be running on it.
        #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
        data: PathBuf,
        /// Who decides, for the journal; without it who is logged in.
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
}

fn time(text: &str) -> Result<UtcTime, String> {
    UtcTime::parse(text)
        .ok_or_else(|| "write a time such as 2026-11-23T08:00:00Z or 2026-11-23T16:00:00+08:00".to_owned())
}

/// There are no users yet, so the page stays on this machine.
#[cfg(feature = "plant")]
fn loopback(text: &str) -> Result<std::net::SocketAddr, String> {
    let address: std::net::SocketAddr =
        text.parse().map_err(|_| "write an address with a port, such as 127.0.0.1:8080".to_owned())?;
    match address.ip().is_loopback() {
        true => Ok(address),
        false => Err(format!(
            "it can be reached from outside and there are no users yet; write 127.0.0.1:{}",
            address.port()
        )),
    }
}
