//! `davy board`.

use super::Format;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Board {
    #[command(subcommand)]
    pub(crate) act: BoardAct,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BoardAct {
    /// Prints how the box is wired.
    Show {
        /// The configuration folder.
        #[arg(long, value_name = "DIR", env = "DAVY_CONFIG")]
        config: PathBuf,
        /// The format of the result.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Switches each output on for a while, one after the other, and prints the inputs. Stop the gateway first: a line that it has is busy.
    Test(BoardTest),
}

#[derive(Debug, Args)]
pub(crate) struct BoardTest {
    /// The configuration folder.
    #[arg(long, value_name = "DIR", env = "DAVY_CONFIG")]
    pub(crate) config: PathBuf,
    /// The data folder; only a simulated box has its inputs there.
    #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// An output to try instead of all; may be given again.
    #[arg(long = "output", value_name = "NAME")]
    pub(crate) outputs: Vec<String>,
    /// Seconds that each output is on, 1 to 60.
    #[arg(long, value_name = "SECONDS", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub(crate) seconds: u64,
    /// Seconds for which every change of an input is printed after that, up to 600.
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=600))]
    pub(crate) watch: u64,
}
