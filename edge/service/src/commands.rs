//! What the enterprise platform asks for: one command after the other, each done at most once and answered with the same for ever.
//!
//! Why that holds, whenever the power goes. What a command did and the audit that names it are one group of the journal, which is
//! on the disk whole or not at all; that the command is known follows from the audit's row by a trigger, in the same
//! transaction; the receipt is made of that row alone, and sent after it is there. So a gateway that is killed before the
//! commit has not done the command, as far as it will ever know: the platform, without a receipt, sends it again, and it is
//! done. Killed after the commit it has done it and knows so: the platform sends it again and gets the receipt.
//! Between the engine and the disk there is one command at most, because the next is looked at when this one is settled; so
//! none can be asked twice in between either. A risk model is on the disk before its audit. Killed between the two the gateway
//! starts with it; the same comes again, changes nothing, and is answered. One that is older than the one in force by its own
//! word is refused, so what comes late puts nothing back.

pub(crate) mod model;
mod ticket;

use ticket::resolve;

use crate::{journal::Asker, limits};
use davy_api::{JournalHealth, Refusal};
use davy_core::{
    event::{CommandOutcome, PlatformAsk, PlatformCommand},
    model::Site,
    time::UtcTime,
};
use davy_store::{Seen, Store};
use davy_uplink::commands::{
    Claimed, Order, Receipt,
    asks::{Ask, RiskModelAsk},
    claims::NotAsked,
};
use model::Told;
use std::sync::Arc;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::sleep,
};

/// What the loop is asked by the desk.
pub(crate) enum Asked {
    /// To do a command, and to put on record what came of it.
    Command {
        command: Box<Claimed>,
        /// What came of it where that is known already.
        told: Option<Told>,
        answer: Asker,
    },
    /// To answer when everything before it is on the disk.
    Settled(Asker),
}

/// A risk model that is to be put in force.
pub(crate) struct Push {
    /// The person on the platform.
    pub(crate) by: String,
    pub(crate) model: RiskModelAsk,
    pub(crate) answer: oneshot::Sender<Told>,
}

/// Who takes the commands of all uplinks.
pub(crate) struct Desk {
    pub(crate) orders: mpsc::Receiver<Order>,
    pub(crate) asked: mpsc::Sender<Asked>,
    pub(crate) pushes: mpsc::Sender<Push>,
    pub(crate) store: Store,
    pub(crate) journal: watch::Receiver<JournalHealth>,
    /// Whether a time service sets the wall clock; `None` when nobody knows.
    pub(crate) synchronised: Arc<dyn Fn() -> Option<bool> + Send + Sync>,
}

/// The gateway stops, or its journal cannot be read: the command gets no receipt.
struct Unanswered;

impl Desk {
    /// Works until nobody is left who could ask.
    pub(crate) async fn run(mut self) {
        while let Some(Order { command, answer }) = self.orders.recv().await {
            if let Ok(receipt) = self.take(command).await {
                // An uplink that has ended meanwhile is no loss: the platform asks again.
                drop(answer.send(receipt));
            }
        }
    }

    async fn take(&mut self, mut command: Claimed) -> Result<Receipt, Unanswered> {
        // While nothing reaches the disk nothing could be answered, and what was done could be forgotten.
        self.journal.wait_for(|health| health.durable).await.map_err(|_| Unanswered)?;
        let seen = self.look(&command.id).await?;
        if seen.known.is_some() {
            return receipt(seen, &command);
        }
        if may_be_forgotten(&seen, &command) {
            command.ask = Err(forgotten());
        }
        self.say_clock(&mut command);
        let told = self.carry_out(&command).await?;
        let (id, kept) = (command.id.clone(), command.clone());
        let (answer, answered) = oneshot::channel();
        self.asked.send(Asked::Command { command: Box::new(command), told, answer }).await.map_err(|_| Unanswered)?;
        match answered.await {
            Ok(Ok(()) | Err(Refusal::Rejected(_))) => {}
            Ok(Err(Refusal::NotDurable(_))) => self.settle().await?,
            Err(_) => return Err(Unanswered),
        }
        receipt(self.look(&id).await?, &kept)
    }

    /// Waits until whatever was asked before is on the disk, or has been given up with a gap record: only then it is known which.
    async fn settle(&mut self) -> Result<(), Unanswered> {
        loop {
            self.journal.wait_for(|health| health.durable).await.map_err(|_| Unanswered)?;
            let (answer, answered) = oneshot::channel();
            self.asked.send(Asked::Settled(answer)).await.map_err(|_| Unanswered)?;
            match answered.await {
                Ok(Err(Refusal::NotDurable(_))) => sleep(limits::WRITE_RETRY).await,
                Ok(Ok(()) | Err(Refusal::Rejected(_))) => return Ok(()),
                Err(_) => return Err(Unanswered),
            }
        }
    }

