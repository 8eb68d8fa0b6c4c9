//! How a line is reached: by connecting, perhaps to one of two addresses, over a serial port, or by waiting for the device.

use crate::{
    limits,
    modbus::{listen::Listener, stream::Port},
    net,
};
use davy_config::{ModbusLink, NetworkAddress, SerialLine, SerialParity};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_serial::{
    ClearBuffer, DataBits, ErrorKind, Parity, SerialPort as _, SerialPortBuilderExt as _, SerialStream, StopBits,
};

/// The way to a line.
pub(crate) enum Link {
    Connect(Addresses),
    Serial(SerialLine),
    Listen {
        listener: Listener,
        /// Whose connection is used.
        peer: Option<SocketAddr>,
    },
}

/// One address or two, of which the first is tried first.
pub(crate) struct Addresses {
    places: Vec<(&'static str, NetworkAddress)>,
}

impl Link {
    pub(crate) fn new(config: &ModbusLink) -> Self {
        match config {
            ModbusLink::Connect { address, backup, .. } => {
                let backup = backup.iter().map(|backup| ("backup address", backup.clone()));
                Self::Connect(Addresses { places: [("address", address.clone())].into_iter().chain(backup).collect() })
            }
            ModbusLink::Serial(line) => Self::Serial(line.clone()),
            ModbusLink::Listen { address, allow, registration, .. } => {
                let listener = Listener::new(*address, allow.clone(), registration.clone());
                Self::Listen { listener, peer: None }
            }
        }
    }

    /// Makes a connection.
    ///
    /// # Errors
    /// In words.
    pub(crate) async fn open(&mut self) -> Result<Port, String> {
        match self {
            Self::Connect(addresses) => addresses.connect(limits::CONNECT_MAX).await.map(Port::Tcp),
            Self::Serial(line) => serial(line).map(Port::Serial),
            Self::Listen { .. } => self.wait(limits::CONNECT_MAX).await,
        }
    }

    /// Makes a connection in place of one that is no longer sound, within a limit; many a device needs a moment to see that
    /// the old one is gone.
    ///
    /// # Errors
    /// In words, of the last attempt.
    pub(crate) async fn open_again(&mut self, limit: Duration) -> Result<Port, String> {
        match self {
            Self::Connect(addresses) => addresses.connect_again(limit).await.map(Port::Tcp),
            Self::Serial(line) => serial(line).map(Port::Serial),
            Self::Listen { .. } => self.wait(limit).await,
        }
    }

    /// A connection that has come in place of the one that is used.
    pub(crate) fn newer(&mut self) -> Option<Port> {
        let Self::Listen { listener, peer } = self else { return None };
        let (stream, from) = listener.take()?;
        *peer = Some(from);
        Some(Port::Tcp(stream))
    }

    /// Nobody answered there: the next attempt begins with the other address.
    pub(crate) fn lost(&mut self) {
        match self {
            Self::Connect(addresses) => addresses.places.rotate_left(1),
            Self::Serial(_) => {}
            Self::Listen { peer, .. } => *peer = None,
        }
    }

    /// Whether a connection that is open should be kept although nobody answers: a device would take its time to dial again,
    /// and to open a serial port anew moves its control lines.
    pub(crate) fn is_kept(&self) -> bool {
        !matches!(self, Self::Connect(_))
    }

    /// Where the line is, in words.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Connect(addresses) => {
                addresses.places.first().map(|(_, place)| place.to_string()).unwrap_or_default()
            }
            Self::Serial(line) => line.path.clone(),
            Self::Listen { listener, peer: None } => listener.address().to_string(),
            Self::Listen { listener, peer: Some(peer) } => format!("{peer} at {}", listener.address()),
        }
    }

    /// What an engineer should know of it, in words.
    pub(crate) fn notes(&self) -> Vec<String> {
        match self {
            Self::Connect(addresses) => addresses.note().into_iter().collect(),
            Self::Serial(_) => Vec::new(),
            Self::Listen { listener, peer } => {
                let connected = peer.map(|peer| format!("connected: {peer}"));
                let refused = listener.refused().map(|refused| format!("refused: {refused}"));
                connected.into_iter().chain(refused).collect()
            }
        }
    }

    async fn wait(&mut self, limit: Duration) -> Result<Port, String> {
        let Self::Listen { listener, peer } = self else { return Err("nobody is waited for".to_owned()) };
        let (stream, from) = listener.next(limit).await?;
        *peer = Some(from);
        Ok(Port::Tcp(stream))
    }
}

impl Addresses {
    /// Tries each address once; the one that answers comes first from then on.
    async fn connect(&mut self, limit: Duration) -> Result<TcpStream, String> {
        let each = limit / u32::try_from(self.places.len()).unwrap_or(1).max(1);
        let mut reasons = Vec::new();
        for at in 0..self.places.len() {
            let NetworkAddress { host, port } = &self.places[at].1;
            match net::connect(host, *port, each).await {
                Ok(stream) => {
                    self.places.rotate_left(at);
                    return Ok(stream);
                }
                Err(reason) => reasons.push(reason),
            }
        }
        Err(reasons.join("; "))
    }

    async fn connect_again(&mut self, limit: Duration) -> Result<TcpStream, String> {
        let first = self.places.first().map(|(_, place)| place.clone()).unwrap_or_default();
        let mut reason = net::too_late(&first.host, first.port, limit);
        let attempts = async {
            loop {
                match self.connect(limit).await {
                    Ok(stream) => return stream,
                    Err(why) => reason = why,
                }
                sleep(limits::RECONNECT_PAUSE).await;
            }
        };
        let connected = timeout(limit, attempts).await;
        connected.map_err(|_| reason)
    }

    /// Which of two addresses is used.
    fn note(&self) -> Option<String> {
        let [(name, place), _] = &self.places[..] else { return None };
        Some(format!("connected to the {name} {place}"))
    }
}

/// Opens the port and throws away what it had received.
fn serial(line: &SerialLine) -> Result<SerialStream, String> {
    let parity = match line.parity {
        SerialParity::None => Parity::None,
        SerialParity::Even => Parity::Even,
        SerialParity::Odd => Parity::Odd,
    };
    let port = tokio_serial::new(&line.path, line.baud)
        .data_bits(DataBits::Eight)
        .parity(parity)
        .stop_bits(if line.stop_bits == 2 { StopBits::Two } else { StopBits::One })
        .open_native_async();
    let opened = port.and_then(|port| port.clear(ClearBuffer::Input).map(|()| port));
    opened.map_err(|error| format!("{}: {}", line.path, words(&error)))
}

/// An error of a serial port in words that say what to look at.
fn words(error: &tokio_serial::Error) -> String {
    let advice = match error.kind() {
        ErrorKind::NoDevice | ErrorKind::Io(std::io::ErrorKind::NotFound) => {
            "there is no such device; check the path and that the adapter is plugged in"
        }
        ErrorKind::Io(std::io::ErrorKind::PermissionDenied) => {
            "access is refused; add the gateway's user to the group dialout"
        }
        ErrorKind::InvalidInput | ErrorKind::Unknown | ErrorKind::Io(_) => {
            "the port cannot be opened; check that it is a serial port, that nothing else uses it, and baud and parity"
        }
    };
    format!("{advice} ({error})")
}
