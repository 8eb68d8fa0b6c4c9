//! What the enterprise platform asks for.

use super::*;
use crate::{
    event::{CommandOutcome, Note, NoteAct, PlatformAsk, PlatformCommand, TicketUpdate},
    record::AuditRecord,
};

fn asked(id: &str, kind: &str, ask: PlatformAsk) -> Event {
    Event::Platform(Box::new(PlatformCommand {
        request: 7,
        by: "李四".to_owned(),
        key: "platform".to_owned(),
        id: id.to_owned(),
        kind: kind.to_owned(),
        issued: UtcTime(1),
        sha256: "ab".to_owned(),
        ask,
    }))
}

/// The audit that follows, and the answer.
fn answered(bench: &mut Bench, event: Event) -> (AuditRecord, bool) {
    let mut effects = Effects::default();
    bench.engine.apply(bench.now, event, &mut effects);
    let audits = effects.records.iter().filter_map(|record| {
        let Record::Audit(audit) = record else { return None };
        Some(audit.clone())
    });
    let audits: Vec<_> = audits.collect();
    assert_eq!((audits.len(), effects.answers.len(), effects.answers[0].request), (1, 1, 7));
    bench.journal.extend(effects.records);
    (audits[0].clone(), effects.answers[0].result.is_ok())
}

#[test]
fn each_is_audited_with_its_id_and_what_came_of_it() {
    let mut bench = Bench::new();
    let unit = bench.engine.site().units[0].id.clone();
    let stop = |reason: &str| {
        let (unit, reason) = (unit.clone(), reason.to_owned());
        PlatformAsk::Command(CommandKind::StopUnit { unit, for_ms: None, reason })
    };
    let ticket = || {
        let update = TicketUpdate::new("DH-1".into(), WorkType("01".to_owned()), bench_time());
        PlatformAsk::Ticket(Box::new(update))
    };
    let told = |refused: Option<&str>, outcome| PlatformAsk::Told {
        outcome,
        refused: refused.map(str::to_owned),
        details: vec!["units: added U9".to_owned()],
    };
    use CommandOutcome::{Done, Invalid, Refused};
    for (kind, ask, action, outcome, details) in [
        ("stop", stop(""), "stop_unit", Invalid, 0),
        ("stop", stop("检修"), "stop_unit", Done, 0),
        ("stop", stop("检修"), "stop_unit", Refused, 0),
        ("ticket", ticket(), "take_ticket", Done, 0),
        ("ticket", ticket(), "take_ticket", Done, 1),
        ("risk_model", told(None, Done), "replace_risk_model", Done, 1),
        ("task", told(Some("no such field"), Invalid), "refuse_command", Invalid, 1),
    ] {
        let (audit, done) = answered(&mut bench, asked("c-1", kind, ask));
        let command = audit.command.expect("it names the command");
        assert_eq!((audit.action.as_str(), audit.by.as_str()), (action, "platform:platform/李四"));
        assert_eq!(
            (command.id.as_str(), command.outcome, command.details.len()),
            ("c-1", outcome, details),
            "{action}"
        );
        assert_eq!((audit.refused.is_none(), done), (outcome == Done, outcome == Done), "{action}");
    }
    let tickets = bench.journal.iter().filter(|record| matches!(record, Record::Ticket(_))).count();
    assert_eq!(tickets, 1, "the same again says nothing");
}

fn bench_time() -> UtcTime {
    UtcTime(1_795_392_000_000)
}

#[test]
fn commands_of_nobody_known_are_on_record() {
    let mut bench = Bench::new();
    let kind =
        CommandKind::NoteUnauthenticated { uplink: "enterprise".into(), count: 3, reason: "no such key".to_owned() };
    bench.apply(Event::Command(Command { request: 0, by: "davy".to_owned(), kind }));
    let Some(Record::Audit(audit)) = bench.journal.last() else { panic!("an audit is last") };
    let said = (audit.action.as_str(), audit.object.as_deref(), audit.note.as_str());
    assert_eq!(said, ("note_unauthenticated", Some("enterprise/3"), "no such key"));
}

#[test]
fn what_happens_to_users_is_on_record_with_before_and_after() {
    let mut bench = Bench::new();
    let note = |note: &str| Note {
        act: NoteAct::ChangeRole,
        object: Some("陈静".to_owned()),
        before: Some("viewer".to_owned()),
        after: Some("operator".to_owned()),
        note: note.to_owned(),
    };
    for (words, refused) in [("调岗".to_owned(), false), ("长".repeat(501), true)] {
        let kind = CommandKind::Note(note(&words));
        bench.apply(Event::Command(Command { request: 0, by: "李工".to_owned(), kind }));
        let Some(Record::Audit(audit)) = bench.journal.last() else { panic!("an audit is last") };
        let said = (audit.by.as_str(), audit.action.as_str(), audit.object.as_deref());
        assert_eq!(said, ("李工", "change_role", Some("陈静")));
        assert_eq!((audit.before.as_deref(), audit.after.as_deref()), (Some("viewer"), Some("operator")));
        assert_eq!(audit.refused.is_some(), refused, "{}", audit.note);
    }
}