    async fn look(&self, id: &str) -> Result<Seen, Unanswered> {
        self.store.command(id).await.map_err(|error| {
            tracing::error!(event = "command_not_looked_up", id, %error);
            Unanswered
        })
    }

    /// What is not the engine's to do.
    async fn carry_out(&self, command: &Claimed) -> Result<Option<Told>, Unanswered> {
        match &command.ask {
            Ok(Ask::Command(_) | Ask::Ticket(_)) => Ok(None),
            Ok(Ask::RiskModel(model)) => self.push(command, model).await.map(Some),
            Err(not_asked) => Ok(Some(of(not_asked))),
        }
    }

    async fn push(&self, command: &Claimed, model: &RiskModelAsk) -> Result<Told, Unanswered> {
        let newest = self.store.command_done_last(&command.kind).await.map_err(|error| {
            tracing::error!(event = "command_not_looked_up", id = command.id, %error);
            Unanswered
        })?;
        if let Some(newest) = newest.filter(|newest| *newest > command.issued.to_string()) {
            return Ok(Told::refused(format!(
                "a risk model that was issued later, {newest}, is in force; send the one that is to be in force with a new iat"
            )));
        }
        let (answer, answered) = oneshot::channel();
        self.pushes
            .send(Push { by: command.by.clone(), model: model.clone(), answer })
            .await
            .map_err(|_| Unanswered)?;
        answered.await.map_err(|_| Unanswered)
    }

    /// A refusal by a clock that is known to be wrong says so.
    fn say_clock(&self, command: &mut Claimed) {
        let Err(not_asked) = &mut command.ask else { return };
        if not_asked.by_clock && (self.synchronised)() == Some(false) {
            not_asked
                .reason
                .push_str("; this gateway's clock is not set by any time service and may be wrong: mend that first");
        }
    }
}

/// A command as the engine is told it, under the places in force.
pub(crate) fn for_engine(
    command: Claimed,
    told: Option<Told>,
    site: &Site,
    (request, now): (u64, UtcTime),
) -> PlatformCommand {
    let Claimed { id, key, by, kind, issued, sha256, ask } = command;
    let told = told.map(|Told { outcome, refused, details }| PlatformAsk::Told { outcome, refused, details });
    let ask = told.unwrap_or_else(|| match ask {
        Ok(Ask::Command(kind)) => PlatformAsk::Command(kind),
        Ok(Ask::Ticket(ticket)) => match resolve(site, *ticket, now) {
            Ok(update) => PlatformAsk::Ticket(Box::new(update)),
            Err(details) => invalid("the ticket names what the gateway's configuration does not have", details),
        },
        // Both are told by the desk.
        Ok(Ask::RiskModel(_)) | Err(_) => invalid("it was not carried out", Vec::new()),
    });
    PlatformCommand { request, by, key, id, kind, issued, sha256, ask }
}

fn invalid(reason: &str, details: Vec<String>) -> PlatformAsk {
    PlatformAsk::Told { outcome: CommandOutcome::Invalid, refused: Some(reason.to_owned()), details }
}

/// The receipt of a command that is known.
fn receipt(seen: Seen, command: &Claimed) -> Result<Receipt, Unanswered> {
    let known = seen.known.ok_or(Unanswered)?;
    let (receipt, before) = Receipt::of_audit(known.seq, &known.body).map_err(|what| {
        tracing::error!(event = "receipt_unreadable", id = command.id, seq = known.seq, what);
        Unanswered
    })?;
    Ok(if before.sha256 == command.sha256 { receipt } else { receipt.reused() })
}

/// RFC 3339 in UTC with milliseconds sorts as text.
fn may_be_forgotten(seen: &Seen, command: &Claimed) -> bool {
    seen.forgotten_until.as_ref().is_some_and(|until| command.issued.to_string() <= *until)
}

fn forgotten() -> NotAsked {
    NotAsked {
        outcome: CommandOutcome::Refused,
        reason: "it was issued before the commands that this gateway still knows, and may have been done already; ask again under a new id with a new iat"
            .to_owned(),
        by_clock: false,
        details: Vec::new(),
    }
}

fn of(not_asked: &NotAsked) -> Told {
    let NotAsked { outcome, reason, details, .. } = not_asked.clone();
    Told { outcome, refused: Some(reason), details }
}
