//! Modbus requests: the frame of TCP (Modbus Messaging on TCP/IP, 3.1.3), and RTU frames, which say their length only by
//! their function (Modbus Application Protocol V1.1b3, 6).

use super::{Next, Sent, bytes};

const MBAP_BYTES: usize = 7;
/// Unit id and the longest PDU of 253 bytes.
const LENGTH_MAX: u16 = 254;
const ENCAPSULATED: u8 = 43;
/// Read Device Identification (MEI type 14).
const IDENTIFY: u8 = 14;

pub(super) fn next_tcp(stream: &[u8]) -> Next {
    let (Some(protocol), Some(length)) = (bytes(stream, 2), bytes(stream, 4)) else { return Next::Wait };
    let length = u16::from_be_bytes(length);
    if u16::from_be_bytes(protocol) != 0 || !(2..=LENGTH_MAX).contains(&length) {
        return Next::Lost(Sent::Unreadable);
    }
    let whole = MBAP_BYTES - 1 + usize::from(length);
    match stream.get(MBAP_BYTES..whole) {
        Some(pdu) => Next::Message(whole, Some(request(pdu))),
        None => Next::Wait,
    }
}

pub(super) fn next_rtu(stream: &[u8]) -> Next {
    let Some(&function) = stream.get(1) else { return Next::Wait };
    let whole = match function {
        // Address and count.
        1..=4 => 8,
        // The interface, what is asked of it, the object.
        ENCAPSULATED => 7,
        // Its end cannot be found; that it was sent is enough.
        _ => return Next::Lost(Sent::Modbus(function, None)),
    };
    match stream.get(..whole) {
        None => Next::Wait,
        Some(frame) if crc(&frame[..whole - 2]).to_le_bytes() == frame[whole - 2..] => {
            Next::Message(whole, Some(request(&frame[1..whole - 2])))
        }
        Some(_) => Next::Lost(Sent::Unreadable),
    }
}

fn request(pdu: &[u8]) -> Sent {
    let function = pdu.first().copied().unwrap_or_default();
    Sent::Modbus(function, pdu.get(1).copied().filter(|_| function == ENCAPSULATED))
}

pub(super) fn only_reads(function: u8, interface: Option<u8>) -> bool {
    matches!((function, interface), (1..=4, _) | (ENCAPSULATED, Some(IDENTIFY)))
}

pub(super) fn name(function: u8, interface: Option<u8>) -> &'static str {
    match (function, interface) {
        (1, _) => "Read Coils",
        (2, _) => "Read Discrete Inputs",
        (3, _) => "Read Holding Registers",
        (4, _) => "Read Input Registers",
        (ENCAPSULATED, Some(IDENTIFY)) => "Read Device Identification",
        _ => "function that is no read",
    }
}

/// CRC-16 of Modbus over serial line V1.02, 6.2.2.
fn crc(frame: &[u8]) -> u16 {
    frame.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xA001 } else { crc >> 1 })
    })
}
