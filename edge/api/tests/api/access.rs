//! Logging in and out, and every way round it that is tried first.

use crate::{
    gateway::{Gateway, Options},
    lists::check,
    people::{NOTICE, PANEL, PASSWORD, People, Shows, add_token, add_user, answer, cookie},
    site::{NOW, level},
    stream::Events,
};
use davy_access::Role;
use reqwest::{Client, Method, StatusCode, header};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, net::IpAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

const SILENCE: &str = "/api/v1/horn/silence";

#[tokio::test]
async fn a_session_has_an_id_that_nobody_had_before() {
    let people = People::start().await;
    let chosen = Shows::Cookie(format!("davy_session={}", "ab".repeat(32)));
    let response = people.try_log_in("operator", PASSWORD, &chosen).await;
    let set = response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    for part in ["; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=43200"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Secure") && !set.contains(&"ab".repeat(32)), "{set}");
    let first = cookie(&response);
    assert_eq!(people.get("/api/v1/people", &chosen).await.1["code"], "session_over", "what was brought along is none");
    assert_eq!(people.get("/api/v1/people", &first).await.0, StatusCode::OK);
    let second = cookie(&people.try_log_in("operator", PASSWORD, &first).await);
    assert_eq!(people.get("/api/v1/people", &first).await.1["code"], "session_over", "the one before ends");
    let (status, session) = people.get("/api/v1/session", &second).await;
    assert_eq!((status, &session["who"], &session["name"]), (StatusCode::OK, &json!("user"), &json!("operator")));
    assert_eq!(session["permissions"], json!(["live", "read", "respond", "shelve"]));
    assert_eq!((&session["idle_in_s"], &session["ends_in_s"]), (&json!(1_800), &json!(43_200)));
}

#[tokio::test]
async fn a_log_out_ends_this_session_or_all_of_the_user() {
    let people = People::start().await;
    let (here, there, other) =
        (people.log_in("operator").await, people.log_in("operator").await, people.log_in("viewer").await);
    let response =
        people.request(Method::POST, "/api/v1/session/log-out", &here).json(&json!({})).send().await.unwrap();
    assert!(response.headers()[header::SET_COOKIE].to_str().unwrap().starts_with("davy_session=; "), "and its cookie");
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    let is_in = async |shows: &Shows| people.get("/api/v1/people", shows).await.0 == StatusCode::OK;
    assert_eq!((is_in(&here).await, is_in(&there).await), (false, true));
    let everywhere = json!({ "everywhere": true });
    assert_eq!(people.post("/api/v1/session/log-out", &there, everywhere).await.0, StatusCode::NO_CONTENT);
    assert_eq!((is_in(&there).await, is_in(&other).await), (false, true));
}

#[tokio::test]
async fn guessing_gets_slower_and_disturbs_nobody_who_is_in() {
    let people = People::start().await;
    let inside = people.log_in("operator").await;
    let mut events = Events::begin(people.request(Method::GET, "/api/v1/stream", &inside)).await;
    events.until("system", |_| true).await;
    let mut answers = BTreeSet::new();
    for name in ["operator", "nobody at all"] {
        for _ in 0..5 {
            let (status, problem) = answer(people.try_log_in(name, "a wrong password", &Shows::Nothing).await).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED);
            answers.insert(problem.to_string());
        }
        let locked = people.try_log_in(name, PASSWORD, &Shows::Nothing).await;
        assert_eq!(
            (locked.status(), &locked.headers()[header::RETRY_AFTER]),
            (StatusCode::TOO_MANY_REQUESTS, &"30".parse().unwrap())
        );
        let (_, problem) = answer(locked).await;
        assert_eq!(problem["code"], "locked_out");
        answers.insert(problem.to_string());
    }
    assert_eq!(answers.len(), 2, "nothing tells whether there is such a user: {answers:?}");

    // Whoever is in goes on: reads, answers alarms, and hears of new ones.
    assert_eq!(people.get("/api/v1/alarms", &inside).await.0, StatusCode::OK);
    let silenced = people.post(SILENCE, &inside, json!({})).await.0;
    assert_eq!(silenced, StatusCode::NO_CONTENT);
    people.gateway.events.send(level(50.0)).await.unwrap();
    events.until("alarms", |alarms| alarms[0]["state"] == "returned_unacknowledged").await;
    assert!(matches!(people.log_in("viewer").await, Shows::Cookie(_)), "others log in as ever");

    people.pass(Duration::from_secs(31));
    people.log_in("operator").await;
}

