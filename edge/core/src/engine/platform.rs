//! What the enterprise platform asks for by signed commands: as a person on site would, and nothing beyond that. Whatever comes
//! of it is one audit record, which carries the command's id, so that the same command is known when it comes again.

use super::{
    Engine,
    commands::{check_text, describe},
};
use crate::{
    effect::{Answer, Effects, Rejection},
    event::{CommandOutcome, PlatformAsk, PlatformCommand, TicketUpdate},
    record::*,
    time::Now,
};

/// What came of it, beside the audit's own words.
struct Came {
    result: Result<(), Rejection>,
    outcome: CommandOutcome,
    details: Vec<String>,
}

impl Engine {
    pub(super) fn take_platform_command(&mut self, command: PlatformCommand, now: Now, out: &mut Effects) {
        let PlatformCommand { request, by, key, id, kind, issued, sha256, ask } = command;
        let by = format!("platform:{key}/{by}");
        let (came, audit) = match ask {
            PlatformAsk::Command(asked) => {
                let result = check_text("name", &by, true).and_then(|()| self.obey(&by, &asked, now, out));
                (Came::of(result), self.audit(&by, describe(&asked), now))
            }
            PlatformAsk::Ticket(update) => {
                let came = self.take_platform_ticket(&update, now, out);
                (came, self.audit(&by, ("take_ticket", Some(update.id.to_string()), ""), now))
            }
            PlatformAsk::Told { outcome, refused, details } => {
                let action = if kind == RISK_MODEL { "replace_risk_model" } else { "refuse_command" };
                let result = refused.map_or(Ok(()), |words| Err(Rejection::Invalid(words)));
                (Came { result, outcome, details }, self.audit(&by, (action, None, ""), now))
            }
        };
        let Came { result, outcome, details } = came;
        out.records.push(Record::Audit(AuditRecord {
            refused: result.as_ref().err().map(|rejection| rejection.words().to_owned()),
            command: Some(CommandRecord { id, kind, key, issued, sha256, outcome, details }),
            ..audit
        }));
        out.answers.push(Answer { request, result });
    }

    fn take_platform_ticket(&mut self, update: &TicketUpdate, now: Now, out: &mut Effects) -> Came {
        let before = out.records.len();
        self.take_ticket(update, now, out);
        let mut came = Came::of(Ok(()));
        if out.records.len() == before {
            came.details.push("nothing changed: the same, or something newer, is known of the ticket".to_owned());
        }
        came
    }
}

/// The kind whose commands are carried out on the configuration's files.
const RISK_MODEL: &str = "risk_model";

impl Came {
    fn of(result: Result<(), Rejection>) -> Self {
        let outcome = match &result {
            Ok(()) => CommandOutcome::Done,
            Err(Rejection::Invalid(_)) => CommandOutcome::Invalid,
            Err(Rejection::NotFound(_) | Rejection::Conflict(_)) => CommandOutcome::Refused,
        };
        Self { result, outcome, details: Vec::new() }
    }
}
