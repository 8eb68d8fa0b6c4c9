//! The box in the gateway: started before anything else can be alarmed, listened to while it runs, safe at the end; and
//! `davy board`.

mod command;
mod listener;

pub(crate) use command::board;
pub(crate) use listener::Listener;

use crate::{clock, limits};
use anyhow::Context as _;
use davy_api::BoardTest;
use davy_board::{Hand, Heard, Setup, Systemd, Test, Told};
use davy_config::BoardConfig;
use davy_core::{effect::Rejection, health::PanelHealth};
use std::{env, path::Path, sync::Arc};
use tokio::sync::{mpsc, watch};

/// In the data folder: which inputs of a simulated box are active.
pub(crate) const SIMULATED_INPUTS: &str = "board-inputs";

/// The box of a running gateway. When it is dropped, outputs go to their safe state.
pub(crate) struct Panel {
    pub(crate) hand: Hand,
    pub(crate) health: watch::Receiver<Arc<PanelHealth>>,
    pub(crate) heard: mpsc::Receiver<Heard>,
    /// To be dropped when alarms are evaluated no more.
    pub(crate) end: AtEnd,
}

/// Whatever the reason for which the gateway ends.
pub(crate) struct AtEnd(Hand);

impl Drop for AtEnd {
    fn drop(&mut self) {
        if !self.0.end() {
            tracing::error!("lamp, horn and relays did not go to their safe state in time: check the board");
        }
    }
}

/// Takes the lines of the box.
pub(crate) fn start(board: &BoardConfig, data: &Path) -> anyhow::Result<Panel> {
    let (health, of_box) = watch::channel(Arc::default());
    let (sender, heard) = mpsc::channel(limits::HEARD_MAX);
    let setup = Setup {
        board: board.clone(),
        simulated_inputs: data.join(SIMULATED_INPUTS),
        clock: clock::now,
        systemd: Systemd {
            socket: env::var_os("NOTIFY_SOCKET"),
            watchdog_usec: env::var("WATCHDOG_USEC").ok(),
            watchdog_pid: env::var("WATCHDOG_PID").ok(),
        },
    };
    let hand = davy_board::start(setup, move |told| match told {
        Told::Health(now) => drop(health.send_replace(Arc::new(now))),
        // Beyond the limit a press is lost; whoever pressed sees that nothing happens and presses again.
        Told::Heard(what) => drop(sender.try_send(what)),
    });
    let hand = hand.context("start the thread of lamp and horn")?;
    Ok(Panel { end: AtEnd(hand.clone()), hand, health: of_box, heard })
}

/// What the page may test.
pub(crate) struct ForPage(pub(crate) Hand);

impl davy_api::Board for ForPage {
    fn consider(&self, test: &BoardTest) -> Result<(), Rejection> {
        self.0.consider(&of_board(test.clone())).map_err(|refusal| match refusal {
            davy_board::Refusal::Senseless(why) => Rejection::Invalid(why),
            davy_board::Refusal::NotNow(why) => Rejection::Conflict(why),
        })
    }

    fn begin(&self, test: BoardTest) {
        self.0.begin(of_board(test));
    }

    fn end(&self) {
        self.0.end_test();
    }
}

fn of_board(BoardTest { by, outputs, seconds }: BoardTest) -> Test {
    Test { by, outputs, seconds }
}
