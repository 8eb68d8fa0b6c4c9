//! Errors as `application/problem+json` (RFC 9457). `code` is stable, so that a page can say it in its own language;
//! `detail` names the object, `advice` says what to do.

use crate::{Refusal, configuration::Finding, limits};
use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use davy_access::AccessError;
use davy_core::effect::Rejection;
use davy_store::StoreError;
use serde_json::json;

macro_rules! kinds {
    ($($name:ident = $status:ident $code:literal, $title:literal, $advice:literal;)*) => {
        /// What went wrong. The line is the whole truth about it: status, code, title, advice.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Kind { $($name,)* }

        impl Kind {
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];

            pub(crate) fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            pub(crate) fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            pub(crate) fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            pub(crate) fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice,)* }
            }
        }
    };
}

kinds! {
    BadQuery = BAD_REQUEST "bad_query", "The query cannot be understood",
        "compare it with /api/openapi.json";
    BadRequest = BAD_REQUEST "bad_request", "The request cannot be read",
        "compare path and body with /api/openapi.json";
    LogIn = UNAUTHORIZED "log_in", "Nobody is logged in",
        "log in on the page, or send a token as `Authorization: Bearer …`";
    SessionOver = UNAUTHORIZED "session_over", "The session or the token is over",
        "log in again; a token is made anew by an administrator";
    WrongPassword = UNAUTHORIZED "wrong_password", "The name or the password is not right",
        "try again; an administrator can set another password, and so can `davy user password` at the gateway";
    PasswordAgain = FORBIDDEN "password_again", "The password is needed again",
        "nobody has done anything in this session for a while: give the password once more";
    NotAllowed = FORBIDDEN "not_allowed", "The role does not reach so far",
        "ask one whose role does, or an administrator for another role";
    SignedByAnother = FORBIDDEN "signed_by_another", "A command is signed by who is logged in",
        "leave out `by`, or log in as the one who signs";
    ForeignOrigin = FORBIDDEN "foreign_origin", "The request comes from another page",
        "send commands from the gateway's own page, or without an Origin header";
    NoSuchRoute = NOT_FOUND "no_such_route", "There is nothing at this address",
        "look at /api/openapi.json for what there is";
    NotFound = NOT_FOUND "not_found", "There is no such open object",
        "it may be over already: look at the list of what is open";
    NoSuchPlan = NOT_FOUND "no_such_plan", "There is no plan of the site",
        "put plan.png and [map] into the configuration folder";
    NoSuchSource = NOT_FOUND "no_such_source", "There is no such source",
        "take the id from the list of sources";
    NoSuchUplink = NOT_FOUND "no_such_uplink", "There is no such uplink",
        "take the id from the list of uplinks";
    NoSuchWarning = NOT_FOUND "no_such_warning", "There is no such warning in the journal",
        "take the id from the list of warnings or from the journal";
    NoSuchTag = NOT_FOUND "no_such_tag", "There is no such tag",
        "take the id from the list of tags";
    NoSuchVersion = NOT_FOUND "no_such_version", "There is no such version of the configuration",
        "take the number from the list of versions; the oldest make room for newer ones";
    MethodNotAllowed = METHOD_NOT_ALLOWED "method_not_allowed", "The address does not take this method",
        "use a method that the Allow header names";
    TimedOut = REQUEST_TIMEOUT "timed_out", "The request took too long",
        "send it again; if it stays so, look at the gateway's load";
    Conflict = CONFLICT "conflict", "The object cannot do that now",
        "look at its present state before asking again";
    ConfigOutdated = CONFLICT "config_outdated", "Another configuration is in force by now",
        "load what is in force and look whether the changes still fit";
    ConfigFolderEdited = CONFLICT "config_folder_edited", "The configuration folder was edited and is not in force",
        "on site, put its changes in force with SIGHUP or take them back; then apply once more";
    ConfigNeedsRestart = CONFLICT "config_needs_restart", "Only a restart can put this in force",
        "leave these keys as they are, or change them in the folder and restart the gateway";
    UpdateRefused = CONFLICT "update_refused", "The release is not installed",
        "see the detail; what runs goes on";
    WhatIfRunning = CONFLICT "what_if_running", "Another what-if is running",
        "wait for its result or stop it";
    BoardBusy = CONFLICT "board_busy", "The outputs may not be tested now",
        "acknowledge what flashes and sounds, then test";
    BodyTooLarge = PAYLOAD_TOO_LARGE "body_too_large", "The body is too large",
        "shorten the text";
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE "unsupported_media_type", "The body is not JSON",
        "send JSON with Content-Type: application/json";
    MisdirectedHost = MISDIRECTED_REQUEST "misdirected_host", "The gateway is not addressed by a name of its own",
        "use its address, or a name that `[web] names` of gateway.toml lists";
    LockedOut = TOO_MANY_REQUESTS "locked_out", "Too many wrong passwords",
        "wait as long as Retry-After says; whoever is logged in stays so, and alarms go on";
    Invalid = UNPROCESSABLE_ENTITY "invalid", "The command is not complete or not right",
        "correct what the detail names";
    Unreachable = FAILED_DEPENDENCY "unreachable", "What was to be looked at does not answer as it should",
        "see the detail; then try again";
    LookTimedOut = FAILED_DEPENDENCY "look_timed_out", "The look took too long",
        "begin further down or narrow it by a filter; a server that is slow for long is looked at with `davy browse`";
    LooksFull = SERVICE_UNAVAILABLE "looks_full", "Others are looking at the field",
        "try again in a moment";
    ConfigRefused = UNPROCESSABLE_ENTITY "config_refused", "The configuration would be wrong",
        "correct what the findings name; what is in force stays in force";
    Busy = SERVICE_UNAVAILABLE "busy", "Too many commands are waiting",
        "try again in a moment";
    LogInsFull = SERVICE_UNAVAILABLE "log_ins_full", "Too many people are logging in at once",
        "try again in a moment";
    AccessUnusable = SERVICE_UNAVAILABLE "access_unusable", "The users cannot be read or written",
        "check the disk and `access.json` in the data folder; alarms go on";
    NotDurable = SERVICE_UNAVAILABLE "not_durable", "It was done and is not on the disk yet",
        "check the disk; it is written as soon as the disk takes it, so do not ask again";
    Unanswered = SERVICE_UNAVAILABLE "unanswered", "The gateway did not answer in time",
        "look at the object before asking again: the command may still be carried out";
    Stopping = SERVICE_UNAVAILABLE "stopping", "The gateway is stopping",
        "try again when it is back";
    StreamsFull = SERVICE_UNAVAILABLE "streams_full", "Too many pages are open",
        "close pages that nobody looks at";
    PacketsFull = SERVICE_UNAVAILABLE "packets_full", "Other evidence is being put together",
        "try again in a moment";
    EvidenceUnreadable = SERVICE_UNAVAILABLE "evidence_unreadable", "The evidence cannot be put together",
        "check the disk, then run `davy verify`";
    ConfigBusy = SERVICE_UNAVAILABLE "config_busy", "Another configuration is being looked at",
        "try again in a moment";
    ConfigFailed = SERVICE_UNAVAILABLE "config_failed", "The configuration could not be read, written or put in force",
        "check the disk and whether the gateway may write its configuration folder; what was in force stays in force";
    FileBusy = SERVICE_UNAVAILABLE "file_busy", "Another backup or support bundle is on its way",
        "wait until it is there, then ask again";
    FileUnmade = SERVICE_UNAVAILABLE "file_unmade", "The file could not be made",
        "check the disk and the log; alarms go on";
    NoRoom = INSUFFICIENT_STORAGE "no_room", "The disk has not enough room for the file",
        "make room, or take it with `davy backup --to` onto another disk";
    CertificatesUnreadable = SERVICE_UNAVAILABLE "certificates_unreadable", "The certificates cannot be read or written",
        "check the disk and whose folder `pki` in the data folder is";
    LoopSheetUnreadable = SERVICE_UNAVAILABLE "loop_sheet_unreadable", "The sheet of the loop check cannot be read or written",
        "check the disk and `loop-check.json` in the data folder";
    NotReady = SERVICE_UNAVAILABLE "not_ready", "The gateway is not ready",
        "see the reasons";
    JournalUnreadable = SERVICE_UNAVAILABLE "journal_unreadable", "The journal cannot be read",
        "check the disk, then run `davy verify`";
    HistoryUnreadable = SERVICE_UNAVAILABLE "history_unreadable", "The history of the tags cannot be read",
        "check the disk and the log";
    Internal = INTERNAL_SERVER_ERROR "internal", "The gateway made a mistake",
        "keep the log and report it; alarming goes on";
}

