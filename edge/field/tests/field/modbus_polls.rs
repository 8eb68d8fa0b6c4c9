//! How Modbus values are polled: intervals of their own, limits of a unit, a backup address; against pymodbus.

use crate::{
    modbus::{at, item, server, source, start, tcp, write},
    modbus_line::holding,
};
use anyhow::Result;
use davy_config::{
    ModbusData, ModbusFraming, ModbusItem, ModbusLimits, ModbusLink, ModbusPace, ModbusSource, ModbusSpan, ModbusTable,
    ModbusUnit,
};
use davy_core::{event::Sample, health::SourceHealth, quality::Quality};
use serde_json::json;
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A question: unit id, address, count.
type Question = (u8, u16, u16);

/// When it came, and what it was.
type Notes = Arc<Mutex<Vec<(Instant, Question)>>>;

/// Notes each question on its way from a client to a server.
async fn recorder(server: u16) -> Result<(u16, Notes)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let questions = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&questions);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(pass_on(client, server, Arc::clone(&noted)));
        }
    });
    Ok((port, questions))
}

async fn pass_on(client: TcpStream, server: u16, noted: Notes) -> Result<()> {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = TcpStream::connect(("127.0.0.1", server)).await?.into_split();
    let back = tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let mut frame = [0; 12];
    while from_client.read_exact(&mut frame).await.is_ok() {
        let word = |at: usize| u16::from_be_bytes([frame[at], frame[at + 1]]);
        noted.lock().expect("no test panics with it").push((Instant::now(), (frame[6], word(8), word(10))));
        to_server.write_all(&frame).await?;
    }
    back.abort();
    Ok(())
}

