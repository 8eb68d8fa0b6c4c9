//! `davy`, the one binary: the command line, the wiring of the parts, the loop that owns the engine, and the only reader of
//! the clocks.

mod certificates;
mod check;
mod cli;
mod clock;
mod connections;
#[cfg(feature = "plant")]
mod demo;
mod doctor;
mod evidence;
mod gateway;
mod inboxes;
mod journal;
mod limits;
mod look;
mod mapping;
mod logging;
mod narrate;
mod output;
mod owner;
mod recordings;
mod replay;
mod rules;
mod selfcheck;
mod tags;
mod taps;
mod verify;

use clap::Parser;
use cli::{Cli, Command};
use std::process::ExitCode;

fn main() -> ExitCode {
    clock::start();
    let cli = Cli::parse();
    logging::start(cli.log);
    match act(cli.command) {
        Ok(code) => code,
        Err(error) => {
            output::error(&error);
            ExitCode::from(if error.is::<davy_config::Errors>() { 2 } else { 1 })
        }
    }
}

fn act(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Run(args) => gateway::command(&args).map(|()| ExitCode::SUCCESS),
        Command::Check(args) => check::command(&args),
        Command::Rules(args) => rules::command(&args),
        Command::Evidence(args) => evidence::command(&args),
        Command::Replay(args) => replay::command(&args),
        Command::Verify(args) => verify::command(&args),
        Command::Browse(args) => look::browse(&args),
        Command::Read(args) => look::read(&args),
        Command::Tags(args) => tags::command(&args),
        Command::Doctor(args) => doctor::command(&args),
        Command::Trust(args) => certificates::trust(&args),
        Command::Certificate(args) => certificates::certificate(&args),
        #[cfg(feature = "plant")]
        Command::Demo(args) => demo::command(args).map(|()| ExitCode::SUCCESS),
    }
}
