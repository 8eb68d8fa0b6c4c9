//! What may happen next in a simulation.

use crate::tickets;
use davy_core::{
    event::{CertificateDecision, ClockState, Link, Note, Reference, Shelving, StorageState, TaskResult, Verdict},
    id::*,
    model::Position,
    quality::Quality,
};

/// One step of a simulation; it holds no time and no id, so that it means the same in every world.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Samples(Vec<Value>),
    Location {
        person: PersonIx,
        zone: Option<ZoneIx>,
        position: Option<Position>,
        sos: bool,
        battery_percent: Option<u8>,
    },
    Sight {
        camera: CameraIx,
        algorithm: &'static str,
        confidence: f64,
    },
    Ticket(tickets::Change),
    Source(SourceIx, Link),
    Uplink(UplinkIx, Link),
    Clock(ClockState),
    Storage(StorageState),
    /// Seconds that the certificate that ends first has left.
    Certificates(Option<i64>),
    Journal(Link),
    Board(Link),
    /// A source's own history of a gap comes late.
    Backfill(Late),
    Ask {
        by: String,
        what: Ask,
    },
    /// Both clocks go on.
    Pass {
        ms: u64,
    },
    /// The wall clock alone jumps, milliseconds.
    SetClock(i64),
    /// The connectors say what is there now, as after every start.
    TellAgain,
    /// The process dies, stays away for a while, and starts again.
    Restart {
        away_ms: u64,
    },
    /// The process dies amid a step, after so many of its events, and the so many after them do not reach the disk.
    Die {
        after: usize,
        lost: usize,
        amid: Box<Step>,
    },
    /// The configuration is put in force once more while the process runs.
    Reconfigure,
}

/// A value on its way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value {
    pub(crate) tag: TagIx,
    pub(crate) value: f64,
    pub(crate) quality: Quality,
    /// How long ago the device says it was measured; `None` when it has no clock.
    pub(crate) age_ms: Option<i64>,
}

/// What a source's history has of a gap.
#[derive(Clone, Debug)]
pub(crate) struct Late {
    pub(crate) source: SourceIx,
    pub(crate) values: Vec<Value>,
    /// With the last piece: from how long ago until how long ago the gap was, milliseconds.
    pub(crate) filled: Option<(i64, i64)>,
}

/// A command on the nth object, counted over the open ones and, beyond them, over those that never were.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    Acknowledge(usize),
    Silence,
    /// With what goes with it.
    Accept(usize, Vec<Reference>),
    Finish(usize, TaskResult, String, Vec<Reference>),
    Review(usize, Verdict, String, Rectified),
    Reset(usize),
    ShelveAlarm(usize, Shelving),
    UnshelveAlarm(usize),
    /// The nth rule of the configuration; beyond them one that is not there.
    Shelve(usize, Shelving),
    Unshelve(usize),
    OutOfService(usize, String),
    ReturnToService(usize),
    /// The nth unit of the configuration.
    Stop(usize, Option<u64>, String),
    Resume(usize),
    Cancel(usize, String),
    Attach(usize, Reference),
    Certificate {
        decision: CertificateDecision,
        sha256: String,
        subject: String,
    },
    /// The nth uplink of the configuration.
    RetryParked(usize, Option<u64>),
    /// So many commands of nobody known.
    Unauthenticated(u64),
    /// A user of the page has another role.
    Access(Note),
}

/// What is said of a hazard's rectification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rectified {
    NotSaid,
    AtOnce,
    ByDeadline,
    /// By a deadline that nobody is liable for.
    ByNobody,
}
