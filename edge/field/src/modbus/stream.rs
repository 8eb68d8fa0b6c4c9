//! The bytes of a line, from a network connection or a serial port.

use crate::{
    limits::modbus::{RTU_SHORTEST, STALE_READS_MAX},
    wire::{Protocol, Reader, Recorder},
};
use davy_config::ModbusFraming;
use std::{
    future::poll_fn,
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, sleep_until, timeout_at},
};
use tokio_serial::SerialStream;

/// What the bytes come over.
#[derive(Debug)]
pub(crate) enum Port {
    Tcp(TcpStream),
    Serial(SerialStream),
}

/// A line. Its clones are the same line: one belongs to whoever asks, another to whoever must listen until the line is quiet.
#[derive(Clone, Debug)]
pub(crate) struct Line(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    port: Port,
    framing: ModbusFraming,
    /// Nothing has been asked yet.
    fresh: bool,
    /// How many bytes an answer needs before it is worth a look, once a question has gone out.
    wanted: usize,
    /// Fewer bytes than that.
    held: Vec<u8>,
    /// Reads what is sent, for who counts it.
    seen: Option<(Reader, Recorder)>,
}

impl Line {
    pub(crate) fn new(port: Port, framing: ModbusFraming, recorder: Option<Recorder>) -> Self {
        let protocol = match framing {
            ModbusFraming::Tcp => Protocol::ModbusTcp,
            ModbusFraming::Rtu => Protocol::ModbusRtuOverTcp,
        };
        let seen = recorder.map(|recorder| (Reader::new(protocol), recorder));
        Self(Arc::new(Mutex::new(State { port, framing, fresh: true, wanted: 0, held: Vec::new(), seen })))
    }

    /// Throws away what comes, for so long. Gives whether the line is still open.
    pub(crate) async fn listen_until_quiet(&self, time: Duration) -> bool {
        let end = Instant::now() + time;
        let closed = timeout_at(end, poll_fn(|cx| self.state().throw_away(cx))).await.is_ok();
        // The device behind a broken connection answers all the same.
        sleep_until(end).await;
        !closed
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Ready once the line is closed.
    fn throw_away(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.held.clear();
        while let Poll::Ready(read) = self.read(cx) {
            if !matches!(read, Ok(1..)) {
                return Poll::Ready(());
            }
            self.held.clear();
        }
        Poll::Pending
    }

    /// What stands in the line before a question is no answer to it: the rest of a late one, noise, a heartbeat.
    fn forget_what_came(&mut self, cx: &mut Context<'_>) {
        let mut reads = 0..STALE_READS_MAX;
        while reads.next().is_some() && matches!(self.read(cx), Poll::Ready(Ok(1..))) {}
        self.held.clear();
    }

    /// Adds to what is held.
    fn read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut bytes = [0; 256];
        let mut buffer = ReadBuf::new(&mut bytes);
        ready!(self.port.poll_read(cx, &mut buffer))?;
        self.held.extend(buffer.filled());
        Poll::Ready(Ok(buffer.filled().len()))
    }
}

impl AsyncRead for Line {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut state = self.state();
        // The library takes an answer of 43/14 for nonsense as long as there are but two bytes of it.
        while state.held.len() < state.wanted {
            if ready!(state.read(cx))? == 0 {
                return Poll::Ready(Ok(()));
            }
        }
        state.wanted = 0;
        if state.held.is_empty() {
            return state.port.poll_read(cx, buffer);
        }
        let taken = state.held.len().min(buffer.remaining());
        buffer.put_slice(&state.held[..taken]);
        state.held.drain(..taken);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Line {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut state = self.state();
        let rtu = state.framing == ModbusFraming::Rtu;
        if rtu || state.fresh {
            state.forget_what_came(cx);
        }
        state.fresh = false;
        state.wanted = if rtu { RTU_SHORTEST } else { 0 };
        let written = ready!(match &mut state.port {
            Port::Tcp(stream) => Pin::new(stream).poll_write(cx, bytes),
            Port::Serial(stream) => Pin::new(stream).poll_write(cx, bytes),
        })?;
        if let Some((reader, recorder)) = &mut state.seen {
            reader.take(&bytes[..written], |sent| recorder.note(sent));
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.state().port {
            Port::Tcp(stream) => Pin::new(stream).poll_flush(cx),
            // The kernel has the bytes. To wait until they are on the wire would block the thread.
            Port::Serial(_) => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.state().port {
            Port::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Port::Serial(_) => Poll::Ready(Ok(())),
        }
    }
}

impl Port {
    fn poll_read(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Serial(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}
