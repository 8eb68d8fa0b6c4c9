//! The box over HTTP: how it is doing, a test of its outputs and its audit, every way to be refused.

use crate::gateway::{Gateway, Options};
use davy_api::{Board, BoardTest};
use davy_core::{
    effect::Rejection,
    health::{OutputState, PanelHealth, PanelInput, PanelOutput, WatchdogHealth},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// A box in memory with a horn and a lamp, which may not be tested while something is to be shown.
#[derive(Default)]
pub(crate) struct Bench {
    tests: Mutex<Vec<Option<BoardTest>>>,
    alarmed: bool,
}

impl Board for Bench {
    fn consider(&self, test: &BoardTest) -> Result<(), Rejection> {
        if let Some(unknown) = test.outputs.keys().find(|name| !["horn", "lamp_red"].contains(&name.as_str())) {
            return Err(Rejection::Invalid(format!("the box has no output {unknown}")));
        }
        if self.alarmed { Err(Rejection::Conflict("an alarm is not acknowledged".to_owned())) } else { Ok(()) }
    }

    fn begin(&self, test: BoardTest) {
        self.tests.lock().unwrap().push(Some(test));
    }

    fn end(&self) {
        self.tests.lock().unwrap().push(None);
    }
}

/// How it is doing.
pub(crate) fn health() -> PanelHealth {
    let output = |name: &str, role, trouble: Option<&str>| PanelOutput {
        name: name.to_owned(),
        role,
        colour: None,
        state: OutputState::Off,
        trouble: trouble.map(str::to_owned),
    };
    PanelHealth {
        kind: "simulated".to_owned(),
        name: "报警箱".to_owned(),
        alive: true,
        outputs: vec![output("horn", "horn", Some("line 3 is busy")), output("health", "health", None)],
        inputs: vec![PanelInput { name: "silence".to_owned(), role: "silence", active: Some(false), trouble: None }],
        watchdogs: vec![WatchdogHealth {
            name: "systemd".to_owned(),
            fed: true,
            timeout_s: Some(30),
            detail: String::new(),
        }],
        celsius: Some(41),
        troubles: vec!["horn: line 3 is busy".to_owned()],
        ..PanelHealth::default()
    }
}

async fn start(bench: &Arc<Bench>) -> Gateway {
    let board: Arc<dyn Board> = Arc::<Bench>::clone(bench);
    Gateway::start_with(Options { board, ..Options::default() }).await
}

#[tokio::test]
async fn a_test_is_on_record_and_begins_and_its_end_as_well() {
    let bench = Arc::new(Bench::default());
    let gateway = start(&bench).await;
    let test = json!({ "by": "韩梅梅", "outputs": { "horn": true, "lamp_red": false }, "seconds": 10 });
    assert_eq!(gateway.post("/api/v1/board/test", test).await, (StatusCode::NO_CONTENT, Value::Null));
    let ended = gateway.post("/api/v1/board/test/end", json!({ "by": "韩梅梅" })).await;
    assert_eq!(ended, (StatusCode::NO_CONTENT, Value::Null));
    let outputs = [("horn".to_owned(), true), ("lamp_red".to_owned(), false)].into();
    let began = BoardTest { by: "韩梅梅".to_owned(), outputs, seconds: 10 };
    assert_eq!(*bench.tests.lock().unwrap(), [Some(began), None]);
    let audit = gateway.get("/api/v1/journal?kind=audit").await;
    let told: Vec<String> = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let record = &row["record"];
            format!("{} {} {} {}", record["by"], record["action"], record["object"], record["after"])
        })
        .collect();
    assert_eq!(
        told,
        [r#""韩梅梅" "test_board" "horn on, lamp_red off" "10 s""#, r#""韩梅梅" "test_board" null "ended""#]
    );
}

#[tokio::test]
async fn what_may_not_be_tested_is_refused_and_nothing_sounds() {
    for (alarmed, body, status, code) in [
        (false, json!({ "by": "韩梅梅", "outputs": { "bell": true }, "seconds": 10 }), 422, "invalid"),
        (true, json!({ "by": "韩梅梅", "outputs": { "horn": true }, "seconds": 10 }), 409, "board_busy"),
        (false, json!({ "by": " ", "outputs": { "horn": true }, "seconds": 10 }), 422, "invalid"),
        (false, json!({ "outputs": { "horn": true }, "seconds": 10 }), 422, "invalid"),
        (false, json!({ "by": "韩梅梅", "outputs": { "horn": "on" }, "seconds": 10 }), 422, "invalid"),
    ] {
        let bench = Arc::new(Bench { alarmed, ..Bench::default() });
        let gateway = start(&bench).await;
        let (answered, problem) = gateway.post("/api/v1/board/test", body.clone()).await;
        assert_eq!((answered.as_u16(), &problem["code"]), (status, &code.into()), "{body}");
        assert_eq!(*bench.tests.lock().unwrap(), [], "{body}");
    }
}

#[tokio::test]
async fn how_the_box_is_doing_is_in_the_system_and_in_the_metrics() {
    let gateway = Gateway::start().await;
    let system = gateway.get("/api/v1/system").await;
    assert_eq!(system["panel"], serde_json::to_value(health()).unwrap());
    let metrics = gateway.response("/metrics").await.text().await.unwrap();
    for line in ["davy_board_alive 1", "davy_board_troubles 1"] {
        assert!(metrics.lines().any(|of| of == line), "{line}");
    }
}
