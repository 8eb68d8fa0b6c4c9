//! `davy doctor`.

use super::Format;
use clap::{ArgGroup, Args};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").required(true).args(["read_only", "serial", "of_box"]))]
pub(crate) struct Doctor {
    /// Show on the wire that the field is only read.
    #[arg(long)]
    pub(crate) read_only: bool,
    /// List the serial ports of this machine by the names that stay.
    #[arg(long)]
    pub(crate) serial: bool,
    /// As rules of udev that call the ports /dev/davy/rs485-1, …, to be put into /etc/udev/rules.d.
    #[arg(long, requires = "serial", conflicts_with = "format")]
    pub(crate) rules: bool,
    /// Look at the box before it goes into service: its identity, its clocks, its network, its devices.
    #[arg(long = "box")]
    pub(crate) of_box: bool,
    /// The configuration folder, for --read-only.
    #[arg(long, value_name = "DIR", env = "DAVY_CONFIG", required_if_eq("read_only", "true"))]
    pub(crate) config: Option<PathBuf>,
    /// The data folder, for the certificates of OPC UA sources that are secured.
    #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// For how long to read.
    #[arg(long = "for", value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) seconds: u64,
    /// The format of the result.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}
