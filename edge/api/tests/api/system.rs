//! The gateway itself over HTTP: what it has in use, its log, and the files that a person takes away.

use crate::{
    gateway::{Gateway, Options},
    people::People,
    site::NOW,
};
use davy_access::Role;
use davy_api::{
    BundlePart, DiskUse, InboxUse, LastBackup, LogLevel, Logs, MadeFile, Names, NotMade, ResourceSample, Resources,
    Upkeep,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::{
    io::{Seek as _, Write as _},
    sync::{Arc, Mutex},
};
use tokio::sync::Semaphore;

/// Files from memory, or why there are none.
pub(crate) struct Shed {
    why_not: Option<NotMade>,
    turn: Arc<Semaphore>,
    last: Mutex<Option<LastBackup>>,
    /// What the last bundle was made of.
    parts: Mutex<Vec<BundlePart>>,
}

impl Default for Shed {
    fn default() -> Self {
        Self { why_not: None, turn: Arc::new(Semaphore::new(1)), last: Mutex::default(), parts: Mutex::default() }
    }
}

impl Shed {
    fn make(&self, name: &str, bytes: &[u8]) -> Result<MadeFile, NotMade> {
        if let Some(why) = &self.why_not {
            return Err(why.clone());
        }
        let turn = Arc::clone(&self.turn).try_acquire_owned().map_err(|_| NotMade::Busy)?;
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        let (contents, sha256) = ("2 files".to_owned(), "ab".repeat(32));
        Ok(MadeFile { file, name: name.to_owned(), bytes: bytes.len() as u64, sha256, contents, turn })
    }
}

impl Upkeep for Shed {
    fn backup(&self, samples: bool) -> Result<MadeFile, NotMade> {
        self.make("gw-1.tar.zst", &vec![u8::from(samples); 1_000_000])
    }

    fn backed_up(&self, backup: &LastBackup) {
        *self.last.lock().unwrap() = Some(backup.clone());
    }

    fn last_backup(&self) -> Option<LastBackup> {
        self.last.lock().unwrap().clone()
    }

    fn bundle(&self, parts: Vec<BundlePart>, names: &Names) -> Result<MadeFile, NotMade> {
        *self.parts.lock().unwrap() = parts;
        let words: &[u8] = if *names == Names::Kept { b"with names" } else { b"without names" };
        self.make("gw-1.zip", words)
    }
}

pub(crate) fn resources() -> Resources {
    let sample = ResourceSample {
        at: NOW,
        cpu_percent: Some(12.5),
        memory_bytes: Some(64 << 20),
        waiting: 3,
        free_bytes: Some(5 << 30),
    };
    Resources {
        at: NOW,
        up_s: 7_200,
        cpu_percent: Some(12.5),
        cpu_s: Some(61.25),
        cores: 4,
        load: Some([0.5, 0.25, 0.1]),
        memory_bytes: Some(64 << 20),
        open_files: Some(40),
        inbox: InboxUse { waiting: 3, room: 1_024 },
        disk: DiskUse { free_bytes: Some(5 << 30), journal_bytes: 9_000, ..DiskUse::default() },
        history: vec![sample],
        ..Resources::default()
    }
}

/// One line, so that there is something to look at.
pub(crate) fn logs() -> Logs {
    let logs = Logs::default();
    logs.add(NOW, LogLevel::Info, "davy", "the page shows this certificate");
    logs
}

async fn audits(gateway: &Gateway) -> Vec<Value> {
    let page = gateway.get("/api/v1/journal?kind=audit").await;
    page["items"].as_array().unwrap().iter().map(|row| row["record"].clone()).collect()
}

#[tokio::test]
async fn what_is_in_use_is_told_with_its_past() {
    let gateway = Gateway::start().await;
    let told = gateway.get("/api/v1/system/resources").await;
    assert_eq!(
        (&told["cpu_percent"], &told["inbox"]["waiting"], &told["threads"]),
        (&12.5.into(), &3.into(), &Value::Null)
    );
    assert_eq!(told["history"][0]["free_bytes"], 5_u64 << 30);
    let metrics = gateway.response("/metrics").await.text().await.unwrap();
    for line in [
        "process_resident_memory_bytes 67108864\n",
        "process_cpu_seconds_total 61.25\n",
        "davy_inbox_waiting 3\n",
        "davy_data_bytes{kind=\"journal\"} 9000\n",
    ] {
        assert!(metrics.contains(line), "{line} {metrics}");
    }
    assert!(!metrics.contains("process_threads"), "what is not known is not told");
}

#[tokio::test]
async fn the_log_is_read_by_place_level_and_words() {
    let logs = Arc::new(Logs::default());
    logs.add(NOW, LogLevel::Info, "davy", "the page shows this certificate");
    logs.add(NOW, LogLevel::Warn, "davy_field", "source DCS is down");
    logs.add(NOW, LogLevel::Error, "davy", "the journal cannot be written");
    let gateway = Gateway::start_with(Options { logs, ..Options::default() }).await;
    let seqs = async |query: &str| -> Vec<u64> {
        let page = gateway.get(&format!("/api/v1/system/logs{query}")).await;
        page["items"].as_array().unwrap().iter().map(|line| line["seq"].as_u64().unwrap()).collect()
    };
    assert_eq!(seqs("").await, [1, 2, 3]);
    assert_eq!(seqs("?limit=1&after=1").await, [2]);
    assert_eq!(seqs("?level=warn&contains=dcs").await, [2]);
    assert_eq!(seqs("?level=error").await, [3]);
    let first = gateway.get("/api/v1/system/logs?limit=1").await;
    let expected = json!({
        "seq": 1, "at": NOW, "level": "info", "target": "davy", "text": "the page shows this certificate",
    });
    assert_eq!((&first["items"][0], &first["next"]), (&expected, &"1".into()));
    for query in ["?level=loud", "?after=x", "?limit=0", "?nonsense=1"] {
        let refused = gateway.response(&format!("/api/v1/system/logs{query}")).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{query}");
    }
}

#[tokio::test]
async fn a_backup_goes_on_record_before_it_goes_out() {
    let gateway = Gateway::start().await;
    assert_eq!(gateway.get("/api/v1/system").await["last_backup"], Value::Null);
    let body = json!({ "by": "李工", "samples": true, "reason": "每月备份" });
    let response = gateway.request(Method::POST, "/api/v1/system/backup").json(&body).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/zstd");
    assert_eq!(response.headers()["content-disposition"], "attachment; filename=\"gw-1.tar.zst\"");
    assert_eq!(response.headers()["content-length"], "1000000");
    assert_eq!(response.bytes().await.unwrap(), vec![1; 1_000_000]);
    let told = audits(&gateway).await.pop().unwrap();
    let after = format!("2 files, 1000000 bytes, SHA-256 {}", "ab".repeat(32));
    assert_eq!(
        (&told["by"], &told["action"], &told["object"]),
        (&"李工".into(), &"take_backup".into(), &"gw-1.tar.zst".into())
    );
    assert_eq!((&told["after"], &told["note"]), (&after.into(), &"每月备份".into()));
    assert_eq!(gateway.get("/api/v1/system").await["last_backup"]["bytes"], 1_000_000);
}

#[tokio::test]
async fn one_file_is_on_its_way_at_a_time() {
    let shed = Arc::new(Shed::default());
    let gateway =
        Gateway::start_with(Options { upkeep: Arc::clone(&shed) as Arc<dyn Upkeep>, ..Options::default() }).await;
    let ask = || gateway.request(Method::POST, "/api/v1/system/backup").json(&json!({ "by": "李工" })).send();
    let turn = Arc::clone(&shed.turn).try_acquire_owned().unwrap();
    let refused = ask().await.unwrap();
    assert_eq!(
        (refused.status(), refused.headers().contains_key("retry-after")),
        (StatusCode::SERVICE_UNAVAILABLE, true)
    );
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "file_busy");
    drop(turn);
    assert_eq!(ask().await.unwrap().bytes().await.unwrap().len(), 1_000_000);
    assert_eq!(ask().await.unwrap().status(), StatusCode::OK, "the turn comes back with the last piece");
}

