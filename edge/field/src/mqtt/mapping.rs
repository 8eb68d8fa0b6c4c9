//! From a message to where somebody is or what a camera saw. Pure: no payload makes it fail, it says what is wrong.

use crate::{
    limits::mqtt::{PAYLOAD_BYTES_MAX, PICTURE_CHARS_MAX},
    mqtt::{tickets::Named, topics, values},
};
use davy_config::{LocationMapping, MqttSource, Pick, PositionMapping, TicketMapping, VideoMapping};
use davy_core::{
    event::{Location, TicketUpdate, VideoSight},
    id::{CameraIx, PersonIx, ZoneIx},
    model::{Position, Site},
    time::UtcTime,
};
use serde_json::Value;
use std::{borrow::Cow, collections::BTreeMap};

/// How the messages of one source are read.
pub(crate) struct Mapping {
    location: Option<LocationMapping>,
    video: Option<VideoMapping>,
    ticket: Option<TicketMapping>,
    pub(super) named: Named,
    people: BTreeMap<String, PersonIx>,
    pub(super) zones: BTreeMap<String, ZoneIx>,
    cameras: BTreeMap<String, CameraIx>,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reading {
    /// Where a person is.
    Location(Location),
    /// The same, though something is wrong with it: a pressed SOS button must depend neither on the zone nor on how a
    /// vendor writes yes. An SOS that is neither yes nor no is pressed.
    OddLocation {
        /// Without a zone where the message names one that is not known, or none.
        location: Location,
        /// What is wrong.
        oddity: Oddity,
        /// Whether the message says where the person is; if not, that is not known to have changed.
        says_where: bool,
    },
    /// What a camera saw.
    Sight(VideoSight),
    /// A special-work ticket, and what is wrong with it beside what it says.
    Ticket {
        /// The ticket.
        update: Box<TicketUpdate>,
        /// The first thing that is wrong.
        oddity: Option<Oddity>,
    },
}

/// Why a message says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Oddity {
    /// It cannot be read.
    Malformed(String),
    /// It speaks of something that is not configured.
    Unknown(String),
}

impl Mapping {
    pub(crate) fn new(config: &MqttSource, site: &Site) -> Self {
        let people = site.people.iter().enumerate().map(|(at, person)| (person.card.clone(), PersonIx::from(at)));
        let cameras = site.cameras.iter().enumerate().map(|(at, camera)| (camera.id.to_string(), CameraIx::from(at)));
        // The id comes last, so that it wins over another zone's name.
        let names = site.zones.iter().enumerate().map(|(at, zone)| (zone.name.clone(), ZoneIx::from(at)));
        let ids = site.zones.iter().enumerate().map(|(at, zone)| (zone.id.to_string(), ZoneIx::from(at)));
        Self {
            location: config.location.clone(),
            video: config.video.clone(),
            ticket: config.ticket.clone(),
            named: Named::new(site),
            people: people.collect(),
            zones: names.chain(ids).collect(),
            cameras: cameras.collect(),
        }
    }

    /// The topic filters to subscribe to.
    pub(crate) fn filters(&self) -> Vec<String> {
        let location = self.location.iter().map(|mapping| mapping.topic.clone());
        let video = self.video.iter().map(|mapping| mapping.topic.clone());
        let ticket = self.ticket.iter().map(|mapping| mapping.topic.clone());
        let mut filters: Vec<String> = location.chain(video).chain(ticket).collect();
        filters.dedup();
        filters
    }

    /// Reads a message. When the filters of beacons and video both match its topic, it is whichever it can be read as;
    /// tickets have topics of their own.
    pub(crate) fn read(&self, topic: &str, payload: &[u8], received_time: UtcTime) -> Result<Reading, Oddity> {
        if let Some(ticket) = self.ticket.as_ref().filter(|mapping| topics::matches(&mapping.topic, topic)) {
            let payload = parse(payload)?;
            return self.ticket(ticket, Message { topic, payload: &payload, received_time });
        }
        let location = self.location.as_ref().filter(|mapping| topics::matches(&mapping.topic, topic));
        let video = self.video.as_ref().filter(|mapping| topics::matches(&mapping.topic, topic));
        let payload = if location.is_some() || video.is_some() { parse(payload)? } else { Value::Null };
        let message = Message { topic, payload: &payload, received_time };
        match (location, video) {
            (Some(location), None) => self.location(location, message),
            (None, Some(video)) => self.sight(video, message),
            (Some(location), Some(video)) => match self.location(location, message) {
                Ok(Reading::Location(location)) => Ok(Reading::Location(location)),
                Ok(odd) => Ok(self.sight(video, message).unwrap_or(odd)),
                Err(_) => self.sight(video, message),
            },
            (None, None) => Err(Oddity::Unknown("no mapping reads this topic".to_owned())),
        }
    }

    fn location(&self, mapping: &LocationMapping, message: Message<'_>) -> Result<Reading, Oddity> {
        let card = message.text(&mapping.card, "card")?;
        let person = *self.people.get(card.as_ref()).ok_or_else(|| unknown("card", &card))?;
        let (zone, zone_oddity) = apart(self.zone(mapping, message), None);
        let says_where = !matches!(zone_oddity, Some(Oddity::Malformed(_)));
        let (sos, sos_oddity) = apart(sos(mapping, message), true);
        let location = Location {
            person,
            zone,
            position: position(mapping, message),
            sos,
            battery_percent: message.pick(mapping.battery.as_ref()).and_then(|battery| values::percent(&battery)),
            source_time: message.time(mapping.time.as_ref()),
            received_time: message.received_time,
        };
        Ok(match sos_oddity.or(zone_oddity) {
            Some(oddity) => Reading::OddLocation { location, oddity, says_where },
            None => Reading::Location(location),
        })
    }

