//! A gas warning on the demo's site, with a real engine, a real journal and a real recording; only the clocks are turned by hand.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod keeping;
mod stage;

use super::{answer, assemble, folder, on_request, patience::Patience, seal, without_folder};
use crate::limits;
use davy_core::{
    id::TagId,
    record::{AlarmState, EvidencePacket, WarningState},
    time::UtcTime,
};
use davy_store::Row;
use stage::{CLOSED, RAISED, Stage, second};
use std::{path::Path, time::Duration};

fn read(text: &str) -> EvidencePacket {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_packet_shows_what_happened_and_what_stood_before() {
    let stage = Stage::played();
    let sealed = assemble(stage.data(), &stage.warning, second(1_600), None, Patience::ENDLESS).unwrap().unwrap();
    let packet = read(&sealed.text);
    assert_eq!(packet.format, "davy.evidence.v1");
    assert_eq!((packet.from, packet.until), (second(RAISED - 600), second(CLOSED + 60)));
    assert_eq!((packet.company_code.as_deref(), packet.gateway_id.as_deref()), (Some("330100123"), Some("gw-demo")));
    assert_eq!((packet.warning.state, packet.closed_at), (WarningState::Closed, Some(second(CLOSED))));
    assert_eq!(packet.notes, [""; 0], "nothing is missing");

    let gas = packet.samples.iter().find(|tag| tag.tag == TagId::from("GT-1101")).unwrap();
    let before = gas.before.unwrap();
    assert_eq!((before.received_time, before.value, before.quality.0), (second(700), Some(3.0), 0));
    assert_eq!(before.source_time, Some(UtcTime(second(700).0 - 40)));
    let (first, last) = (gas.points.first().unwrap(), gas.points.last().unwrap());
    assert_eq!((first.received_time, last.received_time, gas.left_out), (second(705), second(1_465), 0));
    let peak = gas.points.iter().filter(|point| point.value == Some(30.0)).count();
    assert_eq!(peak, 20, "every value of the leak: from 1305 s to 1400 s, each 5 s");
    let tags: Vec<&str> = packet.samples.iter().map(|tag| tag.tag.as_str()).collect();
    assert!(tags.contains(&"PI-1101") && !tags.contains(&"LI-1101"), "the tags of the risk event alone: {tags:?}");

    let stays: Vec<_> = packet.people.iter().map(|stay| (stay.entered_at, stay.left_at)).collect();
    assert_eq!(stays, [(Some(second(5)), Some(second(1_330))), (Some(second(1_200)), None)]);
    assert!(packet.people.iter().all(|stay| stay.zone.as_str() == "Z-02" && !stay.name.is_empty()));
    let sights: Vec<_> = packet.sights.iter().map(|sight| (sight.camera.as_str(), sight.picture.as_deref())).collect();
    assert_eq!(sights, [("CAM-01", Some("http://nvr/1310.jpg"))], "not that of another unit");

    let tickets: Vec<_> = packet.tickets.rows.iter().map(|row| (row.record.id.as_str(), row.at)).collect();
    assert_eq!(tickets, [("DH-1", second(10))], "in force before the time began, and not the one of another unit");
    let states: Vec<AlarmState> = packet.alarms.rows.iter().map(|row| row.record.state).collect();
    let life =
        [AlarmState::Unacknowledged, AlarmState::Acknowledged, AlarmState::LatchedAcknowledged, AlarmState::Normal];
    assert_eq!(states, life);
    let audits: Vec<_> =
        packet.audits.rows.iter().map(|row| (row.record.by.as_str(), row.record.action.as_str())).collect();
    assert_eq!(audits, [("李四", "acknowledge_alarm"), ("李四", "reset_alarm")]);
    assert_eq!(packet.configurations.len(), 1);
    assert!(packet.statuses.rows.len() == 1 && packet.units.rows.len() > 1 && packet.measures.rows.len() > 1);
    assert!(packet.warnings.rows.iter().all(|row| row.record.id.as_str() == stage.warning));
    assert!(!packet.tasks.rows.is_empty() && !packet.hazards.rows.is_empty());
}

#[test]
fn a_changed_byte_shows() {
    let stage = Stage::played();
    let sealed = assemble(stage.data(), &stage.warning, second(1_600), None, Patience::ENDLESS).unwrap().unwrap();
    assert_eq!(seal::check(&sealed.text), Ok(sealed.sha256.clone()));
    assert_eq!(seal::check(&format!("{}\n", sealed.text)), Ok(sealed.sha256.clone()), "a printed line has an end");
    assert_eq!(read(&sealed.text).sha256, sealed.sha256);
    for (from, to) in
        [("30.0", "20.0"), ("李四", "王五"), ("\"notes\":[]", "\"notes\": []"), ("\"sha256\":\"", "\"sha256\":\"0")]
    {
        assert!(sealed.text.contains(from), "{from}");
        assert!(seal::check(&sealed.text.replacen(from, to, 1)).is_err(), "{from} as {to}");
    }
    assert!(seal::check("").is_err() && seal::check("{\"sha256\":\"ab\"}").is_err());
    let again = assemble(stage.data(), &stage.warning, second(1_600), None, Patience::ENDLESS).unwrap().unwrap();
    assert_eq!(again.text, sealed.text, "the same again gives the same text");
}

#[test]
fn what_is_missing_is_said() {
    let stage = Stage::played();
    assert!(assemble(stage.data(), "RE-0102~9.9", second(1_600), None, Patience::ENDLESS).unwrap().is_none());
    // Another warning of which the id is a part.
    let short = &stage.warning[..stage.warning.len() - 1];
    assert!(assemble(stage.data(), short, second(1_600), None, Patience::ENDLESS).unwrap().is_none());

    let early =
        read(&assemble(stage.data(), &stage.warning, second(1_410), None, Patience::ENDLESS).unwrap().unwrap().text);
    assert!(early.notes.iter().any(|note| note.contains("before the time was over")), "{:?}", early.notes);

    std::fs::remove_file(stage.data().join("recording.db")).unwrap();
    let packet =
        read(&assemble(stage.data(), &stage.warning, second(1_600), None, Patience::ENDLESS).unwrap().unwrap().text);
    assert!(packet.notes.iter().any(|note| note.contains("no values and no sights")), "{:?}", packet.notes);
    assert!(packet.notes.iter().all(|note| !note.contains(&stage.data().display().to_string())), "{:?}", packet.notes);
    assert!(packet.samples.is_empty() && !packet.alarms.rows.is_empty());
    assert_eq!(packet.people.len(), 2, "whom the warning names in a zone is still known: {:?}", packet.people);
}

#[test]
fn what_there_was_no_time_for_is_said() {
    let stage = Stage::played();
    let hurried = on_request(stage.data(), &stage.warning, Patience::of(Duration::ZERO)).unwrap().unwrap();
    let packet = read(&hurried);
    assert!(seal::check(&hurried).is_ok() && packet.warning.id.as_str() == stage.warning);
    for what in
        ["the journal is read until", "the journal before", "values and sights from", "the last values from before"]
    {
        let said = |note: &String| note.contains(what) && note.contains("`davy evidence`");
        assert!(packet.notes.iter().any(said), "{what}: {:?}", packet.notes);
    }
    assert!(packet.alarms.rows.is_empty() && packet.samples.iter().all(|tag| tag.points.is_empty()));
    let calm = on_request(stage.data(), &stage.warning, Patience::of(Duration::from_secs(3_600))).unwrap().unwrap();
    assert!(!read(&calm).alarms.rows.is_empty() && !calm.contains("no time"));
}

#[test]
fn an_answer_comes_in_time_and_does_not_say_where_the_files_are() {
    let stage = Stage::played();
    let row = Row { utc: second(1_500), kind: "warning", body: "{}".to_owned() };
    stage.commit(vec![row; limits::EVIDENCE_PAGE_ROWS]);
    assert!(answer(stage.data(), &stage.warning).unwrap().is_some());
    let late = on_request(stage.data(), &stage.warning, Patience::of(Duration::ZERO)).unwrap_err().to_string();
    assert!(late.contains("is not found") && late.contains("`davy evidence`"), "{late}");

    let nothing = tempfile::tempdir().unwrap();
    let why = answer(nothing.path(), "RE-0102~1.1").unwrap_err();
    assert!(why.starts_with("open the journal in the data directory: there is no journal"), "{why}");
    assert_eq!(
        without_folder(Path::new("/a/b/"), &"cannot read /a/b/c.db in /a/b"),
        "cannot read c.db in the data directory"
    );
    assert_eq!(without_folder(Path::new("data"), &"read data/c.db, a data file"), "read data/c.db, a data file");
}

#[test]
fn an_open_warning_has_its_packet_too() {
    let mut stage = Stage::new();
    stage.until_the_leak();
    stage.settle();
    let packet = read(&on_request(stage.data(), &stage.warning, Patience::ENDLESS).unwrap().unwrap());
    assert_eq!((packet.closed_at, packet.warning.state), (None, WarningState::Raised));
    assert!(packet.notes.iter().any(|note| note.contains("the warning is open")), "{:?}", packet.notes);
}

#[test]
fn a_kept_file_that_was_changed_is_not_given_out() {
    let mut stage = Stage::played();
    stage.keep(second(1_600));
    let path = folder::path(stage.data(), &stage.warning);
    let kept = std::fs::read_to_string(&path).unwrap();
    assert_eq!(on_request(stage.data(), &stage.warning, Patience::ENDLESS).unwrap().unwrap(), kept);
    let check = |what: &str| {
        let given = on_request(stage.data(), &stage.warning, Patience::ENDLESS).unwrap().unwrap();
        let packet = read(&given);
        assert!(packet.notes[0].contains(what) && seal::check(&given).is_ok(), "{what}: {:?}", packet.notes);
        assert!(!given.contains(&stage.data().display().to_string()), "where it lies is nobody's business: {given}");
    };
    std::fs::write(&path, kept.replacen("30.0", "20.0", 1)).unwrap();
    check("its content does not match");
    let forged = EvidencePacket { notes: vec!["nothing happened".to_owned()], ..read(&kept) };
    std::fs::write(&path, seal::seal(forged).text).unwrap();
    check("another hash");
    std::fs::remove_file(&path).unwrap();
    check("no longer there");
}
