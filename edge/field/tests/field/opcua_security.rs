//! The security of OPC UA against asyncua: certificates, policies, users, clocks.

use crate::{
    script::Script,
    stand::{Stand, utc},
};
use acceptance::{places, watched::Watched};
use anyhow::{Context as _, Result};
use davy_config::{
    ClientCertificate, Credentials, OpcUaIdentity, OpcUaItem, OpcUaPolicy, OpcUaSecured, OpcUaSecurity,
    OpcUaSecurityMode, OpcUaSource, Secret, SourceConfig,
};
use davy_core::{
    event::CertificateDecision as Decision,
    health::{CertificateStanding as Standing, CertificateView},
    id::{SourceIx, TagIx},
    model::{Gateway, Site, Source, SourceKind},
};
use davy_field::{Pki, wire::Protocol};
use serde_json::{Value, json};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

pub(crate) const ENCRYPTED: OpcUaSecurity = secured(OpcUaPolicy::Basic256Sha256, OpcUaSecurityMode::SignAndEncrypt);

const fn secured(policy: OpcUaPolicy, mode: OpcUaSecurityMode) -> OpcUaSecurity {
    OpcUaSecurity::Secured(OpcUaSecured { policy, mode, host_check: true, time_check: true })
}

/// A server with certificates, and the folder of a gateway's own.
pub(crate) struct Server {
    pub(crate) folder: PathBuf,
    pub(crate) port: u16,
    pub(crate) script: Script,
    tap: Watched,
    pki: Arc<Pki>,
}

impl Server {
    /// `security` and `clock_ahead_s` are those of `tests/peers/opcua_security.py`.
    pub(crate) async fn start(test: &str, security: Value, clock_ahead_s: i64) -> Result<Self> {
        Self::start_keeping(test, security, clock_ahead_s, false).await
    }

    /// One that keeps the history of its nodes.
    pub(crate) async fn start_with_history(test: &str) -> Result<Self> {
        Self::start_keeping(test, json!({}), 0, true).await
    }

    async fn start_keeping(test: &str, mut security: Value, clock_ahead_s: i64, history: bool) -> Result<Self> {
        let folder = places::fresh(test)?;
        let port = places::free_port()?;
        security["folder"] = json!(folder);
        security["client_key"] = json!(folder.join("pki/private/key.pem"));
        let nodes = json!([{"node": "LI-1", "type": "Double", "value": 12.5}]);
        let setup = json!({"port": port, "nodes": nodes, "security": security, "clock_ahead_s": clock_ahead_s,
            "history": history});
        let script = Script::start("opcua_server.py", setup, &folder).await?;
        let pki = Arc::new(Pki::new(&folder));
        Ok(Self { folder, port, script, tap: Watched::open("OPC UA", Protocol::OpcUa, port).await?, pki })
    }

    fn stand(&self, security: OpcUaSecurity, identity: OpcUaIdentity) -> Stand {
        self.stand_at(self.tap.port(), security, identity)
    }

    /// Reads it over another port of this machine.
    pub(crate) fn stand_at(&self, port: u16, security: OpcUaSecurity, identity: OpcUaIdentity) -> Stand {
        self.stand_with(port, security, identity, false)
    }

    /// The same, perhaps with the server's history.
    pub(crate) fn stand_with(
        &self,
        port: u16,
        security: OpcUaSecurity,
        identity: OpcUaIdentity,
        history: bool,
    ) -> Stand {
        let source = OpcUaSource {
            history,
            security,
            identity,
            publishing_interval_ms: 100,
            sampling_interval_ms: 50,
            items: vec![OpcUaItem { tag: TagIx(0), node: "ns=2;s=LI-1".to_owned(), deadband: None }],
            ..OpcUaSource::new(SourceIx(0), format!("opc.tcp://127.0.0.1:{port}/"))
        };
        let dcs = Source { id: "dcs".into(), name: "DCS".to_owned(), kind: SourceKind::OpcUa };
        let gateway =
            Gateway { company_code: "110000001".to_owned(), gateway_id: "gw-01".to_owned(), ..Gateway::default() };
        let site = Site { sources: vec![dcs], gateway, ..Site::default() };
        Stand::start_with(SourceConfig::OpcUa(source), site, Arc::clone(&self.pki))
    }

    fn read(&self, file: &str) -> Result<Vec<u8>> {
        Ok(fs::read(self.folder.join(file))?)
    }