fn asked(questions: &Notes) -> Vec<Question> {
    questions.lock().expect("no test panics with it").iter().map(|(_, question)| *question).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_polled_at_intervals_of_their_own_and_share_requests_when_both_are_due() -> Result<()> {
    let (_server, behind) = server("field_modbus_intervals", json!({"1": {"holding": [[0, 20]]}})).await?;
    let (port, questions) = recorder(behind).await?;
    let slow = |item| ModbusItem { poll_ms: 500, ..item };
    let items = vec![holding(1, 0), slow(holding(1, 1)), slow(holding(1, 9))];
    let mut stand = start(source(tcp(port, ModbusFraming::Tcp), items, 1_000));
    stand.up().await?;
    let (mut fast, mut slow) = (0, 0);
    while slow < 6 || fast <= slow / 2 {
        for sample in stand.batch().await? {
            assert_eq!(sample.quality, Quality::GOOD);
            *(if sample.tag.at() == 0 { &mut fast } else { &mut slow }) += 1;
        }
    }
    let asked = asked(&questions);
    assert!(asked.iter().all(|question| [(1, 0, 1), (1, 0, 10)].contains(question)), "{asked:?}");
    let shared = asked.iter().filter(|question| question.2 == 10).count();
    assert!(shared >= 3, "both are due together: {asked:?}");
    assert!(asked.len() > shared, "the fast one is read in between: {asked:?}");
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_is_dead_and_polled_alone_does_not_make_the_line_lost() -> Result<()> {
    let devices = json!({"1": {"holding": [[0, 4]]}, "2": {"holding": [[0, 4]]}});
    let (mut server, port) = server("field_modbus_alone", devices).await?;
    let patient = |item| ModbusItem { poll_ms: 60_000, ..item };
    // Unit id 9 is not there.
    let items = vec![holding(9, 0), patient(holding(1, 0))];
    let mut stand = start(source(tcp(port, ModbusFraming::Tcp), items, 500));
    stand.sample(1, |sample| sample.quality == Quality::GOOD).await?;
    for _ in 0..12 {
        stand.sample(0, |sample| sample.quality != Quality::GOOD).await?;
    }
    assert_eq!(stand.health().connects, 1, "{:?}", stand.health());
    server.kill().await?;
    stand.down().await?;
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_is_asked_as_its_limits_say() -> Result<()> {
    let devices = json!({"1": {"holding": [[0, 40]]}, "2": {"holding": [[0, 40]]}});
    let (_server, behind) = server("field_modbus_limits", devices).await?;
    let (port, questions) = recorder(behind).await?;
    let items = [1, 2].into_iter().flat_map(|unit| [0, 2, 8, 10].map(|address| holding(unit, address))).collect();
    let config = source(tcp(port, ModbusFraming::Tcp), items, 1_000);
    let forbidden = vec![ModbusSpan { table: ModbusTable::Holding, first: 4, last: 5 }];
    let limits = ModbusLimits { forbidden, ..config.limits.clone() };
    let units = vec![ModbusUnit { unit_id: 2, limits: ModbusLimits { registers_max: 2, ..limits.clone() } }];
    let mut stand = start(ModbusSource { limits, units, ..config });
    stand.up().await?;
    stand.samples(8).await?;
    let mut asked = asked(&questions);
    asked.sort_unstable();
    asked.dedup();
    assert_eq!(asked, [(1, 0, 3), (1, 8, 3), (2, 0, 1), (2, 2, 1), (2, 8, 1), (2, 10, 1)]);
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_left_alone_between_requests_and_after_connecting() -> Result<()> {
    let (_server, behind) = server("field_modbus_pauses", json!({"1": {"holding": [[0, 200]]}})).await?;
    let (port, questions) = recorder(behind).await?;
    let config = source(tcp(port, ModbusFraming::Tcp), vec![holding(1, 0), holding(1, 100)], 1_000);
    let pace = ModbusPace { pause_after_connect_ms: 300, pause_between_requests_ms: 60, ..config.pace };
    let begun = Instant::now();
    let mut stand = start(ModbusSource { pace, ..config });
    stand.up().await?;
    for _ in 0..3 {
        stand.samples(2).await?;
    }
    let times: Vec<Instant> = questions.lock().expect("no test panics with it").iter().map(|(at, _)| *at).collect();
    assert!(times[0] - begun >= Duration::from_millis(300), "a rest after connecting");
    let shortest = times.windows(2).map(|pair| pair[1] - pair[0]).min();
    assert!(shortest >= Some(Duration::from_millis(60)), "a rest between requests: {shortest:?}");
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_backup_address_is_used_when_the_first_one_fails_or_falls_silent() -> Result<()> {
    let devices = || json!({"1": {"holding": [[0, 4]]}});
    let (mut first, address) = server("field_modbus_first", devices()).await?;
    let (mut second, backup) = server("field_modbus_backup", devices()).await?;
    write(&mut first, 1, "holding", 0, &[1]).await?;
    write(&mut second, 1, "holding", 0, &[2]).await?;
    let link = ModbusLink::Connect { address: at(address), backup: Some(at(backup)), framing: ModbusFraming::Tcp };
    let mut stand = start(source(link, vec![item(1, ModbusTable::Holding, 0, ModbusData::U16)], 300));
    let is = |sample: &Sample, value: f64| sample.quality == Quality::GOOD && (sample.value - value).abs() < 0.5;
    let says = |which: &str| {
        let note = format!("connected to the {which}");
        move |health: &SourceHealth| health.up && health.notes.contains(&note)
    };
    stand.sample(0, |sample| is(sample, 1.0)).await?;
    stand.health_with("the first", says(&format!("address 127.0.0.1:{address}"))).await?;

    // It accepts connections and says nothing.
    first.signal("STOP").await?;
    stand.sample(0, |sample| is(sample, 2.0)).await?;
    stand.health_with("the second", says(&format!("backup address 127.0.0.1:{backup}"))).await?;
    first.signal("CONT").await?;
    second.kill().await?;
    stand.sample(0, |sample| is(sample, 1.0)).await?;
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_accepts_and_says_nothing_is_a_source_that_is_lost() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    for framing in [ModbusFraming::Tcp, ModbusFraming::Rtu] {
        let mut stand = start(source(tcp(port, framing), vec![holding(1, 0), holding(2, 0)], 100));
        let reason = stand.down().await?;
        assert!(reason.contains("no unit answers within 100 ms"), "{reason}");
        stand.stop().await?;
    }
    Ok(())
}
