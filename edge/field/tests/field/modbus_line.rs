//! Modbus RTU against pymodbus: over a serial port (a pseudo-terminal), a serial server over TCP, and a device that dials in.

use crate::{
    modbus::{item, source, start, tcp, write},
    script::Script,
};
use acceptance::places;
use anyhow::Result;
use davy_config::{
    ByteOrder, IpRange, ModbusData, ModbusFraming, ModbusItem, ModbusLink, ModbusPace, ModbusSource, ModbusTable,
    SerialLine, SerialParity,
};
use davy_core::{event::Sample, quality::Quality};
use davy_field::wire::Sent;
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The line's way to the gateway.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    Serial,
    RtuOverTcp,
    DialsIn(ModbusFraming),
}

const WAYS: [Way; 4] =
    [Way::Serial, Way::RtuOverTcp, Way::DialsIn(ModbusFraming::Rtu), Way::DialsIn(ModbusFraming::Tcp)];

const REGISTRATION: &str = "DTU-0001";

/// A line with unit ids 1, 2 and 3, and how the gateway reaches it.
pub(crate) async fn line(test: &str, way: Way) -> Result<(Script, ModbusLink)> {
    let folder = places::fresh(&format!("{test}_{way:?}").replace(['(', ')'], "_"))?;
    let (port, path) = (places::free_port()?, folder.join("tty"));
    let registers = json!({"coil": [[0, 16]], "discrete": [[0, 16]], "holding": [[0, 300]], "input": [[0, 16]]});
    let (name, framing) = match way {
        Way::Serial => ("pty", "rtu"),
        Way::RtuOverTcp => ("tcp", "rtu"),
        Way::DialsIn(ModbusFraming::Rtu) => ("dial", "rtu"),
        Way::DialsIn(ModbusFraming::Tcp) => ("dial", "tcp"),
    };
    let devices = json!({"1": registers, "2": registers, "3": registers});
    let setup = json!({"port": port, "way": name, "framing": framing, "path": path, "registration": REGISTRATION,
        "devices": devices});
    let link = match way {
        Way::Serial => ModbusLink::Serial(SerialLine {
            path: path.display().to_string(),
            baud: 115_200,
            parity: SerialParity::None,
            stop_bits: 1,
        }),
        Way::RtuOverTcp => tcp(port, ModbusFraming::Rtu),
        Way::DialsIn(framing) => listen(port, IpRange { address: Ipv4Addr::LOCALHOST.into(), bits: 8 }, framing),
    };
    Ok((Script::start("modbus_line.py", setup, &folder).await?, link))
}

pub(crate) fn listen(port: u16, allowed: IpRange, framing: ModbusFraming) -> ModbusLink {
    ModbusLink::Listen {
        address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port),
        allow: vec![allowed],
        registration: Some(REGISTRATION.to_owned()),
        framing,
    }
}

pub(crate) fn holding(unit_id: u8, address: u16) -> ModbusItem {
    item(unit_id, ModbusTable::Holding, address, ModbusData::U16)
}

