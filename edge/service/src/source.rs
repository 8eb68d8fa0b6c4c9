//! `davy source`: a server or device is tried, shown, and becomes a source of the configuration.

mod attempt;
mod change;
mod opcua;
mod section;
mod written;

use crate::{
    ask,
    cli::{Source, SourceAct, SourceAdd, SourceTest},
    gateway, output, replace,
};
use anyhow::{Context, bail};
use davy_config::{
    Files, SourceConfig,
    scaffold::{self, GATEWAY_TOML, SECRETS, SourceUrl},
};
pub(crate) use opcua::{Chosen, Lacking, security as opcua_security, strongest};
use section::Password;
use std::process::ExitCode;

/// Does what was asked for; a configuration that would be wrong is `davy_config::Errors`.
pub(crate) fn command(args: &Source) -> anyhow::Result<ExitCode> {
    match &args.act {
        SourceAct::Add(args) => gateway::block_on(add(args)),
        SourceAct::Test(args) => gateway::block_on(test(args)),
        SourceAct::Set(args) => change::set(args),
        SourceAct::Remove(args) => change::remove(args),
    }
}

async fn add(args: &SourceAdd) -> anyhow::Result<ExitCode> {
    let config = &args.place.config;
    let files = Files::from_dir(config)?;
    let present = davy_config::read(&files, &|name| davy_config::secret(config, name))?.configuration.site;
    if present.sources.iter().any(|source| source.id.as_str() == args.id) {
        bail!(
            "there is a source {0} in {1} already; try it with davy source test {0}, or choose another id",
            args.id,
            config.display()
        );
    }
    let kind = SourceUrl::of(&args.url).map_err(anyhow::Error::msg)?;
    let offers = match kind {
        SourceUrl::OpcUa if !args.offline => Some(opcua::offers(&args.url).await?),
        SourceUrl::OpcUa | SourceUrl::Modbus(_) | SourceUrl::Mqtt => None,
    };
    let security = match kind {
        SourceUrl::OpcUa => Some(opcua::choose(args, offers.as_ref())?),
        SourceUrl::Modbus(_) | SourceUrl::Mqtt => None,
    };
    if let Some(security) = &security {
        opcua::data_is_given(args, security)?;
    }
    let password = password(args)?;
    let section = section::of(args, security, &password)?.section().map_err(anyhow::Error::msg)?;
    let (changed, added) = scaffold::with_section(&files, &section);
    let secrets = |name: &str| match &password {
        Password::Typed { file, text } if file == name => Ok(text.clone()),
        Password::None | Password::Typed { .. } | Password::File(_) | Password::Variable(_) => {
            davy_config::secret(config, name)
        }
    };
    let checked = davy_config::read(&changed, &secrets).inspect_err(|_| {
        output::line("with this source the configuration would be wrong; nothing was written");
        added.iter().for_each(|line| output::line(format_args!("+ {line}")));
    })?;
    let source = checked.configuration.sources.last().context("the source is in the configuration")?;
    if !args.offline {
        tell(match (source, &offers) {
            (SourceConfig::OpcUa(source), Some(offers)) => {
                let security = opcua::security(&args.id, source, &present.gateway, args.place.data.as_deref())?;
                let trust = opcua::Trust { given: args.trust.as_deref(), by: args.by.as_deref() };
                opcua::attempt(source, &security, offers, args.place.data.as_deref(), Some(trust)).await?
            }
            (source, _) => attempt::attempt(source, &checked.configuration.site).await,
        });
    }
    write(args, &files, &changed, &added, &password)
}

/// Whether it is connected to is told, and does not decide what is written: a source is tried again for ever.
fn tell(tried: Result<String, String>) -> bool {
    match &tried {
        Ok(words) => opcua::row("connected", words),
        Err(words) => opcua::row("not yet", words),
    }
    tried.is_ok()
}

fn password(args: &SourceAdd) -> anyhow::Result<Password> {
    let Some(user) = &args.user else { return Ok(Password::None) };
    if let Some(file) = &args.password_file {
        return Ok(Password::File(section::path(&args.place.config, file)?));
    }
    if let Some(variable) = &args.password_env {
        return Ok(Password::Variable(variable.clone()));
    }
    if !ask::is_terminal() {
        bail!(
            "the user {user} has no password: there is no terminal on which it could be asked for; say --password-file FILE \
             or --password-env VARIABLE"
        );
    }
    let file = format!("{SECRETS}/{}-password", args.id);
    if args.place.config.join(&file).exists() {
        bail!("{file} is there already; take the password in it with --password-file {file}, or remove it");
    }
    Ok(Password::Typed { text: ask::password(&format!("Password of {user}, kept in {file}"))?, file })
}

fn write(
    args: &SourceAdd,
    files: &Files,
    changed: &Files,
    added: &[String],
    password: &Password,
) -> anyhow::Result<ExitCode> {
    let config = &args.place.config;
    let difference: Vec<String> = added.iter().map(|line| format!("+ {line}")).collect();
    if !written::agreed(&difference, args.apply)? {
        return Ok(ExitCode::SUCCESS);
    }
    if let Password::Typed { file, text } = password {
        replace::secret(&config.join(file), text.as_bytes(), &config.join(GATEWAY_TOML))?;
        output::line(format_args!("the password is in {file}, which only its owner can read"));
    }
    written::put(config, files, changed)?;
    section::next(args).iter().for_each(output::line);
    Ok(ExitCode::SUCCESS)
}

async fn test(args: &SourceTest) -> anyhow::Result<ExitCode> {
    let configuration = davy_config::read_dir(&args.place.config)?.configuration;
    let site = &configuration.site;
    let at = site.sources.iter().position(|source| source.id.as_str() == args.id);
    let at = at.with_context(|| format!("there is no source {} in {}", args.id, args.place.config.display()))?;
    let tried = match &configuration.sources[at] {
        SourceConfig::OpcUa(source) => {
            let offers = opcua::offers(&source.endpoint).await?;
            let security = opcua::security(&args.id, source, &site.gateway, args.place.data.as_deref())?;
            opcua::attempt(source, &security, &offers, args.place.data.as_deref(), None).await?
        }
        source @ (SourceConfig::Modbus(_) | SourceConfig::Mqtt(_) | SourceConfig::Board(_)) => {
            attempt::attempt(source, site).await
        }
    };
    Ok(if tell(tried) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
