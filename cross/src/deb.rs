//! `cargo xtask deb`: the binary of a target as a Debian package. What is in it is the table [`FILES`]; the same commit gives the
//! same bytes. `dpkg-deb` puts it together, which needs no root and no tools of the target.

mod control;
mod elf;
mod stage;

use crate::sbom;
use anyhow::{Context as _, Result, ensure};
use clap::Args;
use stage::Stage;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A Debian package of the appliance.
#[derive(Debug, Args)]
pub(crate) struct Deb {
    /// For which gateways: x86_64-unknown-linux-gnu, aarch64-unknown-linux-gnu or armv7-unknown-linux-gnueabihf.
    #[arg(long, value_name = "TRIPLE", default_value = "x86_64-unknown-linux-gnu")]
    target: String,
    /// The binary; without it what `cargo xtask build --target TRIPLE` has made.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// The version of the package where it is not that of the workspace, for tests.
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// Compress little, for tests.
    #[arg(long)]
    quick: bool,
    /// Where the package goes; target/package without it.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// A target, and what Debian calls it.
const ARCHITECTURES: [(&str, &str); 3] = [
    ("x86_64-unknown-linux-gnu", "amd64"),
    ("aarch64-unknown-linux-gnu", "arm64"),
    ("armv7-unknown-linux-gnueabihf", "armhf"),
];

/// Files of the repository, and where they go; a folder goes with all that is in it.
const FILES: &[(&str, &str)] = &[
    ("firmware/package/davy.service", "usr/lib/systemd/system/davy.service"),
    ("firmware/package/sysusers.conf", "usr/lib/sysusers.d/davy.conf"),
    ("firmware/package/udev/70-davy.rules", "usr/lib/udev/rules.d/70-davy.rules"),
    ("firmware/package/debian/copyright", "usr/share/doc/davy/copyright"),
    ("firmware/package/udev/71-davy-serial.rules", "usr/share/doc/davy/examples/udev/71-davy-serial.rules"),
    ("firmware/package/network", "usr/share/doc/davy/examples/network"),
    ("firmware/package/read-only-root", "usr/share/doc/davy/examples/read-only-root"),
    ("config/template", "usr/share/doc/davy/examples/configuration"),
    ("config/boards", "usr/share/doc/davy/examples/boards"),
];

/// What dpkg runs.
const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];

/// Makes the package and prints where it is.
#[expect(clippy::print_stdout, reason = "the path is what the task is for")]
pub(crate) fn make(args: &Deb) -> Result<()> {
    let architecture = ARCHITECTURES.iter().find(|(triple, _)| *triple == args.target).map(|(_, name)| *name);
    let architecture = architecture.with_context(|| {
        format!(
            "{} has no Debian package: name one of {}",
            args.target,
            ARCHITECTURES.map(|(triple, _)| triple).join(", ")
        )
    })?;
    let out = args.out.clone().unwrap_or_else(|| target().join("package"));
    let binary = args.binary.clone().unwrap_or_else(|| target().join("dist").join(&args.target).join("davy"));
    ensure!(
        binary.is_file(),
        "{} is not there: make it with cargo xtask build --target {}, or name another one with --binary",
        binary.display(),
        args.target
    );
    let version = debian_version(args.version.as_deref().unwrap_or(env!("CARGO_PKG_VERSION")));
    let epoch = changed_at()?;
    let stage = Stage::new(&out.join(format!("{architecture}.stage")))?;
    stage.program(&binary, "usr/bin/davy")?;
    for (from, to) in FILES {
        stage.copy(Path::new(from), to)?;
    }
    stage.copy(&sbom::write(&args.target)?, "usr/share/doc/davy/sbom.cdx.json")?;
    manual(&stage, &out)?;
    stage.compressed(&control::changelog(&version, epoch)?, "usr/share/doc/davy/changelog.Debian.gz")?;
    stage.compressed(&fs::read("CHANGELOG.md").context("read CHANGELOG.md")?, "usr/share/doc/davy/changelog.gz")?;
    for name in SCRIPTS {
        stage.script(&Path::new("firmware/package/debian").join(name), name)?;
    }
    stage.sums()?;
    let needs = elf::needs(&binary, architecture)?;
    stage.control(&control::control(&version, architecture, &needs, stage.kilobytes()?))?;
    let package = out.join(format!("davy_{version}_{architecture}.deb"));
    pack(&stage, &package, epoch, args.quick)?;
    println!("{}", package.display());
    Ok(())
}

fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from)
}

/// A version before a release sorts before it.
fn debian_version(version: &str) -> String {
    format!("{}-1", version.replacen('-', "~", 1))
}

/// When the commit was made, in seconds since 1970: no file of the package is newer, whenever it is made.
fn changed_at() -> Result<u64> {
    if let Ok(given) = env::var("SOURCE_DATE_EPOCH") {
        return given.parse().context("SOURCE_DATE_EPOCH is no number of seconds");
    }
    let commit =
        Command::new("git").args(["log", "-1", "--format=%ct"]).output().context("ask git for the commit's time")?;
    let text = String::from_utf8_lossy(&commit.stdout);
    text.trim().parse().context("git does not tell when the commit was made: set SOURCE_DATE_EPOCH")
}

/// Manual pages and completions, from the words of the command line.
fn manual(stage: &Stage, out: &Path) -> Result<()> {
    let cargo = env::var_os("CARGO").context("CARGO is not set: run this as `cargo xtask deb`")?;
    let folder = out.join("manual");
    stage::clear(&folder)?;
    // With the whole workspace: a build of one crate alone resolves other features and would be done twice.
    let mut build = Command::new(&cargo);
    build.args(["build", "--locked", "--quiet", "--workspace", "--example", "manual"]);
    // What cargo has told this task of itself would be news to the build scripts of others, and they would be run again.
    for (name, _) in env::vars_os().filter(|(name, _)| is_of_this_task(&name.to_string_lossy())) {
        build.env_remove(name);
    }
    let built = build.status()?;
    ensure!(built.success(), "building the manual failed: see above");
    let written = Command::new(target().join("debug/examples/manual")).arg(&folder).status()?;
    ensure!(written.success(), "writing the manual failed: see above");
    stage.manual(&folder.join("man"), "usr/share/man/man1")?;
    for (from, to) in [
        ("bash/davy.bash", "usr/share/bash-completion/completions/davy"),
        ("zsh/_davy", "usr/share/zsh/vendor-completions/_davy"),
        ("fish/davy.fish", "usr/share/fish/vendor_completions.d/davy.fish"),
    ] {
        stage.copy(&folder.join(from), to)?;
    }
    Ok(())
}

fn is_of_this_task(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|begin| variable.starts_with(begin))
}

/// Every file belongs to root, every time is at most the commit's, and one thread compresses: the bytes are those of the content.
fn pack(stage: &Stage, package: &Path, epoch: u64, quick: bool) -> Result<()> {
    let compression: &[&str] = if quick { &["-Zgzip", "-z1"] } else { &["-Zxz"] };
    let packed = Command::new("dpkg-deb")
        .env("SOURCE_DATE_EPOCH", epoch.to_string())
        .env("DPKG_DEB_THREADS_MAX", "1")
        .args(["--root-owner-group"])
        .args(compression)
        .arg("--build")
        .args([stage.folder(), package])
        .stdout(std::process::Stdio::null())
        .status()
        .context("run dpkg-deb: install dpkg")?;
    ensure!(packed.success(), "dpkg-deb could not build {}: see above", package.display());
    Ok(())
}
