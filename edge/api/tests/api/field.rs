//! A look at the field and the loop check over HTTP: what is asked for, every way to be refused, what is on record.

use crate::gateway::{Gateway, Options};
use davy_api::{
    BrowseAsk, Level, LookFailure, Looking, Looks, LoopCheck, LoopRow, LoopSheet, NodeValue, OfferedRow, OffersAsk,
    ProposeAsk, ReadAsk, Readings, SheetFormat, SourceOffers, Where, Which,
};
use davy_core::{quality::Quality, snapshot::Snapshot};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// Gives what it was asked for, and keeps loop checks in memory.
#[derive(Default)]
pub(crate) struct Bench {
    checks: Mutex<Vec<(String, LoopCheck)>>,
    broken: bool,
}

impl Looks for Bench {
    fn offers(&self, ask: OffersAsk) -> Looking<SourceOffers> {
        Box::pin(async move {
            match ask.url.as_str() {
                "hang" => std::future::pending().await,
                url => Err(LookFailure::Unreachable(format!("{url} does not answer"))),
            }
        })
    }

    fn browse(&self, ask: BrowseAsk) -> Looking<Level> {
        Box::pin(async move {
            match ask.place {
                Where::Source(id) if id != "dcs" => Err(LookFailure::NoSuchSource(id)),
                Where::Source(_) | Where::Url(_) => Ok(Level {
                    next: Some((ask.skip + ask.most).to_string()),
                    matching: 7,
                    whole: true,
                    ..Level::default()
                }),
            }
        })
    }

    fn read(&self, ask: ReadAsk) -> Looking<Readings> {
        Box::pin(async move {
            match ask.which {
                Which::Registers(from, _) => Err(LookFailure::Senseless(format!("{from} is no address"))),
                Which::Row(cells) => {
                    let text = cells.get("address").cloned().unwrap_or_default();
                    let value = NodeValue::new(text, (Some("25.5".to_owned()), Some(25.5)), Quality::GOOD);
                    Ok(Readings::Nodes { values: vec![value] })
                }
                Which::Nodes(nodes) => {
                    let value = |node| NodeValue::new(node, (Some("1.5".to_owned()), Some(1.5)), Quality::GOOD);
                    Ok(Readings::Nodes { values: nodes.into_iter().map(value).collect() })
                }
            }
        })
    }

    fn propose(&self, ask: ProposeAsk) -> Looking<Vec<OfferedRow>> {
        let row = |found: davy_api::FoundNode| OfferedRow { cells: [("address", found.address)].into(), known: false };
        Box::pin(async move { Ok(ask.found.into_iter().map(row).collect()) })
    }
}

impl LoopSheet for Bench {
    fn rows(&self) -> Result<Vec<LoopRow>, String> {
        if self.broken {
            return Err("cannot read loop-check.json".to_owned());
        }
        let checks = self.checks.lock().unwrap();
        let row = |tag: &str| LoopRow {
            tag: tag.to_owned(),
            name: "储罐液位".to_owned(),
            source: "dcs".to_owned(),
            address: format!("ns=2;s={tag}"),
            engineering_unit: "%".to_owned(),
            range: Some((0.0, 100.0)),
            limits: [None, None, None, Some(90.0)],
            check: checks.iter().rev().find(|(of, _)| of == tag).map(|(_, check)| check.clone()),
        };
        Ok(["LI-1101", "LI-1102"].map(row).into())
    }

    fn keep(&self, tag: &str, check: LoopCheck) -> Result<(), String> {
        self.checks.lock().unwrap().push((tag.to_owned(), check));
        Ok(())
    }

    fn file(&self, format: SheetFormat, values: &Snapshot) -> Result<String, String> {
        Ok(format!("{format:?} {}", values.tags.iter().count()))
    }
}

async fn start(bench: Bench) -> Gateway {
    let bench = Arc::new(bench);
    Gateway::start_with(Options { looks: Arc::clone(&bench) as _, loops: bench, ..Options::default() }).await
}

