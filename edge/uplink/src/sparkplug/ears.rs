//! What hosts say. Two things are let through: the wish for another birth, and whether the primary host is there. Every other
//! command is dropped and counted: nothing that comes this way can reach the field, and there is nothing here that could take it
//! there.

use super::payload::{Metric, MetricValue, Payload, REBIRTH};
use crate::{
    limits,
    mqtt::{Deaf, Ears},
};
use davy_config::SparkplugUplink;
use prost::Message as _;
use serde::Deserialize;
use tokio::sync::watch;

/// What has been heard since the connection began. It is added up, so that no host can fill a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// How often another birth was wished for.
    pub(super) rebirths: u64,
    /// What the primary host said last of itself.
    pub(super) host: Option<HostState>,
    /// Commands that were dropped.
    pub(super) dropped: u64,
    /// The name of the last one of them, cut.
    pub(super) example: String,
}

/// What a host says of itself, retained (Sparkplug 3.0.0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct HostState {
    pub(super) online: bool,
    /// When it connected: its last will, which comes late, bears the time of the connection that it belongs to.
    pub(super) timestamp: u64,
}

/// The connection's ears.
pub(super) struct Hearing {
    topics: Topics,
    heard: watch::Sender<Heard>,
    deaf: Deaf,
}

/// Where hosts speak to this node.
#[derive(Clone, Debug)]
struct Topics {
    node: String,
    /// Of each device, with its id behind it.
    devices: String,
    host: Option<String>,
}

impl Topics {
    fn new(config: &SparkplugUplink) -> Self {
        let SparkplugUplink { group, node, primary_host, .. } = config;
        Self {
            node: format!("spBv1.0/{group}/NCMD/{node}"),
            devices: format!("spBv1.0/{group}/DCMD/{node}/"),
            host: primary_host.as_ref().map(|host| format!("spBv1.0/STATE/{host}")),
        }
    }
}

/// What is to be subscribed to. After a message that was too large it is the primary host alone for a while.
pub(super) fn filters(config: &SparkplugUplink, deaf: &Deaf) -> Vec<String> {
    let Topics { node, devices, host } = Topics::new(config);
    let commands = (!deaf.is()).then(|| [node, devices + "+"]);
    commands.into_iter().flatten().chain(host).collect()
}

impl Hearing {
    pub(super) fn new(config: &SparkplugUplink, deaf: Deaf) -> (Self, watch::Receiver<Heard>) {
        let (heard, listener) = watch::channel(Heard::default());
        (Self { topics: Topics::new(config), heard, deaf }, listener)
    }
}

impl Ears for Hearing {
    fn packet_bytes_max(&self) -> usize {
        limits::INCOMING_BYTES_MAX
    }

    fn hear(&self, topic: &[u8], payload: &[u8]) {
        let Ok(topic) = std::str::from_utf8(topic) else { return };
        self.heard.send_if_modified(|heard| {
            if self.topics.host.as_deref() == Some(topic) {
                heard.hear_host(payload)
            } else if topic == self.topics.node {
                heard.hear_commands(payload, true)
            } else {
                topic.starts_with(&self.topics.devices) && heard.hear_commands(payload, false)
            }
        });
    }

    fn turn_deaf(&self) {
        self.deaf.turn();
        tracing::error!(
            event = "command_too_large",
            topic = self.topics.node,
            "a message to this node is larger than {} bytes, and no host's commands are listened to for {} s; find out who sends it, and whether the broker retains it",
            limits::INCOMING_BYTES_MAX,
            limits::DEAF.as_secs()
        );
    }
}

impl Heard {
    /// A word that is older than the last one does not count.
    fn hear_host(&mut self, payload: &[u8]) -> bool {
        let Ok(said) = serde_json::from_slice::<HostState>(payload) else { return false };
        let is_old = self.host.is_some_and(|before| said.timestamp < before.timestamp);
        if !is_old {
            self.host = Some(said);
        }
        !is_old
    }

    fn hear_commands(&mut self, payload: &[u8], to_node: bool) -> bool {
        let Ok(Payload { metrics, .. }) = Payload::decode(payload) else {
            self.drop("a payload that cannot be read");
            return true;
        };
        for metric in &metrics {
            if to_node && is_rebirth(metric) {
                self.rebirths += 1;
            } else {
                let alias =
                    || metric.alias.map_or_else(|| "without a name".to_owned(), |alias| format!("alias {alias}"));
                self.drop(&metric.name.clone().unwrap_or_else(alias));
            }
        }
        !metrics.is_empty()
    }

