use super::*;

/// What a reader tells of a stream that comes in pieces of so many bytes.
fn told(protocol: Protocol, stream: &[u8], piece: usize) -> Vec<Sent> {
    let (mut reader, mut told) = (Reader::new(protocol), Vec::new());
    stream.chunks(piece).for_each(|piece| reader.take(piece, |sent| told.push(sent)));
    told
}

/// However a stream is cut, the same is told up to where it can be read.
fn check(protocol: Protocol, stream: &[u8], expected: &[Sent]) {
    for piece in [1, 2, 3, 7, stream.len().max(1)] {
        let told = told(protocol, stream, piece);
        assert_eq!(told[..expected.len().min(told.len())], *expected, "{protocol:?} in pieces of {piece}");
        let last = expected.last();
        assert!(told[expected.len()..].iter().all(|sent| Some(sent) == last), "{protocol:?} {piece}: {told:?}");
    }
}

fn tcp(pdu: &[u8]) -> Vec<u8> {
    let length = u8::try_from(pdu.len() + 1).unwrap();
    [&[0, 9, 0, 0, 0, length, 1], pdu].concat()
}

#[test]
fn modbus_functions_are_told_and_only_reads_are_reads() {
    let read = tcp(&[3, 0, 0, 0, 2]);
    let write = tcp(&[6, 0, 1, 0, 3]);
    let identify = tcp(&[43, 14, 1, 0]);
    let stream = [&read[..], &write, &identify, &read].concat();
    let expected = [Sent::Modbus(3, None), Sent::Modbus(6, None), Sent::Modbus(43, Some(14)), Sent::Modbus(3, None)];
    check(Protocol::ModbusTcp, &stream, &expected);
    let reads: Vec<u8> =
        (0..=255).filter(|function| Sent::Modbus(*function, None).only_reads() == Some(true)).collect();
    assert_eq!(reads, [1, 2, 3, 4]);
    assert_eq!(Sent::Modbus(43, Some(13)).only_reads(), Some(false), "CANopen could write");
    check(Protocol::ModbusTcp, b"GET / HTTP/1.1", &[Sent::Unreadable]);
}

#[test]
fn modbus_rtu_frames_have_their_ends() {
    // Modbus over serial line, with the CRC of the standard's tables.
    let read = [1, 3, 0, 0, 0, 10, 0xC5, 0xCD];
    let write = [1, 6, 0, 1, 0, 3, 0x98, 0x0B];
    check(Protocol::ModbusRtuOverTcp, &[read, read].concat(), &[Sent::Modbus(3, None); 2]);
    check(Protocol::ModbusRtuOverTcp, &[read, write].concat(), &[Sent::Modbus(3, None), Sent::Modbus(6, None)]);
    let broken = [1, 3, 0, 0, 0, 10, 0xC5, 0xCE];
    check(Protocol::ModbusRtuOverTcp, &broken, &[Sent::Unreadable]);
}

fn chunk(kind: &[u8; 3], last: u8, body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(8 + body.len()).unwrap();
    [&kind[..], &[last], &size.to_le_bytes(), body].concat()
}

fn open(policy: &[u8]) -> Vec<u8> {
    let length = u32::try_from(policy.len()).unwrap();
    chunk(b"OPN", b'F', &[&[0; 4][..], &length.to_le_bytes(), policy, &[0; 40]].concat())
}

fn message(last: u8, id: &[u8]) -> Vec<u8> {
    chunk(b"MSG", last, &[&[0; 16][..], id, &[7; 30]].concat())
}

