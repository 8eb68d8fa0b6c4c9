//! Whether a signed command is for this gateway, allowed, and of this hour. Pure. The claims are those of RFC 7519, 4.1, and `kind`,
//! `by` and `data`.

use super::{
    asks::{self, Ask},
    envelope::Stranger,
};
use crate::limits;
use davy_config::AskKind;
use davy_core::{event::CommandOutcome, time::UtcTime};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// What a command of somebody known says of itself.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// `jti`: its own id.
    pub id: String,
    /// The key by which it was signed.
    pub key: String,
    /// The person on the platform; empty when it does not say.
    pub by: String,
    /// Its kind, as it says.
    pub kind: String,
    /// `iat`: when it was made; when it arrived, if it does not say.
    pub issued: UtcTime,
    /// SHA-256 of all that is asked: of `aud`, `kind`, `by` and `data` as JSON. The times are not among them, so that a platform may
    /// sign anew what it sends again.
    pub sha256: String,
    /// What it asks for, or why that is out of the question.
    pub ask: Result<Ask, NotAsked>,
}

/// Why a command comes to nothing before anybody has looked where things stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAsked {
    /// Refused or invalid.
    pub outcome: CommandOutcome,
    /// Why, and what to do.
    pub reason: String,
    /// Whether the wall clock has decided.
    pub by_clock: bool,
    /// All that is wrong, where that is more than one thing.
    pub details: Vec<String>,
}

/// What is expected of a command.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// `{company_code}/{gateway_id}`.
    pub audience: &'a str,
    /// The last level of the topic on which it came; `None` where there are no topics.
    pub topic: Option<&'a str>,
    /// The kinds that are done.
    pub kinds: &'a [AskKind],
    /// The wall clock.
    pub now: UtcTime,
}

impl NotAsked {
    pub(crate) fn invalid(reason: impl Into<String>) -> Self {
        Self { outcome: CommandOutcome::Invalid, reason: reason.into(), by_clock: false, details: Vec::new() }
    }

    fn refused(reason: impl Into<String>) -> Self {
        Self { outcome: CommandOutcome::Refused, ..Self::invalid(reason) }
    }

    fn clock(reason: String) -> Self {
        Self { by_clock: true, ..Self::refused(reason) }
    }
}

/// Reads what `key` has signed. Without an id it cannot be answered, and counts as from nobody known.
pub(crate) fn read(key: &str, payload: &[u8], expected: &Expected<'_>) -> Result<Claimed, Stranger> {
    let claims: Map<String, Value> = serde_json::from_slice(payload).map_err(|_| Stranger::Nameless)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let id = text("jti");
    if !(1..=limits::COMMAND_ID_CHARS_MAX).contains(&id.len()) || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Stranger::Nameless);
    }
    let short = |name: &str| text(name).chars().take(limits::COMMAND_NAME_CHARS_MAX).collect::<String>();
    Ok(Claimed {
        id: id.to_owned(),
        key: key.to_owned(),
        by: short("by"),
        kind: short("kind"),
        issued: moment(&claims, "iat").unwrap_or(expected.now),
        sha256: digest(&claims),
        ask: check(&claims, expected),
    })
}

/// In the order in which it is asked: for us, allowed, in time, and what it says.
fn check(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<Ask, NotAsked> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    if !is_for(claims.get("aud"), expected.audience) {
        return Err(NotAsked::refused(format!("it is not for this gateway: aud must be {:?}", expected.audience)));
    }
    let kind = text("kind");
    let Some(known) = AskKind::of_name(kind) else {
        return Err(NotAsked::invalid(format!(
            "there is no such kind of command; kind is one of {}",
            AskKind::ALL.map(AskKind::name).join(", ")
        )));
    };
    if expected.topic.is_some_and(|topic| topic != kind) {
        return Err(NotAsked::invalid(format!(
            "it says {kind} and came on another topic; send it on …/command/{kind}"
        )));
    }
    if !expected.kinds.contains(&known) {
        return Err(NotAsked::refused(format!(
            "commands of the kind {kind} are not taken over this uplink; add it to kinds in the gateway's configuration if they should be"
        )));
    }
    check_times(claims, expected.now)?;
    let by = text("by");
    if by.trim().is_empty() || by.chars().count() > limits::COMMAND_NAME_CHARS_MAX || by.contains(char::is_control) {
        return Err(NotAsked::invalid(format!(
            "by must name the person who asks, in at most {} characters",
            limits::COMMAND_NAME_CHARS_MAX
        )));
    }
    asks::read(known, claims.get("data").cloned().unwrap_or_default())
}

/// RFC 7519, 4.1.3: one audience or a list of them.
fn is_for(audience: Option<&Value>, ours: &str) -> bool {
    match audience {
        Some(Value::String(one)) => one == ours,
        Some(Value::Array(several)) => several.iter().any(|one| one.as_str() == Some(ours)),
        _ => false,
    }
}

fn check_times(claims: &Map<String, Value>, now: UtcTime) -> Result<(), NotAsked> {
    let (Some(issued), Some(expires)) = (moment(claims, "iat"), moment(claims, "exp")) else {
        return Err(NotAsked::invalid("iat and exp must both say when, in seconds since 1970"));
    };
    let not_before = moment(claims, "nbf").unwrap_or(issued);
    let valid_ms = expires.since(issued);
    if valid_ms <= 0 || valid_ms > limits::COMMAND_VALID_MAX_MS {
        return Err(NotAsked::invalid(format!(
            "exp must be later than iat, by at most {} days",
            limits::COMMAND_VALID_MAX_MS / 86_400_000
        )));
    }
    if issued.max(not_before).since(now) > limits::COMMAND_CLOCK_MAX_MS {
        return Err(NotAsked::clock(format!("it is from the future: issued {issued}, and it is {now} here")));
    }
    if now.since(expires) > limits::COMMAND_CLOCK_MAX_MS {
        return Err(NotAsked::clock(format!("it is over: it expired {expires}, and it is {now} here")));
    }
    Ok(())
}

