//! The thread of the panel: takes orders and inputs, moves outputs, feeds watchdogs, and tells how the box is doing. It is a plain
//! thread, so that it goes on when everything else has come to a stop.

#[cfg(test)]
mod tests;

use crate::{
    hand::{Hand, Order, Orders, Pulse},
    io::{self, DigitalIo},
    limits,
    lines::Lines,
    panel::{Heard, Panel, TestEnd},
    thermometer::Temperature,
    watchdogs::{Hunger, Manager, Watchdogs},
    words,
};
use davy_config::{BoardConfig, BoardDriver};
use davy_core::{health::PanelHealth, time::Now};
use std::{ffi::OsString, path::PathBuf, sync::Arc};

/// What a box is made of.
pub struct Setup {
    /// How it is wired.
    pub board: BoardConfig,
    /// Where the inputs of a simulated one are.
    pub simulated_inputs: PathBuf,
    /// Both clocks.
    pub clock: fn() -> Now,
    /// What the service manager put into the environment.
    pub systemd: Systemd,
}

/// What the service manager put into the environment.
#[derive(Clone, Debug, Default)]
pub struct Systemd {
    /// `NOTIFY_SOCKET`.
    pub socket: Option<OsString>,
    /// `WATCHDOG_USEC`.
    pub watchdog_usec: Option<String>,
    /// `WATCHDOG_PID`.
    pub watchdog_pid: Option<String>,
}

/// What the box tells the gateway.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// How it is doing, when that has changed.
    Health(PanelHealth),
    /// What was heard.
    Heard(Heard),
}

/// Takes the lines and begins. What is told must not make the panel wait.
///
/// # Errors
/// When no thread can be made.
pub fn start(setup: Setup, mut tell: impl FnMut(Told) + Send + 'static) -> std::io::Result<Hand> {
    let hand = Hand::new(setup.board.outputs.iter().map(|output| output.name.clone()).collect());
    let of_thread = hand.clone();
    std::thread::Builder::new().name("davy-panel".to_owned()).spawn(move || {
        let Setup { board, simulated_inputs, clock, systemd } = setup;
        let lines = io::open(&board, &simulated_inputs);
        let Systemd { socket, watchdog_usec, watchdog_pid } = systemd;
        let manager = Manager::of(socket.as_deref(), watchdog_usec.as_deref(), watchdog_pid.as_deref());
        let mut turn = Turn::new(board, lines, manager, clock());
        loop {
            let orders = of_thread.wait(limits::TURN);
            let end = orders.end;
            turn.take(orders, clock());
            turn.turn(of_thread.pulse(), clock(), &mut tell);
            if end {
                break;
            }
        }
        turn.end();
        of_thread.tell_ended();
    })?;
    Ok(hand)
}

/// All that turns together.
pub(crate) struct Turn {
    pub(crate) board: Arc<BoardConfig>,
    pub(crate) panel: Panel,
    pub(crate) lines: Lines,
    pub(crate) watchdogs: Watchdogs,
    pub(crate) temperature: Temperature,
    told: Option<PanelHealth>,
    turns: u64,
    alive: bool,
    changed: bool,
}

/// How it is doing is looked at every so many turns, and whenever an order came.
const LOOK_EVERY: u64 = 5;

impl Turn {
    pub(crate) fn new(board: BoardConfig, io: Box<dyn DigitalIo>, manager: Manager, now: Now) -> Self {
        let board = Arc::new(board);
        let watchdogs = Watchdogs::open(&board, manager, now.monotonic);
        Self {
            panel: Panel::new(Arc::clone(&board), now.monotonic),
            lines: Lines::open(Arc::clone(&board), io, now.monotonic),
            temperature: Temperature::new(board.thermometer.clone(), now.monotonic),
            watchdogs,
            board,
            told: None,
            turns: 0,
            alive: false,
            changed: true,
        }
    }

    pub(crate) fn take(&mut self, orders: Orders, now: Now) {
        if let Some(shown) = orders.shown {
            self.panel.show(shown, now.monotonic);
            if self.board.driver == BoardDriver::Simulated {
                tracing::info!(target: "davy::board", "{}", words::annunciation(shown));
            }
            self.changed = true;
        }
        for order in orders.tests {
            self.changed = true;
            match order {
                Order::Begin(test) => {
                    if let Err(why) = self.panel.begin_test(test, now) {
                        tracing::warn!(target: "davy::board", "the test does not begin: {why}");
                    }
                }
                Order::End => self.panel.end_test(TestEnd::Asked),
            }
        }
        if orders.stopping {
            self.watchdogs.tell_stopping();
        }
    }

    /// One turn: inputs, time, outputs, watchdogs, and what is to be told.
    pub(crate) fn turn(&mut self, pulse: Pulse, now: Now, tell: &mut impl FnMut(Told)) {
        let at = now.monotonic;
        self.panel.beat(pulse.turns, at);
        self.lines.claim(at);
        for input in 0..self.board.inputs.len() {
            let (active, was) = (self.lines.get(input), self.panel.active(input));
            self.panel.sample(input, active, at);
            // One that is a tag may be closed for a moment only.
            self.changed |= self.panel.active(input) != was;
        }
        self.panel.pass(at);
        for output in 0..self.board.outputs.len() {
            self.lines.set(output, self.panel.level(output, at), at);
        }
        self.look_at_life();
        self.watchdogs.look(Hunger::of(self.alive, pulse.disk_hangs), at);
        self.temperature.look(at);
        let heard = self.panel.take_heard();
        self.changed |= !heard.is_empty();
        heard.into_iter().for_each(|heard| tell(Told::Heard(heard)));
        self.turns += 1;
        if self.changed || self.turns.is_multiple_of(LOOK_EVERY) {
            self.changed = false;
            self.look(now, tell);
        }
    }

    fn look_at_life(&mut self) {
        let alive = self.panel.is_alive();
        match (self.alive, alive) {
            (true, false) => tracing::error!(
                target: "davy::board",
                "the loop that evaluates alarms has not turned for {} ms: the health relay drops and no watchdog is fed",
                self.board.hung_after_ms
            ),
            (false, true) => {
                tracing::info!(target: "davy::board", "alarms are evaluated: the health relay is pulled in")
            }
            (true, true) | (false, false) => {}
        }
        self.changed |= self.alive != alive;
        self.alive = alive;
    }

    fn look(&mut self, now: Now, tell: &mut impl FnMut(Told)) {
        let health = self.health(now.monotonic);
        self.panel.tell_trouble(!health.troubles.is_empty());
        if self.told.as_ref() != Some(&health) {
            self.told = Some(health.clone());
            tell(Told::Health(health));
        }
    }

    /// Outputs first: what hangs on them must not stay on.
    pub(crate) fn end(&mut self) {
        self.lines.make_safe();
        self.watchdogs.let_go();
    }
}
