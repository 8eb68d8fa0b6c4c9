//! Everything that can happen.

use crate::{
    id::*,
    limits::{SOURCE_TIME_AHEAD_MAX_MS, SOURCE_TIME_EARLIEST_MS},
    model::{BlindPlate, GasAnalysis, Position, TicketStatus, WorkType},
    quality::Quality,
    time::UtcTime,
};
use serde::{Deserialize, Serialize};

/// What the engine is told. Events are made by connectors, pages and uplinks and go through one bounded inbox. They can be
/// written down, so that a recording plays again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The engine has been built or restored: settle everything and say so.
    Started,
    /// Values, as one notification or one poll brought them.
    Samples(Vec<Sample>),
    /// Where people are.
    Locations(Vec<Location>),
    /// What video analytics saw.
    Video(VideoSight),
    /// What the ticket system says of a ticket.
    Ticket(Box<TicketUpdate>),
    /// A source is up or down.
    Source(SourceIx, Link),
    /// An uplink is up or down.
    Uplink(UplinkIx, Link),
    /// How the operating system judges the wall clock; told at the start and now and again.
    Clock(ClockState),
    /// How full the disk is that holds the journal; told at the start and now and again.
    Storage(StorageState),
    /// Whether the journal reaches the disk.
    Journal(Link),
    /// A person or the enterprise asks for something.
    Command(Command),
    /// Nothing but time has passed.
    Tick,
    /// The evidence of a closed warning lies on the disk.
    Evidence(EvidenceKept),
    /// The certificate in use that ends first; absent when none is. Told at the start and now and again.
    Certificates(Option<CertificateEnd>),
    /// What a source's own history has of a time in which it was not heard. A kind that comes later stands below it, so that
    /// recordings from before can be played.
    Backfill(Backfill),
    /// As [`Event::Started`], for an engine that takes the place of another one under another configuration while the gateway
    /// runs.
    Reconfigured,
    /// The enterprise platform asks for something, and has signed it.
    Platform(Box<PlatformCommand>),
    /// Whether lamp, horn, relays and watchdogs of the box do their work, and if not, what is wrong with which.
    Board(Link),
}

/// A value is never without its quality and its two times.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The tag.
    pub tag: TagIx,
    /// The value in the tag's engineering unit; booleans are 0 and 1.
    pub value: f64,
    /// Its quality.
    pub quality: Quality,
    /// When the device says it was measured; shown, never trusted for delays. `None` when the device does not say.
    pub source_time: Option<UtcTime>,
    /// When this box received it.
    pub received_time: UtcTime,
}

impl Sample {
    /// Whether the source's time cannot be believed: a device without a clock says 1970 or 2000, one with a wrong clock may
    /// say next year.
    #[must_use]
    pub fn has_absurd_source_time(&self) -> bool {
        self.source_time.is_some_and(|time| {
            time.0 < SOURCE_TIME_EARLIEST_MS || time.since(self.received_time) > SOURCE_TIME_AHEAD_MAX_MS
        })
    }
}

/// A piece of what a source's own history has of a gap. It is kept with everything else that was told and decides nothing:
/// an alarm that was due then would call people to what is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backfill {
    /// The source.
    pub source: SourceIx,
    /// Values from then, each with the time at which it was read now.
    pub samples: Vec<Sample>,
    /// With the last piece: what was filled.
    pub filled: Option<Filled>,
}

/// A gap that was filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    /// The source's own time of the last value before it.
    pub from: UtcTime,
    /// … and of the first value after it.
    pub until: UtcTime,
    /// Values between the two.
    pub values: u64,
}

/// Where a person is, by beacon.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// The person.
    pub person: PersonIx,
    /// The zone, `None` outside all zones.
    pub zone: Option<ZoneIx>,
    /// Where on the local plane; `None` when the beacon does not say.
    pub position: Option<Position>,
    /// Whether the SOS button is pressed.
    pub sos: bool,
    /// The card's battery, 0 to 100; `None` when the beacon does not say.
    pub battery_percent: Option<u8>,
    /// When the beacon says so.
    pub source_time: Option<UtcTime>,
    /// When this box received it.
    pub received_time: UtcTime,
}

/// One sight of video analytics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VideoSight {
    /// The camera.
    pub camera: CameraIx,
    /// What was seen, in the configuration's own code.
    pub algorithm: String,
    /// 0 to 1.
    pub confidence: f64,
    /// A reference to the snapshot, as the video system gives it.
    pub picture: Option<String>,
    /// When the video system says so.
    pub source_time: Option<UtcTime>,
    /// When this box received it.
    pub received_time: UtcTime,
}