pub(crate) async fn tell(line: &mut Script, request: Value) -> Result<Value> {
    line.ask(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_is_read_whichever_way_it_is_reached_and_nothing_is_ever_written() -> Result<()> {
    for way in WAYS {
        let (mut line, link) = line("field_modbus_line", way).await?;
        // An answer that trickles in is whole in the end.
        tell(&mut line, json!({"op": "trickle", "on": true})).await?;
        write(&mut line, 1, "holding", 0, &[0x4148, 0]).await?;
        write(&mut line, 2, "holding", 299, &[7]).await?;
        let items = vec![item(1, ModbusTable::Holding, 0, ModbusData::F32), holding(2, 299), holding(1, 60_000)];
        let mut stand = start(ModbusSource { identify: true, ..source(link, items, 2_000) });
        stand.up().await?;
        let samples = stand.samples(3).await?;
        let got: Vec<_> = samples.iter().map(|sample| (sample.value, sample.quality)).collect();
        assert_eq!(got, [(12.5, Quality::GOOD), (7.0, Quality::GOOD), (0.0, Quality::BAD_ADDRESS)], "{way:?}");
        let identified = |notes: &[String]| {
            ["1", "2"].iter().all(|unit| notes.contains(&format!("unit id {unit} is Pymodbus, Line, 3.16")))
        };
        stand.health_with("both say who they are", |health| identified(&health.notes)).await?;
        assert_eq!(tell(&mut line, json!({"op": "written"})).await?["count"], 0);
        let sent = stand.sent();
        let kinds: Vec<Sent> = sent.keys().copied().collect();
        assert_eq!(
            kinds,
            [Sent::Modbus(3, None), Sent::Modbus(43, Some(14))],
            "{way:?}: seen before the line: {sent:?}"
        );
        stand.stop().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn all_four_tables_are_read_over_a_line() -> Result<()> {
    for way in WAYS {
        let (mut line, link) = line("field_modbus_line_tables", way).await?;
        write(&mut line, 1, "coil", 3, &[1]).await?;
        write(&mut line, 1, "discrete", 9, &[1]).await?;
        write(&mut line, 1, "input", 2, &[0, 0x4148]).await?;
        let items = vec![
            item(1, ModbusTable::Coil, 3, ModbusData::Bool),
            item(1, ModbusTable::Coil, 12, ModbusData::Bool),
            item(1, ModbusTable::Discrete, 9, ModbusData::Bool),
            ModbusItem { order: ByteOrder::Cdab, ..item(1, ModbusTable::Input, 2, ModbusData::F32) },
        ];
        let mut stand = start(source(link, items, 2_000));
        stand.up().await?;
        let samples = stand.samples(4).await?;
        let got: Vec<_> = samples.iter().map(|sample| (sample.value, sample.quality)).collect();
        assert_eq!(got, [1.0, 0.0, 1.0, 12.5].map(|value| (value, Quality::GOOD)), "{way:?}");
        let kinds: Vec<Sent> = stand.sent().into_keys().collect();
        assert_eq!(kinds, [1, 2, 4].map(|function| Sent::Modbus(function, None)), "{way:?}");
        stand.stop().await?;
    }
    Ok(())
}

/// Two questions to one unit whose answers look alike. While the second one's is late, the first is asked again.
async fn late_answers(test: &str, way: Way) -> Result<()> {
    let (mut line, link) = line(test, way).await?;
    write(&mut line, 1, "holding", 0, &[11]).await?;
    write(&mut line, 1, "holding", 100, &[22]).await?;
    let often = |item| ModbusItem { poll_ms: 20, ..item };
    let mut stand = start(source(link, vec![often(holding(1, 0)), often(holding(1, 100))], 150));
    stand.up().await?;
    tell(&mut line, json!({"op": "late", "ms": 250, "every": 2, "address": 100})).await?;
    let (mut late, mut good) = (0, 0);
    while late < 3 || good < 12 {
        for sample in stand.batch().await? {
            if sample.quality == Quality::GOOD {
                let is_own = (sample.value - [11.0, 22.0][sample.tag.at()]).abs() < 0.5;
                assert!(is_own, "the other question's answer: {sample:?}");
                good += 1;
            }
            late += usize::from(sample.quality == Quality::BAD_TIMEOUT);
        }
    }
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_answer_on_a_serial_line_is_never_taken_for_that_to_the_next_question() -> Result<()> {
    late_answers("field_modbus_late", Way::Serial).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_answer_from_behind_a_serial_server_is_never_taken_for_that_to_the_next_question() -> Result<()> {
    late_answers("field_modbus_late", Way::RtuOverTcp).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_answer_of_a_device_that_dials_in_is_never_taken_for_that_to_the_next_question() -> Result<()> {
    for framing in [ModbusFraming::Rtu, ModbusFraming::Tcp] {
        late_answers("field_modbus_late", Way::DialsIn(framing)).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_repeated_as_often_as_is_said() -> Result<()> {
    let (mut line, link) = line("field_modbus_retries", Way::Serial).await?;
    let config = source(link, vec![holding(1, 0)], 300);
    let pace = ModbusPace { retries: 1, late_ms: 400, ..config.pace };
    let mut stand = start(ModbusSource { pace, ..config });
    stand.up().await?;
    stand.sample(0, |sample| sample.quality == Quality::GOOD).await?;
    // Every third answer comes too late, and the repetition's in time.
    tell(&mut line, json!({"op": "late", "ms": 400, "every": 3})).await?;
    for _ in 0..12 {
        assert_eq!(stand.sample(0, |_| true).await?.quality, Quality::GOOD);
    }
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_noise_has_damaged_is_asked_for_again_and_never_believed() -> Result<()> {
    for way in [Way::Serial, Way::RtuOverTcp] {
        let (mut line, link) = line("field_modbus_noise", way).await?;
        write(&mut line, 1, "holding", 0, &[0x1234, 0x1234, 0x1234]).await?;
        let config = source(link, (0..3).map(|address| holding(1, address)).collect(), 300);
        let pace = ModbusPace { retries: 1, late_ms: 50, ..config.pace };
        let mut stand = start(ModbusSource { pace, ..config });
        stand.up().await?;
        tell(&mut line, json!({"op": "noise", "every": 2})).await?;
        for _ in 0..5 {
            let samples = stand.samples(3).await?;
            let good = |sample: &Sample| sample.quality == Quality::GOOD && (sample.value - 4_660.0).abs() < 0.5;
            assert!(samples.iter().all(good), "{way:?}: {samples:?}");
        }
        stand.stop().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_pulled_out_is_lost_and_read_again_when_it_is_back() -> Result<()> {
    for way in WAYS {
        let (mut line, link) = line("field_modbus_pulled", way).await?;
        let mut stand = start(source(link, vec![holding(1, 0)], 200));
        stand.up().await?;
        line.kill().await?;
        stand.down().await?;
        line.start_again().await?;
        stand.up().await?;
        stand.sample(0, |sample| sample.quality == Quality::GOOD).await?;
        stand.stop().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slave_that_dies_does_not_slow_the_others_on_its_line_and_is_read_again() -> Result<()> {
    for way in [Way::Serial, Way::RtuOverTcp] {
        let (mut line, link) = line("field_modbus_dead", way).await?;
        let mut stand = start(source(link, vec![holding(1, 0), holding(2, 0), holding(3, 0)], 400));
        stand.up().await?;
        stand.samples(3).await?;
        tell(&mut line, json!({"op": "dead", "units": [2]})).await?;
        stand.sample(1, |sample| sample.quality == Quality::BAD_TIMEOUT).await?;
        let note = |notes: &[String]| notes.iter().any(|note| note == "unit id 2 is silent: BadTimeout");
        stand.health_with("it is said", |health| note(&health.notes)).await?;
        let before = asked(&mut line).await?.len();
        for _ in 0..25 {
            let batch = stand.samples(3).await?;
            assert!(batch[0].quality == Quality::GOOD && batch[2].quality == Quality::GOOD, "{way:?} {batch:?}");
        }
        let asked = asked(&mut line).await?;
        let dead = asked[before..].iter().filter(|unit| **unit == 2).count();
        assert!(dead * 5 < asked.len() - before, "{way:?}: demoted: {dead} of {}", asked.len() - before);
        tell(&mut line, json!({"op": "dead", "units": []})).await?;
        stand.sample(1, |sample| sample.quality == Quality::GOOD).await?;
        assert_eq!(stand.health().connects, 1, "{way:?}: never lost");
        stand.stop().await?;
    }
    Ok(())
}

/// The unit ids that were asked, in order.
async fn asked(line: &mut Script) -> Result<Vec<u64>> {
    let asked = tell(line, json!({"op": "asked"})).await?;
    Ok(asked["asked"].as_array().into_iter().flatten().filter_map(|question| question[0].as_u64()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_not_there_is_said_in_plain_words() -> Result<()> {
    let folder = places::fresh("field_modbus_no_port")?;
    let path = folder.join("ttyUSB7").display().to_string();
    let serial = SerialLine { path: path.clone(), baud: 9_600, parity: SerialParity::Even, stop_bits: 1 };
    let mut stand = start(source(ModbusLink::Serial(serial), vec![holding(1, 0)], 200));
    let reason = stand.down().await?;
    assert!(reason.starts_with(&format!("{path}: there is no such device; check the path")), "{reason}");
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_does_not_say_who_it_is_is_asked_once_and_read_all_the_same() -> Result<()> {
    for way in [Way::Serial, Way::RtuOverTcp] {
        let (mut line, link) = line("field_modbus_deaf", way).await?;
        tell(&mut line, json!({"op": "deaf", "functions": [0x2B]})).await?;
        let mut stand = start(ModbusSource { identify: true, ..source(link, vec![holding(1, 0)], 500) });
        stand.up().await?;
        let note = |notes: &[String]| notes.iter().any(|note| note == "unit id 1 does not say who it is");
        stand.health_with("it is said", |health| note(&health.notes)).await?;
        for _ in 0..10 {
            assert_eq!(stand.sample(0, |_| true).await?.quality, Quality::GOOD);
        }
        let asked = tell(&mut line, json!({"op": "asked"})).await?;
        let identifications = asked["asked"].as_array().into_iter().flatten().filter(|question| question[1] == 0x2B);
        assert_eq!((identifications.count(), stand.health().connects), (1, 1), "{way:?}");
        stand.stop().await?;
    }
    Ok(())
}