#[tokio::test]
async fn one_address_that_tries_many_names_is_slowed_down_and_another_is_not() {
    let people = People::start().await;
    for n in 0..20 {
        people.try_log_in(&format!("name {n}"), "a wrong password", &Shows::Nothing).await;
    }
    assert_eq!(people.try_log_in("viewer", PASSWORD, &Shows::Nothing).await.status(), StatusCode::TOO_MANY_REQUESTS);
    let elsewhere = Client::builder().local_address(IpAddr::from([127, 0, 0, 7])).build().unwrap();
    let request = people.request_by(&elsewhere, Method::POST, "/api/v1/session/log-in", &Shows::Nothing);
    let response = request.json(&json!({ "name": "viewer", "password": PASSWORD })).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn many_at_once_wait_or_are_sent_away_and_the_rest_goes_on() {
    const MANY: u8 = 60;
    let data = tempfile::tempdir().unwrap();
    (0..MANY).for_each(|n| add_user(data.path(), &format!("u{n}"), Role::Viewer));
    let people = People::start_on(data).await;
    let asks = (1..=MANY).map(|n| {
        let client = Client::builder().local_address(IpAddr::from([127, 0, 1, n])).build().unwrap();
        let request = people.request_by(&client, Method::POST, "/api/v1/session/log-in", &Shows::Nothing);
        let request = request.json(&json!({ "name": format!("u{}", n - 1), "password": PASSWORD }));
        async move { answer(request.send().await.unwrap()).await }
    });
    let (answers, alive) = tokio::join!(futures::future::join_all(asks), people.gateway.response("/healthz"));
    assert_eq!(alive.status(), StatusCode::OK);
    let (let_in, away): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(status, _)| *status == StatusCode::OK);
    assert!(let_in.len() >= 18 && !away.is_empty(), "{} of {MANY} came in", let_in.len());
    assert!(away.iter().all(|(_, problem)| problem["code"] == "log_ins_full"), "{away:?}");
}

#[tokio::test]
async fn a_session_that_idles_looks_on_and_asks_for_the_password_before_it_does_anything() {
    let people = People::start().await;
    let session = people.log_in("operator").await;
    let mut events = Events::begin(people.request(Method::GET, "/api/v1/stream", &session)).await;
    people.pass(Duration::from_secs(29 * 60));
    assert_eq!(people.post("/api/v1/session/activity", &session, json!({})).await.0, StatusCode::NO_CONTENT);
    people.pass(Duration::from_secs(29 * 60));
    assert_eq!(people.get("/api/v1/alarms", &session).await.0, StatusCode::OK);
    people.pass(Duration::from_secs(60));
    // Reading was no activity.
    for (path, body) in [(SILENCE, json!({})), ("/api/v1/session/activity", json!({}))] {
        let (status, problem) = people.post(path, &session, body).await;
        assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("password_again")), "{path}");
    }
    assert_eq!(people.get("/api/v1/session", &session).await.1["password_again"], true);
    assert_eq!(people.get("/api/v1/people", &session).await.0, StatusCode::OK);
    people.gateway.events.send(level(50.0)).await.unwrap();
    events.until("alarms", |alarms| alarms[0]["state"] == "returned_unacknowledged").await;

    let confirm =
        async |password: &str| people.post("/api/v1/session/confirm", &session, json!({ "password": password })).await;
    assert_eq!(confirm("a wrong password").await.1["code"], "wrong_password");
    let (status, view) = confirm(PASSWORD).await;
    assert_eq!((status, &view["password_again"]), (StatusCode::OK, &json!(false)));
    assert_ne!(people.post(SILENCE, &session, json!({})).await.1["code"], "password_again");

    people.pass(Duration::from_secs(12 * 3_600));
    assert_eq!(people.get("/api/v1/alarms", &session).await.1["code"], "session_over");
    while events.next().await.is_some() {}
}

