//! Every route × everybody, as a table: `roles.txt`, to be read by a person and rewritten with `UPDATE_GOLDEN=1`.

use crate::people::{PANEL, People, Shows, add_narrow_token, add_token, new};
use davy_access::{NewToken, Permission, Role};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use std::{fmt::Write as _, fs, path::PathBuf, time::Duration};

/// What became of a request, shortly. What comes after the fence (404, 422) is `+`.
async fn outcome(people: &People, client: &Client, method: &Method, path: &str, shows: &Shows) -> &'static str {
    let mut request = people.request_by(client, method.clone(), path, shows);
    if *method == Method::POST {
        // No command takes this: nothing is ever done.
        request = request.json(&json!({ "nonsense": 1 }));
    }
    let response = request.send().await.unwrap();
    match response.status() {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {}
        status if *method == Method::POST => {
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
            return "+";
        }
        _ => return "+",
    }
    assert_eq!(response.headers()["content-type"], "application/problem+json", "{path}");
    let challenge = response.headers().contains_key("www-authenticate");
    let problem: Value = response.json().await.unwrap();
    assert_eq!(challenge, problem["status"] == 401, "{path}");
    match problem["code"].as_str().unwrap() {
        "log_in" => "login",
        "session_over" => "over",
        "password_again" => "again",
        "not_allowed" => "no",
        other => panic!("{path}: {other}"),
    }
}

#[tokio::test]
async fn every_route_lets_in_whom_it_is_for() {
    let people = People::start().await;
    let anywhere = &people.gateway.client;
    let at_panel = Client::builder().local_address(PANEL).build().unwrap();
    let token = |name: &str, role, ends_at| Shows::Token(add_token(people.data.path(), name, role, ends_at));
    let (reads, administers) = (token("t1", Role::Viewer, None), token("t2", Role::Administrator, None));
    let ended = token("t3", Role::Administrator, Some(crate::site::NOW));
    let narrow = NewToken { scopes: vec![Permission::Live, Permission::Respond], ..new("t4", Role::Administrator) };
    let narrow = Shows::Token(add_narrow_token(people.data.path(), narrow));
    let elsewhere = NewToken { networks: vec!["10.1.2.0/24".parse().unwrap()], ..new("t5", Role::Administrator) };
    let elsewhere = Shows::Token(add_narrow_token(people.data.path(), elsewhere));
    people.keeper.refresh(crate::site::NOW).unwrap();
    let idle = people.log_in("administrator").await;
    let over = people.log_in("administrator").await;
    people.request(Method::POST, "/api/v1/session/log-out", &over).json(&json!({})).send().await.unwrap();
    people.pass(Duration::from_secs(31 * 60));
    let mut columns = vec![
        ("nobody", anywhere, Shows::Nothing),
        ("panel", &at_panel, Shows::Nothing),
        ("over", anywhere, over),
        ("idle", anywhere, idle),
    ];
    for (name, role) in ["viewer", "operator", "engineer", "safety", "admin"].into_iter().zip(Role::ALL) {
        columns.push((name, anywhere, people.log_in(role.code()).await));
    }
    columns.push(("t:view", anywhere, reads));
    columns.push(("t:admin", anywhere, administers));
    columns.push(("t:ended", anywhere, ended));
    // An administrator's, for `live` and `respond` only; and one that may come from another network only.
    columns.push(("t:scoped", anywhere, narrow));
    columns.push(("t:away", anywhere, elsewhere));

    let document = people.gateway.get("/api/openapi.json").await;
    let mut table = format!("{:<52}", "route");
    for (name, _, _) in &columns {
        let _ = write!(table, " {name:<8}");
    }
    let mut routes = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        routes.extend(operations.as_object().unwrap().keys().map(|method| (path, method.to_uppercase())));
    }
    assert!(routes.len() > 60, "{}", routes.len());
    for (path, method) in routes {
        let _ = write!(table, "\n{:<52}", format!("{method:<4} {path}"));
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let path = path.replace("{id}", "x").replace("{seq}", "1").replace("{number}", "1");
        for (_, client, shows) in &columns {
            let _ = write!(table, " {:<8}", outcome(&people, client, &method, &path, shows).await);
        }
    }
    let table: String = table.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    let golden = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/roles.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, &table).unwrap();
    }
    let written = fs::read_to_string(&golden).unwrap_or_default();
    assert!(written == table, "roles.txt differs: look at it with UPDATE_GOLDEN=1 and git diff\n{table}");
}
