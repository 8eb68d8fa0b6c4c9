//! TLS with the enterprise's own certificate authority, and a broker that asks for a password.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod peers;

use davy_config::{Credentials, Secret};
use davy_core::event::Link;
use peers::{
    broker::Broker,
    certificates::{certificates, expired, run},
    desk::Desk,
    until,
};
use std::{fs, path::Path};

fn credentials(password: &str) -> Option<Credentials> {
    Some(Credentials { user: "gateway".to_owned(), password: Secret(password.to_owned()) })
}

fn settings(place: &Path, certificate: &str) -> String {
    let place = place.display();
    format!(
        "allow_anonymous false\npassword_file {place}/passwords\ncertfile {place}/{certificate}\nkeyfile {place}/server.key\n"
    )
}

#[tokio::test]
async fn a_broker_whose_certificate_has_ended_gets_nothing_until_it_has_another() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    certificates(path);
    expired(path);
    run("mosquitto_passwd", &["-b", "-c", "passwords", "gateway", "secret"], path);
    let mut broker = Broker::start_with(path, &settings(path, "expired.pem")).await;
    let mut desk = Desk::new(path, broker.port, 1_000);
    desk.change(|config| {
        config.broker.ca_pem = Some(fs::read(path.join("ca.pem")).unwrap());
        config.broker.credentials = credentials("secret");
    });
    let head = desk.write("alarm", 20).await;
    let running = desk.start();
    let Link::Down(reason) = desk.link().await else { panic!("it is not to be trusted any more") };
    assert!(reason.to_lowercase().contains("expired") && reason.contains("this box's clock"), "{reason}");
    broker.stop();
    fs::copy(path.join("server.pem"), path.join("expired.pem")).unwrap();
    broker.start_again().await;
    assert_eq!(desk.link().await, Link::Up);
    desk.all_saved(head).await;
    desk.stop(running).await;
}

#[tokio::test]
async fn a_trusted_broker_that_knows_the_password_gets_everything_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    certificates(path);
    run("mosquitto_passwd", &["-b", "-c", "passwords", "gateway", "secret"], path);
    let broker = Broker::start_with(path, &settings(path, "server.pem")).await;
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
