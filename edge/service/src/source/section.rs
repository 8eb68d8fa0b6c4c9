//! A new source as the command line says it, and what to do with it then.

use super::opcua::Chosen;
use crate::cli::{Parity, SourceAdd};
use anyhow::{Context, bail};
use davy_config::scaffold::{ModbusWay, NewSource, PasswordFrom, SerialLine, SourceUrl};
use std::{
    env,
    path::{Path, PathBuf},
};

/// Where a password comes from.
pub(super) enum Password {
    None,
    /// To be kept in a file of the configuration folder.
    Typed {
        file: String,
        text: String,
    },
    File(String),
    Variable(String),
}

/// The source that is to be written.
pub(super) fn of(args: &SourceAdd, security: Option<Chosen>, password: &Password) -> anyhow::Result<NewSource> {
    check_topics(args)?;
    let file = |file: &Option<PathBuf>| file.as_deref().map(|file| path(&args.place.config, file)).transpose();
    let (security, security_mode) = security.map(|chosen| (chosen.policy, chosen.mode)).unzip();
    Ok(NewSource {
        id: args.id.clone(),
        url: args.url.clone(),
        name: args.name.clone(),
        security,
        security_mode: security_mode.flatten(),
        certificate_host_check: !args.no_certificate_host_check,
        certificate_time_check: !args.no_certificate_time_check,
        user: args.user.clone(),
        password: match password {
            Password::None => PasswordFrom::Nowhere,
            Password::Typed { file, .. } | Password::File(file) => PasswordFrom::File(file.clone()),
            Password::Variable(variable) => PasswordFrom::Variable(variable.clone()),
        },
        user_certificate_file: file(&args.user_certificate_file)?,
        user_key_file: file(&args.user_key_file)?,
        ca_file: file(&args.ca_file)?,
        client_certificate_file: file(&args.client_certificate_file)?,
        client_key_file: file(&args.client_key_file)?,
        allow: args.allow.clone(),
        registration: args.registration.clone(),
        location: args.location.clone(),
        video: args.video.clone(),
        ticket: args.ticket.clone(),
        line: SerialLine {
            baud: args.line.baud,
            parity: match args.line.parity {
                Parity::None => "none",
                Parity::Even => "even",
                Parity::Odd => "odd",
            }
            .to_owned(),
            stop_bits: args.line.stop_bits,
        },
    })
}

/// In the words of the command line.
fn check_topics(args: &SourceAdd) -> anyhow::Result<()> {
    let wanted = [("--location", &args.location), ("--video", &args.video), ("--ticket", &args.ticket)];
    let given = wanted.iter().find(|(_, topic)| topic.is_some()).map(|(flag, _)| *flag);
    match (SourceUrl::of(&args.url), given) {
        (Ok(SourceUrl::Mqtt), None) => bail!(
            "say what the broker brings: --location 'site/location/+', --video 'site/video/+' or --ticket 'site/ticket/+'"
        ),
        (Ok(SourceUrl::OpcUa | SourceUrl::Modbus(_)), Some(flag)) => bail!("{flag} is for mqtt:// and mqtts:// alone"),
        (Ok(_) | Err(_), _) => Ok(()),
    }
}

/// A file as the configuration names it: relative to its folder where it is there, else in full.
pub(super) fn path(config: &Path, file: &Path) -> anyhow::Result<String> {
    let here = || -> anyhow::Result<PathBuf> { Ok(env::current_dir()?.join(file)) };
    let path = if config.join(file).exists() { file.to_owned() } else { here()? };
    let path = path.to_str().with_context(|| format!("{} is no text", path.display()))?;
    Ok(path.to_owned())
}

/// What to do with a source that was written.
pub(super) fn next(args: &SourceAdd) -> Vec<String> {
    let (id, url, config) = (&args.id, &args.url, args.place.config.display());
    let data = args.place.data.as_ref().map(|data| format!(" --data {}", data.display())).unwrap_or_default();
    let serial = if url.starts_with('/') {
        format!(" --baud {} --stop-bits {}", args.line.baud, args.line.stop_bits)
    } else {
        String::new()
    };
    let lines = match SourceUrl::of(url) {
        Ok(SourceUrl::OpcUa) => vec![
            format!("davy source test {id} --config {config}{data}"),
            format!("davy browse {id} --csv --config {config}{data} > points.csv"),
            format!("davy tags import points.csv --merge --config {config}"),
        ],
        Ok(SourceUrl::Modbus(way)) => {
            // A device that dials in cannot be asked before the gateway runs.
            let read = matches!(way, ModbusWay::Tcp | ModbusWay::Rtu | ModbusWay::Serial);
            let read = read.then(|| format!("davy read {url} 1/holding/0 --count 8{serial}"));
            let table = [
                format!("davy tags export --config {config} --format xlsx -o tags.xlsx"),
                format!("davy tags import tags.xlsx --config {config}"),
            ];
            read.into_iter().chain(table).collect()
        }
        Ok(SourceUrl::Mqtt) => vec![format!("davy check --config {config}")],
        Err(_) => Vec::new(),
    };
    std::iter::once("next:".to_owned()).chain(lines.into_iter().map(|line| format!("  {line}"))).collect()
}
