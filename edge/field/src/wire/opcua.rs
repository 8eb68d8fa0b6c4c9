//! OPC UA requests (OPC 10000-6, 6.7 and 7.1): chunks of messages, each with its header; the first chunk of a message that
//! is not encrypted begins with the type of the request.

use super::{Next, Sent, bytes};
use ::opcua::types::ObjectId;

const HEADER_BYTES: usize = 8;
/// Channel, token, sequence number, request number.
const TYPE_AT: usize = HEADER_BYTES + 16;
const POLICY_AT: usize = HEADER_BYTES + 4;
const NO_POLICY: &[u8] = b"http://opcfoundation.org/UA/SecurityPolicy#None";
/// A chunk of the largest message that a client of ours may send.
const CHUNK_BYTES_MAX: u32 = 1 << 26;

/// What is known of the connection.
#[derive(Debug, Default)]
pub(super) struct Channel {
    /// Its messages are signed or encrypted.
    secured: bool,
    /// The last chunk was not the last of its message.
    goes_on: bool,
}

impl Channel {
    pub(super) fn next(&mut self, stream: &[u8]) -> Next {
        let (Some(kind), Some(size)) = (bytes(stream, 0), bytes(stream, 4)) else { return Next::Wait };
        let size = u32::from_le_bytes(size);
        if !(HEADER_BYTES as u32..=CHUNK_BYTES_MAX).contains(&size) {
            return Next::Lost(Sent::Unreadable);
        }
        let Some(chunk) = stream.get(..size as usize) else { return Next::Wait };
        match &kind {
            b"HEL" | b"CLO" => Next::Message(chunk.len(), Some(Sent::OpcUaConnection(kind))),
            b"OPN" => {
                self.secured = policy(chunk) != Some(NO_POLICY);
                Next::Message(chunk.len(), Some(Sent::OpcUaConnection(kind)))
            }
            b"MSG" => {
                let begins = !std::mem::replace(&mut self.goes_on, chunk[3] == b'C');
                let sent = if self.secured { signed(chunk) } else { Sent::OpcUaService(type_of(chunk)) };
                Next::Message(chunk.len(), begins.then_some(sent))
            }
            _ => Next::Lost(Sent::Unreadable),
        }
    }
}

/// The security policy of an `OPN`, which is never encrypted.
fn policy(chunk: &[u8]) -> Option<&[u8]> {
    let length = u32::from_le_bytes(bytes(chunk, POLICY_AT)?) as usize;
    chunk.get(POLICY_AT + 4..(POLICY_AT + 4).checked_add(length)?)
}

/// A message that is signed alone can be read like any other one; where the type of no request stands, it is encrypted.
/// Chance puts one there in two of a million encrypted messages.
fn signed(chunk: &[u8]) -> Sent {
    let is_request = |id: &u32| {
        let known = ObjectId::try_from(*id).ok();
        known.is_some_and(|id| format!("{id:?}").ends_with("Request_Encoding_DefaultBinary"))
    };
    type_of(chunk)
        .filter(|_| chunk[TYPE_AT] == 1)
        .filter(is_request)
        .map_or(Sent::Sealed, |id| Sent::OpcUaService(Some(id)))
}

/// The numeric node id at the beginning of a body, if it is one of namespace 0 (OPC 10000-6, 5.2.2.9).
fn type_of(chunk: &[u8]) -> Option<u32> {
    match bytes(chunk, TYPE_AT)? {
        [0] => Some(u32::from(u8::from_le_bytes(bytes(chunk, TYPE_AT + 1)?))),
        [1] if bytes(chunk, TYPE_AT + 1)? == [0] => Some(u32::from(u16::from_le_bytes(bytes(chunk, TYPE_AT + 2)?))),
        [2] if bytes(chunk, TYPE_AT + 1)? == [0, 0] => Some(u32::from_le_bytes(bytes(chunk, TYPE_AT + 3)?)),
        _ => None,
    }
}

pub(super) fn name(kind: [u8; 3]) -> &'static str {
    match &kind {
        b"HEL" => "Hello",
        b"OPN" => "OpenSecureChannel",
        b"CLO" => "CloseSecureChannel",
        _ => "message that is not known",
    }
}