#[test]
fn opcua_services_are_told_by_the_first_chunk_of_each_message() {
    let none = open(b"http://opcfoundation.org/UA/SecurityPolicy#None");
    let read = [1, 0, 0x77, 0x02];
    let write = [1, 0, 0xA1, 0x02];
    let foreign = [1, 2, 0x77, 0x02];
    let stream = [
        chunk(b"HEL", b'F', &[0; 30]),
        none,
        message(b'C', &read),
        message(b'C', &write),
        message(b'F', &write),
        message(b'F', &write),
        message(b'F', &foreign),
        message(b'F', &[2, 0, 0, 0x77, 0x02, 0, 0]),
        chunk(b"CLO", b'F', &[0; 20]),
    ]
    .concat();
    let expected = [
        Sent::OpcUaConnection(*b"HEL"),
        Sent::OpcUaConnection(*b"OPN"),
        Sent::OpcUaService(Some(631)),
        Sent::OpcUaService(Some(673)),
        Sent::OpcUaService(None),
        Sent::OpcUaService(Some(631)),
        Sent::OpcUaConnection(*b"CLO"),
    ];
    check(Protocol::OpcUa, &stream, &expected);
    assert_eq!(expected.map(Sent::only_reads).iter().filter(|reads| **reads == Some(false)).count(), 2);
    assert_eq!(Sent::OpcUaService(Some(631)).to_string(), "Read");
    let basic = b"http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256";
    let sealed = [open(basic), message(b'F', &[0x9C, 0x11, 0x77, 0x02])].concat();
    check(Protocol::OpcUa, &sealed, &[Sent::OpcUaConnection(*b"OPN"), Sent::Sealed]);
    let signed = [&open(basic)[..], &message(b'F', &read), &message(b'F', &write)].concat();
    let services = [Sent::OpcUaConnection(*b"OPN"), Sent::OpcUaService(Some(631)), Sent::OpcUaService(Some(673))];
    check(Protocol::OpcUa, &signed, &services);
    check(Protocol::OpcUa, b"GET / HTTP/1.1 and more", &[Sent::Unreadable]);
}

/// Every service with `Write`, `Update`, `Add`, `Delete`, `Call` in its name that is not about the client's own subscriptions.
#[test]
fn no_service_that_changes_a_server_counts_as_reading() {
    let names: Vec<String> =
        READING_SERVICES.iter().map(|id| Sent::OpcUaService(Some(*id as u32)).to_string()).collect();
    let changes = ["Write", "Update", "Add", "Call", "DeleteNodes", "DeleteReferences", "RegisterServer"];
    assert!(names.iter().all(|name| changes.iter().all(|word| !name.contains(word))), "{names:?}");
    assert_eq!(names.iter().filter(|name| name.contains("not known")).count(), 0);
}

#[test]
fn mqtt_packets_are_told_and_a_will_is_seen() {
    let connect = |flags: u8| [16, 12, 0, 4, b'M', b'Q', b'T', b'T', 4, flags, 0, 30, 0, 0];
    let subscribe = [0x82, 3, 0, 1, 0];
    let publish = [0x32, 5, 0, 1, b'a', 0, 1];
    let stream = [&connect(2)[..], &subscribe, &publish, &[0xC0, 0], &[0xE0, 0]].concat();
    let expected = [1, 8, 3, 12, 14].map(Sent::Mqtt);
    check(Protocol::Mqtt, &stream, &expected);
    assert_eq!(expected.map(|sent| sent.only_reads()), [true, true, false, true, true].map(Some));
    check(Protocol::Mqtt, &connect(6), &[Sent::MqttWill]);
    check(Protocol::Mqtt, &[22, 3, 1, 2, 0], &[Sent::Sealed]);
    check(Protocol::Mqtt, &[0x30, 0xFF, 0xFF, 0xFF, 0xFF, 1], &[Sent::Unreadable]);
    let long = [&[0x30, 0x81, 0x01][..], &[0; 129], &[0xC0, 0]].concat();
    check(Protocol::Mqtt, &long, &[Sent::Mqtt(3), Sent::Mqtt(12)]);
}

#[test]
fn places_of_endpoints() {
    for (endpoint, expected) in [
        ("opc.tcp://10.0.0.7:4841/server/x", Some(("10.0.0.7", 4841, "/server/x"))),
        ("opc.tcp://dcs:4840/", Some(("dcs", 4840, "/"))),
        ("opc.tcp://[::1]:4841", Some(("::1", 4841, ""))),
        ("opc.tcp://dcs:x/", None),
    ] {
        assert_eq!(opcua_place(endpoint), expected, "{endpoint}");
    }
}
