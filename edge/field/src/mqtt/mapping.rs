//! From a message to where somebody is or what a camera saw. Pure: no payload makes it fail, it says what is wrong.

use crate::{
    limits::mqtt::{PICTURE_CHARS_MAX, RECORDS_MAX},
    mqtt::{
        cards::Cards,
        message::{self, Message},
        place,
        tickets::Named,
        topics, values,
    },
};
use davy_config::{LocationMapping, MqttSource, TicketMapping, VideoMapping};
use davy_core::{
    event::{Location, TicketUpdate, VideoSight},
    id::{CameraIx, ZoneIx},
    model::Site,
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
    cards: Cards,
    pub(super) zones: BTreeMap<String, ZoneIx>,
    cameras: BTreeMap<String, CameraIx>,
}

/// What one record of a message says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) reading: Result<Reading, Oddity>,
    /// The record itself, where something is wrong with it and it is not the whole message.
    pub(crate) odd: Option<String>,
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

impl Reading {
    fn is_odd(&self) -> bool {
        matches!(self, Self::OddLocation { .. } | Self::Ticket { oddity: Some(_), .. })
    }
}

impl Mapping {
    pub(crate) fn new(config: &MqttSource, site: &Site) -> Self {
        let cameras = site.cameras.iter().enumerate().map(|(at, camera)| (camera.id.to_string(), CameraIx::from(at)));
        // The id comes last, so that it wins over another zone's name.
        let names = site.zones.iter().enumerate().map(|(at, zone)| (zone.name.clone(), ZoneIx::from(at)));
        let ids = site.zones.iter().enumerate().map(|(at, zone)| (zone.id.to_string(), ZoneIx::from(at)));
        Self {
            location: config.location.clone(),
            video: config.video.clone(),
            ticket: config.ticket.clone(),
            named: Named::new(site),
            cards: Cards::new(site),
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

    /// Reads a message, record by record; one that is wrong harms only itself. When the filters of beacons and video both
    /// match its topic, a record is whichever it can be read as; tickets have topics of their own.
    pub(crate) fn read(&mut self, topic: &str, payload: &[u8], received_time: UtcTime) -> Vec<Record> {
        // Taken out for as long as a message is read, because reading changes who carries which card.
        let (location, video, ticket) = (self.location.take(), self.video.take(), self.ticket.take());
        let ways = Ways {
            location: location.as_ref().filter(|mapping| topics::matches(&mapping.topic, topic)),
            video: video.as_ref().filter(|mapping| topics::matches(&mapping.topic, topic)),
            ticket: ticket.as_ref().filter(|mapping| topics::matches(&mapping.topic, topic)),
        };
        let read = self.read_records(ways, topic, payload, received_time);
        (self.location, self.video, self.ticket) = (location, video, ticket);
        read.unwrap_or_else(|oddity| vec![Record { reading: Err(oddity), odd: None }])
    }

    fn read_records(
        &mut self,
        ways: Ways<'_>,
        topic: &str,
        payload: &[u8],
        received_time: UtcTime,
    ) -> Result<Vec<Record>, Oddity> {
        let pointers = ways.pointers().ok_or_else(|| Oddity::Unknown("no mapping reads this topic".to_owned()))?;
        let payload = &message::parse(payload)?;
        let (records, beyond) = message::records(&pointers, payload);
        let mut read = Vec::with_capacity(records.len());
        for record in records {
            let reading = self.read_record(ways, Message { topic, payload, record, received_time });
            let wrong = reading.as_ref().map_or(true, Reading::is_odd);
            let odd = (wrong && !std::ptr::eq(record, payload)).then(|| record.to_string());
            read.push(Record { reading, odd });
        }
        if beyond > 0 {
            let oddity = Oddity::Malformed(format!("{} records, and {RECORDS_MAX} are read", records.len() + beyond));
            read.push(Record { reading: Err(oddity), odd: None });
        }
        Ok(read)
    }

    fn read_record(&mut self, ways: Ways<'_>, message: Message<'_>) -> Result<Reading, Oddity> {
        match ways {
            Ways { ticket: Some(ticket), .. } => self.ticket(ticket, message),
            Ways { location: Some(location), video: Some(video), .. } => match self.location(location, message) {
                Ok(Reading::Location(location)) => Ok(Reading::Location(location)),
                Ok(odd) => Ok(self.sight(video, message).unwrap_or(odd)),
                Err(_) => self.sight(video, message),
            },
            Ways { location: Some(location), .. } => self.location(location, message),
            Ways { video: Some(video), .. } => self.sight(video, message),
            Ways { .. } => Err(Oddity::Unknown("no mapping reads this topic".to_owned())),
        }
    }

    fn location(&mut self, mapping: &LocationMapping, message: Message<'_>) -> Result<Reading, Oddity> {
        let card = message.text(&mapping.card, "card")?;
        let (number, number_oddity) = apart(number(mapping, message), None);
        let (person, card_oddity) = self.cards.holder(&card, number.as_deref())?;
        let position = place::read(mapping, message);
        let (zone, zone_oddity) = apart(self.zone(mapping, message, position.as_ref()), None);
        let says_where = !matches!(zone_oddity, Some(Oddity::Malformed(_)));
        let (sos, sos_oddity) = apart(sos(mapping, message), true);
        let location = Location {
            person,
            zone,
            position: position.map(|position| position.on_plane),
            sos,
            battery_percent: message.pick(mapping.battery.as_ref()).and_then(|battery| values::percent(&battery)),
            source_time: message.time(mapping.time.as_ref()),
            received_time: message.received_time,
        };
        Ok(match sos_oddity.or(zone_oddity).or(number_oddity).or(card_oddity) {
            Some(oddity) => Reading::OddLocation { location, oddity, says_where },
            None => Reading::Location(location),
        })
    }

    /// Where a beacon is: in the zone that the message names, or else where its position lies; nowhere when that is
    /// outside, or when the message says so.
    fn zone(
        &self,
        mapping: &LocationMapping,
        message: Message<'_>,
        position: Option<&place::Place>,
    ) -> Result<Option<ZoneIx>, Oddity> {
        let by_position = position.filter(|_| !mapping.areas.is_empty()).map(|place| place.zone(&mapping.areas));
        let Some(pick) = &mapping.zone else {
            return by_position
                .ok_or_else(|| Oddity::Malformed("no position, from which the zone is found".to_owned()));
        };
        let Some(zone) = message.pick(Some(pick)) else {
            return by_position.ok_or_else(|| message::missing(pick, "zone"));
        };
        let name = if zone.is_null() { Cow::Borrowed("") } else { readable(values::text(&zone), "zone", &zone)? };
        if name.is_empty() {
            return Ok(by_position.flatten());
        }
        self.zones.get(name.as_ref()).copied().map(Some).ok_or_else(|| unknown("zone", &name))
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

/// The mappings whose filters match a topic.
#[derive(Clone, Copy)]
struct Ways<'a> {
    location: Option<&'a LocationMapping>,
    video: Option<&'a VideoMapping>,
    ticket: Option<&'a TicketMapping>,
}

impl<'a> Ways<'a> {
    /// Where each of them has its records; `None` when there is none of them.
    fn pointers(self) -> Option<Vec<Option<&'a String>>> {
        if let Some(ticket) = self.ticket {
            return Some(vec![ticket.records.as_ref()]);
        }
        let location = self.location.map(|mapping| mapping.records.as_ref());
        let pointers: Vec<_> = location.into_iter().chain(self.video.map(|mapping| mapping.records.as_ref())).collect();
        (!pointers.is_empty()).then_some(pointers)
    }
}

/// The number of the person who carries the card; `None` where the message does not say.
fn number(mapping: &LocationMapping, message: Message<'_>) -> Result<Option<String>, Oddity> {
    let Some(person) = message.pick(mapping.person.as_ref()).filter(|person| !person.is_null()) else {
        return Ok(None);
    };
    let number = readable(values::text(&person), "person", &person)?;
    Ok(Some(number.into_owned()).filter(|number| !number.is_empty()))
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

pub(super) fn readable<T>(read: Option<T>, what: &str, value: &Value) -> Result<T, Oddity> {
    read.ok_or_else(|| Oddity::Malformed(format!("the {what} is {value}")))
}

pub(super) fn unknown(what: &str, name: &str) -> Oddity {
    Oddity::Unknown(format!("{what} {name}"))
}

#[cfg(test)]
mod tests;
