//! What goes over the wire toward the field, read there and counted by kind: nobody has to believe that the product only
//! reads. The end-to-end tests and `davy doctor --read-only` put a [`Tap`] between the gateway and each of its sources.
//!
//! | file | reads |
//! |---|---|
//! | `modbus` | function codes, of TCP and of RTU over TCP |
//! | `opcua` | services, by the type of each request |
//! | `mqtt` | packet types |
//! | `tap` | everything that passes between two ends of a connection |
//!
//! What is encrypted cannot be read from outside and is counted as [`Sent::Sealed`]; what does not follow its protocol is
//! [`Sent::Unreadable`], and that is no read. Where no tap can be put, a connector counts into a [`Recorder`] what it is about to
//! send: Modbus as the bytes of a serial port or of a device that dialled in, MQTT by packets before they are encrypted.

mod modbus;
mod mqtt;
mod opcua;
mod tap;

pub(crate) use mqtt::CONNECT;
pub use tap::Tap;

use ::opcua::types::ObjectId;
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// What is spoken over a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Modbus TCP.
    ModbusTcp,
    /// Modbus RTU frames over TCP.
    ModbusRtuOverTcp,
    /// OPC UA over TCP (OPC 10000-6, 7).
    OpcUa,
    /// MQTT 3.1.1 or 5.
    Mqtt,
}

/// Something that was sent toward the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sent {
    /// A Modbus request, by its function code; with 43 the type of its encapsulated interface.
    Modbus(u8, Option<u8>),
    /// A message of the OPC UA connection itself: `HEL`, `OPN`, `CLO`.
    OpcUaConnection([u8; 3]),
    /// An OPC UA request, by the numeric id of its binary encoding in namespace 0; `None` for one of another namespace.
    OpcUaService(Option<u32>),
    /// An MQTT packet, by its type.
    Mqtt(u8),
    /// An MQTT connection that leaves a last will, which the broker would publish for it.
    MqttWill,
    /// Something encrypted.
    Sealed,
    /// Something that does not follow its protocol; what comes after it on the same connection is not read.
    Unreadable,
}

/// How often each kind was sent.
pub type Counts = BTreeMap<Sent, u64>;

/// Counts, shared between who counts and who looks.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Arc<Mutex<Counts>>);

impl Recorder {
    /// What has been counted so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn note(&self, sent: Sent) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(sent).or_default() += 1;
    }
}

/// Services that change nothing in a server but the client's own session and subscriptions (OPC 10000-4, 5).
const READING_SERVICES: [ObjectId; 24] = [
    ObjectId::FindServersRequest_Encoding_DefaultBinary,
    ObjectId::GetEndpointsRequest_Encoding_DefaultBinary,
    ObjectId::CreateSessionRequest_Encoding_DefaultBinary,
    ObjectId::ActivateSessionRequest_Encoding_DefaultBinary,
    ObjectId::CloseSessionRequest_Encoding_DefaultBinary,
    ObjectId::CancelRequest_Encoding_DefaultBinary,
    ObjectId::BrowseRequest_Encoding_DefaultBinary,
    ObjectId::BrowseNextRequest_Encoding_DefaultBinary,
    ObjectId::TranslateBrowsePathsToNodeIdsRequest_Encoding_DefaultBinary,
    ObjectId::RegisterNodesRequest_Encoding_DefaultBinary,
    ObjectId::UnregisterNodesRequest_Encoding_DefaultBinary,
    ObjectId::ReadRequest_Encoding_DefaultBinary,
    ObjectId::HistoryReadRequest_Encoding_DefaultBinary,
    ObjectId::CreateMonitoredItemsRequest_Encoding_DefaultBinary,
    ObjectId::ModifyMonitoredItemsRequest_Encoding_DefaultBinary,
    ObjectId::SetMonitoringModeRequest_Encoding_DefaultBinary,
    ObjectId::DeleteMonitoredItemsRequest_Encoding_DefaultBinary,
    ObjectId::CreateSubscriptionRequest_Encoding_DefaultBinary,
    ObjectId::ModifySubscriptionRequest_Encoding_DefaultBinary,
    ObjectId::SetPublishingModeRequest_Encoding_DefaultBinary,
    ObjectId::PublishRequest_Encoding_DefaultBinary,
    ObjectId::RepublishRequest_Encoding_DefaultBinary,
    ObjectId::TransferSubscriptionsRequest_Encoding_DefaultBinary,
    ObjectId::DeleteSubscriptionsRequest_Encoding_DefaultBinary,
];

