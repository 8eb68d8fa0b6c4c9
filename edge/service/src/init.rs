//! `davy init`: the first configuration of a site, checked before a file of it is written.

use crate::{ask, cli::Init, clock, output};
use anyhow::{Context, bail};
use davy_config::{
    Files,
    scaffold::{self, Identity},
};
use std::{
    fs::{self, File},
    io::Write as _,
    path::Path,
    process::ExitCode,
};

/// Whatever is written later, no password gets under version control.
const IGNORED: (&str, &str) =
    (".gitignore", "# 口令与旧表不进版本库。 Passwords and old files stay out of version control.\n/secrets/\n*.bak\n");

/// China's local date, until the policy says otherwise.
const UTC_OFFSET_MS: u64 = 8 * 3_600_000;

/// Writes it; what is wrong with what was given is `davy_config::Errors`.
pub(crate) fn command(args: &Init) -> anyhow::Result<ExitCode> {
    let folder = &args.folder;
    if folder.join(scaffold::GATEWAY_TOML).exists() {
        bail!(
            "{} has a configuration already; it was left as it is. Look at it with davy check --config {0}",
            folder.display()
        );
    }
    let or_asked = |given: &Option<String>, question: &str, flag: &str| match given {
        Some(given) => Ok(given.trim().to_owned()),
        None => ask::line(question, flag),
    };
    let company_code = or_asked(
        &args.company_code,
        "The enterprise's code 企业编码, nine digits: ",
        "--company-code CODE (nine digits)",
    )?;
    let gateway_id = or_asked(
        &args.gateway_id,
        "The gateway's id, unique in the enterprise, such as gw-1: ",
        "--gateway-id ID (such as gw-1)",
    )?;
    let name =
        or_asked(&args.name, "What people call the gateway 名称: ", "--name NAME (what people call the gateway)")?;
    let author = or_asked(
        &args.author,
        "Who writes this configuration 编制人: ",
        "--author NAME (who writes the configuration)",
    )?;
    let today = clock::utc().after(UTC_OFFSET_MS).to_string();
    let date = today.get(..10).unwrap_or_default();
    let files = scaffold::first(&Identity {
        company_code: &company_code,
        gateway_id: &gateway_id,
        name: &name,
        author: &author,
        date,
    });
    davy_config::read(&files, &|name| Err(format!("there is no secret {name} yet")))?;
    write(folder, &files)?;
    let dir = folder.display();
    output::line(format_args!(
        "{dir} is a configuration without sources; davy check --config {dir} finds nothing wrong with it"
    ));
    output::line("next:");
    output::line(format_args!("  davy source add dcs opc.tcp://HOST:4840/ --config {dir} --data DATA"));
    output::line(format_args!("  davy source add gds modbus://HOST:502 --config {dir}"));
    output::line("there is no password anywhere yet; davy source add --user asks for one and keeps it in secrets/");
    Ok(ExitCode::SUCCESS)
}

fn write(folder: &Path, files: &Files) -> anyhow::Result<()> {
    let texts = files.0.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    let all: Vec<(&str, &[u8])> = texts.chain([(IGNORED.0, IGNORED.1.as_bytes())]).collect();
    let there: Vec<&str> = all.iter().map(|(name, _)| *name).filter(|name| folder.join(name).exists()).collect();
    if !there.is_empty() {
        bail!("{} has {} already; nothing was written. Name an empty folder", folder.display(), there.join(", "));
    }
    for (name, bytes) in all {
        let path = folder.join(name);
        let put = || {
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            let mut file = File::create_new(&path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        put().with_context(|| format!("write {}: check whose folder it is", path.display()))?;
        output::line(format_args!("wrote {}", path.display()));
    }
    Ok(())
}
