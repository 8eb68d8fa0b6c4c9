//! Where things are: hosts and ports, URLs, OPC UA nodes, MQTT topics, JSON pointers. Syntax only;
//! nothing is connected to. Every function gives the value or what is wrong and what to do.

use crate::text::quoted;

const URL_BYTES_MAX: usize = 2_048;

/// A host and a port.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HostPort {
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// `host:port`, `host`, `[::1]:502`.
pub(crate) fn host_port(text: &str, default_port: u16) -> Result<HostPort, String> {
    let (host, port) = split_port(text).ok_or_else(|| {
        format!("{} is not an address; write host:port, such as 127.0.0.1:{default_port}", quoted(text))
    })?;
    let port = port.map_or(Ok(default_port), port_number)?;
    if !is_host(&host) {
        return Err(format!("{} is not a host name or an IP address; write one, such as 192.168.1.10", quoted(&host)));
    }
    Ok(HostPort { host, port })
}

/// `opc.tcp://host:port/path`.
pub(crate) fn opcua_endpoint(text: &str) -> Result<String, String> {
    let advice = "write opc.tcp://host:port/path, such as opc.tcp://192.168.1.10:4840/";
    let rest = text
        .strip_prefix("opc.tcp://")
        .ok_or_else(|| format!("{} does not begin with opc.tcp://; {advice}", quoted(text)))?;
    let authority = rest.split('/').next().unwrap_or_default();
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) || authority.contains(['@', '?', '#']) {
        return Err(format!("{} is not an endpoint; {advice}", quoted(text)));
    }
    host_port(authority, 4840)?;
    Ok(text.to_owned())
}

/// An MQTT broker's address and whether TLS is wanted.
pub(crate) fn mqtt_url(text: &str) -> Result<(HostPort, bool), String> {
    let schemes = [("mqtt://", 1883, false), ("mqtts://", 8883, true)];
    let found = schemes.iter().find_map(|&(scheme, port, tls)| Some((text.strip_prefix(scheme)?, port, tls)));
    let (rest, port, tls) = found.ok_or_else(|| {
        format!(
            "{} begins neither with mqtt:// nor with mqtts://; write mqtt://host:1883 or mqtts://host:8883",
            quoted(text)
        )
    })?;
    Ok((host_port(rest.strip_suffix('/').unwrap_or(rest), port)?, tls))
}

/// Where HTTP goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HttpUrl {
    pub(crate) url: String,
    pub(crate) tls: bool,
    /// Whether it never leaves the box.
    pub(crate) loopback: bool,
}

/// `https://host:port/path?query`, or the same with `http://`.
pub(crate) fn http_url(text: &str) -> Result<HttpUrl, String> {
    let advice = "write https://host/path, such as https://platform.example.cn/davy/events";
    let schemes = [("https://", 443, true), ("http://", 80, false)];
    let found = schemes.iter().find_map(|&(scheme, port, tls)| Some((text.strip_prefix(scheme)?, port, tls)));
    let (rest, port, tls) =
        found.ok_or_else(|| format!("{} begins neither with https:// nor with http://; {advice}", quoted(text)))?;
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if text.len() > URL_BYTES_MAX || !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.contains('#') {
        return Err(format!("{} is too long, or has '#' or characters that are not ASCII; {advice}", quoted(text)));
    }
    if authority.contains('@') {
        return Err("has a user or password in it; take it out and give token_file".to_owned());
    }
    let HostPort { host, .. } = host_port(authority, port)?;
    Ok(HttpUrl { url: text.to_owned(), tls, loopback: is_loopback(&host) })
}

/// Whether what goes to a host never leaves the box.
pub(crate) fn is_loopback(host: &str) -> bool {
    let is_loopback = |address: std::net::IpAddr| address.is_loopback();
    host == "localhost" || host.parse().is_ok_and(is_loopback)
}

