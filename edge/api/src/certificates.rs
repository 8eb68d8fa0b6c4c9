//! The certificates of the field side: who is trusted, and a person's decision about it.

use crate::{
    access::Caller,
    app::App,
    commands::Signed,
    extract::{Body, Id},
    paging::{Paging, page},
    problem::{Kind, Problem},
};
use axum::{extract::State, http::StatusCode, response::Response};
use davy_core::{
    effect::Rejection,
    event::{CertificateDecision, CommandKind},
    health::CertificateView,
};
use std::sync::Arc;

/// Where the certificates are kept. Everything here reads or writes the disk.
pub trait Certificates: Send + Sync {
    /// Every certificate.
    ///
    /// # Errors
    /// Why they cannot be read, in words for a person.
    fn list(&self) -> Result<Vec<CertificateView>, String>;

    /// The command that puts a decision on record, if it can be decided. Nothing is done yet.
    ///
    /// # Errors
    /// Why not.
    fn consider(&self, decision: CertificateDecision, fingerprint: &str, by: &str) -> Result<CommandKind, Rejection>;

    /// Carries a decision out.
    ///
    /// # Errors
    /// Why it cannot, in words for a person.
    fn carry_out(&self, decision: CertificateDecision, fingerprint: &str, by: &str) -> Result<(), String>;
}

type Done = Result<StatusCode, Problem>;

pub(crate) async fn list(State(app): State<Arc<App>>, paging: Paging) -> Result<Response, Problem> {
    let rows = off_the_loop(&app, |certificates| certificates.list()).await?.map_err(unreadable)?;
    Ok(page(&rows, |row| row.facts.sha256.as_str(), &paging))
}

pub(crate) async fn trust(State(app): State<Arc<App>>, who: Caller, Id(id): Id, Body(body): Body<Signed>) -> Done {
    decide(&app, CertificateDecision::Trust, id, who.sign(body.by)?).await
}

pub(crate) async fn reject(State(app): State<Arc<App>>, who: Caller, Id(id): Id, Body(body): Body<Signed>) -> Done {
    decide(&app, CertificateDecision::Reject, id, who.sign(body.by)?).await
}

pub(crate) async fn remove(State(app): State<Arc<App>>, who: Caller, Id(id): Id, Body(body): Body<Signed>) -> Done {
    decide(&app, CertificateDecision::Remove, id, who.sign(body.by)?).await
}

/// On record first, so that nobody is ever trusted without a name.
async fn decide(app: &Arc<App>, decision: CertificateDecision, id: String, by: String) -> Done {
    let (asked, name) = (id.clone(), by.clone());
    let command = off_the_loop(app, move |certificates| certificates.consider(decision, &asked, &name)).await?;
    let command = command.map_err(|rejection| Problem::from(crate::Refusal::Rejected(rejection)))?;
    let done = app.ask(by.clone(), command).await?;
    off_the_loop(app, move |certificates| certificates.carry_out(decision, &id, &by)).await?.map_err(unreadable)?;
    Ok(done)
}

async fn off_the_loop<T: Send + 'static>(
    app: &Arc<App>,
    work: impl FnOnce(&dyn Certificates) -> T + Send + 'static,
) -> Result<T, Problem> {
    let certificates = Arc::clone(&app.context.certificates);
    let work = tokio::task::spawn_blocking(move || work(certificates.as_ref())).await;
    work.map_err(|_| Kind::Internal.with("the work on the certificates was broken off"))
}

fn unreadable(why: String) -> Problem {
    Kind::CertificatesUnreadable.with(why)
}
