//! `davy`, the one binary: the command line, the wiring of the parts, the loop that owns the engine, and the only reader of
//! the clocks.

mod access;
mod acting;
mod ask;
mod backup;
mod certificates;
mod check;
mod cli;
mod clock;
mod commands;
mod configuration;
mod connections;
#[cfg(feature = "plant")]
mod demo;
mod doctor;
mod evidence;
mod gateway;
mod inboxes;
mod init;
mod journal;
mod limits;
mod look;
mod mapping;
mod logging;
mod narrate;
mod output;
mod owner;
mod panel;
mod recordings;
mod replay;
mod resources;
mod room;
mod rules;
mod replace;
mod selfcheck;
mod source;
mod tags;
mod taps;
mod tls;
mod update;
mod upkeep;
mod verify;
mod versions;
mod what_if;

use clap::{CommandFactory as _, FromArgMatches as _};
use cli::{Cli, Command};
use std::process::ExitCode;

/// At a start much is read that is not needed after it; the C library would keep that memory for ever.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    clock::start();
    // The version is that of the program's file, which the words of the command line alone do not know.
    let told = Cli::command().version(update::version()).get_matches();
    let cli = Cli::from_arg_matches(&told).unwrap_or_else(|error| error.exit());
    logging::start(cli.log, matches!(cli.command, Command::Source(_)));
    match act(cli.command) {
        Ok(code) => code,
        Err(error) => {
            output::error(&error);
            ExitCode::from(if error.is::<davy_config::Errors>() { 2 } else { 1 })
        }
    }
}

fn act(command: Command) -> anyhow::Result<ExitCode> {
    acting::as_owner(&command)?;
    match command {
        Command::Run(args) => update::run(&args),
        Command::Update(args) => update::command(&args),
        Command::Check(args) => check::command(&args),
        Command::Rules(args) => rules::command(&args),
        Command::Evidence(args) => evidence::command(&args),
        Command::Replay(args) => replay::command(&args),
        Command::Backup(args) => backup::backup(&args),
        Command::Restore(args) => backup::restore(&args),
        Command::Verify(args) => verify::command(&args),
        Command::Init(args) => init::command(&args),
        Command::Source(args) => source::command(&args),
        Command::Browse(args) => look::browse(&args),
        Command::Read(args) => look::read(&args),
        Command::Tags(args) => tags::command(&args),
        Command::Doctor(args) => doctor::command(&args),
        Command::Trust(args) => certificates::trust(&args),
        Command::User(args) => access::user(&args),
        Command::Token(args) => access::token(&args),
        Command::Board(args) => panel::board(&args),
        Command::Config(args) => versions::command(&args),
        Command::Certificate(args) => certificates::certificate(&args),
        #[cfg(feature = "plant")]
        Command::Demo(args) => demo::command(args).map(|()| ExitCode::SUCCESS),
    }
}
