//! Devices with many holding registers, unit id 1, from address 0 on. A register goes up by one whenever it is read: two
//! readings of it that follow each other show whether one between them was lost. Behind them stand stamps, four registers each,
//! big-endian: a stamp changes once in a period, each at its own moment, and is the time of its change in milliseconds since
//! 1970, so that a reading shows how long the change took to arrive.

use super::value;
use crate::{
    limits,
    settings::{PlantError, loopback},
};
use davy_core::time::UtcTime;
use std::{
    future, io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_modbus::{
    ExceptionCode, Request, Response, SlaveRequest,
    server::{Service, tcp::Server},
};

/// The devices. Dropping it ends them.
#[derive(Debug)]
pub struct Registers {
    addresses: Vec<SocketAddr>,
    connections: Arc<AtomicU64>,
    _serving: JoinSet<()>,
}

/// Registers that a stamp takes.
pub const STAMP_REGISTERS: u16 = 4;

/// What a device holds.
#[derive(Clone, Copy, Debug)]
pub struct Holds {
    /// Registers that go up when they are read.
    pub registers: u16,
    /// Stamps behind them.
    pub stamps: u16,
    /// In which each stamp changes once.
    pub period: Duration,
    /// The clock.
    pub utc: fn() -> UtcTime,
}

/// Serves the same on each of `devices` free ports of loopback.
///
/// # Errors
/// When a port cannot be listened on.
pub async fn serve_registers(devices: usize, holds: Holds) -> Result<Registers, PlantError> {
    let (mut addresses, connections, mut serving) = (Vec::new(), Arc::<AtomicU64>::default(), JoinSet::new());
    for device in 0..devices {
        let failed = |source| PlantError::Listen { what: "many registers", address: loopback(0), source };
        let listener = TcpListener::bind(loopback(0)).await.map_err(failed)?;
        addresses.push(listener.local_addr().map_err(failed)?);
        serving.spawn(serve(listener, Device::new(device, holds), Arc::clone(&connections)));
    }
    Ok(Registers { addresses, connections, _serving: serving })
}

impl Registers {
    /// Where each device listens.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Connections that were ever made to them, all together.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.connections.load(Relaxed)
    }
}

async fn serve(listener: TcpListener, device: Device, connections: Arc<AtomicU64>) {
    let (server, device) = (Server::new(listener), Arc::new(device));
    let connect = |stream: TcpStream, _peer: SocketAddr| {
        connections.fetch_add(1, Relaxed);
        future::ready(stream.set_nodelay(true).map(|()| Some((Connection(Arc::clone(&device)), stream))))
    };
    let failed = |error: io::Error| tracing::debug!(%error, "a Modbus connection ended");
    loop {
        if let Err(error) = server.serve(&connect, failed).await {
            tracing::warn!(%error, "a device of many registers cannot accept a connection; it goes on");
        }
        tokio::time::sleep(limits::RETRY_PAUSE).await;
    }
}

struct Device {
    /// How often each register was read; they begin apart from each other.
    read: Vec<AtomicU64>,
    holds: Holds,
    /// Its stamps change at other moments than those of others.
    number: usize,
}

struct Connection(Arc<Device>);

impl Service for Connection {
    type Request = SlaveRequest<'static>;
    type Response = Response;
    type Exception = ExceptionCode;
    type Future = future::Ready<Result<Response, ExceptionCode>>;

    fn call(&self, request: Self::Request) -> Self::Future {
        future::ready(self.0.answer(&request))
    }
}

impl Device {
    fn new(number: usize, holds: Holds) -> Self {
        let read = (0..holds.registers).map(|address| AtomicU64::new(address.into())).collect();
        Self { read, holds, number }
    }

    fn answer(&self, request: &SlaveRequest<'_>) -> Result<Response, ExceptionCode> {
        let Request::ReadHoldingRegisters(first, count) = request.request else {
            return Err(ExceptionCode::IllegalFunction);
        };
        let (first, now) = (usize::from(first), (self.holds.utc)());
        let words = (first..first + usize::from(count)).map(|address| self.word(address, now));
        words.collect::<Option<_>>().map(Response::ReadHoldingRegisters).ok_or(ExceptionCode::IllegalDataAddress)
    }

    fn word(&self, address: usize, now: UtcTime) -> Option<u16> {
        if let Some(register) = self.read.get(address) {
            return Some(value(register.fetch_add(1, Relaxed)));
        }
        let (each, behind) = (usize::from(STAMP_REGISTERS), address - self.read.len());
        let stamp = (behind / each < usize::from(self.holds.stamps)).then(|| self.stamp(behind / each, now))?;
        let shift = 16 * (each - 1 - behind % each);
        Some((stamp >> shift & 0xFFFF) as u16)
    }

    /// When it has changed last.
    fn stamp(&self, stamp: usize, now: UtcTime) -> u64 {
        let now = u64::try_from(now.0).unwrap_or_default();
        let period = u64::try_from(self.holds.period.as_millis()).unwrap_or_default().max(1);
        let moment = (stamp as u64 * SPREAD_MS + self.number as u64 * SPREAD_MS / 7) % period;
        now - (now + period - moment) % period
    }
}

/// From the moment of one stamp's change to that of the next one's, in milliseconds; a prime, so that they are spread over any
/// period.
const SPREAD_MS: u64 = 97;

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_modbus::{Slave, client, prelude::Reader};

    fn holds() -> Holds {
        Holds { registers: 10, stamps: 2, period: Duration::from_secs(1), utc: || UtcTime(1_795_392_000_050) }
    }

    #[test]
    fn a_stamp_is_the_time_of_its_latest_change() {
        let device = Device::new(0, holds());
        let at = |stamp, now| device.stamp(stamp, UtcTime(now));
        assert_eq!([at(0, 5_000), at(0, 5_999), at(0, 6_000)], [5_000, 5_000, 6_000]);
        assert_eq!([at(1, 5_000), at(1, 5_097), at(1, 6_096)], [4_097, 5_097, 5_097]);
    }

    #[tokio::test]
    async fn a_register_goes_up_whenever_it_is_read() {
        let devices = serve_registers(2, holds()).await.unwrap();
        assert_eq!(devices.addresses().len(), 2);
        let mut client = client::tcp::connect_slave(devices.addresses()[1], Slave(1)).await.unwrap();
        assert_eq!(client.read_holding_registers(0, 3).await.unwrap(), Ok(vec![25, 26, 27]));
        assert_eq!(client.read_holding_registers(1, 2).await.unwrap(), Ok(vec![27, 28]));
        assert_eq!(client.read_holding_registers(0, 1).await.unwrap(), Ok(vec![26]), "each by itself");
        let stamp: u64 = 1_795_392_000_013;
        let words: Vec<u16> = (0..4).rev().map(|at| (stamp >> (16 * at)) as u16).collect();
        assert_eq!(
            client.read_holding_registers(10, 4).await.unwrap(),
            Ok(words),
            "the first stamp of the second device"
        );
        assert_eq!(client.read_holding_registers(17, 2).await.unwrap(), Err(ExceptionCode::IllegalDataAddress));
        assert_eq!(client.read_input_registers(0, 1).await.unwrap(), Err(ExceptionCode::IllegalFunction));
        assert_eq!(devices.connections(), 1);
    }
}