#[tokio::test]
async fn a_command_is_signed_by_who_is_logged_in() {
    let people = People::start().await;
    let session = people.log_in("operator").await;
    let token = Shows::Token(add_token(people.data.path(), "scada", Role::Operator, None));
    people.keeper.refresh(NOW).unwrap();
    let (status, problem) = people.post(SILENCE, &session, json!({ "by": "somebody else" })).await;
    assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("signed_by_another")));
    for (shows, body) in [
        (&session, json!({})),
        (&session, json!({ "by": "operator" })),
        (&token, json!({ "by": "李雷" })),
        (&token, json!({})),
    ] {
        people.post(SILENCE, shows, body).await;
    }
    let (audits, _) = people.audits().await;
    let signed =
        audits.iter().filter(|audit| audit["action"] == "silence_horn").map(|audit| audit["by"].as_str().unwrap());
    assert_eq!(signed.collect::<Vec<_>>(), ["operator", "operator", "李雷 (scada)", "(scada)"]);
}

#[tokio::test]
async fn foreign_pages_send_nothing() {
    let people = People::start().await;
    let session = people.log_in("operator").await;
    let post = |path: &str| people.request(Method::POST, path, &session);
    for (path, body) in [(SILENCE, "{}"), ("/api/v1/session/log-out", "{}"), ("/api/v1/session/log-in", "{}")] {
        let json = post(path).header(header::CONTENT_TYPE, "application/json");
        let foreign = json.header(header::ORIGIN, "https://example.com").body(body).send().await.unwrap();
        assert_eq!(answer(foreign).await.1["code"], "foreign_origin", "{path}");
        // What a form can send without asking first.
        for media in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
            let form = post(path).header(header::CONTENT_TYPE, media).body(body).send().await.unwrap();
            assert_eq!(form.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path} {media}");
        }
    }
    assert_eq!(people.get("/api/v1/alarms", &session).await.0, StatusCode::OK);
}

