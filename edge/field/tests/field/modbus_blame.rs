//! A device that fails, garbles or falls silent for a block because of a single register in it: the others are read.

use crate::modbus::{item, source, start, tcp};
use anyhow::Result;
use davy_config::{ModbusData, ModbusFraming, ModbusItem, ModbusTable};
use davy_core::{event::Sample, quality::Quality};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What a device does for some addresses.
#[derive(Clone, Copy, Debug)]
enum Ill {
    Exception(u8),
    /// It answers with the function code of something else.
    Garbled,
    HangsUp,
    Silent,
}

/// A device in the test's own hands, whose registers are all 42.
struct Device {
    port: u16,
    /// First address and count of each question.
    asked: Arc<Mutex<Vec<(u16, u16)>>>,
    /// For which addresses it is what.
    ill: Arc<Mutex<(Vec<u16>, Ill)>>,
}

impl Device {
    async fn start(ill: Ill, addresses: &[u16]) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let (asked, ill) = (Arc::default(), Arc::new(Mutex::new((addresses.to_vec(), ill))));
        let device = Self { port, asked: Arc::clone(&asked), ill: Arc::clone(&ill) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&asked), Arc::clone(&ill)));
            }
        });
        Ok(device)
    }

    fn is_ill_for(&self, addresses: &[u16]) {
        self.ill.lock().unwrap_or_else(PoisonError::into_inner).0 = addresses.to_vec();
    }

    /// What was asked since the last time.
    fn asked(&self) -> Vec<(u16, u16)> {
        std::mem::take(&mut self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn answer(
    mut stream: TcpStream,
    asked: Arc<Mutex<Vec<(u16, u16)>>>,
    ill: Arc<Mutex<(Vec<u16>, Ill)>>,
) -> std::io::Result<()> {
    let mut request = [0; 12];
    loop {
        stream.read_exact(&mut request).await?;
        let word = |at: usize| u16::from_be_bytes([request[at], request[at + 1]]);
        let (start, count, function) = (word(8), word(10), request[7]);
        asked.lock().unwrap_or_else(PoisonError::into_inner).push((start, count));
        let found = {
            let ill = ill.lock().unwrap_or_else(PoisonError::into_inner);
            ill.0.iter().any(|address| (start..start + count).contains(address)).then_some(ill.1)
        };
        let body = match found {
            Some(Ill::Silent) => continue,
            Some(Ill::HangsUp) => return Ok(()),
            Some(Ill::Exception(code)) => vec![function | 0x80, code],
            Some(Ill::Garbled) => vec![0x63, 1, 2, 3],
            None => {
                [vec![function, u8::try_from(2 * count).expect("few registers")], [0, 42].repeat(count.into())].concat()
            }
        };
        let length = u8::try_from(body.len() + 1).expect("a body is short");
        stream.write_all(&[&request[..4], &[0, length, request[6]], &body].concat()).await?;
    }
}

fn registers(count: u16) -> Vec<ModbusItem> {
    (0..count).map(|address| item(1, ModbusTable::Holding, address, ModbusData::U16)).collect()
}

fn qualities(samples: &[Sample], ill: &[usize], quality: Quality) -> bool {
    samples.iter().all(|sample| sample.quality == if ill.contains(&sample.tag.at()) { quality } else { Quality::GOOD })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_that_spoils_its_block_is_found_and_the_others_are_read() -> Result<()> {
    for (ill, quality) in [
        (Ill::Exception(4), Quality::BAD_DEVICE),
        (Ill::Exception(8), Quality::BAD_DEVICE),
        (Ill::Garbled, Quality::BAD_DECODING),
        (Ill::HangsUp, Quality::BAD_NO_COMMUNICATION),
    ] {
        let device = Device::start(ill, &[5]).await?;
        let mut stand = start(source(tcp(device.port, ModbusFraming::Tcp), registers(16), 300));
        stand.sample(4, |sample| sample.quality == Quality::GOOD).await?;
        stand.samples(16).await?;
        device.asked();
        for _ in 0..5 {
            let samples = stand.samples(16).await?;
            assert!(qualities(&samples, &[5], quality), "{ill:?}: {samples:?}");
        }
        assert!(
            device.asked().iter().all(|(start, count)| !(*start..start + count).contains(&5)),
            "it is asked seldom"
        );
        let note = |notes: &[String]| notes.iter().any(|note| note == "1 values for which the device fails");
        let health = stand.health_with("it is said", |health| note(&health.notes)).await?;
        // Who hangs up and answers nothing else is lost once, before it is known what it hangs up for.
        let connects = if matches!(ill, Ill::HangsUp) { 2 } else { 1 };
        assert_eq!((health.unknown.count, health.connects), (1, connects), "{health:?}");
        assert!(health.unknown.latest.starts_with("1/holding/5 makes the device fail"), "{health:?}");
        stand.stop().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_fails_for_everything_is_not_asked_much_more_and_is_read_when_it_is_well() -> Result<()> {
    let device = Device::start(Ill::Exception(4), &(0..16).collect::<Vec<_>>()).await?;
    let mut stand = start(source(tcp(device.port, ModbusFraming::Tcp), registers(16), 300));
    stand.up().await?;
    for _ in 0..12 {
        assert!(stand.samples(16).await?.iter().all(|sample| sample.quality == Quality::BAD_DEVICE));
    }
    let in_pieces = device.asked().iter().filter(|(_, count)| *count < 16).count();
    assert_eq!(in_pieces, 6, "both halves and the quarters, once");
    device.is_ill_for(&[]);
    stand.sample(0, |sample| sample.quality == Quality::GOOD).await?;
    device.asked();
    stand.samples(16).await?;
    assert!(device.asked().iter().all(|question| *question == (0, 16)), "in one request as before");
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_for_once_changes_nothing() -> Result<()> {
    let device = Device::start(Ill::Exception(4), &[]).await?;
    let mut stand = start(source(tcp(device.port, ModbusFraming::Tcp), registers(16), 300));
    stand.samples(16).await?;
    for _ in 0..3 {
        device.is_ill_for(&[5]);
        stand.sample(0, |sample| sample.quality == Quality::BAD_DEVICE).await?;
        device.is_ill_for(&[]);
        stand.sample(5, |sample| sample.quality == Quality::GOOD).await?;
    }
    assert_eq!(stand.health().unknown.count, 0);
    stand.stop().await
}

/// Beside other registers of the unit, and as all that it has.
#[tokio::test(flavor = "multi_thread")]
async fn a_register_for_which_the_device_falls_silent_is_found_and_waited_for_seldom() -> Result<()> {
    for others in [true, false] {
        let device = Device::start(Ill::Silent, &[2]).await?;
        let mut items = registers(8);
        items.extend(others.then(|| item(1, ModbusTable::Holding, 1_000, ModbusData::U16)));
        let count = items.len();
        let mut stand = start(source(tcp(device.port, ModbusFraming::Tcp), items, 40));
        for tag in [0, 1, 3, 7] {
            stand.sample(tag, |sample| sample.quality == Quality::GOOD).await?;
        }
        let note = |notes: &[String]| notes.iter().any(|note| note == "unit id 1 ignores 1/holding/2: BadTimeout");
        stand.health_with("it is said", |health| note(&health.notes)).await?;
        device.asked();
        for _ in 0..20 {
            let samples = stand.samples(count).await?;
            assert!(qualities(&samples, &[2], Quality::BAD_TIMEOUT), "{samples:?}");
        }
        let asked = device.asked();
        let in_vain = asked.iter().filter(|(start, count)| (*start..start + count).contains(&2)).count();
        assert!(in_vain <= 4 && asked.len() > 60, "{in_vain} of {}", asked.len());
        device.is_ill_for(&[]);
        stand.sample(2, |sample| sample.quality == Quality::GOOD).await?;
        stand.stop().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_was_away_is_read_in_one_request_again() -> Result<()> {
    let everything: Vec<u16> = (0..16).collect();
    let device = Device::start(Ill::Silent, &[]).await?;
    let items = registers(16).into_iter().chain([item(2, ModbusTable::Holding, 1_000, ModbusData::U16)]).collect();
    let mut stand = start(source(tcp(device.port, ModbusFraming::Tcp), items, 40));
    stand.samples(17).await?;
    device.is_ill_for(&everything);
    stand.sample(0, |sample| sample.quality == Quality::BAD_TIMEOUT).await?;
    device.asked();
    while !device.asked().iter().any(|(start, count)| *start < 16 && *count < 16) {
        assert_eq!(stand.sample(16, |_| true).await?.quality, Quality::GOOD);
    }
    device.is_ill_for(&[]);
    stand.sample(0, |sample| sample.quality == Quality::GOOD).await?;
    stand.samples(17).await?;
    device.asked();
    stand.samples(17).await?;
    assert!(device.asked().iter().all(|(_, count)| [16, 1].contains(count)));
    stand.stop().await
}
