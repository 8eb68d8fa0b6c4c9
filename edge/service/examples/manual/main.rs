//! Writes the manual pages and the completions of shells for the packages, from the very words of the command line:
//! `cargo run --example manual -- DIR` makes `DIR/man`, `DIR/bash`, `DIR/zsh` and `DIR/fish`.
//!
//! It runs where the package is made, so a package for another processor has them as well.

#[expect(dead_code, reason = "what was given is for the program; here only the words of the command line matter")]
mod cli;

use clap::{Command, CommandFactory as _};
use clap_complete::{Generator, Shell, generate_to};
use std::{env, fs, io, path::Path};

/// The simulated plant is not in the packages.
const NOT_PACKAGED: &str = "demo";

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).ok_or_else(|| io::Error::other("say into which folder: manual DIR"))?;
    let folder = Path::new(&folder);
    let man = made(folder, "man")?;
    clap_mangen::generate_to(packaged(), man)?;
    complete(folder, "bash", Shell::Bash)?;
    complete(folder, "zsh", Shell::Zsh)?;
    complete(folder, "fish", Shell::Fish)
}

/// The command line of the appliance.
fn packaged() -> Command {
    let all = cli::Cli::command();
    let kept: Vec<Command> =
        all.get_subcommands().filter(|command| command.get_name() != NOT_PACKAGED).cloned().collect();
    let about = all.get_about().cloned().unwrap_or_default();
    Command::new("davy")
        .version(env!("CARGO_PKG_VERSION"))
        .about(about)
        .propagate_version(true)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .args(all.get_arguments().cloned().collect::<Vec<_>>())
        .subcommands(kept)
}

fn complete(folder: &Path, name: &str, shell: impl Generator) -> io::Result<()> {
    generate_to(shell, &mut packaged(), "davy", made(folder, name)?).map(drop)
}

fn made(folder: &Path, name: &str) -> io::Result<std::path::PathBuf> {
    let folder = folder.join(name);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}
