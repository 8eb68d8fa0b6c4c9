//! Certificates of a test's own.

use anyhow::{Context, Result, ensure};
use std::{fs, path::Path, process::Command};

/// An authority, a broker's certificate for this machine, a client's, and one that another authority gave: `ca.pem`, `server.pem`,
/// `client.pem`, `stranger.pem`, with their keys `.key`.
pub fn certificates(folder: &Path) -> Result<()> {
    fs::write(folder.join("san"), "subjectAltName=IP:127.0.0.1\n")?;
    for line in [
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=authority",
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr -subj /CN=broker",
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out server.pem",
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout client.key -out client.csr -subj /CN=davy",
        "x509 -req -in client.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out client.pem",
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout stranger.key -out stranger.pem -days 2 -subj /CN=stranger",
    ] {
        openssl(folder, line)?;
    }
    Ok(())
}

/// What `openssl` says to these words in a folder.
pub fn openssl(folder: &Path, line: &str) -> Result<String> {
    let output = Command::new("openssl").args(line.split(' ')).current_dir(folder).output();
    let output = output.context("openssl is missing: run `scripts/setup.sh`")?;
    ensure!(output.status.success(), "openssl: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}
