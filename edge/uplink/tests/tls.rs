//! TLS with the enterprise's own certificate authority, and a broker that asks for a password.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod peers;

use davy_config::{Credentials, Secret};
use davy_core::event::Link;
use peers::{broker::Broker, desk::Desk, until};
use std::{fs, path::Path, process::Command};

fn run(program: &str, arguments: &[&str], folder: &Path) {
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    let output = output.unwrap_or_else(|error| panic!("{program} is missing ({error}): run `scripts/setup.sh`"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

/// An authority, and a certificate of its for this machine.
fn certificates(folder: &Path) {
    fs::write(folder.join("san"), "subjectAltName=IP:127.0.0.1\n").unwrap();
    for line in [
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=authority",
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr -subj /CN=broker",
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out server.pem",
    ] {
        run("openssl", &line.split(' ').collect::<Vec<_>>(), folder);
    }
}

fn credentials(password: &str) -> Option<Credentials> {
    Some(Credentials { user: "gateway".to_owned(), password: Secret(password.to_owned()) })
}

#[tokio::test]
async fn a_trusted_broker_that_knows_the_password_gets_everything_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    certificates(path);
    run("mosquitto_passwd", &["-b", "-c", "passwords", "gateway", "secret"], path);
    let place = path.display();
    let settings = format!(
        "allow_anonymous false\npassword_file {place}/passwords\ncertfile {place}/server.pem\nkeyfile {place}/server.key\n"
    );
    let broker = Broker::start_with(path, &settings).await;
    let mut desk = Desk::new(path, broker.port, 1_000);
    let head = desk.write("alarm", 20).await;

    for (authority, password, words) in
        [("server.pem", "secret", "no connection"), ("ca.pem", "wrong", "check user and password")]
    {
        desk.change(|config| {
            config.broker.ca_pem = Some(fs::read(path.join(authority)).unwrap());
            config.broker.credentials = credentials(password);
        });
        let running = desk.start();
        let Link::Down(reason) = desk.link().await else { panic!("{authority} and {password} must not do") };
        assert!(reason.contains(words), "{reason}");
        assert!(!reason.contains("secret") && !reason.contains("wrong"), "no password is told: {reason}");
        desk.stop(running).await;
    }

    desk.change(|config| config.broker.credentials = credentials("secret"));
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    desk.all_saved(head).await;
    until("the health says so", async || (running.health.borrow().backlog == 0).then_some(())).await;
    desk.stop(running).await;
}
