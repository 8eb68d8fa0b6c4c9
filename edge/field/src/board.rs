//! The box's own inputs as tags: a dry contact is 1 while it is active and 0 while it is not. The thread of the box reads and
//! debounces them; here what it tells becomes values.

use crate::health::Monitor;
use davy_config::BoardSource;
use davy_core::{
    event::Sample,
    health::{PanelHealth, PanelInput},
    quality::Quality,
    time::UtcTime,
};
use std::sync::Arc;
use tokio::sync::watch;

/// Tells every change of an input that is a tag, until told to stop.
pub(crate) async fn run(config: BoardSource, panel: Option<watch::Receiver<Arc<PanelHealth>>>, mut monitor: Monitor) {
    let stop = monitor.stop();
    let Some(mut panel) = panel else {
        monitor.down("no box is driven here").await;
        return stop.cancelled().await;
    };
    let mut told = vec![None; config.items.len()];
    panel.mark_changed();
    loop {
        let changed = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            changed = panel.changed() => changed,
        };
        if changed.is_err() {
            monitor.down("the thread of lamp, horn and inputs has ended; restart the gateway").await;
            return stop.cancelled().await;
        }
        let now = Arc::clone(&panel.borrow_and_update());
        // Until the box has told for the first time nothing is known of it.
        if now.inputs.len() != config.inputs.len() {
            continue;
        }
        if !monitor.is_up() {
            monitor.connected();
            monitor.up(&now.name).await;
        }
        let samples = news(&config, &now.inputs, &mut told, monitor.now());
        monitor.samples(samples).await;
    }
}

/// What has changed since it was told last.
fn news(
    config: &BoardSource,
    inputs: &[PanelInput],
    told: &mut [Option<Contact>],
    received_time: UtcTime,
) -> Vec<Sample> {
    let mut samples = Vec::new();
    for (item, told) in config.items.iter().zip(told) {
        let Some(now) = inputs.get(item.input).and_then(contact).filter(|now| *told != Some(*now)) else { continue };
        *told = Some(now);
        let (value, quality) = match now {
            Contact::Is(active) => (f64::from(u8::from(active)), Quality::GOOD),
            Contact::Unreadable => (f64::NAN, Quality::BAD_DEVICE),
        };
        samples.push(Sample { tag: item.tag, value, quality, source_time: None, received_time });
    }
    samples
}

/// What is known of a contact. One that cannot be read is not an open one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Contact {
    Is(bool),
    Unreadable,
}

/// `None` while it has not settled.
fn contact(input: &PanelInput) -> Option<Contact> {
    match (input.active, &input.trouble) {
        (Some(active), _) => Some(Contact::Is(active)),
        (None, Some(_)) => Some(Contact::Unreadable),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use davy_config::BoardItem;
    use davy_core::id::{SourceIx, TagIx};

    fn inputs(states: &[(Option<bool>, bool)]) -> Vec<PanelInput> {
        let input = |&(active, troubled): &(Option<bool>, bool)| PanelInput {
            name: "tank_full".to_owned(),
            role: "contact",
            active,
            trouble: troubled.then(|| "the line is busy".to_owned()),
        };
        states.iter().map(input).collect()
    }

    #[test]
    fn each_change_of_a_contact_is_told_once() {
        let item = |tag: usize, input| BoardItem { tag: TagIx::from(tag), input };
        let config = BoardSource { source: SourceIx(0), inputs: Vec::new(), items: vec![item(7, 1), item(8, 0)] };
        let mut told = vec![None; 2];
        let mut tell = |states: &[(Option<bool>, bool)]| {
            let samples = news(&config, &inputs(states), &mut told, UtcTime(5));
            samples.iter().map(|sample| (sample.tag.at(), sample.value, sample.quality)).collect::<Vec<_>>()
        };
        assert_eq!(tell(&[(None, false), (None, false)]), []);
        assert_eq!(tell(&[(Some(true), false), (None, false)]), [(8, 1.0, Quality::GOOD)]);
        assert_eq!(tell(&[(Some(true), false), (Some(false), false)]), [(7, 0.0, Quality::GOOD)]);
        assert_eq!(
            tell(&[(Some(true), true), (Some(false), false)]),
            [],
            "what is wrong with it does not change what it reads"
        );
        let unreadable = tell(&[(None, true), (Some(true), false)]);
        assert_eq!((unreadable[0].0, unreadable[0].1), (7, 1.0));
        assert_eq!((unreadable[1].0, unreadable[1].2), (8, Quality::BAD_DEVICE));
        assert!(unreadable[1].1.is_nan());
        assert_eq!(tell(&[(None, false), (Some(true), false)]), [], "the last word stands until it settles again");
        assert_eq!(tell(&[(Some(true), false), (Some(true), false)]), [(8, 1.0, Quality::GOOD)]);
    }
}
