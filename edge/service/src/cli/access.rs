//! `davy user` and `davy token`.

use super::Format;
use clap::{Args, Subcommand};
use davy_access::{Network, Permission, Role, TOKEN_DAYS_MAX};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct User {
    #[command(subcommand)]
    pub(crate) act: UserAct,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserAct {
    /// Makes one; the password is asked for twice.
    Add {
        #[command(flatten)]
        of: Named,
        /// viewer, operator, instrument_engineer, safety_officer or administrator.
        #[arg(long, value_name = "ROLE", value_parser = role)]
        role: Role,
        /// Take the password from the first line of this file.
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Sets another password; the user's sessions end.
    Password {
        #[command(flatten)]
        of: Named,
        /// Take the password from the first line of this file.
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Gives another role, at once.
    Role {
        #[command(flatten)]
        of: Named,
        /// viewer, operator, instrument_engineer, safety_officer or administrator.
        #[arg(long, value_name = "ROLE", value_parser = role)]
        role: Role,
    },
    /// Takes one out; the user's sessions end.
    Remove(Named),
    /// Lists them.
    List(Listed),
}

#[derive(Debug, Args)]
pub(crate) struct Token {
    #[command(subcommand)]
    pub(crate) act: TokenAct,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenAct {
    /// Makes one and prints it; it cannot be shown again.
    Add {
        #[command(flatten)]
        of: Named,
        /// viewer, operator, instrument_engineer, safety_officer or administrator.
        #[arg(long, value_name = "ROLE", value_parser = role)]
        role: Role,
        /// Days until it ends; without it when it is removed.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(TOKEN_DAYS_MAX)))]
        days: Option<u32>,
        /// Only this of what the role may: live, read, respond, shelve, suspend, review, configure or administer. May be given
        /// more than once; without it all.
        #[arg(long = "scope", value_name = "PERMISSION", value_parser = permission)]
        scopes: Vec<Permission>,
        /// Only from this address or network, such as 10.1.2.3 or 10.1.2.0/24. May be given more than once; without it from
        /// anywhere.
        #[arg(long = "from", value_name = "NETWORK")]
        networks: Vec<Network>,
    },
    /// Takes one out, at once.
    Remove(Named),
    /// Lists them, without the tokens themselves.
    List(Listed),
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// The name.
    pub(crate) name: String,
    /// The folder of journal and state; a gateway may be running on it.
    #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
    pub(crate) data: PathBuf,
    /// Who does it, for the journal; without it who is logged in at the console.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Listed {
    /// The folder of journal and state; a gateway may be running on it.
    #[arg(long, value_name = "DIR", env = "DAVY_DATA")]
    pub(crate) data: PathBuf,
    /// The format of the result.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

fn permission(text: &str) -> Result<Permission, String> {
    let found = Permission::ALL.into_iter().find(|permission| permission.code() == text);
    found.ok_or_else(|| format!("write one of {}", Permission::ALL.map(Permission::code).join(", ")))
}

fn role(text: &str) -> Result<Role, String> {
    let codes = || Role::ALL.map(Role::code).join(", ");
    Role::parse(&text.replace('-', "_")).ok_or_else(|| format!("write one of {}", codes()))
}