#[tokio::test]
async fn a_look_gives_what_was_found_or_says_why_not() {
    let gateway = start(Bench::default()).await;
    let level = gateway.post("/api/v1/look/browse", json!({ "source": "dcs", "cursor": "200", "limit": 50 })).await;
    let expected = json!({ "items": [], "next": "250", "matching": 7, "whole": true });
    assert_eq!(level, (StatusCode::OK, expected));
    let (status, read) =
        gateway.post("/api/v1/look/read", json!({ "url": "opc.tcp://x", "nodes": ["ns=2;s=a"] })).await;
    assert_eq!((status, &read["of"]), (StatusCode::OK, &"nodes".into()));
    assert_eq!((&read["values"][0]["value"], &read["values"][0]["severity"]), (&"1.5".into(), &"good".into()));
    let found = json!([{ "path": ["Plant", "a"], "name": "a", "address": "ns=2;s=a" }]);
    let (_, proposed) = gateway.post("/api/v1/look/propose", json!({ "source": "dcs", "found": found })).await;
    assert_eq!(proposed, json!({ "rows": [{ "cells": { "address": "ns=2;s=a" }, "known": false }] }));
    for (path, body, status, code) in [
        ("offers", json!({ "url": "modbus://nowhere" }), 424, "unreachable"),
        ("browse", json!({ "source": "plc" }), 404, "no_such_source"),
        ("read", json!({ "source": "plc", "registers": "x" }), 422, "invalid"),
    ] {
        let (answered, problem) = gateway.post(&format!("/api/v1/look/{path}"), body).await;
        assert_eq!((answered.as_u16(), &problem["code"]), (status, &code.into()), "{path}: {problem}");
    }
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_before_anybody_is_asked() {
    let gateway = start(Bench::default()).await;
    let long = "x".repeat(5_000);
    for (path, body) in [
        ("offers", json!({ "url": long })),
        ("offers", json!({ "url": "hang\n" })),
        ("offers", json!({ "url": "hang", "user": "root" })),
        ("browse", json!({})),
        ("browse", json!({ "source": "dcs", "url": "opc.tcp://x" })),
        ("browse", json!({ "source": "dcs", "limit": 0 })),
        ("browse", json!({ "source": "dcs", "limit": 1_001 })),
        ("browse", json!({ "source": "dcs", "cursor": "-1" })),
        ("browse", json!({ "source": "dcs", "write": true })),
        ("read", json!({ "source": "dcs" })),
        ("read", json!({ "source": "dcs", "nodes": [] })),
        ("read", json!({ "source": "dcs", "nodes": ["a"], "registers": "1/40001" })),
        ("read", json!({ "source": "dcs", "nodes": ["a"], "row": { "address": "a" } })),
        ("read", json!({ "source": "dcs", "row": { "address": "a\n" } })),
        (
            "read",
            json!({ "source": "dcs", "row": (0..65).map(|at| (at.to_string(), json!(""))).collect::<serde_json::Map<_, _>>() }),
        ),
        ("propose", json!({ "source": "dcs", "found": [] })),
        ("propose", json!({ "source": "dcs", "found": [{ "path": vec!["a"; 101], "name": "", "address": "" }] })),
    ] {
        let (status, problem) = gateway.post(&format!("/api/v1/look/{path}"), body.clone()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {body}: {problem}");
    }
    let (status, problem) = gateway.post("/api/v1/look/offers", json!({ "url": "x".repeat(2 << 20) })).await;
    assert_eq!((status, &problem["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &"body_too_large".into()));
}

#[tokio::test]
async fn no_more_than_two_look_at_once() {
    let gateway = start(Bench::default()).await;
    let hang = || gateway.request(reqwest::Method::POST, "/api/v1/look/offers").json(&json!({ "url": "hang" })).send();
    let waiting: Vec<_> = (0..2).map(|_| tokio::spawn(hang())).collect();
    // They are there when a third one is refused; until then each look ends at once.
    loop {
        let (status, problem) = gateway.post("/api/v1/look/offers", json!({ "url": "x" })).await;
        if status == StatusCode::SERVICE_UNAVAILABLE {
            assert_eq!(problem["code"], "looks_full");
            break;
        }
        assert_eq!(status, StatusCode::FAILED_DEPENDENCY);
        tokio::task::yield_now().await;
    }
    // Whoever no longer waits gives his turn back.
    waiting.into_iter().for_each(|one| one.abort());
    while gateway.post("/api/v1/look/offers", json!({ "url": "x" })).await.0 != StatusCode::FAILED_DEPENDENCY {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_loop_check_is_kept_and_on_record() {
    let gateway = start(Bench::default()).await;
    let rows = gateway.get("/api/v1/loop-check?limit=1").await;
    assert_eq!((&rows["items"][0]["check"], &rows["next"]), (&Value::Null, &"LI-1101".into()));
    let path = "/api/v1/loop-check/LI-1101";
    let check = |result: &str, note: &str| {
        json!({
            "by": "李工", "result": result, "points": [{ "applied": 50, "read": 48.5 }], "note": note,
        })
    };
    assert_eq!(gateway.post(path, check("fail", "偏低")).await.0, StatusCode::NO_CONTENT);
    assert_eq!(gateway.post(path, check("pass", "")).await.0, StatusCode::NO_CONTENT);
    let row = gateway.get("/api/v1/loop-check").await["items"][0].clone();
    assert_eq!((&row["check"]["result"], &row["check"]["by"]), (&"pass".into(), &"李工".into()));
    let audit = gateway.get("/api/v1/journal?kind=audit").await;
    let records: Vec<_> = audit["items"].as_array().unwrap().iter().map(|row| row["record"].clone()).collect();
    let told = |at: usize| ["action", "object", "before", "after", "note"].map(|field| records[at][field].clone());
    assert_eq!(told(0), ["check_loop", "LI-1101", "", "fail: 50 % → 48.5 %", "偏低"].map(or_null));
    assert_eq!(told(1), ["check_loop", "LI-1101", "fail: 50 % → 48.5 %", "pass: 50 % → 48.5 %", ""].map(as_text));

    for (tag, body, status) in [
        ("LI-9999", check("pass", ""), 404),
        ("LI-1101", check("fail", ""), 422),
        ("LI-1101", check("perhaps", ""), 422),
        ("LI-1101", json!({ "by": "李工", "result": "pass", "points": [{ "applied": 50, "read": 1e9 }] }), 422),
    ] {
        let (answered, problem) = gateway.post(&format!("/api/v1/loop-check/{tag}"), body).await;
        assert_eq!(answered.as_u16(), status, "{tag}: {problem}");
    }
    for (format, media, text) in
        [("csv", "text/csv; charset=utf-8", "Csv 3"), ("html", "text/html; charset=utf-8", "Html 3")]
    {
        let response = gateway.response(&format!("/api/v1/loop-check?format={format}")).await;
        assert_eq!(response.headers()["content-type"], media);
        assert!(response.headers()["content-disposition"].to_str().unwrap().starts_with("attachment; "));
        assert_eq!(response.text().await.unwrap(), text);
    }
}

fn as_text(text: &str) -> Value {
    text.into()
}

fn or_null(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { text.into() }
}

#[tokio::test]
async fn a_sheet_that_cannot_be_read_is_said() {
    let gateway = start(Bench { broken: true, ..Bench::default() }).await;
    let response = gateway.response("/api/v1/loop-check").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.json::<Value>().await.unwrap()["code"], "loop_sheet_unreadable");
    let (status, _) = gateway.post("/api/v1/loop-check/LI-1101", json!({ "by": "李工", "result": "pass" })).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
}