#[tokio::test]
async fn why_there_is_no_file_is_said_and_nothing_is_on_record() {
    for (why, status, code) in [
        (NotMade::NoRoom("9 MB are free".to_owned()), StatusCode::INSUFFICIENT_STORAGE, "no_room"),
        (
            NotMade::Failed("copy the journal: input/output error".to_owned()),
            StatusCode::SERVICE_UNAVAILABLE,
            "file_unmade",
        ),
    ] {
        let shed = Shed { why_not: Some(why), ..Shed::default() };
        let gateway = Gateway::start_with(Options { upkeep: Arc::new(shed), ..Options::default() }).await;
        let before = audits(&gateway).await.len();
        for path in ["/api/v1/system/backup", "/api/v1/system/support-bundle"] {
            let (said, problem) = gateway.post(path, json!({ "by": "李工" })).await;
            assert_eq!((said, &problem["code"]), (status, &code.into()), "{path}");
        }
        assert_eq!(audits(&gateway).await.len(), before);
        assert_eq!(gateway.get("/api/v1/system").await["last_backup"], Value::Null);
    }
}

#[tokio::test]
async fn nothing_goes_out_that_is_not_on_record() {
    let gateway = Gateway::start_with(Options { looping: false, ..Options::default() }).await;
    // One command waits, which is as many as may here; nobody takes it away.
    let silence = gateway.request(Method::POST, "/api/v1/horn/silence").json(&json!({ "by": "陈静" })).send();
    let _waits = tokio::spawn(silence);
    loop {
        let (status, problem) = gateway.post("/api/v1/system/backup", json!({ "by": "李工" })).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        match problem["code"].as_str() {
            Some("busy") => break,
            // It was quicker than the other.
            other => assert_eq!(other, Some("unanswered")),
        }
    }
    assert_eq!(gateway.get("/api/v1/system").await["last_backup"], Value::Null);
}

