//! The edge node: which message comes when, with which number. No IO.

use super::payload::{Metric, Payload, Value, bd_seq, milliseconds, rebirth};
use crate::{cloudevent::Message, lanes::Lane, limits, samples::SampleBatch};
use davy_config::{SparkplugDevice, SparkplugMetric, SparkplugUplink};
use davy_core::time::UtcTime;
use prost::Message as _;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Range,
};

/// The device and the metric of each forwarded tag, by their places.
pub(super) type Places = HashMap<String, (usize, usize)>;

/// The edge node of one connection.
#[derive(Debug)]
pub(super) struct Node {
    group: String,
    node: String,
    bd_seq: u8,
    /// Of the next message.
    seq: u8,
    devices: Vec<Device>,
    metrics: Vec<Known>,
    places: Places,
    /// Devices that have brought something older by the live lane: a gap that was filled, or a clock that was set back.
    doubted: BTreeSet<usize>,
}

#[derive(Debug)]
struct Device {
    id: String,
    metrics: Range<usize>,
    born: bool,
}

#[derive(Debug)]
struct Known {
    about: SparkplugMetric,
    /// The newest time that was told of it as the present.
    latest: Option<UtcTime>,
}

impl Node {
    pub(super) fn new(config: &SparkplugUplink, bd_seq: u8) -> Self {
        let (group, node) = (config.group.clone(), config.node.clone());
        let (devices, metrics, places, doubted) = Default::default();
        let mut all = Self { group, node, bd_seq, seq: 0, devices, metrics, places, doubted };
        config.devices.iter().for_each(|device| all.add(device));
        all
    }

    fn add(&mut self, SparkplugDevice { id, metrics }: &SparkplugDevice) {
        let begin = self.metrics.len();
        for about in metrics {
            self.places.insert(about.tag.clone(), (self.devices.len(), self.metrics.len()));
            self.metrics.push(Known { about: about.clone(), latest: None });
        }
        self.devices.push(Device { id: id.clone(), metrics: begin..self.metrics.len(), born: false });
    }

    /// Messages that may wait for their acknowledgement: what both lanes may have on their way for every device, and some births.
    pub(super) fn in_flight_max(&self) -> u16 {
        let devices = u16::try_from(self.devices.len()).unwrap_or(u16::MAX).max(1);
        let rows = limits::sparkplug::ROWS_IN_FLIGHT_MAX.saturating_mul(2);
        devices.saturating_mul(rows + 4).saturating_add(limits::NOTICES_MAX)
    }

    pub(super) fn places(&self) -> &Places {
        &self.places
    }

    pub(super) fn is_born(&self, device: usize) -> bool {
        self.devices.get(device).is_some_and(|device| device.born)
    }

    pub(super) fn devices(&self) -> Range<usize> {
        0..self.devices.len()
    }

    /// The node's death, which is also its last will: it bears the number of the connection and none of its own.
    pub(super) fn death(&self, now: UtcTime) -> Message {
        let metrics = vec![bd_seq(self.bd_seq, now)];
        let payload = Payload { timestamp: Some(milliseconds(now)), metrics, seq: None };
        self.message("NDEATH", None, &payload)
    }

    /// The node's birth. It begins the numbers anew, and every device is to be born after it.
    pub(super) fn birth(&mut self, now: UtcTime) -> Message {
        self.seq = 0;
        self.devices.iter_mut().for_each(|device| device.born = false);
        let payload = self.payload(now, vec![bd_seq(self.bd_seq, now), rebirth(now)]);
        self.message("NBIRTH", None, &payload)
    }

    /// A device's birth, with all its metrics as `values` has them, which are those of the whole node.
    pub(super) fn device_birth(&mut self, device: usize, values: &[Value], now: UtcTime) -> Option<Message> {
        let Device { id, metrics, born } = self.devices.get_mut(device)?;
        *born = true;
        let (id, range) = (id.clone(), metrics.clone());
        let born = range.clone().zip(self.metrics.get_mut(range.clone())?).zip(values.get(range)?);
        let metric = |((at, known), value): ((usize, &mut Known), &Value)| {
            // What has never been heard has no time of its own.
            known.latest = value.number.map(|_| value.time);
            let SparkplugMetric { tag, engineering_unit, range } = &known.about;
            value.born(alias(at), (tag, engineering_unit, *range))
        };
        let metrics = born.map(metric).collect();
        let payload = self.payload(now, metrics);
        Some(self.message("DBIRTH", Some(&id), &payload))
    }

