//! Modbus TCP by polling: everything that is wanted, in as few block reads as the protocol allows, on a fixed grid.
//!
//! | file | does |
//! |---|---|
//! | `plan` | which values share a request; pure |
//! | `device` | the four reads, and nothing else |
//! | `decode` | from registers to an engineering value; pure |
//! | `ask` | one question, and what its answer, or none, means |
//! | `group` | who is silent, and when it is asked again; pure |
//! | `poll` | one round of reads; what goes wrong is kept to the values and units it concerns |

mod ask;
mod decode;
mod device;
mod group;
mod plan;
mod poll;

use crate::{backoff::Backoff, health::Monitor};
use davy_config::ModbusSource;
use device::Device;
use poll::Poller;
use std::time::Duration;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep};

/// Polls the device for ever.
pub(crate) async fn run(config: ModbusSource, mut monitor: Monitor) {
    let stop = monitor.stop();
    let mut backoff = Backoff::new();
    let mut poller = Poller::new(&config);
    let for_ever = async {
        loop {
            let reason = match Device::connect(&config).await {
                Ok(device) => poll_until_lost(&config, device, &mut poller, &mut monitor, &mut backoff).await,
                Err(reason) => reason,
            };
            monitor.down(&reason).await;
            sleep(backoff.wait()).await;
        }
    };
    // Reading changes nothing, so a poll may be left in its middle.
    tokio::select! {
        biased;
        () = stop.cancelled() => {}
        () = for_ever => {}
    }
}

/// Gives the reason why the connection is over.
async fn poll_until_lost(
    config: &ModbusSource,
    mut device: Device,
    poller: &mut Poller<'_>,
    monitor: &mut Monitor,
    backoff: &mut Backoff,
) -> String {
    monitor.connected();
    poller.connected();
    let mut grid = Grid::new(Duration::from_millis(config.poll_interval_ms.max(1)));
    loop {
        grid.next_beat().await;
        let begun = Instant::now();
        let polled = poller.poll(&mut device, monitor).await;
        if monitor.is_up() {
            backoff.reset();
        }
        let requests = match polled {
            Ok(requests) => requests,
            Err(reason) => return reason,
        };
        let mut notes = vec![format!("{}, {requests} requests", grid.note(begun.elapsed()))];
        notes.extend(poller.notes());
        monitor.notes(notes);
    }
}

/// The beats of the polls. One that begins while a poll still runs is skipped; the grid itself never shifts.
struct Grid {
    interval: Interval,
    last: Option<Instant>,
    skipped: u128,
}

impl Grid {
    fn new(period: Duration) -> Self {
        let mut interval = interval(period);
        interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Self { interval, last: None, skipped: 0 }
    }

    async fn next_beat(&mut self) {
        let beat = self.interval.tick().await;
        if let Some(last) = self.last.replace(beat) {
            let beats = (beat - last).as_micros() / self.interval.period().as_micros();
            self.skipped += beats.saturating_sub(1);
        }
    }

    fn note(&self, took: Duration) -> String {
        let (took, period) = (took.as_millis(), self.interval.period().as_millis());
        match self.skipped {
            0 => format!("poll: {took} ms of {period} ms"),
            skipped => format!("poll: {took} ms of {period} ms, {skipped} beats skipped; poll less often"),
        }
    }
}
