//! Answers as a table.

use super::*;

const PLACE: &str = "https://north/x";

fn told(status: u16, body: &str) -> Told<'_> {
    Told { status, body: body.as_bytes(), ..Told::default() }
}

#[test]
fn each_answer_has_its_meaning() {
    let accepted = r#"{"receipts":[{"id":"GW/1/7","status":"accepted"}]}"#;
    let rows = receipts::read(accepted.as_bytes()).unwrap();
    for (status, body) in [(200, ""), (204, ""), (202, " {} \n")] {
        assert_eq!(read(told(status, body), PLACE), Answer::Rows(None), "{status} {body}");
    }
    for status in [200, 207, 400, 422] {
        assert_eq!(read(told(status, accepted), PLACE), Answer::Rows(rows.clone()), "{status}");
    }
    let name = |answer: &Answer| match answer {
        Answer::Rows(_) => "rows",
        Answer::Unreadable(_) => "unreadable",
        Answer::TooLarge(_) => "too large",
        Answer::Wait(..) => "wait",
        Answer::Lost(_) => "lost",
        Answer::Misconfigured(_) => "misconfigured",
    };
    for (status, body, expected, words) in [
        (200, "welcome", "misconfigured", "no receipts"),
        (200, r#"{"code":500,"msg":"fail"}"#, "misconfigured", "receipts"),
        (200, r#"{"receipts":[{"id":"a","status":"perhaps"}]}"#, "misconfigured", "perhaps"),
        (200, r#"{"receipts":null}"#, "misconfigured", "receipts"),
        (301, "", "misconfigured", "redirects to no reason was given"),
        (400, "no such kind", "unreadable", "no such kind"),
        (422, "{}", "unreadable", "422"),
        (401, "token expired", "misconfigured", "does not let this gateway in (401: token expired); check token"),
        (403, "", "misconfigured", "(403); check token and client certificate"),
        (404, "", "misconfigured", "check the url"),
        (408, "", "lost", "408"),
        (409, "", "lost", "409"),
        (413, "", "too large", "413"),
        (415, "", "misconfigured", "write compress = \"none\""),
        (429, "", "lost", "takes nothing now (429)"),
        (500, "out of\r\nmemory", "lost", "fails (500: out of  memory)"),
        (502, "", "lost", "502"),
        (503, "", "lost", "503"),
        (100, "", "misconfigured", "100"),
    ] {
        let answer = read(told(status, body), PLACE);
        assert_eq!(name(&answer), expected, "{status} {body}: {answer:?}");
        assert!(format!("{answer:?}").replace('\\', "").contains(words), "{status} {body}: {answer:?}");
    }
}

#[test]
fn a_redirect_is_told_with_its_place() {
    let answer = read(Told { location: Some("http://elsewhere/"), ..told(307, "") }, PLACE);
    assert!(matches!(&answer, Answer::Misconfigured(words) if words.contains("http://elsewhere/")), "{answer:?}");
}

#[test]
fn a_wait_is_in_seconds_or_until_a_date_and_bounded() {
    let wait = |status, retry_after, date| {
        let told = Told { retry_after: Some(retry_after), date, ..told(status, "") };
        let Answer::Wait(wait, _) = read(told, PLACE) else { return None };
        Some(wait.as_secs())
    };
    let now = Some("Mon, 23 Nov 2026 08:00:00 GMT");
    for (status, retry_after, expected) in [
        (429, "7", Some(7)),
        (503, " 0 ", Some(0)),
        (429, "86400", Some(600)),
        (503, "Mon, 23 Nov 2026 08:00:30 GMT", Some(30)),
        (503, "Mon, 23 Nov 2026 07:00:00 GMT", Some(0)),
        (503, "Tue, 24 Nov 2026 07:00:00 GMT", Some(600)),
        (429, "soon", None),
        (429, "-1", None),
        (500, "7", None),
    ] {
        assert_eq!(wait(status, retry_after, now), expected, "{status} {retry_after}");
    }
}