/// A NumericDate (RFC 7519, 2), of a year of four digits.
fn moment(claims: &Map<String, Value>, name: &str) -> Option<UtcTime> {
    const YEAR_10000_S: f64 = 253_402_300_800.0;
    let seconds = claims.get(name)?.as_f64().filter(|seconds| (0.0..YEAR_10000_S).contains(seconds))?;
    // In range, so the cast keeps it.
    Some(UtcTime((seconds * 1_000.0) as i64))
}

fn digest(claims: &Map<String, Value>) -> String {
    let asked = ["aud", "kind", "by", "data"].map(|name| claims.get(name).cloned().unwrap_or_default());
    let hash = Sha256::digest(Value::from(asked.to_vec()).to_string());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: UtcTime = UtcTime(1_795_392_000_000);
    const NOW_S: i64 = NOW.0 / 1_000;

    fn claims() -> Value {
        json!({
            "jti": "c-1", "iss": "https://platform", "aud": "330100123/gw-1", "iat": NOW_S, "exp": NOW_S + 600, "kind": "acknowledge",
            "by": "李四", "data": { "alarm": "LI-1101.HH~1.2" },
        })
    }

    fn with(changes: Value) -> Value {
        let mut claims = claims();
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(name);
            }
        }
        claims
    }

    fn of(claims: &Value, topic: Option<&str>) -> Result<Claimed, Stranger> {
        let kinds = [AskKind::Acknowledge, AskKind::Task];
        let expected = Expected { audience: "330100123/gw-1", topic, kinds: &kinds, now: NOW };
        read("platform", claims.to_string().as_bytes(), &expected)
    }

    #[test]
    fn what_is_for_us_allowed_and_of_this_hour_is_asked() {
        for changes in [
            json!({}),
            json!({ "aud": ["x", "330100123/gw-1"] }),
            json!({ "iat": NOW_S + 119, "exp": NOW_S + 500 }),
            json!({ "iat": NOW_S - 7 * 86_400, "exp": NOW_S }),
            json!({ "exp": NOW_S - 119, "iat": NOW_S - 300 }),
            json!({ "iat": NOW_S as f64 + 0.5, "nbf": NOW_S, "further": 1 }),
        ] {
            let claimed = of(&with(changes.clone()), Some("acknowledge")).unwrap();
            assert!(claimed.ask.is_ok(), "{changes}: {claimed:?}");
            assert_eq!((claimed.id.as_str(), claimed.key.as_str(), claimed.by.as_str()), ("c-1", "platform", "李四"));
        }
    }

    #[test]
    fn anything_else_is_refused_with_what_to_do() {
        for (changes, by_clock, words) in [
            (json!({ "aud": "330100123/gw-2" }), false, "not for this gateway"),
            (json!({ "aud": null }), false, "not for this gateway"),
            (json!({ "aud": ["330100123"] }), false, "not for this gateway"),
            (json!({ "kind": "write" }), false, "no such kind"),
            (json!({ "kind": null }), false, "no such kind"),
            (json!({ "kind": "task" }), false, "send it on …/command/task"),
            (json!({ "iat": null }), false, "iat and exp"),
            (json!({ "exp": "soon" }), false, "iat and exp"),
            (json!({ "exp": 1e300 }), false, "iat and exp"),
            (json!({ "exp": NOW_S }), false, "later than iat"),
            (json!({ "exp": NOW_S + 7 * 86_400 + 1 }), false, "at most 7 days"),
            (json!({ "iat": NOW_S + 121 }), true, "from the future"),
            (json!({ "nbf": NOW_S + 121 }), true, "from the future"),
            (json!({ "iat": NOW_S - 300, "exp": NOW_S - 121 }), true, "it is over"),
            (json!({ "by": " " }), false, "name the person"),
            (json!({ "by": "x".repeat(101) }), false, "name the person"),
            (json!({ "data": null }), false, "data"),
            (json!({ "data": { "alarm": "a", "value": 1 } }), false, "value"),
        ] {
            let refused = of(&with(changes.clone()), Some("acknowledge")).unwrap().ask.unwrap_err();
            assert!(refused.reason.contains(words) && refused.by_clock == by_clock, "{changes}: {refused:?}");
        }
        let not_allowed = of(&with(json!({ "kind": "stop" })), None).unwrap().ask.unwrap_err();
        assert!(not_allowed.reason.contains("add it to kinds"), "{not_allowed:?}");
    }

    #[test]
    fn without_an_id_it_cannot_be_answered() {
        for jti in [json!(null), json!(""), json!(7), json!("a b"), json!("号"), json!("x".repeat(65))] {
            assert_eq!(of(&with(json!({ "jti": jti })), None).unwrap_err(), Stranger::Nameless);
        }
        let expected = Expected { audience: "", topic: None, kinds: &[], now: NOW };
        assert_eq!(read("k", b"[]", &expected).unwrap_err(), Stranger::Nameless);
    }

    #[test]
    fn what_is_signed_anew_is_the_same_and_another_question_is_not() {
        let digest = |changes| of(&with(changes), None).unwrap().sha256;
        let first = digest(json!({}));
        assert_eq!(first, digest(json!({ "exp": NOW_S + 700, "iat": NOW_S + 60 })));
        for other in [json!({ "by": "王五" }), json!({ "data": {} }), json!({ "kind": "task" }), json!({ "aud": "x" })]
        {
            assert_ne!(first, digest(other));
        }
    }
}
