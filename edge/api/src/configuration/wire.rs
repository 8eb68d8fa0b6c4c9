//! What goes over the wire about the configuration: what is in force, its files and versions, what somebody proposes.

use davy_core::time::UtcTime;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Something found in a file of a configuration, by its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The file's name within the folder, `risk/units.csv`; of an imported table the name it came with.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The character in the line, from 1.
    pub column: u32,
    /// What, and what to do.
    pub message: String,
}

/// By which way a configuration came in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The gateway started with it.
    Start,
    /// Over the API, from the page above all.
    Page,
    /// The folder was read again (SIGHUP).
    Console,
    /// The enterprise platform sent a risk model.
    Platform,
    /// An earlier version was put in force again.
    Rollback,
}

impl How {
    /// Every way.
    pub const ALL: [Self; 5] = [Self::Start, Self::Page, Self::Console, Self::Platform, Self::Rollback];

    /// As it is written.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Page => "page",
            Self::Console => "console",
            Self::Platform => "platform",
            Self::Rollback => "rollback",
        }
    }
}

/// How the folder stands to what is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FolderState {
    /// It holds what is in force.
    InForce,
    /// Somebody has edited it since, and nothing of that is in force.
    Edited,
    /// It cannot be read, is wrong, or there is none.
    Unusable,
}

/// What is in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConfigState {
    /// The digest that every derived record carries.
    pub version: String,
    /// Its number among the versions; absent where it could not be kept.
    pub number: Option<u64>,
    /// Since when.
    pub applied_at: UtcTime,
    /// Who put it in force, where that is known.
    pub by: Option<String>,
    /// Why, where that is known.
    pub reason: Option<String>,
    /// By which way.
    pub how: How,
    /// How the folder stands to it.
    pub folder: FolderState,
    /// What is to be done about the folder; empty while there is nothing.
    pub folder_detail: String,
    /// What is allowed in it but probably not meant.
    pub findings: Vec<Finding>,
}

/// The files of a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConfigFiles {
    /// The digest.
    pub version: String,
    /// Its number among the versions.
    pub number: Option<u64>,
    /// The text of each file by its name.
    pub files: BTreeMap<String, String>,
    /// Files that are no text, by name.
    pub others: Vec<String>,
    /// What would change if this version took the place of the one in force; empty for the one in force.
    pub differences: Vec<FileDifference>,
}

/// What is written of a source, its secrets by the names of their files alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceKeys {
    /// The digest of the configuration.
    pub version: String,
    /// `opcua`, `modbus` or `mqtt`, as in `[[source.opcua]]`.
    pub kind: String,
    /// Its keys, each as an edit `set_source` takes it; the tables below it are left out.
    pub keys: BTreeMap<String, String>,
}

/// A configuration that was in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConfigVersion {
    /// Counted from 1, never given twice.
    pub number: u64,
    /// The digest.
    pub version: String,
    /// Since when.
    pub at: UtcTime,
    /// Who, where that is known.
    pub by: Option<String>,
    /// Why, where that is known.
    pub reason: Option<String>,
    /// By which way.
    pub how: How,
    /// Of one that was put in force again: which.
    pub back_to: Option<u64>,
    /// What it changed, in names.
    pub changes: Vec<String>,
    /// Whether it is in force now.
    pub in_force: bool,
}

/// A file that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileDifference {
    /// Its name.
    pub file: String,
    /// Lines that differ, each with a few around it.
    pub lines: Vec<DifferenceLine>,
    /// Lines that differ and are left out, because there are too many.
    pub more: usize,
}

/// A line of a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DifferenceLine {
    /// ` ` in both, `+` new, `-` gone.
    pub sign: char,
    /// Its place in the new file, of one that is gone in the old one; from 1.
    pub line: usize,
    /// Without its end.
    pub text: String,
}

/// What came of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ConfigChecked {
    /// The digest of the proposal as it stands; who applies it is written into `[change]` and changes it once more.
    pub version: String,
    /// All that is wrong. Empty when it may be applied.
    pub errors: Vec<Finding>,
    /// What is allowed but probably not meant.
    pub coverage: Vec<Finding>,
    /// Against what is in force.
    pub differences: Vec<FileDifference>,
    /// What it changes, in names; empty while there are errors.
    pub changes: Vec<String>,
    /// Keys that only a restart can put in force: with one of them it cannot be applied here.
    pub restart: Vec<String>,
}

/// Changes that somebody proposes to what is in force.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// The digest of the version in force that they are made to.
    pub base: String,
    /// One after the other.
    pub edits: Vec<Edit>,
}

