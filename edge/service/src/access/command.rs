//! `davy user` and `davy token`. A gateway that runs on the same folder sees a change within a second and writes it into the journal;
//! one that is not running does so when it is started.

use crate::{
    ask,
    certificates::name,
    cli::{Format, Listed, Named, Token, TokenAct, User, UserAct},
    clock, limits, output,
};
use anyhow::{Context as _, bail};
use davy_access::{Edit, Hash, NewToken, TokenView, check_password, new_token};
use std::{
    fs::{DirBuilder, File},
    io::Read as _,
    os::unix::fs::DirBuilderExt as _,
    path::Path,
    process::ExitCode,
};

const DAY_MS: u64 = 86_400_000;

/// `davy user`.
pub(crate) fn user(args: &User) -> anyhow::Result<ExitCode> {
    match &args.act {
        UserAct::Add { of, role, password_file } => {
            let password = password(&of.name, password_file.as_deref())?;
            make(of, &Edit::AddUser { name: of.name.clone(), role: *role, password })?;
            output::line(format_args!("{} is {}", of.name, role.code()));
        }
        UserAct::Password { of, password_file } => {
            let password = password(&of.name, password_file.as_deref())?;
            make(of, &Edit::ChangePassword { name: of.name.clone(), password })?;
            output::line(format_args!("{} has another password; every session of that user ends", of.name));
        }
        UserAct::Role { of, role } => {
            make(of, &Edit::ChangeRole { name: of.name.clone(), role: *role })?;
            output::line(format_args!("{} is {}", of.name, role.code()));
        }
        UserAct::Remove(of) => {
            make(of, &Edit::RemoveUser { name: of.name.clone() })?;
            output::line(format_args!("{} is no user any more", of.name));
        }
        UserAct::List(Listed { data, format }) => {
            let (users, _) = davy_access::list(data, clock::utc())?;
            match format {
                Format::Json => output::line(serde_json::to_string_pretty(&users)?),
                Format::Text if users.is_empty() => output::line("no users yet"),
                Format::Text => {
                    users.iter().for_each(|user| output::line(format_args!("{:<20} {}", user.role.code(), user.name)))
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// `davy token`.
pub(crate) fn token(args: &Token) -> anyhow::Result<ExitCode> {
    match &args.act {
        TokenAct::Add { of, role, days, scopes, networks } => {
            let ends_at = days.map(|days| clock::utc().after(u64::from(days) * DAY_MS));
            let (token, sha256) = new_token()?;
            let (name, scopes, networks) = (of.name.clone(), scopes.clone(), networks.clone());
            make(of, &Edit::AddToken(NewToken { name, role: *role, sha256, ends_at, scopes, networks }))?;
            output::line(token);
        }
        TokenAct::Remove(of) => {
            make(of, &Edit::RemoveToken { name: of.name.clone() })?;
            output::line(format_args!("the token {} is none any more", of.name));
        }
        TokenAct::List(Listed { data, format }) => {
            let (_, tokens) = davy_access::list(data, clock::utc())?;
            match format {
                Format::Json => output::line(serde_json::to_string_pretty(&tokens)?),
                Format::Text if tokens.is_empty() => output::line("no tokens yet"),
                Format::Text => tokens.iter().map(words).for_each(output::line),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn words(token: &TokenView) -> String {
    let TokenView { name, role, made_by, ends_at, scopes, networks, .. } = token;
    let ends = ends_at.map_or_else(|| "until it is removed".to_owned(), |at| format!("until {at}"));
    let scopes: Vec<&str> = scopes.iter().map(|scope| scope.code()).collect();
    let only = if scopes.is_empty() { String::new() } else { format!("  only {}", scopes.join(", ")) };
    let networks: Vec<String> = networks.iter().map(ToString::to_string).collect();
    let from = if networks.is_empty() { String::new() } else { format!("  from {}", networks.join(", ")) };
    format!("{:<20} {name}  {ends}{only}{from}  made by {made_by}", role.code())
}

fn make(of: &Named, edit: &Edit) -> anyhow::Result<()> {
    // Before the first start there may be no folder yet.
    let made = DirBuilder::new().recursive(true).mode(0o700).create(&of.data);
    made.with_context(|| format!("create {}", of.data.display()))?;
    Ok(davy_access::edit(&of.data, edit, &name(of.by.as_deref())?, clock::utc())?)
}

fn password(user: &str, file: Option<&Path>) -> anyhow::Result<Hash> {
    let password = match file {
        Some(path) => from_file(path)?,
        None if ask::is_terminal() => ask::password(&format!("password of {user} 口令"))?,
        None => bail!("nobody can be asked for the password here; give it in a file with --password-file"),
    };
    // Before it is hashed, which takes a moment.
    check_password(&password, user)?;
    Ok(Hash::of(&password, user)?)
}

fn from_file(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(limits::TYPED_BYTES_MAX).read_to_string(&mut text));
    read.with_context(|| format!("read the password from {}", path.display()))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
