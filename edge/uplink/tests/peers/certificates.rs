//! Certificates made by OpenSSL.

use std::{fs, path::Path, process::Command};

/// Runs a program in a folder.
pub(crate) fn run(program: &str, arguments: &[&str], folder: &Path) {
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    let output = output.unwrap_or_else(|error| panic!("{program} is missing ({error}): run `scripts/setup.sh`"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

/// An authority, and a certificate of its for this machine.
pub(crate) fn certificates(folder: &Path) {
    fs::write(folder.join("san"), "subjectAltName=IP:127.0.0.1\n").unwrap();
    for line in [
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=authority",
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr -subj /CN=broker",
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out server.pem",
    ] {
        run("openssl", &line.split(' ').collect::<Vec<_>>(), folder);
    }
}

/// A certificate of the authority for this machine that was valid for a day of 2020: `expired.pem`.
pub(crate) fn expired(folder: &Path) {
    let settings = "[ca]\ndefault_ca = d\n[d]\ndatabase = index\nserial = serial\nnew_certs_dir = .\ndefault_md = sha256\npolicy = p\n[p]\ncommonName = supplied\n";
    for (name, text) in [("ca.conf", settings), ("index", ""), ("serial", "1000\n")] {
        fs::write(folder.join(name), text).unwrap();
    }
    let line = "ca -batch -config ca.conf -in server.csr -cert ca.pem -keyfile ca.key -out expired.pem -notext -extfile san \
                -startdate 20200101000000Z -enddate 20200102000000Z";
    run("openssl", &line.split_whitespace().collect::<Vec<_>>(), folder);
}