/// A special-work ticket as the ticket system has it now: the whole of it, not what has changed. The same said again is
/// nothing new.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TicketUpdate {
    /// The ticket.
    pub id: TicketId,
    /// Its kind of work.
    pub work: WorkType,
    /// How far it has come.
    pub status: TicketStatus,
    /// The zone it is for.
    pub zone: Option<ZoneIx>,
    /// The unit it is for; without one, that of the zone.
    pub unit: Option<UnitIx>,
    /// 作业内容.
    pub content: String,
    /// When work may begin.
    pub start: Option<UtcTime>,
    /// Until when it may go on.
    pub end: Option<UtcTime>,
    /// Gas analyses, in any order.
    pub analyses: Vec<GasAnalysis>,
    /// When readings in a confined space were written down, in any order.
    pub space_records: Vec<UtcTime>,
    /// The supervisor, where the site knows the person.
    pub supervisor: Option<PersonIx>,
    /// The supervisor's name.
    pub supervisor_name: String,
    /// Workers whom the site knows.
    pub workers: Vec<PersonIx>,
    /// Workers' names.
    pub worker_names: Vec<String>,
    /// What is done to a blind plate.
    pub blind_plate: Option<BlindPlate>,
    /// Whether it was changed after it was signed.
    pub changed: bool,
    /// Whether it is cancelled.
    pub cancelled: bool,
    /// When the ticket system says that it sent this.
    pub source_time: Option<UtcTime>,
    /// When this box received it.
    pub received_time: UtcTime,
}

impl TicketUpdate {
    /// A ticket of which nothing but its kind of work is known: not signed yet, for no place, by nobody.
    #[must_use]
    pub fn new(id: TicketId, work: WorkType, received_time: UtcTime) -> Self {
        Self {
            id,
            work,
            status: TicketStatus::Unissued,
            zone: None,
            unit: None,
            content: String::new(),
            start: None,
            end: None,
            analyses: Vec::new(),
            space_records: Vec::new(),
            supervisor: None,
            supervisor_name: String::new(),
            workers: Vec::new(),
            worker_names: Vec::new(),
            blind_plate: None,
            changed: false,
            cancelled: false,
            source_time: None,
            received_time,
        }
    }
}

/// The state of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Link {
    /// Data flows.
    Up,
    /// It does not, and why, in words for a person.
    Down(String),
}

/// The wall clock, as the operating system judges it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClockState {
    /// Whether a time service sets it; absent when the operating system does not say.
    pub synchronised: Option<bool>,
    /// How far it is off, in milliseconds, ahead as positive; absent when nobody measures it.
    pub offset_ms: Option<i64>,
}

/// The disk that holds the journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StorageState {
    /// What the journal takes, in bytes.
    pub used_bytes: u64,
    /// What it may take; absent without a budget.
    pub budget_bytes: Option<u64>,
    /// What the file system has left for the journal, samples that leave it before events do included; absent when it does not say.
    pub free_bytes: Option<u64>,
}

impl StorageState {
    /// The room there is, used and free: the budget, or less where the file system has less. `None` when neither is known.
    #[must_use]
    pub fn room_bytes(&self) -> Option<u64> {
        let of_disk = self.free_bytes.map(|free| free.saturating_add(self.used_bytes));
        self.budget_bytes.into_iter().chain(of_disk).min()
    }

    /// How much of the room is used, in %, 100 where there is none. `None` when the room is not known.
    #[must_use]
    pub fn filled_percent(&self) -> Option<u64> {
        let room = self.room_bytes()?;
        Some(u64::try_from(u128::from(self.used_bytes) * 100 / u128::from(room.max(1))).unwrap_or(u64::MAX))
    }
}

/// When a certificate of the field side ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CertificateEnd {
    /// The source whose server shows it; absent for the gateway's own.
    pub source: Option<SourceId>,
    /// SHA-256 of it, 64 hexadecimal digits.
    pub sha256: String,
    /// Whom it is for.
    pub subject: String,
    /// Valid until.
    pub not_after: UtcTime,
    /// Seconds left when it was looked at; negative once it is over.
    pub left_s: i64,
}

/// The evidence of a warning, kept as a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceKept {
    /// The warning.
    pub warning: WarningId,
    /// When it was written.
    pub kept_at: UtcTime,
    /// The hash of the document, see [`crate::record::EvidencePacket::sha256`].
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
}

/// Something a person or the enterprise asks for. Answered by exactly one audit record, and by a rejection when it makes
/// no sense.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// The sender's own number, given back in the answer.
    pub request: u64,
    /// Who asks.
    pub by: String,
    /// What for.
    pub kind: CommandKind,
}

