//! Who may ask. There are no users: the gateway listens on loopback, and this keeps the web out of it. A page of the
//! web that has its name resolved to 127.0.0.1 (DNS rebinding) shows itself by its `Host`, a foreign page that sends a
//! command from the operator's browser by its `Origin`.

use crate::problem::{Kind, Problem};
use axum::{
    extract::Request,
    http::{HeaderMap, Method, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::net::IpAddr;

pub(crate) async fn guard(request: Request, next: Next) -> Response {
    match check(request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn check(method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    let host = text(headers, &header::HOST);
    if !host.is_some_and(is_loopback) {
        let said = host.map_or("no host".to_owned(), |host| format!("the host `{host}`"));
        return Err(
            Kind::MisdirectedHost.with(format!("the request names {said}, which is not this machine's own name"))
        );
    }
    let origin = headers.get(header::ORIGIN);
    if method.is_safe() || origin.is_none() {
        return Ok(());
    }
    let origin = text(headers, &header::ORIGIN);
    if origin.and_then(authority) == host {
        return Ok(());
    }
    Err(Kind::ForeignOrigin.with(format!("the command comes from `{}`", origin.unwrap_or("an unreadable origin"))))
}

fn text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

fn is_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host();
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    let is_local = name.eq_ignore_ascii_case("localhost") || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    is_local && !host.contains('@')
}

fn authority(origin: &str) -> Option<&str> {
    origin.strip_prefix("http://").or(origin.strip_prefix("https://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_by_name_or_address() {
        for host in ["localhost", "LocalHost:8080", "127.0.0.1", "127.0.0.1:1", "127.9.9.9:80", "[::1]", "[::1]:8080"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            "gateway",
            "example.com:8080",
            "10.0.0.1",
            "0.0.0.0",
            "localhost.example.com",
            "127.0.0.1.example.com",
            "me@localhost",
            "[::2]",
            "::1x",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn a_command_comes_from_the_own_page_or_from_no_page() {
        let check = |method: Method, origin: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "127.0.0.1:8080".parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            check(&method, &headers).is_ok()
        };
        assert!(check(Method::POST, None));
        assert!(check(Method::POST, Some("http://127.0.0.1:8080")));
        assert!(check(Method::GET, Some("http://example.com")), "reading is fenced by the browser itself");
        for origin in [
            "null",
            "http://example.com",
            "http://127.0.0.1:8081",
            "http://127.0.0.1:8080.example.com",
            "127.0.0.1:8080",
        ] {
            assert!(!check(Method::POST, Some(origin)), "{origin}");
        }
    }
}
