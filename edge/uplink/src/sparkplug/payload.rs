//! What lies in a message: the part of Eclipse Tahu's `sparkplug_b.proto` that an edge node needs. A reader passes over what it does
//! not know, so that templates, data sets and metadata need not be here.

use davy_core::{
    quality::{Quality, Severity},
    time::UtcTime,
};
use prost::{Message, Oneof};

/// The metric by which a host asks for another birth, and an edge node says that it may (Sparkplug 3.0.0, 4.2.1.1).
pub(super) const REBIRTH: &str = "Node Control/Rebirth";

/// Numbers of data types (Sparkplug 3.0.0, 6.4).
mod datatype {
    pub(super) const INT32: u32 = 3;
    pub(super) const INT64: u32 = 4;
    pub(super) const UINT32: u32 = 7;
    pub(super) const DOUBLE: u32 = 10;
    pub(super) const BOOLEAN: u32 = 11;
    pub(super) const STRING: u32 = 12;
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Payload {
    /// Milliseconds since 1970, as every time here.
    #[prost(uint64, optional, tag = "1")]
    pub(super) timestamp: Option<u64>,
    #[prost(message, repeated, tag = "2")]
    pub(super) metrics: Vec<Metric>,
    #[prost(uint64, optional, tag = "3")]
    pub(super) seq: Option<u64>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Metric {
    #[prost(string, optional, tag = "1")]
    pub(super) name: Option<String>,
    #[prost(uint64, optional, tag = "2")]
    pub(super) alias: Option<u64>,
    #[prost(uint64, optional, tag = "3")]
    pub(super) timestamp: Option<u64>,
    #[prost(uint32, optional, tag = "4")]
    pub(super) datatype: Option<u32>,
    #[prost(bool, optional, tag = "5")]
    pub(super) is_historical: Option<bool>,
    #[prost(bool, optional, tag = "7")]
    pub(super) is_null: Option<bool>,
    #[prost(message, optional, tag = "9")]
    pub(super) properties: Option<PropertySet>,
    #[prost(oneof = "MetricValue", tags = "10, 11, 12, 13, 14, 15")]
    pub(super) value: Option<MetricValue>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(super) enum MetricValue {
    #[prost(uint32, tag = "10")]
    Int(u32),
    #[prost(uint64, tag = "11")]
    Long(u64),
    #[prost(float, tag = "12")]
    Float(f32),
    #[prost(double, tag = "13")]
    Double(f64),
    #[prost(bool, tag = "14")]
    Boolean(bool),
    #[prost(string, tag = "15")]
    String(String),
}

/// Names and values in the same order.
#[derive(Clone, PartialEq, Message)]
pub(super) struct PropertySet {
    #[prost(string, repeated, tag = "1")]
    pub(super) keys: Vec<String>,
    #[prost(message, repeated, tag = "2")]
    pub(super) values: Vec<Property>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Property {
    #[prost(uint32, optional, tag = "1")]
    pub(super) datatype: Option<u32>,
    #[prost(oneof = "PropertyValue", tags = "3, 6, 8")]
    pub(super) value: Option<PropertyValue>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(super) enum PropertyValue {
    #[prost(uint32, tag = "3")]
    Int(u32),
    #[prost(double, tag = "6")]
    Double(f64),
    #[prost(string, tag = "8")]
    String(String),
}

/// A value of a tag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Value {
    /// In the tag's engineering unit; `None` when it is no number or there has been none.
    pub(super) number: Option<f64>,
    pub(super) quality: Quality,
    /// When the source says that it was measured, or else when it was received.
    pub(super) time: UtcTime,
}

impl Value {
    /// In a message of data: the alias stands for name and type.
    pub(super) fn metric(&self, alias: u64) -> Metric {
        let number = self.number.filter(|number| number.is_finite());
        Metric {
            alias: Some(alias),
            timestamp: Some(milliseconds(self.time)),
            is_null: number.is_none().then_some(true),
            properties: Some(PropertySet::default().with_quality(self.quality)),
            value: number.map(MetricValue::Double),
            ..Metric::default()
        }
    }

    /// In a birth: with everything that is to be known of the tag.
    pub(super) fn born(&self, alias: u64, (name, unit, range): (&str, &str, Option<(f64, f64)>)) -> Metric {
        let mut metric = Metric { name: Some(name.to_owned()), datatype: Some(datatype::DOUBLE), ..self.metric(alias) };
        if let Some(properties) = metric.properties.as_mut() {
            if !unit.is_empty() {
                properties.add("engUnit", datatype::STRING, PropertyValue::String(unit.to_owned()));
            }
            if let Some((low, high)) = range {
                properties.add("engLow", datatype::DOUBLE, PropertyValue::Double(low));
                properties.add("engHigh", datatype::DOUBLE, PropertyValue::Double(high));
            }
        }
        metric
    }
}

impl PropertySet {
    fn add(&mut self, key: &str, datatype: u32, value: PropertyValue) {
        self.keys.push(key.to_owned());
        self.values.push(Property { datatype: Some(datatype), value: Some(value) });
    }

    /// The quality as Sparkplug has it, and where that is not the whole of it the OPC UA status code.
    fn with_quality(mut self, quality: Quality) -> Self {
        self.add("Quality", datatype::INT32, PropertyValue::Int(quality_of(quality)));
        if quality != Quality::GOOD {
            self.add("statusCode", datatype::UINT32, PropertyValue::Int(quality.0));
        }
        self
    }
}

/// Sparkplug knows three words (3.0.0, 6.4.9): 192 good, 0 bad, 500 stale. What is uncertain or no longer heard of is stale: it is not to be
/// taken for good, and it is no statement that the instrument failed.
pub(super) fn quality_of(quality: Quality) -> u32 {
    const NOT_HEARD: [Quality; 3] = [Quality::BAD_NO_COMMUNICATION, Quality::BAD_WAITING, Quality::BAD_STALE];
    match quality.severity() {
        Severity::Good => 192,
        Severity::Uncertain => 500,
        Severity::Bad if NOT_HEARD.contains(&quality) => 500,
        Severity::Bad => 0,
    }
}

/// The number of the connection, in the birth and in the death of a node.
pub(super) fn bd_seq(number: u8, now: UtcTime) -> Metric {
    Metric {
        name: Some("bdSeq".to_owned()),
        timestamp: Some(milliseconds(now)),
        datatype: Some(datatype::INT64),
        value: Some(MetricValue::Long(number.into())),
        ..Metric::default()
    }
}

/// That a host may ask for another birth.
pub(super) fn rebirth(now: UtcTime) -> Metric {
    Metric {
        name: Some(REBIRTH.to_owned()),
        timestamp: Some(milliseconds(now)),
        datatype: Some(datatype::BOOLEAN),
        value: Some(MetricValue::Boolean(false)),
        ..Metric::default()
    }
}

pub(super) fn milliseconds(time: UtcTime) -> u64 {
    u64::try_from(time.0).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_words_of_quality() {
        for (quality, expected) in [
            (Quality::GOOD, 192),
            (Quality(0x0096_0000), 192),
            (Quality::UNCERTAIN, 500),
            (Quality(0x4090_0000), 500),
            (Quality::BAD, 0),
            (Quality::BAD_SENSOR, 0),
            (Quality::BAD_TIMEOUT, 0),
            (Quality::BAD_STALE, 500),
            (Quality::BAD_NO_COMMUNICATION, 500),
            (Quality::BAD_WAITING, 500),
        ] {
            assert_eq!(quality_of(quality), expected, "{quality}");
        }
    }

    #[test]
    fn a_metric_says_what_is_known_and_no_more() {
        let value = |number, quality| Value { number, quality, time: UtcTime(1_700) };
        for (value, number, is_null, keys) in [
            (value(Some(4.5), Quality::GOOD), Some(4.5), None, vec!["Quality"]),
            (value(Some(4.5), Quality::UNCERTAIN), Some(4.5), None, vec!["Quality", "statusCode"]),
            (value(None, Quality::BAD_WAITING), None, Some(true), vec!["Quality", "statusCode"]),
            (value(Some(f64::NAN), Quality::BAD_SENSOR), None, Some(true), vec!["Quality", "statusCode"]),
        ] {
            let told = value.metric(7);
            assert_eq!(told.value, number.map(MetricValue::Double));
            assert_eq!((told.is_null, told.alias, told.timestamp), (is_null, Some(7), Some(1_700)));
            assert_eq!((told.name.as_ref(), told.datatype), (None, None), "the birth has said them");
            assert_eq!(told.properties.unwrap().keys, keys);
            let born = value.born(7, ("LI-1", "%", Some((0.0, 100.0))));
            assert_eq!((born.name.as_deref(), born.datatype), (Some("LI-1"), Some(10)));
            let expected: Vec<&str> = keys.iter().copied().chain(["engUnit", "engLow", "engHigh"]).collect();
            assert_eq!(born.properties.unwrap().keys, expected);
        }
        let bare = value(Some(1.0), Quality::GOOD).born(1, ("XI-1", "", None)).properties.unwrap();
        assert_eq!(bare.keys, ["Quality"]);
    }
}