impl Kind {
    pub(crate) fn with(self, detail: impl Into<String>) -> Problem {
        let (reasons, findings) = (Vec::new(), Vec::new());
        Problem { kind: self, detail: detail.into(), reasons, findings, retry_after_s: None }
    }

    fn is_temporary(self) -> bool {
        self.status() == StatusCode::SERVICE_UNAVAILABLE
    }

    fn of(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NoSuchRoute,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::REQUEST_TIMEOUT => Self::TimedOut,
            StatusCode::PAYLOAD_TOO_LARGE => Self::BodyTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            StatusCode::UNPROCESSABLE_ENTITY => Self::Invalid,
            status if status.is_client_error() => Self::BadRequest,
            _ => Self::Internal,
        }
    }
}

/// An error on its way to the client.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    kind: Kind,
    detail: String,
    reasons: Vec<String>,
    findings: Vec<Finding>,
    retry_after_s: Option<u64>,
}

pub(crate) const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

impl Problem {
    pub(crate) fn because(self, reasons: Vec<String>) -> Self {
        Self { reasons, ..self }
    }

    /// With what was found in a configuration.
    pub(crate) fn found(self, findings: Vec<Finding>) -> Self {
        Self { findings, ..self }
    }

    pub(crate) fn is(&self, kind: Kind) -> bool {
        self.kind == kind
    }

