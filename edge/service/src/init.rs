//! `davy init`: the first configuration of a site, checked before a file of it is written.

use crate::{ask, cli::Init, clock, output};
use anyhow::{Context, bail};
use davy_config::{
    Files,
    scaffold::{self, Identity},
};
use std::{
    fs::{self, File},
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, chown},
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
    let [company_code, gateway_id, name, author] = answers(args)?;
    let today = clock::utc().after(UTC_OFFSET_MS).to_string();
    let date = today.get(..10).unwrap_or_default();
    let files = scaffold::first(&Identity {
        company_code: &company_code,
        gateway_id: &gateway_id,
        name: &name,
        author: &author,
        date,
        listen: args.listen.as_deref(),
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

/// What was given, and the rest as a person answers.
fn answers(args: &Init) -> anyhow::Result<[String; 4]> {
    let wanted = [
        (&args.company_code, "The enterprise's code 企业编码, nine digits: ", "--company-code CODE"),
        (&args.gateway_id, "The gateway's id 网关编号, unique in the enterprise, such as gw-1: ", "--gateway-id ID"),
        (&args.name, "What people call the gateway 网关名称: ", "--name NAME"),
        (&args.author, "Who writes this configuration 编制人: ", "--author NAME"),
    ];
    let missing: Vec<&str> = wanted.iter().filter(|(given, ..)| given.is_none()).map(|(.., flag)| *flag).collect();
    if !missing.is_empty() && !ask::is_terminal() {
        bail!("say {}: there is no terminal on which to ask for it", missing.join(", "));
    }
    let mut answers = [const { String::new() }; 4];
    for ((given, question, _), answer) in wanted.into_iter().zip(&mut answers) {
        *answer = match given {
            Some(given) => given.trim().to_owned(),
            None => ask::line(question)?,
        };
    }
    Ok(answers)
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
            let parent = path.parent().unwrap_or(folder);
            if !parent.exists() {
                fs::create_dir_all(parent)?;
                given(folder, parent)?;
            }
            let mut file = File::create_new(&path)?;
            given(folder, &path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        put().with_context(|| format!("write {}: check whose folder it is", path.display()))?;
        output::line(format_args!("wrote {}", path.display()));
    }
    Ok(())
}

/// What an administrator begins belongs to the folder's owner, who runs the gateway and must read and change it.
fn given(folder: &Path, path: &Path) -> io::Result<()> {
    let (owner, own) = (fs::metadata(folder)?, fs::metadata(path)?);
    match (own.uid(), own.gid()) == (owner.uid(), owner.gid()) {
        true => Ok(()),
        false => chown(path, Some(owner.uid()), Some(owner.gid())),
    }
}
