//! A look at the field by a person who commissions: what a server offers, its nodes, values, registers. It opens connections, reads,
//! and ends them; nothing is kept but the certificate that a server shows, which is listed for a decision.

mod asks;
mod gives;

pub use asks::{BrowseAsk, FoundNode, OffersAsk, ProposeAsk, ReadAsk, Where, Which};
pub use gives::{
    Bit, Chosen, Endpoint, Group, Level, LookUser, Node, NodeValue, NodeVariable, OfferedRow, Order, Readings,
    Registers, ShownCertificate, SourceOffers, Word, Wording,
};

use crate::{
    app::App,
    extract::Body,
    limits,
    problem::{Kind, Problem},
};
use asks::{AskedBrowse, AskedOffers, AskedPropose, AskedRead};
use axum::{Json, extract::State};
pub(crate) use gives::ProposedRows;
use std::{future::Future, pin::Pin, sync::Arc};
use tokio::time::timeout;

/// What a look comes to; whoever no longer waits for it drops it, and its connection with it.
pub type Looking<T> = Pin<Box<dyn Future<Output = Result<T, LookFailure>> + Send>>;

/// What looks at the field. It can only read there.
pub trait Looks: Send + Sync {
    /// How a server or device may be connected to, and who it is.
    fn offers(&self, ask: OffersAsk) -> Looking<SourceOffers>;

    /// A part of the nodes of an OPC UA server.
    fn browse(&self, ask: BrowseAsk) -> Looking<Level>;

    /// Values of nodes, or registers of a Modbus device.
    fn read(&self, ask: ReadAsk) -> Looking<Readings>;

    /// Rows of the point table for what was found.
    fn propose(&self, ask: ProposeAsk) -> Looking<Vec<OfferedRow>>;
}

/// Why a look came to nothing, in words that say what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookFailure {
    /// The configuration in force has no such source: 404.
    NoSuchSource(String),
    /// It makes no sense for such a source: 422.
    Senseless(String),
    /// What is looked at does not answer, or does not let the gateway in: 424.
    Unreachable(String),
}

type Given<T> = Result<Json<T>, Problem>;

pub(crate) async fn offers(State(app): State<Arc<App>>, Body(asked): Body<AskedOffers>) -> Given<SourceOffers> {
    let ask = asked.checked()?;
    look(&app, |looks| looks.offers(ask)).await.map(Json)
}

pub(crate) async fn browse(State(app): State<Arc<App>>, Body(asked): Body<AskedBrowse>) -> Given<Level> {
    let ask = asked.checked()?;
    look(&app, |looks| looks.browse(ask)).await.map(Json)
}

pub(crate) async fn read(State(app): State<Arc<App>>, Body(asked): Body<AskedRead>) -> Given<Readings> {
    let ask = asked.checked()?;
    look(&app, |looks| looks.read(ask)).await.map(Json)
}

pub(crate) async fn propose(State(app): State<Arc<App>>, Body(asked): Body<AskedPropose>) -> Given<ProposedRows> {
    let ask = asked.checked()?;
    look(&app, |looks| looks.propose(ask)).await.map(|rows| Json(ProposedRows { rows }))
}

/// A few at a time, and none for ever: connections are dear, to this gateway and to whoever is looked at.
async fn look<T>(app: &App, looking: impl FnOnce(&dyn Looks) -> Looking<T>) -> Result<T, Problem> {
    let Ok(_permit) = app.looks.try_acquire() else {
        return Err(Kind::LooksFull.with(format!("{} looks are under way", limits::LOOKS_AT_ONCE)));
    };
    match timeout(limits::LOOK_MAX, looking(app.context.looks.as_ref())).await {
        Ok(done) => Ok(done?),
        Err(_) => {
            Err(Kind::LookTimedOut.with(format!("there was no whole answer within {} s", limits::LOOK_MAX.as_secs())))
        }
    }
}

impl From<LookFailure> for Problem {
    fn from(failure: LookFailure) -> Self {
        match failure {
            LookFailure::NoSuchSource(id) => Kind::NoSuchSource.with(format!("no source {id} is in force")),
            LookFailure::Senseless(words) => Kind::Invalid.with(words),
            LookFailure::Unreachable(words) => Kind::Unreachable.with(words),
        }
    }
}