    /// A device's death.
    pub(super) fn device_death(&mut self, device: usize, now: UtcTime) -> Option<Message> {
        let Device { id, born, .. } = self.devices.get_mut(device)?;
        *born = false;
        let id = id.clone();
        let payload = self.payload(now, Vec::new());
        Some(self.message("DDEATH", Some(&id), &payload))
    }

    /// The devices that a batch has values of.
    pub(super) fn speaking(&self, batch: &SampleBatch) -> BTreeSet<usize> {
        batch.samples.iter().filter_map(|sample| self.places.get(&sample.tag)).map(|(device, _)| *device).collect()
    }

    /// The values of a batch, a message for each device, each of which is born.
    ///
    /// Values are of the past where they come by the backfill lane, and where something newer was told already: by a birth, or before
    /// a source filled a gap from its own history.
    pub(super) fn data(&mut self, lane: Lane, batch: &SampleBatch, now: UtcTime) -> Vec<Message> {
        let mut of_devices: BTreeMap<usize, Vec<Metric>> = BTreeMap::new();
        for sample in &batch.samples {
            let Some(&(device, metric)) = self.places.get(&sample.tag) else { continue };
            let time = sample.source_time.unwrap_or(sample.received_time);
            let latest = &mut self.metrics[metric].latest;
            let is_past = lane == Lane::Backfill || latest.is_some_and(|latest| time < latest);
            if !is_past {
                *latest = Some(time);
            } else if lane == Lane::Live {
                self.doubted.insert(device);
            }
            let value = Value { number: sample.value, quality: sample.quality, time };
            let told = Metric { is_historical: is_past.then_some(true), ..value.metric(alias(metric)) };
            of_devices.entry(device).or_default().push(told);
        }
        let message = |(device, metrics): (usize, Vec<Metric>)| {
            let id = self.devices[device].id.clone();
            let payload = self.payload(now, metrics);
            self.message("DDATA", Some(&id), &payload)
        };
        of_devices.into_iter().map(message).collect()
    }

    /// The devices whose present, as `values` has it, is older than what was told of it: their clock was set back, and without
    /// another birth everything that they say would pass for the past until it has caught up.
    pub(super) fn set_back(&mut self, values: &[Value]) -> Vec<usize> {
        let is_older = |(known, value): (&Known, &Value)| {
            value.number.is_some() && known.latest.is_some_and(|latest| value.time < latest)
        };
        let doubted = std::mem::take(&mut self.doubted).into_iter();
        let is_set_back = |device: &usize| {
            let metrics = self.devices.get(*device).filter(|device| device.born).map(|device| device.metrics.clone());
            let metrics = metrics.unwrap_or_default();
            self.metrics[metrics.clone()].iter().zip(values.get(metrics).unwrap_or_default()).any(is_older)
        };
        doubted.filter(is_set_back).collect()
    }

    pub(super) fn has_doubts(&self) -> bool {
        !self.doubted.is_empty()
    }

    fn payload(&mut self, now: UtcTime, metrics: Vec<Metric>) -> Payload {
        let seq = self.seq;
        self.seq = seq.wrapping_add(1);
        Payload { timestamp: Some(milliseconds(now)), metrics, seq: Some(seq.into()) }
    }

    fn message(&self, kind: &str, device: Option<&str>, payload: &Payload) -> Message {
        let device = device.map(|id| format!("/{id}")).unwrap_or_default();
        let topic = format!("spBv1.0/{}/{kind}/{}{device}", self.group, self.node);
        Message { topic, payload: payload.encode_to_vec(), retain: false }
    }
}

/// The alias of a metric, one for the whole node.
fn alias(metric: usize) -> u64 {
    metric as u64 + 1
}

#[cfg(test)]
mod tests;
