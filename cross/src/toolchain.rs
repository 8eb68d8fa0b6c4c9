//! What a cross build needs beside cargo: the standard library of the target, and zig, which is linker, C compiler and C library of every
//! target in one download, of any version of glibc.

use crate::{debian, shell, target::Target};
use anyhow::{Context, Result};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Gets what is missing: safe to repeat.
pub(crate) fn ready(target: Target) -> Result<Toolchain> {
    let toolchain = Toolchain { zig: zig()?, rust: Rust::of_this_machine()? };
    standard_library(target, &toolchain.rust)?;
    Ok(toolchain)
}

/// The programs of a cross build.
pub(crate) struct Toolchain {
    /// The programs of the virtual environment with zig.
    zig: PathBuf,
    /// The compiler.
    pub(crate) rust: Rust,
}

impl Toolchain {
    /// `cargo zigbuild` or, for tests, `cargo-zigbuild test`, with the environment that it needs.
    pub(crate) fn cargo(&self, subcommand: &str) -> Result<Command> {
        let mut path = vec![self.zig.clone()];
        path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        let mut command = Command::new(self.zig.join("cargo-zigbuild"));
        command.arg(subcommand).env("PATH", env::join_paths(path)?).env("CARGO", shell::cargo()?);
        Ok(command)
    }
}

/// The compiler of this machine.
pub(crate) struct Rust {
    /// Such as `1.95.0`.
    pub(crate) version: String,
    /// The commit that it was built from, by which it calls the sources of the standard library.
    pub(crate) commit: String,
    /// Its folder.
    pub(crate) sysroot: PathBuf,
}

impl Rust {
    pub(crate) fn of_this_machine() -> Result<Self> {
        let said = shell::output("ask the compiler for its version", Command::new("rustc").arg("-vV"))?;
        let field = |name: &str| {
            let line = said.lines().find_map(|line| line.strip_prefix(name));
            line.map(str::to_owned).with_context(|| format!("rustc -vV gives no {name}"))
        };
        let (version, commit) = (field("release: ")?, field("commit-hash: ")?);
        let sysroot =
            shell::output("ask the compiler for its folder", Command::new("rustc").args(["--print", "sysroot"]))?;
        Ok(Self { version, commit, sysroot: sysroot.into() })
    }
}

/// zig and cargo-zigbuild in a virtual environment, in the versions and with the digests of `cross/requirements.txt`.
fn zig() -> Result<PathBuf> {
    let (wanted, venv) = (shell::workspace().join("cross/requirements.txt"), shell::scratch().join("zig"));
    let (bin, stamp) = (venv.join("bin"), venv.join("installed.txt"));
    let requirements = fs::read(&wanted).with_context(|| format!("read {}", wanted.display()))?;
    if fs::read(&stamp).is_ok_and(|installed| installed == requirements) {
        return Ok(bin);
    }
    shell::run("make a virtual environment", Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
    let mut pip = Command::new(bin.join("python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "-r"]);
    shell::run("install zig", pip.arg(&wanted))?;
    fs::write(&stamp, requirements).with_context(|| format!("write {}", stamp.display()))?;
    Ok(bin)
}

/// The standard library in the compiler's own folder: from rustup where it reaches its server, else built from Debian's sources.
fn standard_library(target: Target, rust: &Rust) -> Result<()> {
    if has_std(&rust.sysroot, target) {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    let added = rustup.args(["target", "add", target.triple()]).stdout(Stdio::null()).status();
    if added.is_ok_and(|status| status.success()) && has_std(&rust.sysroot, target) {
        return Ok(());
    }
    debian::build_std(target, &rust.sysroot)
}

fn has_std(sysroot: &Path, target: Target) -> bool {
    let libraries = fs::read_dir(sysroot.join("lib/rustlib").join(target.triple()).join("lib"));
    libraries
        .is_ok_and(|mut files| files.any(|file| file.is_ok_and(|file| is_std(&file.file_name().to_string_lossy()))))
}

fn is_std(name: &str) -> bool {
    name.starts_with("libstd-") && name.ends_with(".rlib")
}
