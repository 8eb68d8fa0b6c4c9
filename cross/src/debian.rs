//! The standard library of a target, built from Debian's package `rust-src` of the compiler's own version: for machines that reach a
//! mirror of Debian and not rustup's server.
//!
//! Debian takes over each version for its own compiler; its sources of the library are those of the release. The package is
//! signed by the archive, which apt checks, and of the versions in [`KNOWN`] its digest is checked as well.

use crate::{
    shell::{self, say},
    target::Target,
    toolchain::Rust,
};
use anyhow::{Context, Result, bail, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Where a version may be; `main` of each.
const SUITES: [&str; 4] = ["trixie", "trixie-backports", "forky", "sid"];

/// The keys by which the archive is signed, as Debian installs them.
const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Packages by their version, with the SHA-256 of their file.
const KNOWN: [(&str, &str); 1] =
    [("1.95.0+dfsg1-2~bpo13+1", "7b76db5b880a77f9e52975d2baa6209d2f76d2c9c2789515c3088cb960e2c83b")];

/// The crates of which a program of ours has a part.
const CRATES: &str = "-Zbuild-std=std,panic_unwind,panic_abort,proc_macro,test";

/// Builds the library and puts it below this folder, where a compiler whose `--sysroot` it is looks for it.
pub(crate) fn build_std(target: Target, sysroot: &Path) -> Result<()> {
    let rust = Rust::of_this_machine()?;
    say(format!("building the standard library {} for {} from Debian's sources", rust.version, target.triple()));
    let library = sources(&rust)?;
    let built = compile(target, &rust, &library)?;
    let to = sysroot.join("lib/rustlib").join(target.triple()).join("lib");
    fs::create_dir_all(&to).with_context(|| format!("create {}; is the toolchain yours?", to.display()))?;
    for entry in fs::read_dir(&built).with_context(|| format!("list {}", built.display()))? {
        let from = entry?.path();
        if from.extension().is_some_and(|extension| extension == "rlib") {
            let name = from.file_name().context("a file has a name")?;
            fs::copy(&from, to.join(name)).with_context(|| format!("copy {} into {}", from.display(), to.display()))?;
        }
    }
    Ok(())
}

/// The unpacked sources, the folder that holds `library`.
fn sources(rust: &Rust) -> Result<PathBuf> {
    let folder = shell::scratch().join("debian");
    let unpacked = folder.join(format!("rust-src-{}", rust.version));
    let library = unpacked.join(format!("usr/src/rustc-{}", rust.version));
    if library.join("library/Cargo.lock").is_file() {
        return Ok(library);
    }
    let package = download(&Archive::read(&folder)?, &rust.version)?;
    shell::run("unpack rust-src", Command::new("dpkg-deb").arg("-x").arg(&package).arg(&unpacked))?;
    ensure!(library.join("library/Cargo.lock").is_file(), "{} holds no library/Cargo.lock", library.display());
    Ok(library)
}

/// The suites of [`SUITES`] beside those of the machine, which stay what they are.
struct Archive {
    folder: PathBuf,
}

impl Archive {
    fn read(folder: &Path) -> Result<Self> {
        for part in ["lists/partial", "cache/archives/partial"] {
            fs::create_dir_all(folder.join(part)).with_context(|| format!("create {part} in {}", folder.display()))?;
        }
        let mirror = mirror()?;
        let line = |suite| format!("deb [signed-by={KEYS}] {mirror} {suite} main\n");
        let list = folder.join("sources.list");
        fs::write(&list, SUITES.map(line).concat()).with_context(|| format!("write {}", list.display()))?;
        let archive = Self { folder: folder.to_owned() };
        shell::run("read Debian's lists of packages", archive.apt("apt-get").args(["-qq", "update"]))?;
        Ok(archive)
    }

    fn apt(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let of_ours = |name: &str, file: &str| format!("{name}={}", self.folder.join(file).display());
        for option in [
            of_ours("Dir::Etc::SourceList", "sources.list"),
            "Dir::Etc::SourceParts=/dev/null".to_owned(),
            of_ours("Dir::State::Lists", "lists"),
            of_ours("Dir::Cache", "cache"),
        ] {
            command.args(["-o", &option]);
        }
        command
    }
}

/// The mirror of Debian that this machine uses.
fn mirror() -> Result<String> {
    let mut command = Command::new("apt-get");
    command.args([
        "indextargets",
        "--format",
        "$(REPO_URI)",
        "Created-By: Packages",
        "Origin: Debian",
        "Component: main",
    ]);
    let said = shell::output("ask for the mirror of Debian", &mut command)?;
    // The archive of security updates is another one, and has other suites.
    let mirror = said.lines().find(|line| !line.contains("security"));
    mirror
        .map(str::to_owned)
        .context("this machine has no mirror of Debian: run `rustup target add` where its server is reached")
}

fn download(archive: &Archive, rust: &str) -> Result<PathBuf> {
    let table = shell::output("look for rust-src", archive.apt("apt-cache").args(["madison", "rust-src"]))?;
    let versions: Vec<&str> = table.lines().filter_map(|line| line.split('|').nth(1)).map(str::trim).collect();
    let Some(version) = versions.iter().find(|version| is_of(version, rust)) else {
        bail!(
            "Debian has no rust-src {rust}, the version of `rustc --version`; to be had: {}: install one of these versions \
             of Rust, or run `rustup target add` where its server is reached",
            versions.join(", ")
        );
    };
    let mut command = archive.apt("apt-get");
    command.current_dir(&archive.folder).args(["-qq", "download", &format!("rust-src={version}")]);
    shell::run("download rust-src", &mut command)?;
    let package = archive.folder.join(format!("rust-src_{version}_all.deb"));
    let digest = shell::sha256(&package)?;
    match KNOWN.iter().find(|(known, _)| known == version) {
        Some((_, known)) => {
            ensure!(digest == *known, "{}: SHA-256 {digest}, but it must be {known}", package.display())
        }
        None => say(format!(
            "rust-src {version}: the archive's signature holds; SHA-256 {digest} is not in the list of known ones"
        )),
    }
    Ok(package)
}

/// Whether a version of the package is one of this release, `1.95.0+dfsg1-2`.
fn is_of(version: &str, rust: &str) -> bool {
    version.strip_prefix(rust).is_some_and(|rest| rest.starts_with(['+', '-', '~']))
}

/// Compiles the library below a crate without contents, and gives the folder of what came out. The compiler is told that it may
/// build its own library; nothing of ours is ever built this way.
fn compile(target: Target, rust: &Rust, sources: &Path) -> Result<PathBuf> {
    let empty = shell::scratch().join("debian/empty");
    fs::create_dir_all(empty.join("src")).with_context(|| format!("create {}", empty.display()))?;
    let manifest =
        "[package]\nname = \"empty\"\nedition = \"2024\"\n\n[workspace]\n\n[profile.release]\ndebug = false\n";
    fs::write(empty.join("Cargo.toml"), manifest)?;
    fs::write(empty.join("src/lib.rs"), "")?;
    let out = empty.join("target");
    let mut command = Command::new(shell::cargo()?);
    command.current_dir(&empty).args(["build", "--release", "--target", target.triple(), CRATES]);
    command.env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_DIR", &out);
    // Cargo looks for the sources in the compiler's own folder, unless it is told otherwise.
    command.env("__CARGO_TESTS_ONLY_SRC_ROOT", sources.join("library"));
    command.env("RUSTFLAGS", format!("--remap-path-prefix={}=/rustc/{}", sources.display(), rust.commit));
    shell::run("build the standard library", &mut command)?;
    Ok(out.join(target.triple()).join("release/deps"))
}

#[test]
fn a_package_is_of_the_release_that_its_version_begins_with() {
    for (version, rust, expected) in [
        ("1.95.0+dfsg1-2~bpo13+1", "1.95.0", true),
        ("1.95.0-1", "1.95.0", true),
        ("1.95.01+dfsg1-1", "1.95.0", false),
        ("1.85.1+dfsg1-1+deb13u1", "1.95.0", false),
    ] {
        assert_eq!(is_of(version, rust), expected, "{version}");
    }
}