/// `nsu=http://vendor/plant;s=LI-1101` by the namespace's URI, `ns=2;s=LI-1101` by its index; `i` for a number, `g` for a
/// GUID, `b` for Base64. In a URI `%3B` stands for `;` and `%25` for `%` (OPC 10000-6, 5.3.1.11).
pub(crate) fn node_id(text: &str) -> Result<String, String> {
    let wrong = |what: &str| {
        format!(
            "{} is not a node: {what}; write nsu=<URI>;s=<text>, nsu=<URI>;i=<number> or the same with ns=<number>, such as ns=2;s=LI-1101",
            quoted(text)
        )
    };
    let (namespace, identifier) = text.split_once(';').ok_or_else(|| wrong("there is no ';'"))?;
    let is_index = |digits: &str| is_digits(digits) && digits.parse::<u16>().is_ok();
    match (namespace.strip_prefix("nsu="), namespace.strip_prefix("ns=")) {
        (Some(uri), _) if !is_namespace_uri(uri) => {
            return Err(wrong("the namespace is no URI, or has a space, or '%' that is neither %3B nor %25"));
        }
        (None, digits) if !digits.is_some_and(is_index) => {
            return Err(wrong("the namespace is neither nsu= nor ns=0 to ns=65535"));
        }
        (Some(_), _) | (None, _) => {}
    }
    let (kind, value) = identifier.split_once('=').ok_or_else(|| wrong("there is no identifier after ';'"))?;
    let good = match kind {
        "s" => !value.is_empty() && value.len() <= 4096,
        "i" => is_digits(value) && value.parse::<u32>().is_ok(),
        "g" => is_guid(value),
        "b" => is_base64(value),
        _ => return Err(wrong("the identifier is none of s=, i=, g=, b=")),
    };
    if good { Ok(text.to_owned()) } else { Err(wrong(&format!("{value:?} does not fit {kind}="))) }
}

/// An MQTT topic filter (MQTT 3.1.1, 4.7).
pub(crate) fn topic_filter(text: &str) -> Result<String, String> {
    let wrong =
        |what: &str| Err(format!("{} is not a topic filter: {what}; write one such as site/location/+", quoted(text)));
    if text.len() > 65_535 || text.contains(char::is_control) {
        return wrong("it is too long or has a control character");
    }
    let levels: Vec<&str> = text.split('/').collect();
    for (at, level) in levels.iter().enumerate() {
        if level.contains('#') && (*level != "#" || at + 1 != levels.len()) {
            return wrong("'#' must be the whole of the last level");
        }
        if level.contains('+') && *level != "+" {
            return wrong("'+' must be the whole of a level");
        }
    }
    Ok(text.to_owned())
}

/// A JSON pointer (RFC 6901) to something within the payload.
pub(crate) fn json_pointer(text: &str) -> Result<String, String> {
    let advice = "write one such as /zone or /data/0/zone";
    if !text.starts_with('/') {
        return Err(format!("{} does not begin with '/'; {advice}", quoted(text)));
    }
    let escapes = text.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
    if escapes {
        Ok(text.to_owned())
    } else {
        Err(format!("{} has '~' that is followed neither by 0 nor by 1; {advice}", quoted(text)))
    }
}

fn split_port(text: &str) -> Option<(String, Option<&str>)> {
    let Some(bracketed) = text.strip_prefix('[') else {
        return match text.split_once(':') {
            Some((host, port)) => Some((host.to_owned(), Some(port))),
            None => Some((text.to_owned(), None)),
        };
    };
    let (host, rest) = bracketed.split_once(']')?;
    host.parse::<std::net::Ipv6Addr>().ok()?;
    match rest {
        "" => Some((host.to_owned(), None)),
        _ => Some((host.to_owned(), Some(rest.strip_prefix(':')?))),
    }
}

fn port_number(text: &str) -> Result<u16, String> {
    let port = text.parse::<u16>().ok().filter(|&port| port > 0 && is_digits(text));
    port.ok_or_else(|| format!("{} is not a port; write a number from 1 to 65535", quoted(text)))
}

fn is_host(text: &str) -> bool {
    if text.parse::<std::net::Ipv6Addr>().is_ok() {
        return true;
    }
    // What looks like an IPv4 address must be one: 192.168.1.300 is a slip, not a name.
    if text.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return text.parse::<std::net::Ipv4Addr>().is_ok();
    }
    let is_label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    text.len() <= 253 && text.split('.').all(is_label)
}