#[tokio::test]
async fn a_bundle_has_no_names_unless_they_are_asked_for() {
    let shed = Arc::new(Shed::default());
    let logs = Arc::new(Logs::default());
    logs.add(NOW, LogLevel::Warn, "davy", "李雷 pressed SOS");
    let upkeep = Arc::clone(&shed) as Arc<dyn Upkeep>;
    let gateway = Gateway::start_with(Options { upkeep, logs, ..Options::default() }).await;
    let (status, _) = gateway.post("/api/v1/horn/silence", json!({ "by": "韩梅梅" })).await;
    assert!(status.is_success() || status == StatusCode::CONFLICT);
    let ask = async |names: bool| {
        let body = json!({ "by": "李工", "names": names });
        let response = gateway.request(Method::POST, "/api/v1/system/support-bundle").json(&body).send().await.unwrap();
        assert_eq!(
            (response.status(), &response.headers()["content-type"].to_str().unwrap()),
            (StatusCode::OK, &"application/zip")
        );
        let said = response.text().await.unwrap();
        (said, shed.parts.lock().unwrap().clone())
    };
    let (said, parts) = ask(false).await;
    assert_eq!(said, "without names");
    let all: String = parts.iter().map(|part| part.text.as_str()).collect();
    for name in ["李雷", "韩梅梅"] {
        assert!(!all.contains(name), "{name}");
    }
    assert!(all.contains("[person] pressed SOS"));
    let of = |parts: &[BundlePart], name: &str| parts.iter().find(|part| part.name == name).unwrap().text.clone();
    let kinds = |journal: &str| -> Vec<String> {
        let rows = journal.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        rows.map(|row| row["kind"].as_str().unwrap().to_owned()).collect()
    };
    let told = kinds(&of(&parts, "journal.jsonl"));
    assert!(told.contains(&"alarm".to_owned()) && !told.contains(&"person".to_owned()), "{told:?}");
    let system: Value = serde_json::from_str(&of(&parts, "system.json")).unwrap();
    assert_eq!(system["gateway"]["gateway_id"], "gw-1");

    let (said, parts) = ask(true).await;
    assert_eq!(said, "with names");
    assert!(of(&parts, "log.jsonl").contains("李雷") && of(&parts, "journal.jsonl").contains("韩梅梅"));
    assert!(kinds(&of(&parts, "journal.jsonl")).contains(&"ticket".to_owned()));
    assert_eq!(audits(&gateway).await.pop().unwrap()["action"], "make_support_bundle");
}

#[tokio::test]
async fn a_backup_is_for_administrators_who_sign_it() {
    let people = People::start().await;
    for (role, status) in [(Role::InstrumentEngineer, StatusCode::FORBIDDEN), (Role::Administrator, StatusCode::OK)] {
        let shows = people.log_in(role.code()).await;
        let request = people.request(Method::POST, "/api/v1/system/backup", &shows).json(&json!({}));
        assert_eq!(request.send().await.unwrap().status(), status, "{role:?}");
    }
}
