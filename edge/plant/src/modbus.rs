//! The Modbus TCP server: the gas detection system as unit id 1, the PLC of the loading racks as unit id 2. It can be
//! read and nothing else; a write answers "illegal function".

use crate::{
    description::{Data, Place, Point, Table},
    image::Images,
    limits,
};
use std::{collections::BTreeMap, future, io, net::SocketAddr, sync::Arc};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};
use tokio_modbus::{
    ExceptionCode, Request, Response, SlaveRequest,
    server::{Service, tcp::Server},
};
use tokio_util::sync::CancellationToken;

/// Serves until `stop`.
pub(crate) async fn serve(listener: TcpListener, registers: Registers, stop: CancellationToken) {
    let (server, registers) = (Server::new(listener), Arc::new(registers));
    let places = Arc::new(Semaphore::new(limits::MODBUS_CONNECTIONS_MAX));
    let connect = |stream: TcpStream, _peer: SocketAddr| {
        let permit = Arc::clone(&places).try_acquire_owned().ok();
        let connection = permit.map(|permit| Connection { registers: Arc::clone(&registers), _permit: permit });
        future::ready(Ok(connection.map(|connection| (connection, stream))))
    };
    let failed = |error: io::Error| tracing::debug!(%error, "a Modbus connection ended");
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => return,
            result = server.serve(&connect, failed) => {
                if let Err(error) = result {
                    tracing::warn!(%error, "the Modbus server cannot accept a connection; it goes on");
                }
            }
        }
        sleep(limits::RETRY_PAUSE).await;
    }
}

/// A client's connection.
struct Connection {
    registers: Arc<Registers>,
    _permit: OwnedSemaphorePermit,
}

impl Service for Connection {
    type Request = SlaveRequest<'static>;
    type Response = Response;
    type Exception = ExceptionCode;
    type Future = future::Ready<Result<Response, ExceptionCode>>;

    fn call(&self, request: Self::Request) -> Self::Future {
        future::ready(self.registers.answer(&request))
    }
}

/// Where each register and bit stands.
pub(crate) struct Registers {
    points: Arc<[Point]>,
    images: Images,
    places: BTreeMap<(u8, Table, u16), Word>,
}

/// A word of a point; a bit is its point's only word.
#[derive(Clone, Copy)]
struct Word {
    point: usize,
    /// Its place from the point's address.
    offset: usize,
}

/// What one request may ask for (Modbus Application Protocol 1.1b3, 6.1 and 6.3).
const BITS_MAX: u16 = 2_000;
const REGISTERS_MAX: u16 = 125;

impl Registers {
    pub(crate) fn new(points: Arc<[Point]>, images: Images) -> Self {
        let mut places = BTreeMap::new();
        for (at, point) in points.iter().enumerate() {
            let Place::Modbus(register) = point.place else { continue };
            for offset in 0..register.data.registers().max(1) {
                let place = (register.unit_id, register.table, register.address + offset);
                places.insert(place, Word { point: at, offset: offset.into() });
            }
        }
        Self { points, images, places }
    }

    fn answer(&self, request: &SlaveRequest<'_>) -> Result<Response, ExceptionCode> {
        let unit_id = request.slave;
        if !self.places.keys().any(|place| place.0 == unit_id) {
            return Err(ExceptionCode::GatewayTargetDevice);
        }
        match request.request {
            Request::ReadCoils(first, count) => self.bits(unit_id, Table::Coil, first, count).map(Response::ReadCoils),
            Request::ReadDiscreteInputs(first, count) => {
                self.bits(unit_id, Table::Discrete, first, count).map(Response::ReadDiscreteInputs)
            }
            Request::ReadHoldingRegisters(first, count) => {
                self.words(unit_id, Table::Holding, first, count).map(Response::ReadHoldingRegisters)
            }
            Request::ReadInputRegisters(first, count) => {
                self.words(unit_id, Table::Input, first, count).map(Response::ReadInputRegisters)
            }
            Request::WriteSingleCoil(..)
            | Request::WriteMultipleCoils(..)
            | Request::WriteSingleRegister(..)
            | Request::WriteMultipleRegisters(..)
            | Request::MaskWriteRegister(..)
            | Request::ReadWriteMultipleRegisters(..)
            | Request::ReportServerId
            | Request::ReadDeviceIdentification(..)
            | Request::Custom(..) => Err(ExceptionCode::IllegalFunction),
        }
    }