/// A change of a configuration.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "edit", rename_all = "snake_case", deny_unknown_fields)]
pub enum Edit {
    /// A file as a whole.
    File {
        /// Its name within the folder.
        name: String,
        /// `None` takes it out.
        text: Option<String>,
    },
    /// Rows of the point table.
    Points {
        /// Cells by the header of their column, the tag among them. A tag that is there keeps its other cells.
        #[serde(default)]
        rows: Vec<BTreeMap<String, String>>,
        /// Tags that go.
        #[serde(default)]
        removed: Vec<String>,
    },
    /// The point table as a file.
    Import {
        /// What findings call it.
        name: String,
        /// Its bytes: CSV in UTF-8 or GBK, or a workbook.
        base64: String,
        /// Whether tags that it does not have stay.
        #[serde(default)]
        merge: bool,
    },
    /// A further source.
    AddSource(Box<NewSource>),
    /// Other values of keys of a source; an empty one takes the key out.
    SetSource {
        /// The source.
        id: String,
        /// The values as they are typed.
        #[serde(default)]
        keys: BTreeMap<String, String>,
        /// Another password of its user, kept in a file of its own.
        #[serde(default)]
        password: Option<Password>,
    },
    /// A source goes.
    RemoveSource {
        /// The source.
        id: String,
    },
}

/// A source that is to be added, as `davy source add` takes it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NewSource {
    /// Its id.
    pub id: String,
    /// Where it is.
    pub url: String,
    /// What people call it; the id without it.
    pub name: Option<String>,
    /// OPC UA: the policy, which must be said, `none` as well.
    pub security: Option<String>,
    /// OPC UA: `SignAndEncrypt` or `Sign`.
    pub security_mode: Option<String>,
    /// OPC UA: `false` where the server's certificate may be that of another host.
    pub certificate_host_check: Option<bool>,
    /// OPC UA: `false` where it may have expired.
    pub certificate_time_check: Option<bool>,
    /// The user at the server or broker.
    pub user: Option<String>,
    /// The user's password; kept in a file of its own in the configuration folder, for its owner alone.
    pub password: Option<Password>,
    /// Or a file within the folder that has it.
    pub password_file: Option<String>,
    /// OPC UA: the user by certificate, a file within the folder.
    pub user_certificate_file: Option<String>,
    /// OPC UA: its key.
    pub user_key_file: Option<String>,
    /// MQTT: the authority to trust.
    pub ca_file: Option<String>,
    /// MQTT: the gateway's certificate.
    pub client_certificate_file: Option<String>,
    /// MQTT: its key.
    pub client_key_file: Option<String>,
    /// A device that dials in: from where.
    pub allow: Vec<String>,
    /// A device that dials in: what it says of itself.
    pub registration: Option<String>,
    /// MQTT: the topics of people's positions.
    pub location: Option<String>,
    /// MQTT: the topics of video events.
    pub video: Option<String>,
    /// MQTT: the topics of tickets.
    pub ticket: Option<String>,
    /// A serial port: bits a second.
    pub baud: Option<u32>,
    /// A serial port: `none`, `even` or `odd`.
    pub parity: Option<String>,
    /// A serial port.
    pub stop_bits: Option<u8>,
}

/// A password on its way to its file. Nothing shows it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Password(pub String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// How a what-if is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhatIfState {
    /// Nobody has asked since the gateway started.
    #[default]
    None,
    /// It is played.
    Running,
    /// There is a result.
    Done,
    /// There is none, and `error` says why.
    Failed,
    /// Somebody has stopped it.
    Stopped,
}

/// The latest what-if: what was recorded, through a proposal.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct WhatIf {
    /// How it is doing.
    pub state: WhatIfState,
    /// How much of it is played, 0 to 1; absent before the first news.
    pub done: Option<f64>,
    /// Who asked.
    pub asked_by: Option<String>,
    /// When.
    pub asked_at: Option<UtcTime>,
    /// The digest of the proposal.
    pub version: Option<String>,
    /// From when; absent for the beginning of the recording.
    pub from: Option<UtcTime>,
    /// Until when; absent for its end.
    pub to: Option<UtcTime>,
    /// What `davy replay --format json` gives.
    pub result: Option<Value>,
    /// Why there is no result.
    pub error: Option<String>,
}

/// How the point table is written as a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PointsFormat {
    /// CSV in UTF-8.
    #[default]
    Csv,
    /// CSV in GBK.
    Gbk,
    /// A workbook.
    Xlsx,
}

/// The language of its headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PointsHeader {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}