/// A request as it is, which no client would send.
async fn raw(people: &People, request: &str) -> String {
    let mut stream = TcpStream::connect(people.gateway.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn no_path_leads_around_the_fence() {
    let people = People::start().await;
    for path in [
        "/api/v1//people",
        "/api/v1/./people",
        "/api/v1/session/../people",
        "/api/v1/session/%2e%2e/people",
        "/api/v1/session%2f..%2fpeople",
        "/API/v1/people",
        "/api/v1/people/",
        "/api/v1/people%00",
        "/api/v1/people;a=1",
        "/assets/../../access.json",
        "/..%2f..%2faccess.json",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let answer = raw(&people, &request).await;
        assert!(
            !answer.contains("李雷") && !answer.contains("argon2") && !answer.contains("root:"),
            "{path}: {answer}"
        );
        let status = answer.split(' ').nth(1).unwrap_or_default().to_owned();
        let is_page = answer.contains("<!doctype html>davy");
        assert!(matches!(&*status, "401" | "404" | "400") || is_page, "{path}: {answer}");
    }
    for (method, path) in [("HEAD", "/api/v1/people"), ("OPTIONS", "/api/v1/people"), ("GET", "/api/v1/people?x=1")] {
        let answer =
            raw(&people, &format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 40"), "{method} {path}: {answer}");
    }
}

#[tokio::test]
async fn what_is_too_large_or_no_sense_is_refused_before_any_password_is_looked_at() {
    let people = People::start().await;
    let log_in = || people.request(Method::POST, "/api/v1/session/log-in", &Shows::Nothing);
    let long = "a".repeat(20_000);
    for (body, code) in [
        (json!({ "name": "operator", "password": long }).to_string(), "body_too_large"),
        ("{".to_owned(), "bad_request"),
        ("[]".to_owned(), "invalid"),
        ("{\"name\": 1, \"password\": null}".to_owned(), "invalid"),
        ("{\"name\": \"operator\"}".to_owned(), "invalid"),
        ("{\"name\":\"a\",\"password\":\"b\",\"role\":\"administrator\"}".to_owned(), "invalid"),
        (json!({ "name": "operator", "password": "b".repeat(16_000) }).to_string(), "wrong_password"),
        (json!({ "name": "\u{0}\r\nSet-Cookie: a=b", "password": "b" }).to_string(), "wrong_password"),
    ] {
        let response =
            log_in().header(header::CONTENT_TYPE, "application/json").body(body.clone()).send().await.unwrap();
        assert!(!response.headers().contains_key(header::SET_COOKIE));
        assert_eq!(answer(response).await.1["code"], code, "{}", &body[..body.len().min(60)]);
    }
    for value in ["Bearer", "Bearer x", "Basic YTpi", "bearer davy_", "\u{7f}", "davy_session"] {
        let request = people.request(Method::GET, "/api/v1/people", &Shows::Nothing);
        let answer = answer(match header::HeaderValue::from_str(value) {
            Ok(value) => request.header(header::AUTHORIZATION, value).send().await.unwrap(),
            Err(_) => continue,
        });
        assert_eq!(answer.await.1["code"], "session_over", "{value}");
    }
}

#[tokio::test]
async fn the_panel_sees_the_live_state_and_nothing_else() {
    let people = People::start().await;
    let panel = Client::builder().local_address(PANEL).build().unwrap();
    let get = |path: &str| people.request_by(&panel, Method::GET, path, &Shows::Nothing);
    let mut events = Events::begin(get("/api/v1/stream")).await;
    let mut seen = BTreeSet::new();
    loop {
        let name = events.next().await.unwrap().name;
        if name == "beat" {
            break;
        }
        seen.insert(name);
    }
    for name in ["alarms", "warnings", "units", "zones", "tags", "system", "annunciation"] {
        assert!(seen.contains(name), "{name}");
    }
    for name in ["people", "tickets", "tasks", "hazards", "plans"] {
        assert!(!seen.contains(name), "{name}");
    }
    let session: Value = get("/api/v1/session").send().await.unwrap().json().await.unwrap();
    assert_eq!((&session["who"], &session["permissions"]), (&json!("panel"), &json!(["live"])));
}

#[tokio::test]
async fn everybody_is_told_the_notice_of_the_site_before_the_log_in() {
    let people = People::start().await;
    let (status, session) = people.get("/api/v1/session", &Shows::Nothing).await;
    assert_eq!((status, &session["who"], &session["notice"]), (StatusCode::OK, &json!("nobody"), &json!(NOTICE)));
}

#[tokio::test]
async fn the_first_administrator_is_made_once_with_the_code() {
    let people = People::start_on(tempfile::tempdir().unwrap()).await;
    assert_eq!(people.get("/api/v1/session", &Shows::Nothing).await.1["awaits_setup"], true);
    let code = fs::read_to_string(people.data.path().join("setup-code")).unwrap();
    let set_up = async |code: &str, password: &str| {
        let body = json!({ "code": code, "name": "李工", "password": password });
        people.request(Method::POST, "/api/v1/setup", &Shows::Nothing).json(&body).send().await.unwrap()
    };
    assert_eq!(answer(set_up("00000-00000-00000-00000", PASSWORD).await).await.1["code"], "wrong_password");
    assert_eq!(answer(set_up(&code, "short").await).await.1["code"], "invalid");
    let (first, second) = tokio::join!(set_up(&code, PASSWORD), set_up(&code, PASSWORD));
    let made = [&first, &second].map(|response| response.status() == StatusCode::OK);
    assert_eq!(made.iter().filter(|made| **made).count(), 1, "once, however many ask at a time");
    let session = cookie(if made[0] { &first } else { &second });
    assert_eq!(people.get("/api/v1/users", &session).await.1["items"][0]["role"], "administrator");
    assert_eq!(answer(set_up(&code, PASSWORD).await).await.1["code"], "conflict");
    assert!(!people.data.path().join("setup-code").exists());
    let (audits, text) = people.audits().await;
    let acts: Vec<&str> = audits.iter().map(|audit| audit["action"].as_str().unwrap()).collect();
    assert_eq!(acts, ["set_up", "log_in"]);
    assert!(!text.contains(code.trim()) && !text.contains(PASSWORD));
}

#[tokio::test]
async fn an_administrator_keeps_users_and_tokens_on_record() {
    let people = People::start().await;
    let (admin, other) = (people.log_in("administrator").await, people.log_in("viewer").await);
    let new = "另外一个足够长的密码";
    let done = (StatusCode::NO_CONTENT, Value::String(String::new()));
    for (path, body) in [
        ("users/add", json!({ "name": "陈静", "role": "viewer", "password": new, "reason": "新员工" })),
        ("users/%E9%99%88%E9%9D%99/role", json!({ "role": "operator", "reason": "考核合格" })),
        ("users/viewer/password", json!({ "password": new })),
        ("users/operator/remove", json!({ "reason": "调离" })),
    ] {
        assert_eq!(people.post(&format!("/api/v1/{path}"), &admin, body).await, done, "{path}");
    }
    assert_eq!(people.get("/api/v1/alarms", &other).await.1["code"], "session_over", "another password ends it");
    let (_, made) =
        people.post("/api/v1/tokens/add", &admin, json!({ "name": "scada", "role": "viewer", "days": 1 })).await;
    let token = Shows::Token(made["token"].as_str().unwrap().to_owned());
    assert_eq!(people.get("/metrics", &token).await.0, StatusCode::OK);
    let listed = people.get("/api/v1/tokens", &admin).await.1;
    assert_eq!(
        (&listed["items"][0]["name"], &listed["items"][0]["made_by"]),
        (&json!("scada"), &json!("administrator"))
    );
    let document = people.gateway.get("/api/openapi.json").await;
    for path in ["/api/v1/users", "/api/v1/tokens"] {
        let schema = &document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        let (_, list) = people.get(path, &admin).await;
        assert!(!list["items"].as_array().unwrap().is_empty());
        check(&document, schema, &list, path);
    }
    assert_eq!(people.post("/api/v1/tokens/scada/remove", &admin, json!({})).await, done);
    assert_eq!(people.get("/metrics", &token).await.1["code"], "session_over");
    for (path, body, status, code) in [
        ("users/add", json!({ "name": "陈静", "role": "viewer", "password": new }), 409, "conflict"),
        ("users/add", json!({ "name": "a/b", "role": "viewer", "password": new }), 422, "invalid"),
        ("users/add", json!({ "name": "a", "role": "viewer", "password": "1234567890" }), 422, "invalid"),
        ("users/add", json!({ "name": "a", "role": "root", "password": new }), 422, "invalid"),
        ("users/nobody/remove", json!({}), 404, "not_found"),
        ("users/administrator/remove", json!({}), 409, "conflict"),
        ("tokens/nothing/remove", json!({}), 404, "not_found"),
        ("tokens/add", json!({ "name": "b", "role": "viewer", "days": 0 }), 422, "invalid"),
    ] {
        let (answered, problem) = people.post(&format!("/api/v1/{path}"), &admin, body).await;
        assert_eq!((answered.as_u16(), &problem["code"]), (status, &json!(code)), "{path}");
    }
    let (audits, text) = people.audits().await;
    let field = |audit: &Value, name: &str| audit[name].as_str().unwrap_or("-").to_owned();
    let told: Vec<String> = audits
        .iter()
        .filter(|audit| audit["action"] != "log_in")
        .map(|audit| ["by", "action", "object", "before", "after", "note"].map(|name| field(audit, name)).join(" "))
        .collect();
    let until = made["ends_at"].as_str().unwrap();
    assert_eq!(
        told,
        [
            "administrator add_user 陈静 - viewer 新员工".to_owned(),
            "administrator change_role 陈静 viewer operator 考核合格".to_owned(),
            "administrator change_password viewer - - ".to_owned(),
            "administrator remove_user operator operator - 调离".to_owned(),
            format!("administrator add_token scada - viewer until {until} "),
            format!("administrator remove_token scada viewer until {until} - "),
        ]
    );
    let Shows::Token(token) = token else { unreachable!() };
    for secret in [new, PASSWORD, &token, "argon2"] {
        assert!(!text.contains(secret), "no secret is in the journal");
    }
}

#[tokio::test]
async fn the_own_password_needs_the_old_one_and_ends_the_other_sessions() {
    let people = People::start().await;
    let (here, there) = (people.log_in("viewer").await, people.log_in("viewer").await);
    let change = async |old: &str, new: &str| {
        let body = json!({ "old": old, "new": new });
        people.request(Method::POST, "/api/v1/session/password", &here).json(&body).send().await.unwrap()
    };
    let new = "另外一个足够长的密码";
    assert_eq!(answer(change("a wrong password", new).await).await.1["code"], "wrong_password");
    assert_eq!(answer(change(PASSWORD, "qwertyuiop").await).await.1["code"], "invalid");
    let changed = change(PASSWORD, new).await;
    assert_eq!(changed.status(), StatusCode::OK);
    let fresh = cookie(&changed);
    let status = async |shows: &Shows| people.get("/api/v1/alarms", shows).await.0.as_u16();
    assert_eq!((status(&here).await, status(&there).await, status(&fresh).await), (401, 401, 200));
    assert_eq!(people.try_log_in("viewer", PASSWORD, &Shows::Nothing).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(people.try_log_in("viewer", new, &Shows::Nothing).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_user_who_is_taken_out_hears_no_more() {
    let people = People::start().await;
    let (admin, operator) = (people.log_in("administrator").await, people.log_in("operator").await);
    let mut events = Events::begin(people.request(Method::GET, "/api/v1/stream", &operator)).await;
    events.until("beat", |_| true).await;
    people.post("/api/v1/users/operator/remove", &admin, json!({})).await;
    while events.next().await.is_some() {}
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_said_to_nobody_but_in_a_code() {
    let data = tempfile::tempdir().unwrap();
    fs::write(data.path().join("access.json"), "{").unwrap();
    let people = People::start_on(data).await;
    assert_eq!(people.get("/api/v1/session", &Shows::Nothing).await.1["awaits_setup"], false);
    assert_eq!(answer(people.try_log_in("a", PASSWORD, &Shows::Nothing).await).await.1["code"], "wrong_password");
    let (status, problem) =
        people.post("/api/v1/setup", &Shows::Nothing, json!({ "code": "", "name": "a", "password": PASSWORD })).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("conflict")), "nobody sets up in its stead");
}

#[tokio::test]
async fn why_it_is_not_ready_is_for_those_who_may_look() {
    let people = People::start().await;
    let viewer = people.log_in("viewer").await;
    people.gateway.journal.send_replace(davy_api::JournalHealth { durable: false, detail: "disk full".to_owned() });
    let of = async |shows: &Shows| people.get("/readyz", shows).await;
    let (status, problem) = of(&Shows::Nothing).await;
    assert_eq!((status, problem.to_string().contains("disk full")), (StatusCode::SERVICE_UNAVAILABLE, false));
    assert!(of(&viewer).await.1.to_string().contains("disk full"));
    assert_eq!(people.get("/healthz", &Shows::Nothing).await.1, json!({ "status": "alive" }));
}

#[tokio::test]
async fn over_tls_the_cookie_is_for_tls_alone() {
    let data = tempfile::tempdir().unwrap();
    add_user(data.path(), "a", Role::Viewer);
    let keeper = davy_access::Keeper::open(data.path(), davy_access::Settings::default(), NOW).unwrap();
    let access = davy_api::Access::Kept(std::sync::Arc::new(keeper));
    let gateway =
        Gateway::start_with(Options { access, tls: Some(crate::secured::tls(&["127.0.0.1"]).1), ..Options::default() })
            .await;
    let body = json!({ "name": "a", "password": PASSWORD });
    let response = gateway.request(Method::POST, "/api/v1/session/log-in").json(&body).send().await.unwrap();
    assert!(response.headers()[header::SET_COOKIE].to_str().unwrap().ends_with("; Secure"));
}

#[tokio::test]
async fn in_the_demonstration_nobody_logs_in() {
    let gateway = Gateway::start().await;
    let session = gateway.get("/api/v1/session").await;
    assert_eq!((&session["who"], &session["role"]), (&json!("demo"), &json!("administrator")));
    for path in ["session/log-in", "setup"] {
        let body = json!({ "code": "a", "name": "a", "password": PASSWORD });
        let (status, _) = gateway.post(&format!("/api/v1/{path}"), body).await;
        assert!(status == StatusCode::CONFLICT || status == StatusCode::UNPROCESSABLE_ENTITY, "{path}: {status}");
    }
    let (status, problem) = gateway.post(SILENCE, json!({})).await;
    assert_eq!((status, &problem["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid")), "it still signs");
}
