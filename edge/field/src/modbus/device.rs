//! A line with its devices: asked at its own pace, and made sound again after whatever went wrong.

use crate::{
    limits::modbus::RTU_SHORTEST,
    modbus::{
        link::Link,
        plan::Block,
        read_only::{Answer, Objects, ReadOnly},
        stream::{Line, Port},
    },
    net::words,
    wire::Recorder,
};
use davy_config::{ModbusFraming, ModbusLink, ModbusPace, ModbusTable};
use std::{io, time::Duration};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_modbus::{Error, ExceptionCode};

/// A line.
pub(crate) struct Device {
    link: Link,
    config: ModbusLink,
    pace: ModbusPace,
    /// `None` while there is no connection.
    line: Option<Open>,
    /// Before then nothing is asked.
    rest_until: Instant,
    recorder: Option<Recorder>,
}

/// A connection: what asks, and the line it asks over.
struct Open {
    line: Line,
    reader: ReadOnly,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The device says no.
    Refused(ExceptionCode),
    /// Nobody answers. The line is no longer sound: the answer may still come.
    Silent,
    /// What came is no answer to the question. The line is no longer sound.
    Garbled(String),
    /// The connection is gone; why, in words.
    Broken(String),
}

impl Device {
    pub(crate) fn new(config: &ModbusLink, pace: ModbusPace) -> Self {
        let (link, config) = (Link::new(config), config.clone());
        Self { link, config, pace, line: None, rest_until: Instant::now(), recorder: None }
    }

    /// With somebody who counts what is sent.
    pub(crate) fn recorded(self, recorder: Option<Recorder>) -> Self {
        Self { recorder, ..self }
    }

    /// Connects.
    ///
    /// # Errors
    /// In words.
    pub(crate) async fn connect(&mut self) -> Result<(), String> {
        let port = self.link.open().await?;
        self.begin(port);
        Ok(())
    }

    /// The connection is given up, because nobody answers there.
    pub(crate) fn lost(&mut self) {
        self.line = None;
        self.link.lost();
    }

    /// Makes the line sound again after a failure. A late answer of RTU says nowhere to which question it belongs, so nothing
    /// is asked until no answer can come any more; what comes is thrown away.
    ///
    /// The old connection goes before a new one is made: many a device accepts a single connection. That may take as long as
    /// an answer, so that a line that is cut is known to be lost before its values are too old.
    ///
    /// # Errors
    /// In words.
    pub(crate) async fn mend(&mut self, failure: &Failure) -> Result<(), String> {
        if matches!(failure, Failure::Refused(_)) {
            return Ok(());
        }
        let open = self.let_late_answers_pass().await && !matches!(failure, Failure::Broken(_));
        if open && self.link.is_kept() {
            self.begin_anew();
            return Ok(());
        }
        self.line = None;
        let port = self.link.open_again(Duration::from_millis(self.pace.timeout_ms)).await?;
        self.begin(port);
        Ok(())
    }

    /// Reads a block.
    ///
    /// # Errors
    /// What went wrong, by what has to be done about it.
    pub(crate) async fn read(&mut self, block: &Block) -> Result<Answer, Failure> {
        self.rest().await;
        let limit = self.limit(answer_bytes(block));
        let Some(Open { reader, .. }) = &mut self.line else { return Err(not_connected()) };
        let asked = timeout(limit, reader.read(block)).await;
        self.rest_from_now();
        what_came(asked)
    }

    /// Asks a unit who it is, with function code 43/14.
    ///
    /// # Errors
    /// What went wrong, by what has to be done about it.
    pub(crate) async fn identify(&mut self, unit_id: u8, from: u8) -> Result<Objects, Failure> {
        self.rest().await;
        let limit = self.limit(IDENTITY_BYTES);
        let Some(Open { reader, .. }) = &mut self.line else { return Err(not_connected()) };
        let asked = timeout(limit, reader.identify(unit_id, from)).await;
        self.rest_from_now();
        what_came(asked)
    }