    fn listed(&self, standing: Standing) -> Result<Vec<CertificateView>> {
        Ok(self.pki.list()?.into_iter().filter(|listed| listed.standing == standing).collect())
    }

    fn decide(&self, decision: Decision, fingerprint: &str, by: &str) -> Result<()> {
        let act = self.pki.consider(decision, fingerprint, by, utc())?;
        assert_eq!(act.by, by);
        Ok(self.pki.carry_out(&act)?)
    }

    /// Lets the gateway see the server's certificate and refuse it, then trusts it as a person does.
    pub(crate) async fn trust(&self) -> Result<String> {
        let mut stand = self.stand(ENCRYPTED, OpcUaIdentity::Anonymous);
        stand.down().await?;
        stand.stop().await?;
        let rejected = self.listed(Standing::Rejected)?;
        let sha256 = rejected.first().context("the certificate is listed")?.facts.sha256.clone();
        self.decide(Decision::Trust, &sha256, "Zhang")?;
        Ok(sha256)
    }
}

async fn value_comes(stand: &mut Stand) -> Result<()> {
    stand.up().await?;
    stand.sample(0, |sample| (sample.value - 12.5).abs() < 1e-9).await.map(drop)
}

fn user(password: &str) -> OpcUaIdentity {
    OpcUaIdentity::User(Credentials { user: "operator".to_owned(), password: Secret(password.to_owned()) })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_policy_mode_and_user_brings_values() -> Result<()> {
    let server = Server::start("field_opcua_policies", json!({"users": {"operator": "right"}}), 0).await?;
    server.trust().await?;
    let certificate_pem = server.read("user.pem")?;
    let key_pem = Secret(String::from_utf8(server.read("user-key.pem")?)?);
    let certificate = OpcUaIdentity::Certificate(ClientCertificate { certificate_pem, key_pem });
    let mut securities = vec![OpcUaSecurity::None];
    for policy in [OpcUaPolicy::Basic256Sha256, OpcUaPolicy::Aes128Sha256RsaOaep, OpcUaPolicy::Aes256Sha256RsaPss] {
        securities
            .extend([OpcUaSecurityMode::Sign, OpcUaSecurityMode::SignAndEncrypt].map(|mode| secured(policy, mode)));
    }
    for security in securities {
        for identity in [OpcUaIdentity::Anonymous, user("right"), certificate.clone()] {
            let case = format!("{security:?} {identity:?}");
            let mut stand = server.stand(security, identity);
            value_comes(&mut stand).await.with_context(|| case)?;
            stand.stop().await?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_certificate_is_refused_until_a_person_trusts_it() -> Result<()> {
    let mut server = Server::start("field_opcua_trust", json!({}), 0).await?;
    let mut stand = server.stand(ENCRYPTED, OpcUaIdentity::Anonymous);
    let reason = stand.down().await?;
    let first = server.listed(Standing::Rejected)?.pop().context("listed as rejected")?;
    assert!(reason.contains("not trusted") && reason.contains(&first.facts.sha256), "{reason}");
    assert_eq!((first.note.source.as_deref(), first.facts.subject.as_str()), (Some("dcs"), "CN=Acceptance"));
    assert_eq!(first.facts.hosts, ["127.0.0.1"]);
    assert!(server.listed(Standing::Trusted)?.is_empty());

    assert!(
        server.decide(Decision::Trust, "00", "Zhang").is_err_and(|error| error.to_string().contains("no certificate"))
    );
    assert!(server.decide(Decision::Trust, &first.facts.sha256, " ").is_err());
    server.decide(Decision::Trust, &first.facts.sha1.to_uppercase(), "Zhang")?;
    value_comes(&mut stand).await?;
    let trusted = server.listed(Standing::Trusted)?.pop().context("listed as trusted")?;
    assert_eq!((trusted.facts, trusted.note.decided_by.as_deref()), (first.facts.clone(), Some("Zhang")));

    let end = server.pki.ends_first(utc()).context("a certificate is in use")?;
    assert_eq!((end.source.as_ref().map(|id| id.as_str()), &end.sha256), (Some("dcs"), &first.facts.sha256));
    assert!((82_800..=86_400).contains(&end.left_s), "{end:?}");
    // As long as the source is one of the configuration.
    server.pki.keeps_in_use(&[&"dcs".into(), &"gds".into()]);
    assert_eq!(server.pki.ends_first(utc()).map(|end| end.sha256), Some(end.sha256));
    server.pki.keeps_in_use(&[&"gds".into()]);
    assert_eq!(server.pki.ends_first(utc()), None, "neither the server's nor our own");

    // Another key under the same name is another server until a person has said otherwise.
    server.script.kill().await?;
    fs::remove_file(server.folder.join("server.pem"))?;
    fs::remove_file(server.folder.join("server.der"))?;
    server.script.start_again().await?;
    stand.health_with("the other certificate is refused", |health| health.detail.contains("not trusted")).await?;
    let other = server.listed(Standing::Rejected)?.pop().context("the other one is listed")?;
    assert_ne!(other.facts.sha256, first.facts.sha256);
    server.decide(Decision::Trust, &other.facts.sha256, "Zhang")?;
    value_comes(&mut stand).await?;

    // Trust can be taken back, and ends the connection.
    server.decide(Decision::Reject, &other.facts.sha256, "Li")?;
    let reason = stand.down().await?;
    assert!(reason.contains("no longer trusted"), "{reason}");
    assert_eq!(server.listed(Standing::Rejected)?.len(), 1);
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_impostor_who_shows_a_trusted_certificate_without_its_key_gets_nothing() -> Result<()> {
    let mut server = Server::start("field_opcua_impostor", json!({"users": {"operator": "right"}}), 0).await?;
    let sha256 = server.trust().await?;
    server.script.kill().await?;
    fs::remove_file(server.folder.join("server.pem"))?;
    server.script.start_again().await?;
    for mode in [OpcUaSecurityMode::Sign, OpcUaSecurityMode::SignAndEncrypt] {
        let mut stand = server.stand(secured(OpcUaPolicy::Basic256Sha256, mode), user("right"));
        let reason = stand.down().await?;
        assert!(!reason.contains("not trusted"), "it is the trusted one that is shown: {reason}");
        stand.stop().await?;
    }
    assert_eq!(server.listed(Standing::Trusted)?[0].facts.sha256, sha256);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weaker_endpoint_is_never_taken() -> Result<()> {
    let weak = json!({"policies": ["NoSecurity", "Basic256Sha256_Sign", "Aes128Sha256RsaOaep_SignAndEncrypt"]});
    let server = Server::start("field_opcua_weaker", weak, 0).await?;
    let mut stand = server.stand(ENCRYPTED, OpcUaIdentity::Anonymous);
    let reason = stand.down().await?;
    assert!(
        reason.contains("does not offer Basic256Sha256 SignAndEncrypt but None None, Basic256Sha256 Sign"),
        "{reason}"
    );
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_one_that_would_be_seen_are_told_apart() -> Result<()> {
    let server = Server::start("field_opcua_password", json!({"users": {"operator": "right"}}), 0).await?;
    server.trust().await?;
    let mut stand = server.stand(ENCRYPTED, user("wrong"));
    let reason = stand.down().await?;
    assert!(reason.contains("refuses the user operator or the password"), "{reason}");
    assert!(!reason.contains("wrong"), "{reason}");
    stand.stop().await?;

    let open = json!({"policies": ["NoSecurity"], "tokens": ["user"], "users": {"operator": "right"}});
    let server = Server::start("field_opcua_open_password", open, 0).await?;
    let mut stand = server.stand(OpcUaSecurity::None, user("right"));
    let reason = stand.down().await?;
    assert!(reason.contains("would take the password unencrypted, so it is not sent"), "{reason}");
    let mut anonymous = server.stand(OpcUaSecurity::None, OpcUaIdentity::Anonymous);
    let reason = anonymous.down().await?;
    assert!(reason.contains("takes no anonymous user"), "{reason}");
    stand.stop().await?;
    anonymous.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_is_not_encrypted_for_a_stranger() -> Result<()> {
    let server = Server::start("field_opcua_stranger", json!({"users": {"operator": "right"}}), 0).await?;
    let mut stand = server.stand(OpcUaSecurity::None, user("right"));
    let reason = stand.down().await?;
    assert!(reason.contains("not trusted"), "{reason}");
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_differ_are_told_with_the_figure() -> Result<()> {
    let later = json!({"from_s": 7_190, "until_s": 90_000});
    let server = Server::start("field_opcua_clock", later, 7_200).await?;
    server.trust().await?;
    let mut stand = server.stand(ENCRYPTED, OpcUaIdentity::Anonymous);
    let reason = stand.down().await?;
    assert!(reason.contains("valid only from") && reason.contains("in 1 h 59 min"), "{reason}");
    assert!(reason.ends_with("the server's clock is 2 h 0 min ahead of this gateway's"), "{reason}");
    stand.stop().await?;

    let OpcUaSecurity::Secured(strict) = ENCRYPTED else { unreachable!("it is secured") };
    let lax = OpcUaSecurity::Secured(OpcUaSecured { time_check: false, ..strict });
    let mut stand = server.stand(lax, OpcUaIdentity::Anonymous);
    value_comes(&mut stand).await?;
    let told = |note: &String| note.contains("2 h 0 min ahead");
    let health = stand.health_with("the note is there", |health| health.notes.iter().any(told)).await?;
    assert!(health.notes[0].starts_with("nodes: 1") && health.connects == 1, "{health:?}");
    stand.stop().await?;

    let behind = Server::start("field_opcua_behind", json!({"from_s": -90_000, "until_s": -7_200}), -7_200).await?;
    behind.trust().await?;
    let mut stand = behind.stand(ENCRYPTED, OpcUaIdentity::Anonymous);
    let reason = stand.down().await?;
    assert!(reason.contains("expired on") && reason.contains("2 h 0 min ago"), "{reason}");
    assert!(reason.ends_with("the server's clock is 2 h 0 min behind this gateway's"), "{reason}");
    let mut lax = behind.stand(lax, OpcUaIdentity::Anonymous);
    value_comes(&mut lax).await?;
    lax.stop().await?;
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_for_another_host_needs_a_word() -> Result<()> {
    let server = Server::start("field_opcua_host", json!({"hosts": ["dcs.plant", "10.0.0.7"]}), 0).await?;
    server.trust().await?;
    let mut stand = server.stand(ENCRYPTED, OpcUaIdentity::Anonymous);
    let reason = stand.down().await?;
    assert!(reason.contains("is for dcs.plant, 10.0.0.7 and not for 127.0.0.1"), "{reason}");
    assert!(reason.contains("certificate_host_check = false"), "{reason}");
    stand.stop().await?;
    let OpcUaSecurity::Secured(strict) = ENCRYPTED else { unreachable!("it is secured") };
    let lax = OpcUaSecurity::Secured(OpcUaSecured { host_check: false, ..strict });
    let mut stand = server.stand(lax, OpcUaIdentity::Anonymous);
    value_comes(&mut stand).await?;
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_trust_the_gateway_is_told_with_the_fingerprint_to_trust() -> Result<()> {
    let folder = places::fresh("field_opcua_strict_trusted")?;
    let mut server = Server::start("field_opcua_strict", json!({"trusted": folder}), 0).await?;
    server.trust().await?;
    let mut stand = server.stand(ENCRYPTED, OpcUaIdentity::Anonymous);
    let reason = stand.down().await?;
    let own = server.listed(Standing::Own)?.pop().context("the gateway has a certificate")?;
    let fingerprint = own.facts.sha256.to_uppercase();
    assert!(reason.replace(':', "").contains(&fingerprint), "{reason}");
    assert_eq!(own.facts.application_uri(), Some("urn:davy:110000001:gw-01"));

    // The server looks at validity, application, use of the key and trust.
    fs::copy(server.pki.own_path(), folder.join("gateway.der"))?;
    server.script.kill().await?;
    server.script.start_again().await?;
    value_comes(&mut stand).await?;
    stand.stop().await?;

    let is_private = |path: &Path| Ok::<_, anyhow::Error>(fs::metadata(path)?.permissions().mode() & 0o077 == 0);
    assert!(is_private(&server.folder.join("pki/trusted"))?);
    let before = own.facts;
    let renewed = server.pki.renew("Zhang", utc())?;
    assert!(is_private(&server.folder.join("pki/private/key.pem"))?);
    assert_ne!(renewed.sha256, before.sha256);
    assert_eq!((renewed.subject, renewed.uris), (before.subject, before.uris));
    let kept =
        fs::read_dir(server.folder.join("pki/own"))?.count() + fs::read_dir(server.folder.join("pki/private"))?.count();
    assert_eq!(kept, 4, "the old ones are kept beside the others");
    assert_eq!(server.pki.untold()?.len(), 1);
    let mut stand = server.stand(ENCRYPTED, OpcUaIdentity::Anonymous);
    stand.down().await?;
    stand.stop().await
}
