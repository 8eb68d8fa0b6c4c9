//! Updates over HTTP: a file is sent piece by piece, installed on order, and refused with its reason.

use crate::{
    gateway::{Gateway, Options},
    people::People,
    site::NOW,
};
use davy_access::Role;
use davy_api::{ReceivedRelease, Receiving, ReleaseOutcome, UpdateRefusal, UpdateState, Updates};
use reqwest::{Body, Method, StatusCode};
use serde_json::{Value, json};
use std::{
    io::{Read as _, Seek as _},
    sync::{Arc, Mutex},
};
use tokio::sync::Semaphore;

/// Takes whatever is sent, and installs it unless it says `bad`.
pub(crate) struct Dock {
    turn: Arc<Semaphore>,
    sent: Mutex<Vec<u8>>,
    done: Mutex<Vec<(String, String)>>,
    file: Mutex<tempfile::NamedTempFile>,
}

impl Default for Dock {
    fn default() -> Self {
        let (turn, file) = (Arc::new(Semaphore::new(1)), Mutex::new(tempfile::NamedTempFile::new().unwrap()));
        Self { turn, sent: Mutex::default(), done: Mutex::default(), file }
    }
}

impl Dock {
    fn received(&self) -> Option<ReceivedRelease> {
        let sent = self.sent.lock().unwrap();
        let refused = sent.starts_with(b"bad").then_some("changed");
        let version = refused.is_none().then(|| "0.2.0".to_owned());
        let (notes_zh, notes_en) = ("修复".to_owned(), "fixes".to_owned());
        let (key, detail) = (Some("RW".to_owned()), String::new());
        let bytes = sent.len() as u64;
        (bytes > 0).then_some(ReceivedRelease { bytes, version, notes_zh, notes_en, key, refused, detail })
    }
}

impl Updates for Dock {
    fn state(&self) -> Result<UpdateState, UpdateRefusal> {
        let words = "it has said nothing for 20 s".to_owned();
        Ok(UpdateState {
            version: "0.1.0".to_owned(),
            target: "aarch64-unknown-linux-gnu",
            keys: vec!["RWRY+AnWciX0Tl5IC36hsBK3amLk/zo/0UXovmToq8Z6gqehfiFvfCOi".to_owned()],
            active: Some("0.1.0".to_owned()),
            previous: None,
            trial: None,
            last: Some(ReleaseOutcome { version: "0.2.0".to_owned(), at: NOW, confirmed: false, words }),
            step: None,
            received: self.received(),
        })
    }

    fn receive(&self, _: u64) -> Result<Receiving, UpdateRefusal> {
        let turn = Arc::clone(&self.turn).try_acquire_owned().map_err(|_| UpdateRefusal::Busy)?;
        let file = self.file.lock().unwrap().reopen().unwrap();
        file.set_len(0).unwrap();
        Ok(Receiving { file, turn })
    }

    fn received(&self, mut receiving: Receiving, by: &str) -> Result<UpdateState, UpdateRefusal> {
        let mut bytes = Vec::new();
        receiving.file.rewind().unwrap();
        self.file.lock().unwrap().reopen().unwrap().read_to_end(&mut bytes).unwrap();
        *self.sent.lock().unwrap() = bytes;
        self.done.lock().unwrap().push((by.to_owned(), "sent".to_owned()));
        self.state()
    }

    fn install(&self, by: &str, reason: &str) -> Result<UpdateState, UpdateRefusal> {
        match self.received() {
            Some(ReceivedRelease { refused: None, .. }) => {
                self.done.lock().unwrap().push((by.to_owned(), reason.to_owned()));
                self.state()
            }
            Some(_) => Err(UpdateRefusal::Refused("it was changed after it was signed".to_owned())),
            None => Err(UpdateRefusal::Failed("the disk is full".to_owned())),
        }
    }
}

async fn with(dock: Arc<Dock>) -> People {
    People::start_with(Options { updates: dock, ..Options::default() }).await
}

const UPLOAD: &str = "/api/v1/updates/upload";
const INSTALL: &str = "/api/v1/updates/install";
const MEDIA: &str = "application/octet-stream";

#[tokio::test]
async fn a_file_is_sent_and_installed_by_an_administrator_alone() {
    let dock = Arc::new(Dock::default());
    let people = with(Arc::clone(&dock)).await;
    let administrator = people.log_in(Role::Administrator.code()).await;
    let send = async |body: Vec<u8>, media: &str| {
        let request = people.request(Method::POST, UPLOAD, &administrator).header("content-type", media);
        let response = request.body(Body::from(body)).send().await.unwrap();
        (response.status(), response.json::<Value>().await.unwrap())
    };
    let large = [b"good".to_vec(), vec![7; 5_000_000]].concat();
    let (status, answer) = send(large.clone(), MEDIA).await;
    assert_eq!((status, &answer["received"]["bytes"]), (StatusCode::OK, &json!(large.len())), "{answer}");
    assert!(*dock.sent.lock().unwrap() == large, "what arrives is what was sent");
    let (status, answer) = send(b"good".to_vec(), "application/json").await;
    assert_eq!((status, &answer["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid")));

    let install = async |body: Value| {
        let response = people.request(Method::POST, INSTALL, &administrator).json(&body).send().await.unwrap();
        (response.status(), response.json::<Value>().await.unwrap()["code"].clone())
    };
    assert_eq!(install(json!({ "reason": "修复" })).await, (StatusCode::OK, Value::Null));
    assert_eq!(install(json!({ "reason": "x".repeat(501) })).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    send(b"bad".to_vec(), MEDIA).await;
    assert_eq!(install(json!({})).await, (StatusCode::CONFLICT, json!("update_refused")));
    send(Vec::new(), MEDIA).await;
    assert_eq!(install(json!({})).await, (StatusCode::SERVICE_UNAVAILABLE, json!("file_unmade")));
    let name = Role::Administrator.code();
    let done = dock.done.lock().unwrap().clone();
    assert_eq!(done[..2], [(name.to_owned(), "sent".to_owned()), (name.to_owned(), "修复".to_owned())]);

    let engineer = people.log_in(Role::InstrumentEngineer.code()).await;
    for path in [UPLOAD, INSTALL] {
        let response = people.request(Method::POST, path, &engineer).json(&json!({})).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(
        people.request(Method::GET, "/api/v1/updates", &engineer).send().await.unwrap().status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn one_file_at_a_time() {
    let dock = Arc::new(Dock::default());
    let gateway = with(Arc::clone(&dock)).await;
    let administrator = gateway.log_in(Role::Administrator.code()).await;
    let _held = dock.receive(0).unwrap();
    let request = gateway.request(Method::POST, UPLOAD, &administrator).header("content-type", MEDIA);
    let response = request.body("good").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.json::<Value>().await.unwrap()["code"], "file_busy");
}

#[tokio::test]
async fn what_runs_is_told() {
    let gateway = Gateway::start().await;
    let told = gateway.get("/api/v1/updates").await;
    assert_eq!(
        (&told["version"], &told["last"]["confirmed"], &told["received"]),
        (&json!("0.1.0"), &json!(false), &Value::Null)
    );
}