impl Sent {
    /// Whether it can change nothing in the field; `None` where that cannot be seen.
    #[must_use]
    pub fn only_reads(self) -> Option<bool> {
        match self {
            Self::Modbus(function, interface) => Some(modbus::only_reads(function, interface)),
            Self::OpcUaConnection(_) => Some(true),
            Self::OpcUaService(id) => Some(READING_SERVICES.iter().any(|reading| Some(*reading as u32) == id)),
            Self::Mqtt(kind) => Some(mqtt::only_listens(kind)),
            Self::MqttWill | Self::Unreadable => Some(false),
            Self::Sealed => None,
        }
    }

    /// Its code in the protocol, for an assessor who looks it up.
    #[must_use]
    pub fn code(self) -> String {
        match self {
            Self::Modbus(function, None) | Self::Mqtt(function) => function.to_string(),
            Self::Modbus(function, Some(interface)) => format!("{function}/{interface}"),
            Self::OpcUaConnection(kind) => String::from_utf8_lossy(&kind).into_owned(),
            Self::OpcUaService(Some(id)) => format!("i={id}"),
            Self::MqttWill => "1".to_owned(),
            Self::OpcUaService(None) | Self::Sealed | Self::Unreadable => "–".to_owned(),
        }
    }
}

/// Its name in the protocol.
impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Modbus(function, interface) => f.write_str(modbus::name(*function, *interface)),
            Self::OpcUaConnection(kind) => f.write_str(opcua::name(*kind)),
            Self::OpcUaService(id) => match id.and_then(|id| ObjectId::try_from(id).ok()) {
                Some(known) => f.write_str(format!("{known:?}").trim_end_matches("Request_Encoding_DefaultBinary")),
                None => f.write_str("service that is not known"),
            },
            Self::Mqtt(kind) => f.write_str(mqtt::name(*kind)),
            Self::MqttWill => f.write_str("CONNECT with a last will"),
            Self::Sealed => f.write_str("encrypted, not to be read from outside"),
            Self::Unreadable => f.write_str("not of this protocol"),
        }
    }
}

/// Reads one direction of one connection.
#[derive(Debug)]
pub(crate) struct Reader {
    protocol: Protocol,
    waiting: Vec<u8>,
    opcua: opcua::Channel,
    /// It has met something that it cannot read, or that is encrypted from there on.
    lost: Option<Sent>,
}

/// The next message of a stream: how many bytes it takes and what it is.
enum Next {
    /// More bytes are needed.
    Wait,
    /// A whole message; some are no kind of their own, as the further parts of a long one.
    Message(usize, Option<Sent>),
    /// Nothing after this can be read.
    Lost(Sent),
}

impl Reader {
    pub(crate) fn new(protocol: Protocol) -> Self {
        Self { protocol, waiting: Vec::new(), opcua: opcua::Channel::default(), lost: None }
    }

    /// Takes bytes as they come, cut anywhere, and tells each message.
    pub(crate) fn take(&mut self, bytes: &[u8], mut tell: impl FnMut(Sent)) {
        if let Some(lost) = self.lost {
            return tell(lost);
        }
        self.waiting.extend_from_slice(bytes);
        let mut read = 0;
        loop {
            let rest = &self.waiting[read..];
            let next = match self.protocol {
                Protocol::ModbusTcp => modbus::next_tcp(rest),
                Protocol::ModbusRtuOverTcp => modbus::next_rtu(rest),
                Protocol::OpcUa => self.opcua.next(rest),
                Protocol::Mqtt => mqtt::next(rest),
            };
            match next {
                Next::Wait => break,
                Next::Message(length, sent) => {
                    read += length;
                    sent.into_iter().for_each(&mut tell);
                }
                Next::Lost(sent) => {
                    self.lost = Some(sent);
                    self.waiting = Vec::new();
                    return tell(sent);
                }
            }
        }
        self.waiting.drain(..read);
    }
}

/// Host, port and path of an OPC UA endpoint, `opc.tcp://host:port/path`; the path begins with its slash or is empty.
#[must_use]
pub fn opcua_place(endpoint: &str) -> Option<(&str, u16, &str)> {
    let (host, port) = crate::opcua::host_and_port(endpoint)?;
    let path = endpoint.splitn(4, '/').nth(3).map_or("", |path| &endpoint[endpoint.len() - path.len() - 1..]);
    Some((host, port, path))
}

/// `N` bytes from a place on, if they have come.
fn bytes<const N: usize>(stream: &[u8], from: usize) -> Option<[u8; N]> {
    stream.get(from..from + N)?.try_into().ok()
}

#[cfg(test)]
mod tests;
