//! Where things are: the workspace, the target folder, a fresh folder for each test, a free port.

use anyhow::{Context, Result, ensure};
use std::{
    env, fs,
    net::TcpListener,
    path::{Path, PathBuf},
};

/// The workspace's folder.
#[must_use]
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies one folder below the workspace").to_owned()
}

/// The target folder this test was built into.
pub fn target() -> Result<PathBuf> {
    let test = env::current_exe().context("find the running test")?;
    let target = test.ancestors().nth(3).context("a test lies in target/PROFILE/deps")?;
    Ok(target.to_owned())
}

/// The product under test: `DAVY_BIN`, or `davy` beside the tests of the same profile.
pub fn davy() -> Result<PathBuf> {
    let path = match env::var_os("DAVY_BIN") {
        Some(path) => PathBuf::from(path),
        None => beside_the_tests("davy")?,
    };
    ensure!(path.is_file(), "{} is missing: run `cargo build -p davy`, or set DAVY_BIN", path.display());
    Ok(path)
}

/// A program of the same profile as the running test.
pub fn beside_the_tests(program: &str) -> Result<PathBuf> {
    Ok(env::current_exe()?.ancestors().nth(2).context("a test lies in target/PROFILE/deps")?.join(program))
}

/// The Python of the peers' virtual environment.
pub fn python() -> Result<PathBuf> {
    let path = workspace().join(".venv/bin/python");
    ensure!(path.is_file(), "{} is missing: run `scripts/setup.sh`", path.display());
    Ok(path)
}

/// An empty folder for one test. It stays after the test, for whoever must read its logs.
pub fn fresh(test: &str) -> Result<PathBuf> {
    let folder = target()?.join("e2e").join(test);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("empty {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    Ok(folder)
}

/// A port that nobody listens on now. Servers that can choose one themselves should; a server that must come back on the
/// same port cannot.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0").context("find a free port")?.local_addr()?.port())
}
