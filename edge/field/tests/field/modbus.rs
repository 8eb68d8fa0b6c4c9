//! Modbus TCP against pymodbus.

use crate::{script::Script, stand::Stand};
use acceptance::places;
use anyhow::Result;
use davy_config::{
    ByteOrder, ModbusData, ModbusFraming, ModbusItem, ModbusLimits, ModbusLink, ModbusPace, ModbusSource, ModbusTable,
    ModbusTexts, NetworkAddress, SourceConfig,
};
use davy_core::{
    id::{SourceIx, TagIx},
    model::Site,
    quality::Quality,
};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) fn item(unit_id: u8, table: ModbusTable, address: u16, data: ModbusData) -> ModbusItem {
    let order = ByteOrder::Abcd;
    ModbusItem {
        tag: TagIx(0),
        unit_id,
        table,
        address,
        data,
        order,
        scale: 1.0,
        offset: 0.0,
        texts: None,
        poll_ms: 100,
    }
}

pub(crate) fn tcp(port: u16, framing: ModbusFraming) -> ModbusLink {
    ModbusLink::Connect { address: at(port), backup: None, framing }
}

pub(crate) fn at(port: u16) -> NetworkAddress {
    NetworkAddress { host: "127.0.0.1".to_owned(), port }
}

pub(crate) fn source(link: ModbusLink, items: Vec<ModbusItem>, timeout_ms: u64) -> ModbusSource {
    let items = items.into_iter().enumerate().map(|(at, item)| ModbusItem { tag: TagIx::from(at), ..item }).collect();
    ModbusSource {
        source: SourceIx(0),
        link,
        poll_interval_ms: 100,
        pace: ModbusPace {
            timeout_ms,
            late_ms: timeout_ms,
            retries: 0,
            pause_after_connect_ms: 0,
            pause_between_requests_ms: 0,
        },
        limits: ModbusLimits { gap_max: 8, registers_max: 125, bits_max: 2_000, one_by_one: false, forbidden: vec![] },
        units: Vec::new(),
        identify: false,
        items,
    }
}

pub(crate) fn start(source: ModbusSource) -> Stand {
    Stand::start(SourceConfig::Modbus(source), Site::default())
}

pub(crate) fn stand(port: u16, items: Vec<ModbusItem>, timeout_ms: u64) -> Stand {
    start(source(tcp(port, ModbusFraming::Tcp), items, timeout_ms))
}

pub(crate) async fn server(test: &str, devices: Value) -> Result<(Script, u16)> {
    let folder = places::fresh(test)?;
    let port = places::free_port()?;
    Ok((Script::start("modbus_server.py", json!({"port": port, "devices": devices}), &folder).await?, port))
}

