//! Certificates over HTTP: the list, a decision and its audit, every way to be refused.

use crate::{
    gateway::{Gateway, Options},
    site::NOW,
};
use davy_api::Certificates;
use davy_core::{
    effect::Rejection,
    event::{CertificateDecision, CommandKind},
    health::{CertificateFacts, CertificateNote, CertificateStanding, CertificateView},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// Certificates in memory, or why they cannot be read.
pub(crate) struct Shelf {
    views: Mutex<Vec<CertificateView>>,
    broken: bool,
}

impl Shelf {
    pub(crate) fn of(names: &[(&str, CertificateStanding)]) -> Self {
        let view = |(name, standing): &(&str, CertificateStanding)| CertificateView {
            standing: *standing,
            facts: CertificateFacts {
                sha256: name.repeat(32),
                subject: format!("CN={name}"),
                not_after: NOW,
                hosts: vec!["10.0.0.7".to_owned()],
                key_bits: 2048,
                ..CertificateFacts::default()
            },
            note: CertificateNote { source: Some("dcs".to_owned()), ..CertificateNote::default() },
        };
        Self { views: Mutex::new(names.iter().map(view).collect()), broken: false }
    }
}

impl Certificates for Shelf {
    fn list(&self) -> Result<Vec<CertificateView>, String> {
        if self.broken { Err("cannot read pki/trusted".to_owned()) } else { Ok(self.views.lock().unwrap().clone()) }
    }

    fn consider(&self, decision: CertificateDecision, fingerprint: &str, _by: &str) -> Result<CommandKind, Rejection> {
        let views = self.views.lock().unwrap();
        let view = views.iter().find(|view| view.facts.is(fingerprint));
        let view = view.ok_or_else(|| Rejection::NotFound(format!("no certificate {fingerprint}")))?;
        match view.standing {
            CertificateStanding::Own => Err(Rejection::Conflict("it is our own".to_owned())),
            CertificateStanding::Trusted | CertificateStanding::Rejected => {
                let (sha256, subject) = (view.facts.sha256.clone(), view.facts.subject.clone());
                Ok(CommandKind::DecideCertificate { decision, sha256, subject })
            }
        }
    }

    fn carry_out(&self, decision: CertificateDecision, fingerprint: &str, by: &str) -> Result<(), String> {
        if self.broken {
            return Err("cannot write pki/trusted".to_owned());
        }
        let mut views = self.views.lock().unwrap();
        let at = views.iter().position(|view| view.facts.is(fingerprint)).unwrap();
        match decision {
            CertificateDecision::Trust => views[at].standing = CertificateStanding::Trusted,
            CertificateDecision::Reject => views[at].standing = CertificateStanding::Rejected,
            CertificateDecision::Remove => drop(views.remove(at)),
            CertificateDecision::Renew => unreachable!("the API does not renew"),
        }
        views.iter_mut().for_each(|view| view.note.decided_by = Some(by.to_owned()));
        Ok(())
    }
}

async fn start(shelf: Shelf) -> Gateway {
    Gateway::start_with(Options { certificates: Arc::new(shelf), ..Options::default() }).await
}

#[tokio::test]
async fn a_person_decides_and_is_on_record() {
    let gateway = start(Shelf::of(&[("cd", CertificateStanding::Rejected), ("ab", CertificateStanding::Own)])).await;
    let page = gateway.get("/api/v1/certificates").await;
    let standings: Vec<&Value> = page["items"].as_array().unwrap().iter().map(|item| &item["standing"]).collect();
    assert_eq!(standings, ["own", "rejected"], "in the order of the fingerprints");
    assert_eq!((&page["items"][1]["subject"], &page["items"][1]["source"]), (&"CN=cd".into(), &"dcs".into()));

    let path = |what: &str| format!("/api/v1/certificates/{}/{what}", "CD".repeat(32));
    let signed = json!({ "by": "韩梅梅" });
    let mut seen = Vec::new();
    for (what, standing) in [("trust", json!("trusted")), ("reject", json!("rejected")), ("remove", Value::Null)] {
        assert_eq!(gateway.post(&path(what), signed.clone()).await, (StatusCode::NO_CONTENT, Value::Null), "{what}");
        let page = gateway.get("/api/v1/certificates").await;
        assert_eq!(page["items"][1]["standing"], standing, "{what}");
        seen.push(format!("{what}_certificate"));
    }
    let audit = gateway.get("/api/v1/journal?kind=audit").await;
    let records: Vec<&Value> = audit["items"].as_array().unwrap().iter().map(|row| &row["record"]).collect();
    assert_eq!(records.iter().map(|record| record["action"].as_str().unwrap()).collect::<Vec<_>>(), seen);
    let first = (&records[0]["by"], &records[0]["object"], &records[0]["note"]);
    assert_eq!(first, (&"韩梅梅".into(), &"cd".repeat(32).into(), &"CN=cd".into()));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_not_carried_out() {
    let gateway = start(Shelf::of(&[("cd", CertificateStanding::Rejected), ("ab", CertificateStanding::Own)])).await;
    for (fingerprint, by, status, code) in [
        ("ef", "韩梅梅", StatusCode::NOT_FOUND, "not_found"),
        ("ab", "韩梅梅", StatusCode::CONFLICT, "conflict"),
        ("cd", " ", StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
    ] {
        let path = format!("/api/v1/certificates/{}/trust", fingerprint.repeat(32));
        let (answered, problem) = gateway.post(&path, json!({ "by": by })).await;
        assert_eq!((answered, &problem["code"]), (status, &code.into()), "{fingerprint}");
    }
    assert_eq!(gateway.get("/api/v1/certificates").await["items"][1]["standing"], "rejected");
    assert_eq!(gateway.post(&format!("/api/v1/certificates/{}/trust", "cd".repeat(32)), json!({})).await.0, 422);
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_is_said() {
    let broken = Shelf { broken: true, ..Shelf::of(&[("cd", CertificateStanding::Rejected)]) };
    let gateway = start(broken).await;
    let response = gateway.response("/api/v1/certificates").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let problem: Value = response.json().await.unwrap();
    assert_eq!(
        (&problem["code"], &problem["detail"]),
        (&"certificates_unreadable".into(), &"cannot read pki/trusted".into())
    );
    let (status, problem) =
        gateway.post(&format!("/api/v1/certificates/{}/trust", "cd".repeat(32)), json!({ "by": "韩梅梅" })).await;
    assert_eq!((status, &problem["detail"]), (StatusCode::SERVICE_UNAVAILABLE, &"cannot write pki/trusted".into()));
}
