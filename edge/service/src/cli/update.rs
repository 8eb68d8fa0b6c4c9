//! `davy update` on the command line.

use super::Format;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Update {
    #[command(subcommand)]
    pub(crate) act: UpdateAct,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UpdateAct {
    /// Verifies a release and says what it is; nothing is changed.
    Look {
        /// The file, `davy-VERSION-TARGET.davy`.
        file: PathBuf,
        /// The configuration folder; `[update] keys` says whose releases are trusted.
        #[arg(long, value_name = "DIR", env = "DAVY_CONFIG")]
        config: PathBuf,
    },
    /// Installs a release. A gateway that runs on the folder tries it within a moment, otherwise its next start does.
    Install {
        /// The file, `davy-VERSION-TARGET.davy`.
        file: PathBuf,
        /// The configuration folder; `[update] keys` says whose releases are trusted.
        #[arg(long, value_name = "DIR", env = "DAVY_CONFIG")]
        config: PathBuf,
        /// The folder of journal and state; a gateway may be running on it.
        #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
        data: PathBuf,
        /// Who decides, for the journal.
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Why, for the journal.
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
    },
    /// Says what runs, what is tried, and how the last update went.
    Show {
        /// The folder of journal and state; a gateway may be running on it.
        #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
        data: PathBuf,
        /// The format of the result.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
}