    /// Where it is, in words.
    pub(crate) fn place(&self) -> String {
        self.link.place()
    }

    /// What an engineer should know of the connection, in words.
    pub(crate) fn notes(&self) -> Vec<String> {
        self.link.notes()
    }

    fn begin(&mut self, port: Port) {
        let framing = self.config.framing();
        let line = Line::new(port, framing, self.recorder.clone());
        self.line = Some(Open { reader: ReadOnly::new(line.clone(), framing), line });
        self.rest_until = Instant::now() + Duration::from_millis(self.pace.pause_after_connect_ms);
    }

    /// Waits as long as the device wants to be left alone, and takes the newest connection.
    async fn rest(&mut self) {
        if let Some(port) = self.link.newer() {
            self.begin(port);
        }
        sleep_until(self.rest_until).await;
    }

    fn rest_from_now(&mut self) {
        let frames = self.config.serial().map_or(0, |line| line.wire_us(SILENT_BYTES).max(SILENT_US));
        let pause = Duration::from_millis(self.pace.pause_between_requests_ms).max(Duration::from_micros(frames));
        self.rest_until = Instant::now() + pause;
    }

    /// Waits while an answer may still come that would be taken for another one's. Gives whether the line is open.
    async fn let_late_answers_pass(&mut self) -> bool {
        let line = self.line.as_ref().map(|open| open.line.clone());
        if !self.config.waits_for_late_answers() {
            return line.is_some();
        }
        let late = Duration::from_millis(self.pace.late_ms);
        match line {
            Some(line) => line.listen_until_quiet(late).await,
            None => {
                sleep(late).await;
                false
            }
        }
    }

    /// The same connection with nothing left of what came over it. With MBAP headers the transaction ids have to go on.
    fn begin_anew(&mut self) {
        if let (Some(open), ModbusFraming::Rtu) = (&mut self.line, self.config.framing()) {
            open.reader = ReadOnly::new(open.line.clone(), ModbusFraming::Rtu);
        }
    }

    /// How long an answer may take; on a serial line the wire itself is slow.
    fn limit(&self, answer_bytes: u64) -> Duration {
        let wire_us = self.config.serial().map_or(0, |line| line.wire_us(REQUEST_BYTES + answer_bytes));
        Duration::from_millis(self.pace.timeout_ms) + Duration::from_micros(wire_us)
    }
}

/// Of a question in RTU.
const REQUEST_BYTES: u64 = 8;

/// The longest answer in RTU.
const IDENTITY_BYTES: u64 = 256;

/// Between two frames a serial line rests for three and a half bytes (Modbus over Serial Line 1.02, 2.5.1.1) …
const SILENT_BYTES: u64 = 4;

/// … and above 19 200 baud for 1.75 ms (as there).
const SILENT_US: u64 = 1_750;

/// How long the answer to a block is in RTU.
fn answer_bytes(block: &Block) -> u64 {
    let count = u64::from(block.count);
    let of_values = match block.table {
        ModbusTable::Coil | ModbusTable::Discrete => count.div_ceil(8),
        ModbusTable::Holding | ModbusTable::Input => count * 2,
    };
    RTU_SHORTEST as u64 + of_values
}

fn not_connected() -> Failure {
    Failure::Broken("there is no connection".to_owned())
}

fn what_came<T>(asked: Result<tokio_modbus::Result<T>, tokio::time::error::Elapsed>) -> Result<T, Failure> {
    match asked {
        Ok(Ok(Ok(answer))) => Ok(answer),
        Ok(Ok(Err(exception))) => Err(Failure::Refused(exception)),
        Ok(Err(Error::Protocol(error))) => Err(Failure::Garbled(error.to_string())),
        Ok(Err(Error::Transport(error))) if is_garbled(&error) => Err(Failure::Garbled(error.to_string())),
        Ok(Err(Error::Transport(error))) => Err(Failure::Broken(words(&error))),
        Err(_) => Err(Failure::Silent),
    }
}

/// The library reports bytes that are no Modbus as one of these kinds of input error.
fn is_garbled(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)
}
