//! Modbus TCP against a gateway of which some units are dead, and that can be cut off.

use crate::modbus::{item, stand};
use anyhow::{Context as _, Result};
use davy_config::{ModbusData, ModbusItem, ModbusTable};
use davy_core::{id::TagIx, quality::Quality};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    task::AbortHandle,
    time::timeout,
};

/// A gateway in the test's own hands.
struct Gateway {
    port: u16,
    line: Arc<Line>,
    task: AbortHandle,
}

/// What is behind it.
#[derive(Default)]
struct Line {
    /// The unit ids that were asked, in order.
    asked: Mutex<Vec<u8>>,
    /// Units from this one on do not answer; none is cut off at 0.
    cut_from: AtomicU8,
    /// Questions to those.
    asked_in_vain: AtomicU32,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Gateway {
    async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        Ok(Self::behind(listener, port))
    }

    fn behind(listener: TcpListener, port: u16) -> Self {
        let line = Arc::new(Line::default());
        let task = tokio::spawn(serve(listener, Arc::clone(&line))).abort_handle();
        Self { port, line, task }
    }

    fn asked(&self) -> Vec<u8> {
        self.line.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(listener: TcpListener, line: Arc<Line>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, Arc::clone(&line)));
    }
}

/// Unit 1 answers 42 but ignores addresses below 100, behind unit 3 the gateway finds nobody, unit 4 breaks the connection,
/// unit 5 answers what is no Modbus, units from 100 on answer 42, all others are silent.
async fn answer(mut stream: TcpStream, line: Arc<Line>) -> std::io::Result<()> {
    let mut request = [0; 12];
    loop {
        stream.read_exact(&mut request).await?;
        let (unit_id, function) = (request[6], request[7]);
        line.asked.lock().unwrap_or_else(PoisonError::into_inner).push(unit_id);
        let cut_from = line.cut_from.load(Ordering::Relaxed);
        if cut_from > 0 && unit_id >= cut_from {
            line.asked_in_vain.fetch_add(1, Ordering::Relaxed);
            continue;
        }
        let address = u16::from_be_bytes([request[8], request[9]]);
        let body: &[u8] = match unit_id {
            1 if address < 100 => continue,
            1 | 100.. => &[function, 2, 0, 42],
            3 => &[function | 0x80, 0x0B],
            4 => return Ok(()),
            5 => &[0x63, 1, 2, 3],
            _ => continue,
        };
        let mut response = request[..4].to_vec();
        response.extend([0, u8::try_from(body.len() + 1).expect("a body is short"), unit_id]);
        response.extend(body);
        stream.write_all(&response).await?;
    }
}

