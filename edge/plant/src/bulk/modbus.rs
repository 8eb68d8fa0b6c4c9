//! Devices with many holding registers, unit id 1, from address 0 on. A register goes up by one whenever it is read: two
//! readings of it that follow each other show whether one between them was lost.

use super::value;
use crate::{
    limits,
    settings::{PlantError, loopback},
};
use std::{
    future, io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
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

/// Serves `registers` on each of `devices` free ports of loopback.
///
/// # Errors
/// When a port cannot be listened on.
pub async fn serve_registers(devices: usize, registers: u16) -> Result<Registers, PlantError> {
    let (mut addresses, connections, mut serving) = (Vec::new(), Arc::<AtomicU64>::default(), JoinSet::new());
    for _ in 0..devices {
        let failed = |source| PlantError::Listen { what: "many registers", address: loopback(0), source };
        let listener = TcpListener::bind(loopback(0)).await.map_err(failed)?;
        addresses.push(listener.local_addr().map_err(failed)?);
        serving.spawn(serve(listener, registers, Arc::clone(&connections)));
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

async fn serve(listener: TcpListener, registers: u16, connections: Arc<AtomicU64>) {
    let device = Device { read: (0..registers).map(|address| AtomicU64::new(address.into())).collect() };
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
    fn answer(&self, request: &SlaveRequest<'_>) -> Result<Response, ExceptionCode> {
        let Request::ReadHoldingRegisters(first, count) = request.request else {
            return Err(ExceptionCode::IllegalFunction);
        };
        let (first, count) = (usize::from(first), usize::from(count));
        let read = self.read.get(first..first + count).ok_or(ExceptionCode::IllegalDataAddress)?;
        Ok(Response::ReadHoldingRegisters(read.iter().map(|register| value(register.fetch_add(1, Relaxed))).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_modbus::{Slave, client, prelude::Reader};

    #[tokio::test]
    async fn a_register_goes_up_whenever_it_is_read() {
        let devices = serve_registers(2, 10).await.unwrap();
        assert_eq!(devices.addresses().len(), 2);
        let mut client = client::tcp::connect_slave(devices.addresses()[1], Slave(1)).await.unwrap();
        assert_eq!(client.read_holding_registers(0, 3).await.unwrap(), Ok(vec![25, 26, 27]));
        assert_eq!(client.read_holding_registers(1, 2).await.unwrap(), Ok(vec![27, 28]));
        assert_eq!(client.read_holding_registers(0, 1).await.unwrap(), Ok(vec![26]), "each by itself");
        assert_eq!(client.read_holding_registers(9, 2).await.unwrap(), Err(ExceptionCode::IllegalDataAddress));
        assert_eq!(client.read_input_registers(0, 1).await.unwrap(), Err(ExceptionCode::IllegalFunction));
        assert_eq!(devices.connections(), 1);
    }
}