/// What can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CommandKind {
    /// Acknowledge an alarm.
    AcknowledgeAlarm {
        /// The occurrence.
        alarm: AlarmId,
    },
    /// Reset a latched alarm that has returned and is acknowledged.
    ResetAlarm {
        /// The occurrence.
        alarm: AlarmId,
    },
    /// Shelve the rule of an open alarm; see `ShelveRule`.
    ShelveAlarm {
        /// The occurrence.
        alarm: AlarmId,
        /// For so long.
        shelf: Shelving,
    },
    /// End the shelving of the rule of an open alarm.
    UnshelveAlarm {
        /// The occurrence.
        alarm: AlarmId,
    },
    /// Shelve a rule 搁置: it is evaluated on and annunciates nothing, for a limited time.
    ShelveRule {
        /// The rule.
        rule: RuleId,
        /// For how long and why.
        shelf: Shelving,
    },
    /// End the shelving of a rule: if its condition holds it annunciates anew.
    UnshelveRule {
        /// The rule.
        rule: RuleId,
    },
    /// Take a rule out of service 停用, until a person returns it.
    TakeOutOfService {
        /// The rule.
        rule: RuleId,
        /// In words; required.
        reason: String,
    },
    /// Return a rule to service: if its condition holds it annunciates anew.
    ReturnToService {
        /// The rule.
        rule: RuleId,
    },
    /// Open a unit's stop record 停用/检修: its rules are suppressed by design, save those on which lives hang.
    StopUnit {
        /// The unit.
        unit: UnitId,
        /// Ends by itself after so long, 1 to `limits::STOP_MAX_MS`; `None` until a person resumes it.
        for_ms: Option<u64>,
        /// In words; required.
        reason: String,
    },
    /// Close a unit's stop record.
    ResumeUnit {
        /// The unit.
        unit: UnitId,
    },
    /// Silence the horn for the configured time; the next alarm sounds again.
    SilenceHorn,
    /// Take a task.
    AcceptTask {
        /// The task.
        task: TaskId,
        /// What goes with it.
        #[serde(default)]
        attachments: Vec<Reference>,
    },
    /// Finish a task.
    FinishTask {
        /// The task.
        task: TaskId,
        /// What was found.
        result: TaskResult,
        /// In words; required unless the result is normal.
        note: String,
        /// What goes with it.
        #[serde(default)]
        attachments: Vec<Reference>,
    },
    /// Say that a task is not to be done.
    CancelTask {
        /// The task.
        task: TaskId,
        /// Why; required.
        reason: String,
    },
    /// Attach a note or a photo to a task.
    AddAttachment {
        /// The task.
        task: TaskId,
        /// Which.
        attachment: Reference,
    },
    /// Decide on a suspected hazard.
    ReviewHazard {
        /// The hazard.
        hazard: HazardId,
        /// The decision.
        verdict: Verdict,
        /// In words; required.
        note: String,
        /// How it is to be rectified; with a confirmation only.
        #[serde(default)]
        rectification: Rectification,
    },
    /// Put on record what a person decided about a certificate of the field side, which is carried out outside the engine.
    DecideCertificate {
        /// What.
        decision: CertificateDecision,
        /// SHA-256 of the certificate.
        sha256: String,
        /// Whom it is for.
        subject: String,
    },
    /// Put on record that a person has rows tried again that an uplink's receiver refused, which is carried out outside the
    /// engine.
    RetryParked {
        /// The uplink.
        uplink: UplinkId,
        /// The row's place in the journal; `None` for all of them.
        seq: Option<u64>,
    },
    /// Put on record that an uplink brought commands of which nobody knows who sent them. Nothing was done.
    NoteUnauthenticated {
        /// The uplink.
        uplink: UplinkId,
        /// How many since this was noted last.
        count: u64,
        /// What is wrong with the last of them.
        reason: String,
    },
    /// Put on record what was done to the gateway itself, which is carried out outside the engine.
    Note(Note),
}

/// What was done to the gateway itself: to users, tokens, sessions, configuration, board, or at a loop check. It never holds a
/// password, a token or a session's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What.
    pub act: NoteAct,
    /// To what: a user, a token, an address, a version of the configuration, a tag.
    pub object: Option<String>,
    /// What it was before, where something changed.
    pub before: Option<String>,
    /// What it is after.
    pub after: Option<String>,
    /// In words: why, where somebody said so.
    pub note: String,
}

