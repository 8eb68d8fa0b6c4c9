//! The certificates of the field side: `davy trust`, `davy certificate`, and what page, journal and engine hear of them.

mod command;

pub(crate) use command::{certificate, decide, name, trust};

use crate::{clock, limits};
use davy_api::{Certificates, Refusal, Request};
use davy_core::{
    effect::Rejection,
    event::{CertificateDecision, CommandKind, Event},
    health::CertificateView,
};
use davy_field::{Act, Pki, PkiError};
use std::{path::PathBuf, sync::Arc};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;

/// What the page may see and decide.
pub(crate) struct ForPage(pub(crate) Arc<Pki>);

impl Certificates for ForPage {
    fn list(&self) -> Result<Vec<CertificateView>, String> {
        self.0.list().map_err(String::from)
    }

    fn consider(&self, decision: CertificateDecision, fingerprint: &str, by: &str) -> Result<CommandKind, Rejection> {
        match self.0.consider(decision, fingerprint, by, clock::utc()) {
            Ok(act) => Ok(note(&act)),
            Err(PkiError::Unknown(words)) => Err(Rejection::NotFound(words)),
            Err(PkiError::Senseless(words) | PkiError::Folder(words)) => Err(Rejection::Conflict(words)),
        }
    }

    fn carry_out(&self, decision: CertificateDecision, fingerprint: &str, by: &str) -> Result<(), String> {
        let act = self.0.consider(decision, fingerprint, by, clock::utc())?;
        Ok(self.0.carry_out(&act)?)
    }
}

fn note(act: &Act) -> CommandKind {
    CommandKind::DecideCertificate { decision: act.decision, sha256: act.sha256.clone(), subject: act.subject.clone() }
}

/// Tells the journal what was decided on the command line, and the engine which certificate ends first.
pub(crate) struct Teller {
    pub(crate) pki: Arc<Pki>,
    pub(crate) commands: mpsc::Sender<Request>,
    pub(crate) inbox: mpsc::Sender<Event>,
}

impl Teller {
    /// Looks now and again until told to stop.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let work = async {
            let mut look = interval(limits::CERTIFICATES_LOOK);
            look.set_missed_tick_behavior(MissedTickBehavior::Delay);
            // That none is in use is no news before the connections have had time to be made.
            let (mut told, mut told_at) = (None, Instant::now());
            loop {
                look.tick().await;
                self.tell_decisions().await;
                let first = self.pki.ends_first(clock::utc());
                let sha256 = first.as_ref().map(|end| end.sha256.clone());
                if sha256 != told || told_at.elapsed() >= limits::SELF_CHECK {
                    (told, told_at) = (sha256, Instant::now());
                    // The loop has ended when nobody takes it.
                    drop(self.inbox.send(Event::Certificates(first)).await);
                }
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = work => {}
        }
    }

    async fn tell_decisions(&self) {
        let pki = Arc::clone(&self.pki);
        let untold = tokio::task::spawn_blocking(move || pki.untold()).await;
        let untold = match untold {
            Ok(Ok(untold)) => untold,
            Ok(Err(error)) => return tracing::warn!(%error, "decisions about certificates cannot be read"),
            Err(error) => return tracing::warn!(%error, "decisions about certificates could not be looked at"),
        };
        for (path, act) in untold {
            // A gateway that ends in between tells it once more after its start: better twice than never.
            if on_record(&self.commands, &act.by, note(&act)).await {
                self.forget(path).await;
            }
        }
    }

    async fn forget(&self, path: PathBuf) {
        let pki = Arc::clone(&self.pki);
        if let Ok(Err(error)) = tokio::task::spawn_blocking(move || pki.told(&path)).await {
            tracing::warn!(%error, "a decision about a certificate will be on record twice");
        }
    }
}

/// Puts on record what was done elsewhere; whether it is there.
pub(crate) async fn on_record(commands: &mpsc::Sender<Request>, by: &str, kind: CommandKind) -> bool {
    let (answer, answered) = oneshot::channel();
    if commands.send(Request { by: by.to_owned(), kind, answer }).await.is_err() {
        return false;
    }
    match timeout(limits::WRITE_MAX, answered).await {
        Ok(Ok(Ok(()) | Err(Refusal::NotDurable(_)))) => true,
        Ok(Ok(Err(Refusal::Rejected(rejection)))) => {
            tracing::warn!(why = rejection.words(), by, "what was done elsewhere is on record as refused");
            true
        }
        Ok(Err(_)) | Err(_) => false,
    }
}