    /// Not before so many seconds.
    pub(crate) fn after(self, seconds: u64) -> Self {
        Self { retry_after_s: Some(seconds), ..self }
    }

    /// The kind that belongs to a status which an extractor decided on, in the extractor's words.
    pub(crate) fn of(status: StatusCode, words: impl Into<String>) -> Self {
        Kind::of(status).with(words)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (kind, status) = (self.kind, self.kind.status());
        let mut body = json!({
            "type": format!("urn:davy:problem:{}", kind.code()),
            "title": kind.title(),
            "status": status.as_u16(),
            "detail": self.detail,
            "code": kind.code(),
            "advice": kind.advice(),
        });
        if !self.reasons.is_empty() {
            body["reasons"] = json!(self.reasons);
        }
        if !self.findings.is_empty() {
            body["findings"] = json!(self.findings);
        }
        let mut response = (status, [(header::CONTENT_TYPE, CONTENT_TYPE)], body.to_string()).into_response();
        let temporary = kind.is_temporary().then_some(limits::RETRY_AFTER_SECONDS);
        if let Some(seconds) = self.retry_after_s.or(temporary) {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            // RFC 9110, 11.6.1 asks for it; no browser opens a window of its own for this scheme.
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"davy\""));
        }
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotDurable(why) => Kind::NotDurable.with(why),
            Refusal::Rejected(rejection) => {
                let kind = match &rejection {
                    Rejection::NotFound(_) => Kind::NotFound,
                    Rejection::Conflict(_) => Kind::Conflict,
                    Rejection::Invalid(_) => Kind::Invalid,
                };
                kind.with(rejection.words())
            }
        }
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        let words = error.to_string();
        match error {
            AccessError::Unknown(_) => Kind::NotFound.with(words),
            AccessError::Conflict(_) => Kind::Conflict.with(words),
            AccessError::Unfit(_) => Kind::Invalid.with(words),
            AccessError::Wrong => Kind::WrongPassword.with(words),
            AccessError::Locked { wait_s } => Kind::LockedOut.with(words).after(wait_s),
            AccessError::File(_) => Kind::AccessUnusable.with(words),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Closed => Kind::Stopping.with(error.to_string()),
            StoreError::Directory { .. }
            | StoreError::InUse { .. }
            | StoreError::Open { .. }
            | StoreError::Corrupt { .. }
            | StoreError::Foreign { .. }
            | StoreError::Missing { .. }
            | StoreError::Write { .. }
            | StoreError::Gone { .. }
            | StoreError::Read { .. } => Kind::JournalUnreadable.with(error.to_string()),
        }
    }
}

/// Gives the errors that routing and layers make (405, 408, 413) the shape of all others; `Allow` stays.
pub(crate) async fn complete(request: Request, next: Next) -> Response {
    let asked = format!("{} {}", request.method(), request.uri().path());
    let response = next.run(request).await;
    let (status, headers) = (response.status(), response.headers());
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || headers.get(header::CONTENT_TYPE) == Some(&CONTENT_TYPE) {
        return response;
    }
    let allow = headers.get(header::ALLOW).cloned();
    let mut response = Problem::of(status, format!("{asked} was answered with {status}")).into_response();
    response.headers_mut().extend(allow.map(|allow| (header::ALLOW, allow)));
    response
}