    /// Where a beacon is; nowhere when the message says so.
    fn zone(&self, mapping: &LocationMapping, message: Message<'_>) -> Result<Option<ZoneIx>, Oddity> {
        let zone = message.needed(&mapping.zone, "zone")?;
        if zone.is_null() {
            return Ok(None);
        }
        let zone = readable(values::text(&zone), "zone", &zone)?;
        if zone.is_empty() {
            return Ok(None);
        }
        self.zones.get(zone.as_ref()).copied().map(Some).ok_or_else(|| unknown("zone", &zone))
    }

    fn sight(&self, mapping: &VideoMapping, message: Message<'_>) -> Result<Reading, Oddity> {
        let camera = message.text(&mapping.camera, "camera")?;
        let camera = *self.cameras.get(camera.as_ref()).ok_or_else(|| unknown("camera", &camera))?;
        let vendor = message.text(&mapping.algorithm, "algorithm")?;
        let ours = mapping.algorithms.iter().find(|(theirs, _)| *theirs == vendor).map(|(_, ours)| ours.clone());
        let confidence = message.needed(&mapping.confidence, "confidence")?;
        let picture = message.pick(mapping.picture.as_ref());
        let picture = picture.and_then(|picture| values::text(&picture).map(Cow::into_owned));
        Ok(Reading::Sight(VideoSight {
            camera,
            algorithm: ours.unwrap_or_else(|| vendor.into_owned()),
            confidence: readable(values::confidence(&confidence), "confidence", &confidence)?,
            picture: picture.filter(|picture| !picture.is_empty() && picture.chars().count() <= PICTURE_CHARS_MAX),
            source_time: message.time(mapping.time.as_ref()),
            received_time: message.received_time,
        }))
    }
}

/// Where on the local plane; a pair of which one cannot be read is none.
fn position(mapping: &LocationMapping, message: Message<'_>) -> Option<Position> {
    let number = |pick: &Pick| message.pick(Some(pick)).and_then(|value| values::number(&value));
    let (x, y) = match mapping.position.as_ref()? {
        PositionMapping::Plane { x, y } => (number(x)?, number(y)?),
        PositionMapping::Geographic { longitude, latitude, origin } => {
            values::metres((number(longitude)?, number(latitude)?), *origin)?
        }
    };
    let floor = message.pick(mapping.floor.as_ref()).and_then(|floor| values::floor(&floor));
    Some(Position { x, y, floor: floor.unwrap_or(0) })
}

/// Whether the button is pressed; without a word about it, it is not.
fn sos(mapping: &LocationMapping, message: Message<'_>) -> Result<bool, Oddity> {
    let sos = message.pick(mapping.sos.as_ref());
    sos.map_or(Ok(false), |sos| readable(values::flag(&sos), "sos", &sos))
}

/// What was read, or what stands for it and why.
fn apart<T>(read: Result<T, Oddity>, otherwise: T) -> (T, Option<Oddity>) {
    read.map_or_else(|oddity| (otherwise, Some(oddity)), |read| (read, None))
}

/// A message whose payload is JSON.
#[derive(Clone, Copy)]
pub(super) struct Message<'a> {
    topic: &'a str,
    payload: &'a Value,
    pub(super) received_time: UtcTime,
}

impl<'a> Message<'a> {
    pub(super) fn pick(self, pick: Option<&Pick>) -> Option<Cow<'a, Value>> {
        values::pick(pick?, self.topic, self.payload)
    }

    pub(super) fn needed(self, pick: &Pick, what: &str) -> Result<Cow<'a, Value>, Oddity> {
        self.pick(Some(pick)).ok_or_else(|| {
            let place = match pick {
                Pick::Pointer(pointer) => pointer.clone(),
                Pick::TopicLevel(level) => format!("level {level} of the topic"),
            };
            Oddity::Malformed(format!("no {what} at {place}"))
        })
    }

    pub(super) fn text(self, pick: &Pick, what: &str) -> Result<Cow<'a, str>, Oddity> {
        let value = self.needed(pick, what)?;
        let text = readable(values::text(&value), what, &value)?.into_owned();
        if text.is_empty() { Err(Oddity::Malformed(format!("the {what} is empty"))) } else { Ok(text.into()) }
    }

    /// A time that cannot be read is none: the received time stands for it, as for any absurd source time.
    fn time(self, pick: Option<&Pick>) -> Option<UtcTime> {
        self.pick(pick).and_then(|time| values::time(&time))
    }
}

fn parse(payload: &[u8]) -> Result<Value, Oddity> {
    if payload.len() > PAYLOAD_BYTES_MAX {
        let length = payload.len();
        return Err(Oddity::Malformed(format!("{length} bytes, and {PAYLOAD_BYTES_MAX} are read")));
    }
    serde_json::from_slice(payload).map_err(|error| Oddity::Malformed(format!("not JSON: {error}")))
}

pub(super) fn readable<T>(read: Option<T>, what: &str, value: &Value) -> Result<T, Oddity> {
    read.ok_or_else(|| Oddity::Malformed(format!("the {what} is {value}")))
}

pub(super) fn unknown(what: &str, name: &str) -> Oddity {
    Oddity::Unknown(format!("{what} {name}"))
}

#[cfg(test)]
mod tests;
