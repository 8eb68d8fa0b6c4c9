//! The one table of routes: the router and the OpenAPI document are both made from it.

mod bounds;

use crate::{
    access, app::App, board, certificates, commands, configuration, evidence, figures, guard, journal, lists, logs,
    look, loop_check, map, metrics, openapi, page, parked, probes, problem, problem::Kind, progress, resources, rules,
    session, stream, system, tokens, trends, updates, upkeep, users,
};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{from_fn, from_fn_with_state},
    routing::{MethodRouter, get, post},
};
use davy_access::{Needs, Permission};
use std::{convert::Infallible, sync::Arc};
use tower_http::{
    limit::RequestBodyLimitLayer,
    set_header::SetResponseHeaderLayer,
    timeout::TimeoutLayer,
    trace::{DefaultMakeSpan, DefaultOnFailure, DefaultOnRequest, DefaultOnResponse, TraceLayer},
};
use tracing::Level;

type Handler = fn() -> MethodRouter<Arc<App>>;

/// A route and what the document says of it.
pub(crate) struct Route {
    pub(crate) path: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) takes: Takes,
    pub(crate) gives: Gives,
    pub(crate) needs: Needs,
    handler: Handler,
}

/// What a route takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// `GET`, nothing.
    Nothing,
    /// `GET`, which page.
    Paging,
    /// `GET`, which page and which kind.
    PagingOfKind,
    /// `GET`, which page of what is in the journal.
    PagingOfJournal,
    /// `GET`, which page of which lines of the log.
    PagingOfLog,
    /// `GET`, which page, or the whole as a file.
    PagingOrFile,
    /// `GET`, which page, or the whole as a file or for paper.
    PagingOrSheet,
    /// `GET`, how many days.
    Days,
    /// `GET`, from when until when.
    Span,
    /// `GET`, what of the stream.
    Following,
    /// `GET`, which kind of file, with headers in which language.
    PointTable,
    /// `POST`, a body of this schema.
    Command(&'static str),
    /// `POST`, a file of this media type.
    Upload(&'static str),
}

/// What a route gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gives {
    /// A page of this schema.
    Page(&'static str),
    /// A page of this schema, or the whole as a file of comma-separated values.
    Table(&'static str),
    /// A page of this schema, or the whole as a file of comma-separated values or for paper.
    Sheet(&'static str),
    /// An object of this schema.
    Object(&'static str),
    /// Server-sent events.
    Events,
    /// Prometheus text.
    Metrics,
    /// A picture of points.
    Picture,
    /// A file for spreadsheet programs.
    Spreadsheet,
    /// A file of this media type, to be saved.
    File(&'static str),
    /// 204.
    Nothing,
}

use Gives::{Events, File, Metrics, Object, Page, Picture, Sheet, Spreadsheet, Table};
use Takes::{
    Command, Days, Following, Nothing, Paging, PagingOfJournal, PagingOfKind, PagingOfLog, PagingOrFile, PagingOrSheet,
    PointTable, Span, Upload,
};

const fn reads(
    path: &'static str,
    needs: Needs,
    takes: Takes,
    gives: Gives,
    summary: &'static str,
    handler: Handler,
) -> Route {
    Route { path, summary, takes, gives, needs, handler }
}

const fn asks(path: &'static str, needs: Needs, body: &'static str, summary: &'static str, handler: Handler) -> Route {
    Route { path, summary, takes: Command(body), gives: Gives::Nothing, needs, handler }
}

/// A command that gives something back.
const fn gets(
    path: &'static str,
    needs: Needs,
    body: &'static str,
    gives: &'static str,
    summary: &'static str,
    handler: Handler,
) -> Route {
    Route { path, summary, takes: Command(body), gives: Object(gives), needs, handler }
}

/// A command that gives a file, which takes as long as it takes.
const fn makes(
    path: &'static str,
    needs: Needs,
    body: &'static str,
    media_type: &'static str,
    summary: &'static str,
    handler: Handler,
) -> Route {
    Route { path, summary, takes: Command(body), gives: File(media_type), needs, handler }
}

const OPEN: Needs = Needs::Nothing;
const OWN: Needs = Needs::Session;
const LIVE: Needs = Needs::May(Permission::Live);
const READ: Needs = Needs::May(Permission::Read);
const RESPOND: Needs = Needs::May(Permission::Respond);
const SHELVE: Needs = Needs::May(Permission::Shelve);
const SUSPEND: Needs = Needs::May(Permission::Suspend);
const REVIEW: Needs = Needs::May(Permission::Review);
const CONFIGURE: Needs = Needs::May(Permission::Configure);
const ADMINISTER: Needs = Needs::May(Permission::Administer);

#[rustfmt::skip]
pub(crate) const ROUTES: &[Route] = &[
    reads("/api/v1/sources", LIVE, Paging, Page("SourceRow"),
        "Sources of the field side and how they are doing", || get(lists::sources)),
    reads("/api/v1/sources/{id}/quarantine", READ, Nothing, Object("Quarantine"),
        "The latest messages of a source that could not be used, newest first, and why", || get(lists::quarantine)),
    reads("/api/v1/tags", LIVE, Paging, Page("TagView"),
        "Every tag with its value, quality and both times", || get(lists::tags)),
    reads("/api/v1/tags/{id}/history", READ, Span, Object("TagHistory"),
        "What is known of a tag in a span of time: every value, or steps with the least and the greatest; gaps are named",
        || get(trends::history)),
    reads("/api/v1/alarms", LIVE, Paging, Page("AlarmRecord"), "Alarms that are not normal", || get(lists::alarms)),
    reads("/api/v1/warnings", LIVE, Paging, Page("WarningRecord"), "Warnings that are not closed", || get(lists::warnings)),
    reads("/api/v1/warnings/{id}/evidence", READ, Nothing, Object("EvidencePacket"),
        "The evidence of a warning, open or closed: the packet that was kept when it closed, or put together now",
        || get(evidence::evidence)),
    reads("/api/v1/units", LIVE, Paging, Page("UnitRecord"), "Risk units with their live colour", || get(lists::units)),
    reads("/api/v1/measures", LIVE, Paging, Page("MeasureRecord"),
        "Control measures and whether they do their work", || get(lists::measures)),
    reads("/api/v1/tasks", READ, Paging, Page("TaskRecord"), "Inspection tasks that are open", || get(lists::tasks)),
    reads("/api/v1/plans", READ, Paging, Page("PlanView"),
        "Recurring inspections and when they fall due next", || get(lists::plans)),
    reads("/api/v1/hazards", READ, Paging, Page("HazardRecord"),
        "Suspected hazards that a person has to decide on or close", || get(lists::hazards)),
    reads("/api/v1/hidden", LIVE, Paging, Page("HiddenRecord"),
        "Rules that annunciate nothing now: shelved, out of service or suppressed by design, by whom, why and until when",
        || get(lists::hidden)),
    reads("/api/v1/rules", READ, PagingOrFile, Table("RuleView"),
        "The master alarm table in force: every rule with limits, delays, priority, guidance and present state",
        || get(rules::rules)),
    reads("/api/v1/rules/changes", READ, PagingOfJournal, Page("JournalEntry"),
        "The history of the master alarm table, newest first: rows of kind `change`", || get(rules::changes)),
    reads("/api/v1/rules/{id}/changes", READ, PagingOfJournal, Page("JournalEntry"),
        "The history of one rule, newest first; also of one that is no more", || get(rules::changes_of)),
    reads("/api/v1/people", READ, Paging, Page("PersonView"), "Everybody with a known place", || get(lists::people)),
    reads("/api/v1/roster", READ, Paging, Page("RosterRow"),
        "Everybody that the configuration knows, heard of or not", || get(lists::roster)),
    reads("/api/v1/tickets", READ, Paging, Page("TicketRecord"),
        "Special-work tickets that are not finished", || get(lists::tickets)),
    reads("/api/v1/zones", LIVE, Paging, Page("ZoneView"), "Zones and how many people are in them", || get(lists::zones)),
    reads("/api/v1/map", LIVE, Nothing, Object("SiteMap"),
        "Where the zones lie on the local plane, the largest first; it changes with the configuration alone", || get(map::map)),
    reads("/api/v1/map/plan", LIVE, Nothing, Picture, "The plan of the site below them", || get(map::plan)),
    reads("/api/v1/watch", LIVE, Nothing, Object("WatchView"),
        "The alarm system itself: flood, nuisance alarms, silence, clock, disk", || get(system::watch)),
    reads("/api/v1/certificates", READ, Paging, Page("CertificateView"),
        "Certificates of the field side: the gateway's own, those of servers that are trusted, and those that are not",
        || get(certificates::list)),
    reads("/api/v1/config", READ, Nothing, Object("ConfigState"),
        "The configuration in force, how the folder stands to it, and what is odd about it", || get(configuration::state)),
    reads("/api/v1/config/files", READ, Nothing, Object("ConfigFiles"),
        "The files of the configuration in force; no secret is in them", || get(configuration::files)),
    reads("/api/v1/config/points", READ, PointTable, Spreadsheet,
        "The point table in force as a file for spreadsheet programs", || get(configuration::points)),
    reads("/api/v1/config/sources/{id}", READ, Nothing, Object("SourceKeys"),
        "What is written of a source of the configuration in force, key by key", || get(configuration::source)),
    reads("/api/v1/config/versions", READ, Paging, Page("ConfigVersion"),
        "Configurations that were in force, the newest first: by whom, why, by which way", || get(configuration::versions)),
    reads("/api/v1/config/versions/{number}", READ, Nothing, Object("ConfigFiles"),
        "The files of an earlier configuration, and what would change with it", || get(configuration::version)),
    reads("/api/v1/config/what-if", READ, Nothing, Object("WhatIf"),
        "The latest what-if: its progress, then alarms added, removed and moved", || get(configuration::what_if)),
    reads("/api/v1/uplinks", LIVE, Paging, Page("UplinkRow"), "Uplinks and how they are doing", || get(lists::uplinks)),
    reads("/api/v1/uplinks/{id}/progress", LIVE, Nothing, Object("UplinkProgress"),
        "How far each lane of an uplink is, the oldest row that waits, and what the far side has answered over the last day",
        || get(progress::progress)),
    reads("/api/v1/uplinks/{id}/parked", READ, PagingOfJournal, Page("ParkedRow"),
        "Rows that the receiver of an uplink refused, oldest first, why, and when each is tried again", || get(parked::list)),
    reads("/api/v1/journal", READ, PagingOfKind, Page("JournalEntry"),
        "The journal, oldest first; with a kind, an empty page may have a next one", || get(journal::journal)),
    reads("/api/v1/kpi", READ, Days, Object("Figures"),
        "What can be counted in the live state, and the indicators of the last days", || get(figures::kpi)),
    reads("/api/v1/system", LIVE, Nothing, Object("System"), "The gateway itself", || get(system::system)),
    reads("/api/v1/system/resources", READ, Nothing, Object("Resources"),
        "What process and box have in use, now and over the last hours", || get(resources::resources)),
    reads("/api/v1/system/logs", CONFIGURE, PagingOfLog, Page("LogLine"),
        "The gateway's own log as far back as memory holds it, oldest first", || get(logs::logs)),
    makes("/api/v1/system/backup", ADMINISTER, "TakeBackup", upkeep::BACKUP,
        "Take a backup: what `davy backup` writes, for `davy restore`; it holds the gateway's keys", || post(upkeep::backup)),
    reads("/api/v1/updates", READ, Nothing, Object("UpdateState"),
        "Which version runs, which is tried, how the last trial ended, and the file that was sent last", || get(updates::state)),
    reads("/api/v1/updates/upload", ADMINISTER, Upload(updates::RELEASE), Object("UpdateState"),
        "Send the file of a release; it replaces the one that was sent before, and nothing is installed yet",
        || post(updates::receive)),
    gets("/api/v1/updates/install", ADMINISTER, "InstallUpdate", "UpdateState",
        "Install the file that was sent: verified, backed up before, then tried; what does not show that it alarms is rolled back",
        || post(updates::install)),
    makes("/api/v1/system/support-bundle", ADMINISTER, "MakeBundle", upkeep::BUNDLE,
        "Make a support bundle: what whoever looks for a fault needs, without secrets and, unless asked for, without names",
        || post(upkeep::bundle)),
    reads("/api/v1/stream", LIVE, Following, Events,
        "Server-sent events: every section once, then each whenever it has changed, and a beat each second; who comes again gets what has changed since",
        || get(stream::stream)),
    asks("/api/v1/uplinks/{id}/parked/retry", CONFIGURE, "Signed",
        "Try every parked row of an uplink again at once", || post(parked::retry_all)),
    asks("/api/v1/uplinks/{id}/parked/{seq}/retry", CONFIGURE, "Signed",
        "Try a parked row again at once", || post(parked::retry)),
    asks("/api/v1/alarms/{id}/acknowledge", RESPOND, "Signed", "Acknowledge an alarm", || post(commands::acknowledge)),
    asks("/api/v1/alarms/{id}/reset", RESPOND, "Signed",
        "Reset a latched alarm that has returned and is acknowledged", || post(commands::reset)),
    asks("/api/v1/alarms/{id}/shelve", SHELVE, "Shelve",
        "Shelve the rule of an open alarm for a limited time", || post(commands::shelve_alarm)),
    asks("/api/v1/alarms/{id}/unshelve", SHELVE, "Signed",
        "End the shelving of the rule of an open alarm", || post(commands::unshelve_alarm)),
    asks("/api/v1/rules/{id}/shelve", SHELVE, "Shelve",
        "Shelve a rule for a limited time: it is evaluated on and annunciates nothing", || post(commands::shelve_rule)),
    asks("/api/v1/rules/{id}/unshelve", SHELVE, "Signed",
        "End the shelving of a rule: it annunciates anew if its condition holds", || post(commands::unshelve_rule)),
    asks("/api/v1/rules/{id}/out-of-service", SUSPEND, "Reasoned",
        "Take a rule out of service until somebody returns it", || post(commands::out_of_service)),
    asks("/api/v1/rules/{id}/return-to-service", SUSPEND, "Signed",
        "Return a rule to service: it annunciates anew if its condition holds", || post(commands::return_to_service)),
    asks("/api/v1/units/{id}/stop", SUSPEND, "Stop",
        "Open a unit's stop record: its rules are suppressed by design, save those on which lives hang",
        || post(commands::stop)),
    asks("/api/v1/units/{id}/resume", SUSPEND, "Signed", "Close a unit's stop record", || post(commands::resume)),
    asks("/api/v1/horn/silence", RESPOND, "Signed", "Silence the horn for the configured time", || post(commands::silence)),
    asks("/api/v1/tasks/{id}/accept", RESPOND, "Accept", "Take a task", || post(commands::accept)),
    asks("/api/v1/tasks/{id}/finish", RESPOND, "Finish", "Finish a task", || post(commands::finish)),
    asks("/api/v1/tasks/{id}/cancel", RESPOND, "Cancel", "Say that a task is not to be done", || post(commands::cancel)),
    asks("/api/v1/tasks/{id}/attach", RESPOND, "Attach", "Attach a note or a photo to a task", || post(commands::attach)),
    asks("/api/v1/hazards/{id}/review", REVIEW, "Review", "Decide on a suspected hazard", || post(commands::review)),
    asks("/api/v1/certificates/{id}/trust", CONFIGURE, "Signed",
        "Trust a server's certificate, by its SHA-256 or SHA-1; the connection is made at the next attempt",
        || post(certificates::trust)),
    asks("/api/v1/certificates/{id}/reject", CONFIGURE, "Signed",
        "Trust a server's certificate no longer; its connection ends", || post(certificates::reject)),
    asks("/api/v1/certificates/{id}/remove", CONFIGURE, "Signed",
        "Take a server's certificate out of the list; it is listed again when the server shows it",
        || post(certificates::remove)),
    gets("/api/v1/look/offers", CONFIGURE, "LookOffers", "SourceOffers",
        "How a server or device may be connected to, who it is, and what the gateway would take", || post(look::offers)),
    gets("/api/v1/look/browse", CONFIGURE, "LookBrowse", "LookLevel",
        "A part of the nodes of an OPC UA server: those below one, or all variables of a subtree", || post(look::browse)),
    gets("/api/v1/look/read", CONFIGURE, "LookRead", "LookReadings",
        "Values of nodes, or registers of a Modbus device in every byte order", || post(look::read)),
    gets("/api/v1/look/propose", CONFIGURE, "LookPropose", "ProposedRows",
        "Rows of the point table for variables that were found", || post(look::propose)),
    reads("/api/v1/loop-check", READ, PagingOrSheet, Sheet("LoopRow"),
        "The sheet of the loop check: every tag, and what was found at it last", || get(loop_check::sheet)),
    asks("/api/v1/loop-check/{id}", CONFIGURE, "CheckLoop",
        "Write down what was found when the loop of a tag was checked", || post(loop_check::check)),
    gets("/api/v1/config/check", CONFIGURE, "Proposal", "ConfigChecked",
        "Look at changes of the configuration as a whole: errors, oddities, differences; nothing is changed",
        || post(configuration::check)),
    gets("/api/v1/config/apply", CONFIGURE, "ApplyConfiguration", "ConfigVersion",
        "Put changes of the configuration in force, all or none; alarms go on", || post(configuration::apply)),
    gets("/api/v1/config/rollback", CONFIGURE, "RollBackConfiguration", "ConfigVersion",
        "Put an earlier configuration in force again", || post(configuration::roll_back)),
    gets("/api/v1/config/what-if", CONFIGURE, "AskWhatIf", "WhatIf",
        "Play what was recorded through changes of the configuration, beside the gateway", || post(configuration::ask_what_if)),
    gets("/api/v1/config/what-if/stop", CONFIGURE, "Signed", "WhatIf",
        "Stop a what-if that is running", || post(configuration::stop_what_if)),
    asks("/api/v1/board/test", CONFIGURE, "BoardTest",
        "Set outputs of the box for a while; everything is normal again by itself, and at once when there is anything new to show",
        || post(board::begin)),
    asks("/api/v1/board/test/end", CONFIGURE, "Signed", "End whatever is tested, at once", || post(board::end)),
    reads("/api/v1/session", OPEN, Nothing, Object("Session"),
        "Who asks, what he may, and how long his session lasts; also whether the first administrator is still to be made",
        || get(session::session)),
    gets("/api/v1/session/log-in", OPEN, "LogIn", "Session",
        "Log in with name and password; the session comes as a cookie", || post(session::log_in)),
    asks("/api/v1/session/log-out", OWN, "LogOut", "End this session, or all of this user", || post(session::log_out)),
    gets("/api/v1/session/confirm", OWN, "Confirm", "Session",
        "Give the password again in a session that idles", || post(session::confirm)),
    asks("/api/v1/session/activity", OWN, "Nothing",
        "Say that somebody is there; what is only read does not", || post(session::activity)),
    gets("/api/v1/session/password", OWN, "OwnPassword", "Session",
        "Change the own password; every other session of the user ends", || post(session::password)),
    gets("/api/v1/setup", OPEN, "SetUp", "Session",
        "Make the first administrator with the code in `setup-code` of the data folder, once", || post(session::set_up)),
    reads("/api/v1/users", ADMINISTER, Paging, Page("UserView"), "Users and their roles", || get(users::list)),
    asks("/api/v1/users/add", ADMINISTER, "AddUser", "Make a user", || post(users::add)),
    asks("/api/v1/users/{id}/role", ADMINISTER, "ChangeRole", "Give a user another role, at once", || post(users::role)),
    asks("/api/v1/users/{id}/password", ADMINISTER, "ChangePassword",
        "Give a user another password; his sessions end", || post(users::password)),
    asks("/api/v1/users/{id}/remove", ADMINISTER, "Remove", "Take a user out; his sessions end", || post(users::remove)),
    reads("/api/v1/tokens", ADMINISTER, Paging, Page("TokenView"), "Tokens for programs", || get(tokens::list)),
    gets("/api/v1/tokens/add", ADMINISTER, "AddToken", "TokenMade",
        "Make a token; it is given out this once", || post(tokens::add)),
    asks("/api/v1/tokens/{id}/remove", ADMINISTER, "Remove", "Take a token out, at once", || post(tokens::remove)),
    reads("/api/openapi.json", OPEN, Nothing, Object("Document"), "This document", || get(openapi::serve)),
    reads("/healthz", OPEN, Nothing, Object("Status"), "Whether the process lives", || get(probes::alive)),
    reads("/readyz", OPEN, Nothing, Object("Status"),
        "Whether alarms are evaluated and reach the disk", || get(probes::ready)),
    reads("/metrics", READ, Nothing, Metrics, "Metrics for Prometheus", || get(metrics::metrics)),
];

impl Route {
    /// The errors it may answer with, beside those of any request.
    pub(crate) fn problems(&self) -> Vec<Kind> {
        self.refusals().into_iter().chain(self.own_problems()).collect()
    }

    /// Of those who may not.
    fn refusals(&self) -> Vec<Kind> {
        match self.needs {
            Needs::Nothing => Vec::new(),
            Needs::Session => vec![Kind::LogIn, Kind::SessionOver, Kind::NotAllowed],
            Needs::May(_) if !matches!(self.takes, Command(_) | Upload(_)) => {
                vec![Kind::LogIn, Kind::SessionOver, Kind::NotAllowed]
            }
            Needs::May(_) => {
                vec![Kind::LogIn, Kind::SessionOver, Kind::NotAllowed, Kind::PasswordAgain, Kind::SignedByAnother]
            }
        }
    }

    /// Whether a password is looked at or made.
    fn has_password(&self) -> bool {
        matches!(self.takes, Command("LogIn" | "Confirm" | "OwnPassword" | "SetUp" | "AddUser" | "ChangePassword"))
    }

    /// Whether lamp and horn are to do what nobody is to be alarmed by.
    fn tests_board(&self) -> bool {
        matches!(self.takes, Command("BoardTest"))
    }

    fn own_problems(&self) -> Vec<Kind> {
        let passwords = [Kind::WrongPassword, Kind::LockedOut, Kind::LogInsFull, Kind::AccessUnusable];
        let mut problems = if self.has_password() { passwords.to_vec() } else { Vec::new() };
        problems.extend(self.tests_board().then_some(Kind::BoardBusy));
        problems.extend(self.problems_of_shape());
        problems.extend(if self.is_of_configuration() { self.problems_of_configuration() } else { Vec::new() });
        problems
    }

    fn problems_of_shape(&self) -> Vec<Kind> {
        match self.takes {
            Command("CheckLoop") => self.problems_of_commissioning(),
            _ if self.is_of_updates() => self.problems_of_updates(),
            Command(_) if self.looks() => self.problems_of_commissioning(),
            Command(_) if matches!(self.gives, File(_)) => {
                let own = [Kind::Busy, Kind::FileBusy, Kind::FileUnmade, Kind::NoRoom];
                bounds::OF_ANY_COMMAND.into_iter().chain(own).collect()
            }
            Command(_) => vec![
                Kind::BadRequest,
                Kind::ForeignOrigin,
                Kind::NotFound,
                Kind::TimedOut,
                Kind::Conflict,
                Kind::BodyTooLarge,
                Kind::UnsupportedMediaType,
                Kind::Invalid,
                Kind::Busy,
            ],
            PagingOfJournal if self.gives == Page("ParkedRow") => {
                vec![Kind::BadQuery, Kind::NoSuchUplink, Kind::JournalUnreadable]
            }
            PagingOfKind | PagingOfJournal => vec![Kind::BadQuery, Kind::JournalUnreadable],
            Paging if self.needs == ADMINISTER => vec![Kind::BadQuery, Kind::AccessUnusable],
            Paging if self.gives == Page("CertificateView") => vec![Kind::BadQuery, Kind::CertificatesUnreadable],
            Span => vec![Kind::BadQuery, Kind::NoSuchTag, Kind::HistoryUnreadable],
            Following => vec![Kind::BadQuery, Kind::StreamsFull],
            PagingOrSheet => vec![Kind::BadQuery, Kind::LoopSheetUnreadable],
            PointTable => vec![Kind::BadQuery, Kind::ConfigBusy],
            Paging | PagingOfLog | PagingOrFile | Days => vec![Kind::BadQuery],
            Nothing if self.gives == Object("EvidencePacket") => {
                vec![Kind::NoSuchWarning, Kind::TimedOut, Kind::PacketsFull, Kind::EvidenceUnreadable]
            }
            Nothing if self.gives == Object("UplinkProgress") => vec![Kind::NoSuchUplink, Kind::JournalUnreadable],
            Nothing if self.gives == Picture => vec![Kind::NoSuchPlan],
            Nothing if self.gives == Object("Quarantine") => vec![Kind::NoSuchSource],
            Nothing if self.path == "/readyz" => vec![Kind::NotReady],
            Nothing | Upload(_) => Vec::new(),
        }
    }
}

/// Everything there is at the gateway's address.
pub(crate) fn router(app: Arc<App>) -> Router {
    let table = ROUTES.iter().fold(Router::new(), |router, route| {
        let (app, needs) = (Arc::clone(&app), route.needs);
        let admitted = from_fn(move |request, next| access::admit(Arc::clone(&app), needs, request, next));
        let (body_max, time_max) = route.bounds();
        let handler = (route.handler)()
            .route_layer(admitted)
            .layer::<_, Infallible>(DefaultBodyLimit::max(body_max))
            .layer::<_, Infallible>(RequestBodyLimitLayer::new(body_max))
            .layer::<_, Infallible>(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, time_max));
        router.route(route.path, handler)
    });
    let strict = app.context.tls.as_ref().is_some_and(|tls| tls.borrow().strict);
    let router = table
        .layer(from_fn(problem::complete))
        .layer(if_absent(header::CACHE_CONTROL, "no-store"))
        .fallback(page::page)
        .layer(from_fn_with_state(Arc::clone(&app), access::find_out))
        .layer(from_fn_with_state(Arc::clone(&app), guard::guard))
        .with_state(app);
    let router = secured(router);
    quiet(if strict { router.layer(if_absent(header::STRICT_TRANSPORT_SECURITY, HSTS)) } else { router })
}

/// What browsers are told with every answer.
fn secured(router: Router) -> Router {
    router
        .layer(if_absent(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .layer(if_absent(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(if_absent(header::REFERRER_POLICY, "no-referrer"))
        .layer(if_absent(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
        .layer(if_absent(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .layer(if_absent(header::X_FRAME_OPTIONS, "DENY"))
        .layer(if_absent(HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY))
}

/// A year. Nothing is said of other names below this one, which are not the gateway's.
const HSTS: &str = "max-age=31536000";

/// The page is a screen of alarms: it needs nothing of the device.
const PERMISSIONS_POLICY: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
    magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

/// Bars and curves are styled through the object model, which this allows; nothing inline is.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

fn if_absent(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// Requests are seen at the level debug only: refusals are in the audit, troubles have lines of their own.
fn quiet(router: Router) -> Router {
    let trace = TraceLayer::new_for_http()
        .make_span_with(DefaultMakeSpan::new().level(Level::DEBUG))
        .on_request(DefaultOnRequest::new().level(Level::TRACE))
        .on_response(DefaultOnResponse::new().level(Level::DEBUG))
        .on_failure(DefaultOnFailure::new().level(Level::DEBUG));
    router.layer(trace)
}
