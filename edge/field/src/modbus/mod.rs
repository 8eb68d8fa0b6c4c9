//! Modbus by polling: everything that is wanted, in as few block reads as the protocol and the device allow, on fixed grids.
//!
//! | file | does |
//! |---|---|
//! | `plan` | which values share a request; pure |
//! | `beats` | when which values are due; pure |
//! | `stream` | the bytes of a line, from a network or a serial port |
//! | `link`, `listen` | how a line is reached: by connecting, over a serial port, by waiting for the device |
//! | `read_only` | the questions that can be asked, and no others |
//! | `device` | a line at its own pace, made sound again after whatever went wrong |
//! | `decode` | from registers to an engineering value; pure |
//! | `ask` | one question, and what its answer, or none, means |
//! | `group` | who is silent, and when it is asked again; pure |
//! | `refused` | which values the device refuses or fails for, and when they are asked for again; pure |
//! | `search` | which values of a block are to blame for its failure; pure |
//! | `news` | what a round has found and is to be told; pure |
//! | `poll` | one round of reads; what goes wrong is kept to the values and units it concerns |
//! | `identify` | who a unit is |

pub(crate) mod ask;
mod beats;
pub(crate) mod decode;
pub(crate) mod device;
mod group;
pub(crate) mod identify;
mod link;
mod listen;
mod news;
pub(crate) mod plan;
mod poll;
pub(crate) mod read_only;
pub(crate) mod refused;
mod search;
mod stream;

use crate::{backoff::Backoff, health::Monitor};
use beats::Beats;
use davy_config::ModbusSource;
use device::Device;
use identify::Identities;
use poll::Poller;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// Polls the device for ever.
pub(crate) async fn run(config: ModbusSource, mut monitor: Monitor) {
    let stop = monitor.stop();
    let mut backoff = Backoff::new();
    let mut poller = Poller::new(&config);
    let mut device = Device::new(&config.link, config.pace).recorded(monitor.recorder());
    let for_ever = async {
        loop {
            let reason = match device.connect().await {
                Ok(()) => poll_until_lost(&config, &mut device, &mut poller, &mut monitor, &mut backoff).await,
                Err(reason) => reason,
            };
            device.lost();
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
    device: &mut Device,
    poller: &mut Poller<'_>,
    monitor: &mut Monitor,
    backoff: &mut Backoff,
) -> String {
    monitor.connected();
    poller.connected();
    let mut beats = Beats::new(config, Instant::now());
    let mut identities = Identities::default();
    loop {
        sleep_until(beats.next()).await;
        let begun = Instant::now();
        let due = beats.due(begun);
        let polled = poller.poll(&due, device, monitor).await;
        if monitor.is_up() {
            backoff.reset();
        }
        let requests = match polled {
            Ok(requests) => requests,
            Err(reason) => return reason,
        };
        let period = Duration::from_millis(due.first().copied().unwrap_or(config.poll_interval_ms).max(1));
        let mut notes = vec![format!("{}, {requests} requests", pace(begun.elapsed(), period))];
        if config.identify
            && let Err(reason) = identities.ask_next(poller.sound_units(), device).await
        {
            return reason;
        }
        notes.extend(device.notes());
        notes.extend(identities.notes());
        notes.extend(poller.notes());
        monitor.notes(notes);
    }
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