/// What can be done to the gateway itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteAct {
    /// Somebody has logged in.
    LogIn,
    /// Somebody could not.
    LogInFailed,
    /// Somebody cannot for a while, after too many wrong passwords.
    LockOut,
    /// Somebody has logged out, here or everywhere.
    LogOut,
    /// The first administrator was made with the code of the set-up.
    SetUp,
    /// A user was made.
    AddUser,
    /// A user has another role.
    ChangeRole,
    /// A user has another password.
    ChangePassword,
    /// A user is no more.
    RemoveUser,
    /// A token was made.
    AddToken,
    /// A token is no more.
    RemoveToken,
    /// The file of users was changed by other means than davy's own.
    EditAccess,
    /// Another configuration was put in force.
    ApplyConfiguration,
    /// An earlier configuration was put in force again.
    RollBackConfiguration,
    /// The loop of a tag was checked from the instrument to the page.
    CheckLoop,
    /// Lamp, horn, relays and inputs of the board were tested.
    TestBoard,
    /// A backup was taken.
    TakeBackup,
    /// A support bundle was made.
    MakeSupportBundle,
    /// The supply of the box fails, and the gateway stops in order.
    PowerFail,
    /// The file of a release was sent.
    ReceiveUpdate,
    /// A release was not installed.
    RefuseUpdate,
    /// A release was installed and is to be tried.
    InstallUpdate,
    /// A release was started on trial.
    TryUpdate,
    /// A release has shown that it alarms, and stays.
    ConfirmUpdate,
    /// A release has not, and what ran before runs again.
    RollBackUpdate,
}

/// A command of the enterprise platform whose signature was found good. Answered as a [`Command`] is, by one audit record that
/// carries the command's id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlatformCommand {
    /// The sender's own number, given back in the answer.
    pub request: u64,
    /// The person on the platform.
    pub by: String,
    /// The key by which it was signed.
    pub key: String,
    /// The command's own id, which never stands for another one.
    pub id: String,
    /// The kind by which the platform asks.
    pub kind: String,
    /// When the platform says that it made it.
    pub issued: UtcTime,
    /// SHA-256 of what is asked, 64 hexadecimal digits.
    pub sha256: String,
    /// What for.
    pub ask: PlatformAsk,
}

/// What the platform asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PlatformAsk {
    /// What a person could ask for on the page.
    Command(CommandKind),
    /// A ticket as the platform has it.
    Ticket(Box<TicketUpdate>),
    /// What was carried out, or refused, outside the engine, to be put on record.
    Told {
        /// What came of it.
        outcome: CommandOutcome,
        /// Why it was not done.
        refused: Option<String>,
        /// What changed, or all that is wrong.
        details: Vec<String>,
    },
}

/// What came of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CommandOutcome {
    /// It was done.
    Done,
    /// It is understood and makes no sense where things stand, or is not allowed.
    Refused,
    /// The command itself is wrong.
    Invalid,
}

/// What a person can decide about a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateDecision {
    /// Trust that of a server.
    Trust,
    /// Trust it no longer, and keep it in the list.
    Reject,
    /// Take it out of the list: a server that shows it again is refused and listed again.
    Remove,
    /// Make another one of our own in place of the one there is.
    Renew,
}

/// For how long a rule is shelved, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shelving {
    /// 1 to the policy's `shelve_max_ms`.
    pub for_ms: u64,
    /// Whether it ends earlier, when the alarm returns to normal.
    pub one_shot: bool,
    /// In words; required.
    pub reason: String,
}

/// A note or a photo by reference: where it is, or its id in the system that keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Where it is, or its id.
    pub uri: String,
    /// What it is, `image/jpeg`.
    pub media_type: String,
    /// SHA-256 of its bytes, 64 hexadecimal digits.
    #[serde(default)]
    pub sha256: Option<String>,
}

/// What a person who confirms a hazard may say of its rectification: fields of the national table 隐患治理信息.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rectification {
    /// 隐患等级.
    pub danger_level: Option<DangerLevel>,
    /// 治理类型.
    pub manage_type: Option<ManageType>,
    /// 整改责任人.
    pub liable_person: Option<String>,
    /// 整改期限.
    pub deadline: Option<UtcTime>,
}

/// 隐患等级, national `dangerLevel`. There is no national level 较大 for hazards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DangerLevel {
    /// 一般, national code 0.
    General,
    /// 重大, national code 1.
    Major,
}

/// 治理类型, national `dangerManageType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ManageType {
    /// 即查即改, national code 0.
    AtOnce,
    /// 限期整改, national code 1.
    ByDeadline,
}

/// What an inspection found (national `checkStatus` 0 正常, 1 存在隐患, 2 未排查).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TaskResult {
    /// 正常.
    Normal,
    /// 存在隐患.
    HiddenDanger,
    /// 未排查: it could not be inspected.
    CouldNot,
}

/// What a person decides about a suspected hazard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is a hazard; the enterprise's rectification takes over.
    Confirmed,
    /// It is none.
    Rejected,
    /// It has been dealt with.
    Closed,
}
