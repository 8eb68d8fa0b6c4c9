//! `davy config`.

use super::Format;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Config {
    #[command(subcommand)]
    pub(crate) act: ConfigAct,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigAct {
    /// Lists the configurations that were in force, the newest first: when, by whom, why, by which way, what it changed.
    #[command(after_help = "Example:\n  davy config versions --data /var/lib/davy")]
    Versions(Versions),
    /// Shows what is known of a version and its files, or one of its files as it was.
    #[command(
        after_help = "Examples:\n  davy config show 12 --data /var/lib/davy\n  davy config show 12 tags.csv --data /var/lib/davy"
    )]
    Show(ShowVersion),
    /// Shows what would change in the configuration folder with a version in its place; or how two versions differ.
    #[command(
        after_help = "Examples:\n  davy config diff 12 --config /etc/davy --data /var/lib/davy\n  davy config diff 11 12 --data /var/lib/davy"
    )]
    Diff(DiffVersions),
    /// Puts a version into the configuration folder again, all its files or none, after the whole was checked. What was in the folder
    /// stays beside it. A gateway that is not running has it in force at its next start; one that is running, when it is asked to
    /// read the folder again.
    #[command(
        after_help = "Example:\n  davy config rollback 12 --by 李工 --reason 新限值误报太多 --config /etc/davy --data /var/lib/davy\n  systemctl reload davy        # where a gateway is running"
    )]
    Rollback(Rollback),
}

#[derive(Debug, Args)]
pub(crate) struct Versions {
    /// The folder of journal and state; a gateway may be running on it.
    #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
    pub(crate) data: PathBuf,
    /// The format of the result.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct ShowVersion {
    /// The number of the version.
    #[arg(value_name = "NUMBER")]
    pub(crate) number: u64,
    /// A file of it, such as tags.csv; it goes to standard output as it is.
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<String>,
    /// The folder of journal and state; a gateway may be running on it.
    #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
    pub(crate) data: PathBuf,
    /// The format of the result.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct DiffVersions {
    /// The number of the version.
    #[arg(value_name = "NUMBER")]
    pub(crate) number: u64,
    /// The number of a later version, in the place of the configuration folder.
    #[arg(value_name = "OTHER", required_unless_present = "config", conflicts_with = "config")]
    pub(crate) other: Option<u64>,
    /// The configuration folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) config: Option<PathBuf>,
    /// The folder of journal and state; a gateway may be running on it.
    #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
    pub(crate) data: PathBuf,
    /// The format of the result.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Rollback {
    /// The number of the version.
    #[arg(value_name = "NUMBER")]
    pub(crate) number: u64,
    /// Why, in one line; it goes into [change] of gateway.toml and on record.
    #[arg(long, value_name = "WORDS")]
    pub(crate) reason: String,
    /// Who does it; without it who is logged in.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    /// The configuration folder.
    #[arg(long, value_name = "DIR", env = "DAVY_CONFIG")]
    pub(crate) config: PathBuf,
    /// The folder of journal and state; a gateway may be running on it.
    #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
    pub(crate) data: PathBuf,
    /// Write without asking.
    #[arg(long)]
    pub(crate) apply: bool,
}
