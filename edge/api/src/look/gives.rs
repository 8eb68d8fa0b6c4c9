//! What a look gives, as it is on the wire.

use davy_core::{
    health::CertificateFacts,
    quality::{Quality, Severity},
    time::UtcTime,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookUser {
    /// Anybody.
    Anonymous,
    /// A user with a password.
    Password,
    /// A user with a certificate.
    Certificate,
}

/// How a server or device may be connected to, and who it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SourceOffers {
    /// `opc_ua`, `modbus` or `mqtt`.
    pub kind: &'static str,
    /// The ways to connect to an OPC UA server, in its order.
    pub endpoints: Vec<Endpoint>,
    /// How its clock stands to this gateway's, in words; empty where it tells none.
    pub clock: String,
    /// What the gateway would take: the strongest that lets such a user in. A way without security is never taken by itself.
    pub chosen: Option<Chosen>,
    /// Why nothing is chosen: `no_security`, `password_needed`, `certificate_needed`, `user_not_taken`.
    pub lacking: Option<&'static str>,
    /// The certificate that the server shows for what is chosen.
    pub certificate: Option<ShownCertificate>,
}

/// A way to connect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Endpoint {
    /// `Basic256Sha256 SignAndEncrypt`.
    pub name: String,
    /// Whether the gateway speaks it; not what is withdrawn or unknown.
    pub spoken: bool,
    /// Whether messages are signed at least.
    pub secured: bool,
    /// Whom it lets in.
    pub users: Vec<LookUser>,
}

/// Security and user, as the configuration writes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chosen {
    /// The key `security` of a source.
    pub security: String,
    /// The key `security_mode`.
    pub security_mode: Option<String>,
    /// As whom.
    pub user: LookUser,
}

/// The certificate of a server.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShownCertificate {
    /// Whether a person has trusted it.
    pub is_trusted: bool,
    /// Why it will not do, or not for long, in words.
    pub objections: Vec<String>,
    /// What it says.
    #[serde(flatten)]
    pub facts: CertificateFacts,
}

/// A part of the nodes below one.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Level {
    /// The nodes.
    pub items: Vec<Node>,
    /// The `cursor` of the next part, where there is one.
    pub next: Option<String>,
    /// How many there are altogether, as far as was looked.
    pub matching: usize,
    /// Whether all was looked at; otherwise there are more nodes than a look goes through.
    pub whole: bool,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Node {
    /// As the point table takes it: `nsu=…;s=…`.
    pub address: String,
    /// By the index of its namespace, `ns=2;s=…`.
    pub node: String,
    /// Its display name.
    pub display_name: String,
    /// The browse names from where the look began down to it, its own last.
    pub path: Vec<String>,
    /// `Object`, `Variable`, `Method`, ….
    pub class: String,
    /// Whether there may be nodes below it.
    pub has_below: bool,
    /// What a variable has besides.
    pub variable: Option<NodeVariable>,
    /// The tag that reads it already.
    pub tag: Option<String>,
}

/// What a variable tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NodeVariable {
    /// `Double`, or the address of a type of its own.
    pub data_type: String,
    /// Whether a tag can be made of it: one number or switch that this user may read.
    pub is_point: bool,
    /// What the server says of it.
    pub description: String,
    /// Whether this user may read its value.
    pub readable: bool,
    /// Whether this user may read its history.
    pub has_history: bool,
    /// Its engineering unit; empty without one.
    pub engineering_unit: String,
    /// Its EURange.
    pub range: Option<(f64, f64)>,
    /// Its value.
    pub told: NodeValue,
}

/// A value with its quality and time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NodeValue {
    /// Of which node, as it was asked for.
    pub address: String,
    /// As text; `None` without one.
    pub value: Option<String>,
    /// As a tag would have it; `None` for what is no number.
    pub number: Option<f64>,
    /// How good it is.
    pub severity: Severity,
    /// The same by the name of its status code.
    pub quality_name: String,
    /// When the server says that it was measured.
    pub source_time: Option<UtcTime>,
}

impl NodeValue {
    /// With a quality and its words.
    #[must_use]
    pub fn new(address: String, (value, number): (Option<String>, Option<f64>), quality: Quality) -> Self {
        let (severity, quality_name) = (quality.severity(), quality.to_string());
        Self { address, value, number, severity, quality_name, source_time: None }
    }
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Readings {
    /// Of nodes, in the order in which they were asked for.
    Nodes {
        /// A value for each.
        values: Vec<NodeValue>,
    },
    /// Of a Modbus device.
    Registers(Registers),
}

/// Registers or bits of a Modbus device, each way they may be meant.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Registers {
    /// Bits, of the tables of bits.
    pub bits: Vec<Bit>,
    /// Registers.
    pub words: Vec<Word>,
    /// Two and four registers together, in every byte order.
    pub groups: Vec<Group>,
    /// All of them as text, empty where they are none.
    pub text: String,
}

/// A bit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bit {
    /// As the point table takes it.
    pub address: String,
    /// On or off.
    pub value: bool,
}

/// A register.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Word {
    /// As the point table takes it.
    pub address: String,
    /// `0x1F4A`.
    pub hex: String,
    /// Without a sign.
    pub u16: u16,
    /// With one.
    pub i16: i16,
    /// As four decimal digits, where it is that.
    pub bcd16: Option<f64>,
}

/// Registers that may be one number.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// Of the first, as the point table takes it.
    pub address: String,
    /// How many, 2 or 4.
    pub registers: usize,
    /// As they came, `0x41C8 0x0000`.
    pub hex: String,
    /// In each byte order.
    pub orders: Vec<Order>,
}

/// A byte order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Order {
    /// As the point table takes it.
    pub order: &'static str,
    /// What the registers are then.
    pub values: Vec<Wording>,
}

/// What registers are as a type of number.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Wording {
    /// The type, as the point table takes it: `f32`.
    pub data: &'static str,
    /// The number; `None` where they are no such number.
    pub value: Option<f64>,
}

/// Rows for the point table.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct ProposedRows {
    /// One for each that was found, in its order.
    pub(crate) rows: Vec<OfferedRow>,
}

/// A row for the point table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OfferedRow {
    /// Its cells that are not empty, by the names of the columns.
    pub cells: BTreeMap<&'static str, String>,
    /// Whether the point table has it already.
    pub known: bool,
}
