//! MQTT packets (MQTT 3.1.1 and 5.0, 2.1): the type in the upper half of the first byte, then the length of the rest.

use super::{Next, Sent, bytes};

pub(crate) const CONNECT: u8 = 1;
const LENGTH_BYTES_MAX: usize = 4;
/// The first byte of a TLS record that begins a handshake (RFC 8446, 5.1).
const TLS_HANDSHAKE: u8 = 22;
const WILL_FLAG: u8 = 4;

pub(super) fn next(stream: &[u8]) -> Next {
    let Some(&first) = stream.first() else { return Next::Wait };
    if first == TLS_HANDSHAKE {
        return Next::Lost(Sent::Sealed);
    }
    let length = match length(stream) {
        Ok(Some(length)) => length,
        Ok(None) => return Next::Wait,
        Err(sent) => return Next::Lost(sent),
    };
    let (begin, length) = length;
    let Some(packet) = stream.get(..begin + length) else { return Next::Wait };
    let sent = match first >> 4 {
        0 => return Next::Lost(Sent::Unreadable),
        CONNECT if leaves_a_will(&packet[begin..]) => Sent::MqttWill,
        kind => Sent::Mqtt(kind),
    };
    Next::Message(packet.len(), Some(sent))
}

/// Where the rest begins and how long it is (2.2.3); `None` while that has not come.
fn length(stream: &[u8]) -> Result<Option<(usize, usize)>, Sent> {
    let mut length = 0;
    for at in 0..LENGTH_BYTES_MAX {
        let Some(&byte) = stream.get(1 + at) else { return Ok(None) };
        length |= usize::from(byte & 0x7F) << (7 * at);
        if byte & 0x80 == 0 {
            return Ok(Some((2 + at, length)));
        }
    }
    Err(Sent::Unreadable)
}

/// The flags stand behind the protocol's name and its level (3.1.2).
fn leaves_a_will(rest: &[u8]) -> bool {
    let name = bytes(rest, 0).map_or(0, u16::from_be_bytes);
    rest.get(usize::from(name) + 3).is_some_and(|flags| flags & WILL_FLAG != 0)
}

/// All that a listener says; a publication is not among it.
pub(super) fn only_listens(kind: u8) -> bool {
    matches!(kind, CONNECT | 4 | 5 | 7 | 8 | 10 | 12 | 14 | 15)
}

pub(super) fn name(kind: u8) -> &'static str {
    match kind {
        CONNECT => "CONNECT",
        3 => "PUBLISH",
        4 => "PUBACK",
        5 => "PUBREC",
        6 => "PUBREL",
        7 => "PUBCOMP",
        8 => "SUBSCRIBE",
        10 => "UNSUBSCRIBE",
        12 => "PINGREQ",
        14 => "DISCONNECT",
        15 => "AUTH",
        _ => "packet that no client sends",
    }
}