    fn drop(&mut self, name: &str) {
        self.dropped += 1;
        self.example = name.chars().take(limits::sparkplug::NAME_CHARS_MAX).collect();
    }
}

fn is_rebirth(metric: &Metric) -> bool {
    metric.name.as_deref() == Some(REBIRTH) && metric.value == Some(MetricValue::Boolean(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(name: &str, value: MetricValue) -> Metric {
        Metric { name: Some(name.to_owned()), value: Some(value), ..Metric::default() }
    }

    fn message(metrics: Vec<Metric>) -> Vec<u8> {
        Payload { metrics, ..Payload::default() }.encode_to_vec()
    }

    fn after(told: &[(&str, Vec<u8>)]) -> Heard {
        let topics = Topics {
            node: "spBv1.0/g/NCMD/n".to_owned(),
            devices: "spBv1.0/g/DCMD/n/".to_owned(),
            host: Some("spBv1.0/STATE/h".to_owned()),
        };
        let (heard, listener) = watch::channel(Heard::default());
        let hearing = Hearing { topics, heard, deaf: Deaf::default() };
        told.iter().for_each(|(topic, payload)| hearing.hear(topic.as_bytes(), payload));
        listener.borrow().clone()
    }

    #[test]
    fn of_all_commands_rebirth_alone_is_let_through() {
        let yes = || metric(REBIRTH, MetricValue::Boolean(true));
        for (topic, payload, rebirths, dropped) in [
            ("spBv1.0/g/NCMD/n", message(vec![yes()]), 1, 0),
            ("spBv1.0/g/NCMD/n", message(vec![metric(REBIRTH, MetricValue::Boolean(false))]), 0, 1),
            ("spBv1.0/g/NCMD/n", message(vec![metric(REBIRTH, MetricValue::Int(1))]), 0, 1),
            ("spBv1.0/g/NCMD/n", message(vec![metric("Node Control/Reboot", MetricValue::Boolean(true))]), 0, 1),
            ("spBv1.0/g/NCMD/n", message(vec![yes(), metric("LI-1", MetricValue::Double(1.0))]), 1, 1),
            ("spBv1.0/g/DCMD/n/dcs", message(vec![metric("LI-1", MetricValue::Double(1.0))]), 0, 1),
            ("spBv1.0/g/DCMD/n/dcs", message(vec![Metric { alias: Some(3), ..Metric::default() }]), 0, 1),
            ("spBv1.0/g/DCMD/n/dcs", message(vec![yes()]), 0, 1),
            ("spBv1.0/g/DCMD/n/dcs", vec![0xFF; 9], 0, 1),
            ("spBv1.0/g/NCMD/other", message(vec![yes()]), 0, 0),
        ] {
            let heard = after(&[(topic, payload)]);
            assert_eq!((heard.rebirths, heard.dropped), (rebirths, dropped), "{topic} {}", heard.example);
        }
        let named = after(&[("spBv1.0/g/DCMD/n/dcs", message(vec![metric(&"长".repeat(300), MetricValue::Int(1))]))]);
        assert_eq!(named.example.chars().count(), limits::sparkplug::NAME_CHARS_MAX);
    }

    #[test]
    fn the_newest_word_of_the_primary_host_counts() {
        let said = |online, timestamp| {
            ("spBv1.0/STATE/h", format!("{{\"online\":{online},\"timestamp\":{timestamp}}}").into_bytes())
        };
        let other = ("spBv1.0/STATE/other", said(true, 9).1);
        let rubbish = ("spBv1.0/STATE/h", b"ONLINE".to_vec());
        for (told, expected) in [
            (vec![], None),
            (vec![said(true, 5)], Some(true)),
            (vec![said(true, 5), said(false, 5)], Some(false)),
            (vec![said(true, 5), said(false, 4)], Some(true)),
            (vec![said(false, 5), said(true, 6)], Some(true)),
            (vec![other, rubbish], None),
        ] {
            assert_eq!(after(&told).host.map(|host| host.online), expected, "{told:?}");
        }
    }
}