    fn bits(&self, unit_id: u8, table: Table, first: u16, count: u16) -> Result<Vec<bool>, ExceptionCode> {
        let image = Arc::clone(&self.images.borrow());
        let words = self.range(unit_id, table, first, count, BITS_MAX)?;
        Ok(words.into_iter().map(|word| image.readings[word.point].value != 0.0).collect())
    }

    fn words(&self, unit_id: u8, table: Table, first: u16, count: u16) -> Result<Vec<u16>, ExceptionCode> {
        let image = Arc::clone(&self.images.borrow());
        let words = self.range(unit_id, table, first, count, REGISTERS_MAX)?;
        Ok(words
            .into_iter()
            .map(|word| encode(&self.points[word.point], image.readings[word.point].value)[word.offset])
            .collect())
    }

    /// Every word asked for must exist: a device answers "illegal data address" where it has none.
    fn range(&self, unit_id: u8, table: Table, first: u16, count: u16, max: u16) -> Result<Vec<Word>, ExceptionCode> {
        if count == 0 || count > max {
            return Err(ExceptionCode::IllegalDataValue);
        }
        let word = |offset| self.places.get(&(unit_id, table, first.checked_add(offset)?)).copied();
        (0..count).map(word).collect::<Option<Vec<_>>>().ok_or(ExceptionCode::IllegalDataAddress)
    }
}

/// The registers of a value; the second is unused by short types.
fn encode(point: &Point, value: f64) -> [u16; 2] {
    let Place::Modbus(register) = point.place else { return [0; 2] };
    match register.data {
        Data::Bool => [u16::from(value != 0.0), 0],
        Data::I16 => {
            let raw = (value / register.scale).round().clamp(i16::MIN.into(), i16::MAX.into());
            [(raw as i16).cast_unsigned(), 0]
        }
        Data::F32 => {
            let bits = (value as f32).to_bits();
            [bits as u16, (bits >> 16) as u16]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{description::points, image::Image, physics::Process};
    use davy_core::time::UtcTime;
    use tokio::sync::watch;

    fn registers() -> (Registers, Vec<f64>) {
        let points: Arc<[Point]> = points().into();
        let process = Process::new(Arc::clone(&points), 1);
        let image = Image { at: UtcTime(0), readings: process.readings().to_vec() };
        let values = image.readings.iter().map(|reading| reading.value).collect();
        (Registers::new(points, watch::channel(Arc::new(image)).1), values)
    }

    fn ask(unit_id: u8, request: Request<'static>) -> Result<Response, ExceptionCode> {
        registers().0.answer(&SlaveRequest { slave: unit_id, request })
    }

    #[test]
    fn every_value_can_be_read_back() {
        let (registers, values) = registers();
        for (point, value) in registers.points.iter().zip(&values) {
            let Place::Modbus(register) = point.place else { continue };
            let words = |table| registers.words(register.unit_id, table, register.address, register.data.registers());
            let read = match register.data {
                Data::Bool => {
                    let bits = registers.bits(register.unit_id, register.table, register.address, 1).unwrap();
                    f64::from(u8::from(bits[0]))
                }
                Data::I16 => f64::from(words(register.table).unwrap()[0].cast_signed()) * register.scale,
                Data::F32 => {
                    let words = words(register.table).unwrap();
                    f64::from(f32::from_bits(u32::from(words[1]) << 16 | u32::from(words[0])))
                }
            };
            assert!((read - value).abs() <= value.abs() * 1e-6 + 0.05, "{}: {read} for {value}", point.tag);
        }
    }

    #[test]
    fn writes_foreign_units_and_wrong_addresses_are_refused() {
        use ExceptionCode::*;
        let refusals = [
            (1, Request::WriteSingleRegister(0, 1), IllegalFunction),
            (2, Request::WriteSingleCoil(0, true), IllegalFunction),
            (1, Request::ReadInputRegisters(60_000, 1), IllegalDataAddress),
            (1, Request::ReadInputRegisters(u16::MAX, 2), IllegalDataAddress),
            (1, Request::ReadHoldingRegisters(0, 1), IllegalDataAddress),
            (1, Request::ReadInputRegisters(0, 0), IllegalDataValue),
            (1, Request::ReadInputRegisters(0, 126), IllegalDataValue),
            (3, Request::ReadInputRegisters(0, 1), GatewayTargetDevice),
        ];
        for (unit_id, request, refusal) in refusals {
            assert_eq!(ask(unit_id, request.clone()), Err(refusal), "{request:?} to {unit_id}");
        }
        assert!(matches!(ask(2, Request::ReadCoils(0, 32)), Ok(Response::ReadCoils(bits)) if bits.len() == 32));
    }
}
