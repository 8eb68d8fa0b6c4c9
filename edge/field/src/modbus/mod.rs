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
    let period = Duration::from_millis(config.poll_interval_ms.max(1));
    let mut grid = grid(period);
    loop {
        grid.tick().await;
        let begun = Instant::now();
        let polled = poller.poll(&mut device, monitor).await;
        if monitor.is_up() {
            backoff.reset();
        }
        let requests = match polled {
            Ok(requests) => requests,
            Err(reason) => return reason,
        };
        let mut notes = vec![format!("{}, {requests} requests", pace(begun.elapsed(), period))];
        notes.extend(poller.notes());
        monitor.notes(notes);
    }
}

/// The beats of the polls. One that begins while a poll still runs is skipped; the grid itself never shifts.
fn grid(period: Duration) -> Interval {
    let mut grid = interval(period);
    grid.set_missed_tick_behavior(MissedTickBehavior::Skip);
    grid
}

/// How long the last poll took, and whether that was too long.
fn pace(took: Duration, period: Duration) -> String {
    let skipped = took.as_micros().saturating_sub(1) / period.as_micros().max(1);
    let (took, period) = (took.as_millis(), period.as_millis());
    match skipped {
        0 => format!("poll: {took} ms of {period} ms"),
        skipped => format!("poll: {took} ms of {period} ms, beats skipped: {skipped}; poll less often"),
    }
}

#[cfg(test)]
mod tests {
    use super::Duration;

    #[test]
    fn the_pace_is_that_of_the_poll_that_overran() {
        let pace = |took, period| super::pace(Duration::from_millis(took), Duration::from_millis(period));
        assert_eq!(pace(0, 500), "poll: 0 ms of 500 ms");
        assert_eq!(pace(500, 500), "poll: 500 ms of 500 ms");
        assert_eq!(pace(501, 500), "poll: 501 ms of 500 ms, beats skipped: 1; poll less often");
        assert_eq!(pace(1_700, 500), "poll: 1700 ms of 500 ms, beats skipped: 3; poll less often");
    }
}
