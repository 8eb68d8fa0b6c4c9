//! The page and the API: REST, event stream, metrics. An observer: it reads snapshots, health and journal, and can only
//! send commands back through the loop. It must never hold domain state, decide anything about an alarm, or answer whom it does
//! not know more than that it is there. Each route says what it needs, and one middleware looks at it.
//!
//! Wire types live here; records, snapshots and health go out as the core serialises them. Every error is
//! `application/problem+json` with a stable `code`.

mod access;
mod app;
mod board;
mod certificates;
mod commands;
mod configuration;
mod connections;
mod evidence;
mod extract;
mod figures;
mod guard;
mod indicators;
mod journal;
mod limits;
mod lists;
mod look;
mod loop_check;
mod logs;
mod map;
mod metrics;
mod openapi;
mod page;
mod paging;
mod parked;
mod probes;
mod problem;
mod progress;
mod prometheus;
mod resources;
mod routes;
mod rows;
mod rules;
mod session;
mod sections;
mod server;
mod stream;
mod signer;
mod system;
mod table_csv;
mod tls;
mod tokens;
mod trends;
mod updates;
mod upkeep;
mod users;
mod validator;
mod wear;

pub use access::{Access, Clock};
pub use board::{Board, BoardTest};
pub use certificates::Certificates;
pub use configuration::{
    Apply, AskWhatIf, ConfigChecked, ConfigFiles, ConfigRefusal, ConfigState, ConfigVersion, Configurations,
    DifferenceLine, Edit, FileDifference, Finding, FolderState, How, NewSource, Password, PointsFormat, PointsHeader,
    Proposal, SourceKeys, Wanted, WhatIf, WhatIfState,
};
pub use logs::{LogLevel, LogLine, Logs};
pub use look::{
    Bit, BrowseAsk, Chosen, Endpoint, FoundNode, Group, Level, LookFailure, LookUser, Looking, Looks, Node, NodeValue,
    NodeVariable, OfferedRow, OffersAsk, Order, ProposeAsk, ReadAsk, Readings, Registers, ShownCertificate,
    SourceOffers, Where, Which, Word, Wording,
};
pub use loop_check::{LoopCheck, LoopPoint, LoopResult, LoopRow, LoopSheet, SheetFormat};
pub use map::{MapCamera, MapZone, Plan, SiteMap};
pub use resources::{DiskUse, InboxUse, ResourceSample, Resources};
pub use server::serve;
pub use table_csv::table_csv;
pub use tls::{PageCertificate, Tls};
pub use updates::{ReceivedRelease, Receiving, ReleaseOutcome, SYNC_BYTES, UpdateRefusal, UpdateState, Updates};
pub use upkeep::{BundlePart, LastBackup, MadeFile, Names, NotMade, Upkeep};

use davy_core::{
    effect::Rejection,
    event::CommandKind,
    health::{PanelHealth, SourceHealth, UplinkHealth},
    indicators::Indicators,
    model::{Gateway, Site, Source, Uplink},
    snapshot::Snapshot,
    time::UtcTime,
};
use davy_store::{Store, history::History};
use serde::Serialize;
use std::{borrow::Cow, sync::Arc};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

/// What the page and the API look at, and where commands go.
#[derive(Clone)]
pub struct Context {
    /// The wall clock.
    pub utc: fn() -> UtcTime,
    /// The live state; replaced by the loop at most ten times a second.
    pub snapshot: watch::Receiver<Arc<Snapshot>>,
    /// How each source is doing.
    pub sources: Vec<(Source, watch::Receiver<SourceHealth>)>,
    /// How each uplink is doing.
    pub uplinks: Vec<(Uplink, watch::Receiver<UplinkHealth>)>,
    /// Commands on their way to the loop; when it is full they are refused with 503.
    pub commands: mpsc::Sender<Request>,
    /// What is in force, the master alarm table in it.
    pub site: Arc<Site>,
    /// The site as a map.
    pub map: Arc<SiteMap>,
    /// The journal, for reading.
    pub store: Store,
    /// The history of the tags, where there is one.
    pub history: Option<History>,
    /// Who this gateway is.
    pub identity: Identity,
    /// The indicators of the site, with nothing counted yet.
    pub indicators: Indicators,
    /// Whether the journal reaches the disk.
    pub journal: watch::Receiver<JournalHealth>,
    /// How lamp, horn, relays and watchdogs are doing.
    pub panel: watch::Receiver<Arc<PanelHealth>>,
    /// The box that has them.
    pub board: Arc<dyn Board>,
    /// What the simulated plant is up to; only in the demo.
    pub demo: Option<watch::Receiver<Demo>>,
    /// The evidence of a warning.
    pub evidence: EvidenceOf,
    /// Who may do what.
    pub access: Access,
    /// Both clocks, for sessions and tokens.
    pub clock: Clock,
    /// The certificate to show to the next connection; without one the page is served in the clear. With it a session's cookie is for
    /// such connections only.
    pub tls: Option<watch::Receiver<Tls>>,
    /// What the gateway is called, besides the addresses that it has: host names and addresses without a port.
    pub names: Vec<String>,
    /// The certificates of the field side.
    pub certificates: Arc<dyn Certificates>,
    /// What looks at the field for a person who commissions.
    pub looks: Arc<dyn Looks>,
    /// The sheet of the loop check.
    pub loops: Arc<dyn LoopSheet>,
    /// The configuration: what is in force, and how it changes.
    pub configurations: Arc<dyn Configurations>,
    /// What process and box have in use.
    pub resources: watch::Receiver<Arc<Resources>>,
    /// The newest lines of the log.
    pub logs: Arc<Logs>,
    /// Backups and support bundles.
    pub upkeep: Arc<dyn Upkeep>,
    /// Updates of the gateway itself.
    pub updates: Arc<dyn Updates>,
    /// The page's files by path; the path `/` is the page itself.
    pub page: fn(&str) -> Option<PageFile>,
    /// Ends everything.
    pub stop: CancellationToken,
}

/// Gives the evidence of a warning as JSON text: `None` when there is no such warning, else why it cannot be put together. It
/// reads the disk and may take seconds.
pub type EvidenceOf = Arc<dyn Fn(&str) -> Result<Option<String>, String> + Send + Sync>;

/// Who this gateway is and since when it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// As configured.
    pub gateway: Gateway,
    /// The journal's epoch.
    pub epoch: u32,
    /// The version of the product.
    pub version: &'static str,
    /// When this process started.
    pub started_at: UtcTime,
    /// The kind of board.
    pub board: String,
}

/// A command from the page. The loop answers when its audit record is on the disk.
#[derive(Debug)]
pub struct Request {
    /// Who asks.
    pub by: String,
    /// What for.
    pub kind: CommandKind,
    /// Where the answer goes.
    pub answer: oneshot::Sender<Result<(), Refusal>>,
}

/// Why a command was not carried out, or not durably.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It makes no sense: 404, 409 or 422 by the kind of the rejection.
    Rejected(Rejection),
    /// It was carried out and is not on the disk yet, and why: 503.
    NotDurable(String),
}

/// Whether what happens reaches the disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JournalHealth {
    /// Whether the last write succeeded.
    pub durable: bool,
    /// Why not, in words for a person; empty while durable.
    pub detail: String,
}

/// What the simulated plant is up to, in the shape that the page expects.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Demo(pub serde_json::Value);

/// A file of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageFile {
    /// The contents.
    pub bytes: Cow<'static, [u8]>,
    /// The value of `Content-Type`.
    pub content_type: String,
    /// A strong validator with its quotes.
    pub etag: String,
    /// Whether the contents under this name never change.
    pub immutable: bool,
}