pub(crate) async fn write(server: &mut Script, device: u8, table: &str, address: u16, words: &[u16]) -> Result<()> {
    let row = json!({"device": device, "table": table, "address": address, "words": words});
    server.ask(json!({"op": "write", "values": [row]})).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn all_four_tables_are_read_and_nothing_is_ever_written() -> Result<()> {
    let devices = json!({
        "1": {"coil": [[0, 16]], "discrete": [[0, 16]], "holding": [[0, 300]], "input": [[0, 16]]},
        "2": {"holding": [[0, 16]]},
    });
    let (mut server, port) = server("field_modbus_tables", devices).await?;
    write(&mut server, 1, "coil", 3, &[1]).await?;
    write(&mut server, 1, "discrete", 5, &[1]).await?;
    write(&mut server, 1, "holding", 0, &[0x4148, 0]).await?;
    write(&mut server, 1, "holding", 299, &[0xFFFF]).await?;
    write(&mut server, 1, "input", 2, &[0, 0x4148]).await?;
    write(&mut server, 2, "holding", 0, &[400]).await?;
    let items = vec![
        item(1, ModbusTable::Coil, 3, ModbusData::Bool),
        item(1, ModbusTable::Discrete, 5, ModbusData::Bool),
        item(1, ModbusTable::Holding, 0, ModbusData::F32),
        item(1, ModbusTable::Holding, 299, ModbusData::I16),
        ModbusItem { order: ByteOrder::Cdab, ..item(1, ModbusTable::Input, 2, ModbusData::F32) },
        ModbusItem { scale: 0.25, offset: -20.0, ..item(2, ModbusTable::Holding, 0, ModbusData::U16) },
    ];
    let mut stand = stand(port, items, 1_000);
    stand.up().await?;
    let batch = stand.samples(6).await?;
    let values: Vec<f64> = batch.iter().map(|sample| sample.value).collect();
    assert_eq!(values, [1.0, 1.0, 12.5, -1.0, 12.5, 80.0]);
    assert!(batch.iter().all(|sample| sample.quality == Quality::GOOD && sample.source_time.is_none()), "{batch:?}");

    write(&mut server, 1, "holding", 0, &[0x7FC0, 0]).await?;
    assert_eq!(stand.sample(2, |sample| sample.quality != Quality::GOOD).await?.quality, Quality::BAD_DECODING);
    let health = stand.health();
    assert!(health.up && health.connects == 1 && health.notes[0].ends_with(", 6 requests"), "{health:?}");
    assert_eq!(server.ask(json!({"op": "written"})).await?["count"], 0);
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn bits_decimal_digits_and_64_bits_are_read() -> Result<()> {
    let (mut server, port) = server("field_modbus_types", json!({"1": {"holding": [[0, 40]]}})).await?;
    write(&mut server, 1, "holding", 0, &[0x0010, 0x1234, 0x5678, 0x9012]).await?;
    write(&mut server, 1, "holding", 4, &[0x4029_u16.swap_bytes(), 0, 0, 0]).await?;
    write(&mut server, 1, "holding", 8, &[0, 0, 0x4029, 0]).await?;
    let holding = |address, data| item(1, ModbusTable::Holding, address, data);
    let items = vec![
        holding(0, ModbusData::Bit(4)),
        holding(0, ModbusData::Bit(5)),
        holding(1, ModbusData::Bcd16),
        holding(1, ModbusData::Bcd32),
        ModbusItem { order: ByteOrder::Badc, ..holding(4, ModbusData::F64) },
        ModbusItem { order: ByteOrder::Efghabcd, ..holding(8, ModbusData::F64) },
    ];
    let mut stand = stand(port, items, 1_000);
    stand.up().await?;
    let batch = stand.samples(6).await?;
    let values: Vec<f64> = batch.iter().map(|sample| sample.value).collect();
    assert_eq!(values, [1.0, 0.0, 1_234.0, 12_345_678.0, 12.5, 12.5]);
    let health = stand.health_with("it was read", |health| !health.notes.is_empty()).await?;
    assert!(health.notes[0].ends_with(", 1 requests"), "all of them in one: {health:?}");
    write(&mut server, 1, "holding", 1, &[0x12A4]).await?;
    assert_eq!(stand.sample(2, |sample| sample.quality != Quality::GOOD).await?.quality, Quality::BAD_DECODING);
    stand.stop().await
}

/// Two characters in each register.
fn letters(text: &str) -> Vec<u16> {
    let byte = |pair: &[u8], at: usize| u16::from(pair.get(at).copied().unwrap_or_default());
    text.as_bytes().chunks(2).map(|pair| byte(pair, 0) << 8 | byte(pair, 1)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_the_number_that_it_means_and_one_without_a_meaning_is_bad() -> Result<()> {
    let (mut server, port) = server("field_modbus_texts", json!({"1": {"holding": [[0, 20]]}})).await?;
    let texts = [("RUN", 1.0), ("STOP", 0.0), ("AUTO RUN", 2.0)].map(|(text, number)| (text.to_owned(), number));
    let texts = Some(Arc::new(ModbusTexts(texts.into())));
    let text =
        |address| ModbusItem { texts: texts.clone(), ..item(1, ModbusTable::Holding, address, ModbusData::Text(8)) };
    write(&mut server, 1, "holding", 0, &letters("RUN")).await?;
    write(&mut server, 1, "holding", 4, &letters("AUTO RUN")).await?;
    write(&mut server, 1, "holding", 8, &letters("STOP    ").iter().map(|word| word.swap_bytes()).collect::<Vec<_>>())
        .await?;
    let items = vec![text(0), text(4), ModbusItem { order: ByteOrder::Badc, ..text(8) }];
    let mut stand = stand(port, items, 1_000);
    stand.up().await?;
    let values: Vec<f64> = stand.samples(3).await?.iter().map(|sample| sample.value).collect();
    assert_eq!(values, [1.0, 2.0, 0.0]);

    write(&mut server, 1, "holding", 0, &letters("FAULT")).await?;
    let sample = stand.sample(0, |sample| sample.quality != Quality::GOOD).await?;
    assert_eq!(sample.quality.to_string(), "BadOutOfRange");
    let health = stand.health_with("it is told", |health| health.unknown.count > 0).await?;
    assert!(health.unknown.latest.starts_with("1/holding/0 has the text \"FAULT\""), "{health:?}");
    stand.sample(0, |sample| sample.quality != Quality::GOOD).await?;
    assert_eq!(stand.health().unknown.count, 1, "once, however often it is read");
    write(&mut server, 1, "holding", 0, &letters("STOP\0")).await?;
    stand.value(0, 0.0).await?;
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_that_is_refused_harms_only_its_tag() -> Result<()> {
    let devices = json!({"1": {"holding": [[0, 20], [21, 20]], "input": [[0, 4]]}});
    let (mut server, port) = server("field_modbus_refused", devices).await?;
    let mut items: Vec<_> = (0..41).map(|address| item(1, ModbusTable::Holding, address, ModbusData::U16)).collect();
    items.push(item(1, ModbusTable::Input, 60_000, ModbusData::U16));
    items.push(item(1, ModbusTable::Input, 0, ModbusData::U16));
    write(&mut server, 1, "holding", 0, &[7; 20]).await?;
    write(&mut server, 1, "holding", 21, &[7; 20]).await?;
    write(&mut server, 1, "input", 0, &[7]).await?;
    let mut stand = stand(port, items, 1_000);
    stand.up().await?;
    for _ in 0..3 {
        for sample in stand.batch().await? {
            let refused = [20, 41].contains(&sample.tag.at());
            let expected = if refused { (0.0, Quality::BAD_ADDRESS) } else { (7.0, Quality::GOOD) };
            assert_eq!((sample.value, sample.quality), expected, "{sample:?}");
        }
    }
    let health = stand.health();
    assert_eq!((health.unknown.count, health.connects), (2, 1), "counted once: {health:?}");
    assert!(health.unknown.latest.starts_with("1/input/60000 "), "{health:?}");

    server.kill().await?;
    stand.down().await?;
    server.start_again().await?;
    stand.up().await?;
    stand.samples(43).await?;
    assert_eq!(stand.health().unknown.count, 2, "what was learnt outlives the connection: {:?}", stand.health());
    assert_eq!(server.ask(json!({"op": "written"})).await?["count"], 0);
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_was_away_or_hung_is_read_again() -> Result<()> {
    let (mut server, port) = server("field_modbus_away", json!({"1": {"holding": [[0, 4]]}})).await?;
    let mut stand = stand(port, vec![item(1, ModbusTable::Holding, 0, ModbusData::U16)], 300);
    stand.up().await?;
    server.kill().await?;
    let reason = stand.down().await?;
    assert!(reason.contains("refused, nothing listens there"), "{reason}");
    server.start_again().await?;
    stand.up().await?;
    write(&mut server, 1, "holding", 0, &[5]).await?;
    stand.sample(0, |sample| sample.value > 4.0).await?;

    server.signal("STOP").await?;
    let reason = stand.down().await?;
    assert!(reason.contains("no unit answers within 300 ms"), "{reason}");
    server.signal("CONT").await?;
    stand.up().await?;
    write(&mut server, 1, "holding", 0, &[9]).await?;
    stand.sample(0, |sample| sample.value > 8.0).await?;
    assert_eq!(server.ask(json!({"op": "written"})).await?["count"], 0);
    stand.stop().await
}