pub(crate) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_namespace_uri(text: &str) -> bool {
    let escapes = text.split('%').skip(1).all(|after| after.starts_with("3B") || after.starts_with("25"));
    let plain = !text.contains(|c: char| c.is_whitespace() || c.is_control());
    !text.is_empty() && text.len() <= 2048 && plain && escapes
}

fn is_guid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let padding = text.len() - body.len();
    let letters = body.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
    !body.is_empty() && letters && padding <= 2 && text.len().is_multiple_of(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T>(parser: impl Fn(&str) -> Result<T, String>, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(parser(text).is_ok(), "{text} must be accepted: {:?}", parser(text).err());
        }
        for text in bad {
            assert!(parser(text).is_err(), "{text} must be refused");
        }
    }

    #[test]
    fn hosts_and_urls() {
        check(
            |text| host_port(text, 502),
            &["10.0.0.1:502", "plc", "plc-1.site:1", "[::1]:502", "[fe80::1]"],
            &["", ":502", "a:0", "a:65536", "a:+1", "a b", "1.2.3.300", "::1", "[::1", "[x]:1", "a..b", "http://a"],
        );
        check(
            opcua_endpoint,
            &["opc.tcp://a:4840", "opc.tcp://a/x/y?z", "opc.tcp://[::1]:1/"],
            &["", "http://a", "opc.tcp://", "opc.tcp:///x", "opc.tcp://u@a", "opc.tcp://a b", "opc.tcp://a:99999/"],
        );
        check(
            mqtt_url,
            &["mqtt://a", "mqtts://a:1/", "mqtt://[::1]"],
            &["a:1883", "tcp://a", "mqtt://a/x", "mqtt://", "mqtt://u:p@a"],
        );
        assert_eq!(mqtt_url("mqtts://b").map(|(address, tls)| (address.port, tls)), Ok((8883, true)));
    }

    #[test]
    fn places_of_http() {
        let good = ["https://a", "https://a:8443/b/c?d=e", "http://[::1]:1/", "http://10.0.0.1/x"];
        let bad = [
            "",
            "a",
            "ftp://a",
            "https://",
            "https:///a",
            "https://u:p@a/",
            "https://a/#b",
            "https://a b",
            "https://a:0",
        ];
        check(http_url, &good, &bad);
        for (url, expected) in [
            ("http://127.0.0.1:8081/x", (false, true)),
            ("http://localhost", (false, true)),
            ("http://[::1]:80", (false, true)),
            ("http://127.0.0.1.example.cn", (false, false)),
            ("https://10.0.0.1/127.0.0.1", (true, false)),
        ] {
            let HttpUrl { tls, loopback, .. } = http_url(url).unwrap();
            assert_eq!((tls, loopback), expected, "{url}");
        }
    }

    #[test]
    fn nodes() {
        let good = [
            "ns=2;s=LI-1101",
            "ns=0;i=2258",
            "ns=65535;s=a;b=c",
            "ns=1;g=72962B91-FA75-4AE6-8D28-B404DC7DAF63",
            "ns=1;b=M/RbKBsRVkePCePcx24oRA==",
            "nsu=http://vendor.cn/plant/;s=LI-1101",
            "nsu=urn:vendor:plant%3Ba%25;i=5",
        ];
        let bad = [
            "",
            "LI-1101",
            "s=LI",
            "ns=2",
            "ns=;i=1",
            "ns=+1;i=1",
            "ns=65536;i=1",
            "ns=2;s=",
            "ns=2;i=-1",
            "ns=2;i=4294967296",
            "ns=2;x=1",
            "ns=2;g=1",
            "ns=2;b=a",
            "nsu=;s=a",
            "nsu=urn:a b;s=a",
            "nsu=urn:a%20b;s=a",
            "nsu=urn:a",
        ];
        check(node_id, &good, &bad);
    }

    #[test]
    fn topics_and_pointers() {
        check(topic_filter, &["a", "a/+/b", "+", "#", "a/#", "/", "$share/g/a"], &["a#", "#/a", "a/b+", "a\0"]);
        check(json_pointer, &["/", "/a/0", "/a~1b/~0"], &["", "a", "$.a", "/a~2", "/a~"]);
    }
}
