//! As whom the command line acts. What root does to the gateway's folders is done as the folders' owner, who runs the gateway and must
//! read and change it afterwards.

use crate::cli::{CertificateAct, Command, ConfigAct, TrustAct, UpdateAct};
use anyhow::Context as _;
use std::{
    env, fs,
    os::unix::{fs::MetadataExt as _, process::CommandExt as _},
    path::Path,
};

/// Becomes the owner of what the command changes, where root runs it and somebody else is the owner; comes back only where there is no
/// need.
pub(crate) fn as_owner(command: &Command) -> anyhow::Result<()> {
    let Some(folder) = changes(command) else { return Ok(()) };
    // What is not there yet belongs to nobody, and the command says that it is missing.
    let Ok(owner) = fs::metadata(folder) else { return Ok(()) };
    if !rustix::process::geteuid().is_root() || owner.uid() == 0 {
        return Ok(());
    }
    let program = env::current_exe().context("find the own program")?;
    let mut again = std::process::Command::new(&program);
    let error = again.args(env::args_os().skip(1)).uid(owner.uid()).gid(owner.gid()).exec();
    Err(error).with_context(|| format!("start {} as the owner of {}", program.display(), folder.display()))
}

/// The folder that a command changes beside a gateway that may be running.
fn changes(command: &Command) -> Option<&Path> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "others change nothing there, or give what they write to the owner"
    )]
    match command {
        Command::Update(args) => match &args.act {
            UpdateAct::Install { data, .. } => Some(data),
            UpdateAct::Look { .. } | UpdateAct::Show { .. } => None,
        },
        Command::Config(args) => match &args.act {
            ConfigAct::Rollback(rollback) => Some(&rollback.config),
            ConfigAct::Versions(_) | ConfigAct::Show(_) | ConfigAct::Diff(_) => None,
        },
        Command::Trust(args) => match &args.act {
            TrustAct::Accept(decide) | TrustAct::Reject(decide) | TrustAct::Remove(decide) => Some(&decide.data),
            TrustAct::List { .. } | TrustAct::Show { .. } => None,
        },
        Command::Certificate(args) => match &args.act {
            CertificateAct::Renew { data, .. } => Some(data),
            CertificateAct::Show { .. } => None,
        },
        _ => None,
    }
}
