//! Releases to try: the product with another version written over its own, and some that are bad in one way each. They are packed and
//! signed as a maker of releases does it, by `cargo xtask`.

use acceptance::places;
use anyhow::{Result, bail, ensure};
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};
use tokio::process::Command;

/// A maker of releases with a key of his own.
pub(crate) struct Maker {
    folder: PathBuf,
    /// What gateways trust.
    pub(crate) public: String,
}

impl Maker {
    pub(crate) async fn new(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let mut command = xtask()?;
        let public = said(command.args(["update-key", "--without-password", "--out"]).arg(folder)).await?;
        Ok(Self { folder: folder.to_owned(), public })
    }

    /// Packs and signs a program, and gives the file.
    pub(crate) async fn pack(&self, program: &Path) -> Result<PathBuf> {
        let mut command = xtask()?;
        command.arg("update").arg("--program").arg(program).arg("--key").arg(self.folder.join("minisign.key"));
        command.args(["--follows", "0.1.0", "--notes-zh", "试验", "--notes-en", "a trial"]);
        Ok(PathBuf::from(said(command.arg("--out").arg(&self.folder)).await?))
    }

    /// The product as another version.
    pub(crate) async fn product(&self, version: &str) -> Result<PathBuf> {
        let program = self.folder.join(format!("davy-{version}"));
        product(&program, version).await?;
        self.pack(&program).await
    }

    /// The product, with a piece of it replaced by one of the same length.
    pub(crate) async fn changed(&self, version: &str, piece: &[u8], by: &[u8]) -> Result<PathBuf> {
        let program = self.folder.join(format!("davy-{version}"));
        product(&program, version).await?;
        let mut bytes = fs::read(&program)?;
        replace(&mut bytes, piece, by)?;
        fs::write(&program, bytes)?;
        self.pack(&program).await
    }

    /// A program that says it is this release, reads the configuration as the product does, and runs as it is told to.
    pub(crate) async fn script(&self, version: &str, run: &str) -> Result<PathBuf> {
        self.script_for(version, "x86_64-unknown-linux-gnu", run, "exec $davy \"$@\"").await
    }

    pub(crate) async fn script_for(&self, version: &str, target: &str, run: &str, check: &str) -> Result<PathBuf> {
        let program = self.folder.join(format!("script-{version}"));
        let davy = self.folder.join(format!("davy-{version}"));
        product(&davy, version).await?;
        let davy = davy.display();
        let text = format!(
            "#!/bin/sh\n# davy-release: {version} {target} 4 4\ndavy={davy}\ncase \"$1\" in\nrun) {run} ;;\ncheck) {check} ;;\n*) exec $davy \"$@\" ;;\nesac\n"
        );
        fs::write(&program, text)?;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
        self.pack(&program).await
    }
}

/// The product without what debuggers need, which only makes it slow to copy, as another version.
async fn product(program: &Path, version: &str) -> Result<()> {
    let stripped = Command::new("strip").arg("-o").arg(program).arg(places::davy()?).status().await?;
    ensure!(stripped.success(), "strip: {stripped}");
    let mut bytes = fs::read(program)?;
    let says = |version: &str| format!("davy-release: {version} ");
    replace(&mut bytes, says(env!("CARGO_PKG_VERSION")).as_bytes(), says(version).as_bytes())?;
    fs::write(program, bytes)?;
    Ok(())
}

fn replace(bytes: &mut [u8], piece: &[u8], by: &[u8]) -> Result<()> {
    ensure!(piece.len() == by.len(), "both have the same length");
    let places: Vec<usize> =
        bytes.windows(piece.len()).enumerate().filter(|(_, found)| *found == piece).map(|(at, _)| at).collect();
    let [at] = places[..] else { bail!("{} is in it {} times", String::from_utf8_lossy(piece), places.len()) };
    bytes[at..at + by.len()].copy_from_slice(by);
    Ok(())
}

fn xtask() -> Result<Command> {
    let path = places::beside_the_tests("xtask")?;
    ensure!(path.is_file(), "{} is missing: run `cargo build --workspace`", path.display());
    Ok(Command::new(path))
}

async fn said(command: &mut Command) -> Result<String> {
    let output = command.output().await?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
