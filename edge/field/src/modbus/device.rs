//! A device or gateway on the line. It is asked to read; there is no way here to ask it for anything else.

use crate::{
    limits::CONNECT_MAX,
    modbus::plan::Block,
    net::{self, words},
};
use davy_config::{ModbusSource, ModbusTable};
use std::{io, time::Duration};
use tokio::time::timeout;
use tokio_modbus::{
    Error, ExceptionCode, Slave,
    client::{Context, Reader, tcp},
    slave::SlaveContext,
};

/// A connection, made anew whenever it is no longer sound.
pub(crate) struct Device {
    /// `None` while there is no connection.
    context: Option<Context>,
    host: String,
    port: u16,
    timeout: Duration,
}

/// What a block of a table holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Of coils and discrete inputs.
    Bits(Vec<bool>),
    /// Of registers.
    Words(Vec<u16>),
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The device says no.
    Refused(ExceptionCode),
    /// Nobody answers. The connection is no longer sound: the answer may still come.
    Silent,
    /// What came is no answer to the question. The connection is no longer sound.
    Garbled(String),
    /// The connection is gone; why, in words.
    Broken(String),
}

impl Device {
    /// Connects.
    ///
    /// # Errors
    /// In words.
    pub(crate) async fn connect(config: &ModbusSource) -> Result<Self, String> {
        let context = Some(tcp::attach(net::connect(&config.host, config.port, CONNECT_MAX).await?));
        let timeout = Duration::from_millis(config.timeout_ms);
        Ok(Self { context, host: config.host.clone(), port: config.port, timeout })
    }

    /// Drops the connection and makes a new one. The old one goes first: many a device accepts a single connection.
    /// It may take as long as an answer, so that a line that is cut is known to be lost before its values are too old.
    ///
    /// # Errors
    /// In words.
    pub(crate) async fn reconnect(&mut self) -> Result<(), String> {
        self.context = None;
        self.context = Some(tcp::attach(net::connect_again(&self.host, self.port, self.timeout).await?));
        Ok(())
    }

    /// Reads a block.
    ///
    /// # Errors
    /// What went wrong, by what has to be done about it.
    pub(crate) async fn read(&mut self, block: &Block) -> Result<Answer, Failure> {
        let limit = self.timeout;
        match timeout(limit, self.ask(block)).await {
            Ok(Ok(Ok(answer))) => Ok(answer),
            Ok(Ok(Err(exception))) => Err(Failure::Refused(exception)),
            Ok(Err(Error::Protocol(error))) => Err(Failure::Garbled(error.to_string())),
            Ok(Err(Error::Transport(error))) if is_garbled(&error) => Err(Failure::Garbled(error.to_string())),
            Ok(Err(Error::Transport(error))) => Err(Failure::Broken(words(&error))),
            Err(_) => Err(Failure::Silent),
        }
    }

    async fn ask(&mut self, block: &Block) -> tokio_modbus::Result<Answer> {
        let Some(context) = &mut self.context else { return Err(io::Error::from(io::ErrorKind::NotConnected).into()) };
        context.set_slave(Slave(block.unit_id));
        let (start, count) = (block.start, block.count);
        Ok(match block.table {
            ModbusTable::Coil => context.read_coils(start, count).await?.map(Answer::Bits),
            ModbusTable::Discrete => context.read_discrete_inputs(start, count).await?.map(Answer::Bits),
            ModbusTable::Holding => context.read_holding_registers(start, count).await?.map(Answer::Words),
            ModbusTable::Input => context.read_input_registers(start, count).await?.map(Answer::Words),
        })
    }
}

/// The library reports bytes that are no Modbus as one of these kinds of input error.
fn is_garbled(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)
}