fn registers<const N: usize>(places: [(u8, u16); N]) -> Vec<ModbusItem> {
    places.map(|(unit, address)| item(unit, ModbusTable::Holding, address, ModbusData::U16)).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_unit_does_not_stop_the_others() -> Result<()> {
    let gateway = Gateway::start().await?;
    let mut stand = stand(gateway.port, registers([(2, 0), (3, 0), (4, 0), (5, 0), (1, 0), (1, 100)]), 200);
    stand.up().await?;
    let expected = [
        (0.0, Quality::BAD_TIMEOUT),
        (0.0, Quality::BAD_TIMEOUT),
        (0.0, Quality::BAD_NO_COMMUNICATION),
        (0.0, Quality::BAD_DECODING),
        (0.0, Quality::BAD_TIMEOUT),
        (42.0, Quality::GOOD),
    ];
    // The first poll finds that unit 1 ignores an address before it finds that it answers others.
    stand.sample(5, |sample| sample.quality == Quality::GOOD).await?;
    for _ in 0..25 {
        let batch = stand.samples(6).await?;
        let got: Vec<_> = batch.iter().map(|sample| (sample.value, sample.quality)).collect();
        assert_eq!(got, expected);
    }
    let health = stand.health();
    assert_eq!(health.connects, 1, "the source was never lost: {health:?}");
    assert!(health.notes.iter().any(|note| note == "unit id 2 is silent: BadTimeout"), "{health:?}");
    assert!(health.notes.iter().any(|note| note == "unit id 1 ignores 1/holding/0: BadTimeout"), "{health:?}");
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_told_before_a_silent_unit_is_waited_for() -> Result<()> {
    let gateway = Gateway::start().await?;
    // An hour is longer than any test waits.
    let mut stand = stand(gateway.port, registers([(1, 100), (6, 0)]), 3_600_000);
    assert_eq!(stand.sample(0, |_| true).await?.quality, Quality::GOOD);
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_silent_units_one_is_waited_for_in_a_poll_and_those_that_answer_go_first() -> Result<()> {
    let gateway = Gateway::start().await?;
    let dead = [10, 11, 12, 13, 14];
    let places = [(10, 0), (11, 0), (12, 0), (13, 0), (14, 0), (100, 0), (101, 0)];
    let mut stand = stand(gateway.port, registers(places), 150);
    stand.up().await?;
    let mut of_its_own = 0;
    for _ in 0..80 {
        let batch = stand.batch().await?;
        of_its_own += usize::from(batch.len() == 1 && batch[0].tag == TagIx(5));
    }
    assert!(of_its_own > 5, "the values of a unit are told as soon as it was read, {of_its_own}");
    let asked = gateway.asked();
    let first = asked.iter().position(|unit| *unit == 100).context("a unit that answers was asked")?;
    let rounds: Vec<&[u8]> = asked[first..].split(|unit| *unit == 100).skip(1).collect();
    assert!(rounds.iter().all(|round| round.first().is_none_or(|unit| *unit == 101)), "{rounds:?}");
    assert!(rounds.iter().all(|round| round.len() <= 2), "no more than one silent unit: {rounds:?}");
    assert!(dead.iter().all(|unit| asked[first..].contains(unit)), "all have their turn: {asked:?}");
    assert_eq!(stand.health().connects, 1);
    stand.stop().await
}

/// Takes one connection at a time, as many devices do, and hangs up on every other one; unit 2 is silent. Counts those that
/// it has hung up on.
async fn single(listener: TcpListener, turned_away: Arc<AtomicU32>) -> std::io::Result<()> {
    let mut taken = listener.accept().await?.0;
    let mut request = [0; 12];
    loop {
        tokio::select! {
            biased;
            accepted = listener.accept() => {
                if matches!(taken.try_read(&mut request), Ok(0)) {
                    taken = accepted?.0;
                } else {
                    turned_away.fetch_add(1, Ordering::Relaxed);
                }
            }
            read = taken.read(&mut request) => match read? {
                0 => taken = listener.accept().await?.0,
                _ if request[6] == 2 => {}
                _ => {
                    let head = [request[0], request[1], 0, 0, 0, 5, request[6], request[7]];
                    taken.write_all(&[&head[..], &[2, 0, 42]].concat()).await?;
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_accepts_one_connection_is_never_asked_for_two() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let turned_away = Arc::new(AtomicU32::new(0));
    let device = tokio::spawn(single(listener, Arc::clone(&turned_away)));
    let mut stand = stand(port, registers([(1, 0), (2, 0)]), 150);
    stand.up().await?;
    for _ in 0..25 {
        let samples = stand.samples(2).await?;
        assert_eq!((samples[0].quality, samples[1].quality), (Quality::GOOD, Quality::BAD_TIMEOUT));
    }
    assert_eq!((turned_away.load(Ordering::Relaxed), stand.health().connects), (0, 1), "{:?}", stand.health());
    stand.stop().await?;
    device.abort();
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_cut_is_lost_before_all_its_units_were_waited_for() -> Result<()> {
    let gateway = Gateway::start().await?;
    let items = (100..120).map(|unit| item(unit, ModbusTable::Holding, 0, ModbusData::U16)).collect();
    let mut stand = stand(gateway.port, items, 300);
    stand.up().await?;
    stand.samples(20).await?;
    gateway.line.cut_from.store(1, Ordering::Relaxed);
    let reason = stand.down().await?;
    assert!(reason.contains("no unit answers within 300 ms"), "{reason}");
    let asked_in_vain = gateway.line.asked_in_vain.load(Ordering::Relaxed);
    assert!((1..=3).contains(&asked_in_vain), "{asked_in_vain}");
    gateway.line.cut_from.store(0, Ordering::Relaxed);
    stand.up().await?;
    let samples = stand.samples(20).await?;
    assert!(samples.iter().all(|sample| sample.quality == Quality::GOOD), "{samples:?}");
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_answers_never_waits_for_two_that_fall_silent_together() -> Result<()> {
    let gateway = Gateway::start().await?;
    let mut stand = stand(gateway.port, registers([(100, 0), (101, 0), (102, 0), (103, 0), (104, 0)]), 150);
    stand.up().await?;
    stand.samples(5).await?;
    gateway.line.cut_from.store(102, Ordering::Relaxed);
    let before = gateway.asked().len();
    stand.sample(4, |sample| sample.quality == Quality::BAD_TIMEOUT).await?;
    // The round in which the branch was cut off may have begun before.
    let asked = gateway.asked();
    let answering = asked[before..].iter().position(|unit| *unit == 100).context("a unit that answers was asked")?;
    let between: Vec<&[u8]> = asked[before + answering..].split(|unit| *unit == 100).collect();
    let silent = |units: &[u8]| units.iter().filter(|unit| **unit >= 102).count();
    assert!(between.iter().all(|units| silent(units) <= 1), "{between:?}");
    assert_eq!(stand.health().connects, 1, "{:?}", stand.health());
    stand.stop().await
}

/// A connection, the only one that a gateway takes; whoever else knocks hears nothing, as behind a pulled cable.
#[tokio::test(flavor = "multi_thread")]
async fn a_pulled_cable_is_told_within_the_timeout() -> Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.bind("127.0.0.1:0".parse()?)?;
    let listener = socket.listen(1)?;
    let place = listener.local_addr()?;
    let line = Arc::new(Line::default());
    let mut stand = stand(place.port(), registers([(100, 0)]), 300);
    let device = tokio::spawn(answer(listener.accept().await?.0, Arc::clone(&line)));
    stand.up().await?;
    let mut knocking = Vec::new();
    while let Ok(connected) = timeout(Duration::from_secs(1), TcpStream::connect(place)).await {
        knocking.push(connected?);
    }
    line.cut_from.store(1, Ordering::Relaxed);
    let reason = stand.down().await?;
    assert!(reason.contains("timed out after 300 ms"), "{reason}");
    stand.stop().await?;
    device.abort();
    Ok(())
}
