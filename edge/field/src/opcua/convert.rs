//! From what a server notifies to samples. Pure.

use davy_core::{event::Sample, id::TagIx, quality::Quality, time::UtcTime};
use opcua::types::{
    DataChangeNotification, DataValue, DateTime, EventFieldList, EventNotificationList, NotificationMessage,
    StatusChangeNotification, StatusCode, Variant,
};

/// What one notification brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Batch {
    /// Values, in the order of the server.
    pub(crate) samples: Vec<Sample>,
    /// Events, in the order of the server.
    pub(crate) events: Vec<EventFieldList>,
    /// Values before which the server's queue of the item overflowed.
    pub(crate) overflows: u64,
    /// The server has ended the subscription, with this status.
    pub(crate) ended: Option<StatusCode>,
}

/// Reads a notification. Handles that `tag_of` does not know are passed over: they belong to nobody any more.
pub(crate) fn batch(
    notification: NotificationMessage,
    mut tag_of: impl FnMut(u32, &DataValue) -> Option<TagIx>,
    received_time: UtcTime,
) -> Batch {
    let mut batch = Batch::default();
    for part in notification.notification_data.into_iter().flatten() {
        if let Some(change) = part.inner_as::<DataChangeNotification>() {
            for item in change.monitored_items.iter().flatten() {
                let tag = tag_of(item.client_handle, &item.value);
                batch.samples.extend(tag.map(|tag| sample(tag, &item.value, received_time)));
                batch.overflows += u64::from(item.value.status.is_some_and(has_overflowed));
            }
        } else if let Some(list) = part.inner_as::<EventNotificationList>() {
            batch.events.extend(list.events.iter().flatten().cloned());
        } else if let Some(change) = part.inner_as::<StatusChangeNotification>() {
            batch.ended = Some(change.status).filter(|status| status.is_bad()).or(batch.ended);
        }
    }
    batch
}

/// Whether values between this one and the one before it are lost: the overflow bit, which is there only when the type of
/// the information says "data value" (OPC 10000-4, 7.39.1, bits 10-11 and 7).
fn has_overflowed(status: StatusCode) -> bool {
    status.bits() & 0x0C80 == 0x0480
}

/// One value. The server's status code is passed on unchanged; one that is not bad although there is no usable number
/// becomes a bad one of ours.
pub(crate) fn sample(tag: TagIx, told: &DataValue, received_time: UtcTime) -> Sample {
    let status = Quality(told.status.unwrap_or(StatusCode::Good).bits());
    let (value, quality) = match told.value.as_ref().map_or(Err(Quality::BAD_DECODING), number) {
        Ok(number) => (number, status),
        Err(_) if !status.is_usable() => (0.0, status),
        Err(ours) => (0.0, ours),
    };
    Sample { tag, value, quality, source_time: told.source_timestamp.and_then(utc), received_time }
}

/// Any number, booleans as 0 and 1.
pub(crate) fn number(value: &Variant) -> Result<f64, Quality> {
    let number = match value {
        Variant::Boolean(value) => f64::from(u8::from(*value)),
        Variant::SByte(value) => f64::from(*value),
        Variant::Byte(value) => f64::from(*value),
        Variant::Int16(value) => f64::from(*value),
        Variant::UInt16(value) => f64::from(*value),
        Variant::Int32(value) => f64::from(*value),
        Variant::UInt32(value) => f64::from(*value),
        // Beyond 2^53 these are rounded, as any value here is.
        Variant::Int64(value) => *value as f64,
        Variant::UInt64(value) => *value as f64,
        Variant::Float(value) => f64::from(*value),
        Variant::Double(value) => *value,
        Variant::Empty => return Err(Quality::BAD_DECODING),
        Variant::String(_)
        | Variant::DateTime(_)
        | Variant::Guid(_)
        | Variant::StatusCode(_)
        | Variant::ByteString(_)
        | Variant::XmlElement(_)
        | Variant::QualifiedName(_)
        | Variant::LocalizedText(_)
        | Variant::NodeId(_)
        | Variant::ExpandedNodeId(_)
        | Variant::ExtensionObject(_)
        | Variant::Variant(_)
        | Variant::DataValue(_)
        | Variant::DiagnosticInfo(_)
        | Variant::Array(_) => return Err(Quality::BAD_TYPE),
    };
    if number.is_finite() { Ok(number) } else { Err(Quality::BAD_DECODING) }
}

/// When the server says that a value was measured, as the protocol counts it.
pub(crate) fn source_ticks(told: &DataValue) -> Option<i64> {
    told.source_timestamp.filter(|time| !time.is_null()).map(|time| time.ticks())
}

/// A moment of the protocol, which counts 100 ns from 1601-01-01 on (OPC 10000-6, 5.2.2.5).
pub(crate) fn utc_of_ticks(ticks: i64) -> UtcTime {
    UtcTime(ticks / TICKS_PER_MS - MS_FROM_1601)
}

/// A moment as the protocol counts it.
pub(crate) fn ticks_of(utc: UtcTime) -> i64 {
    utc.0.saturating_add(MS_FROM_1601).saturating_mul(TICKS_PER_MS)
}

const MS_FROM_1601: i64 = 11_644_473_600_000;
const TICKS_PER_MS: i64 = 10_000;

fn utc(time: DateTime) -> Option<UtcTime> {
    (!time.is_null()).then(|| UtcTime(time.as_chrono().timestamp_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use opcua::types::{ExtensionObject, MonitoredItemNotification, UAString};

    const RECEIVED: UtcTime = UtcTime(1_795_392_000_000);

    fn told(value: Option<Variant>, status: Option<u32>) -> (f64, Quality) {
        let value = DataValue { value, status: status.map(StatusCode::from), ..DataValue::null() };
        let sample = sample(TagIx(3), &value, RECEIVED);
        assert_eq!((sample.tag, sample.received_time), (TagIx(3), RECEIVED));
        (sample.value, sample.quality)
    }

    #[test]
    fn every_number_and_boolean_is_a_value() {
        for (variant, expected) in [
            (Variant::Boolean(true), 1.0),
            (Variant::Boolean(false), 0.0),
            (Variant::SByte(-1), -1.0),
            (Variant::Byte(255), 255.0),
            (Variant::Int16(-300), -300.0),
            (Variant::UInt16(65_535), 65_535.0),
            (Variant::Int32(-70_000), -70_000.0),
            (Variant::UInt32(4_000_000_000), 4_000_000_000.0),
            (Variant::Int64(-1), -1.0),
            (Variant::UInt64(1 << 53), 9_007_199_254_740_992.0),
            (Variant::Float(12.5), 12.5),
            (Variant::Double(0.1), 0.1),
        ] {
            assert_eq!(told(Some(variant.clone()), None), (expected, Quality::GOOD), "{variant:?}");
        }
    }

    #[test]
    fn anything_else_is_bad_even_when_the_server_calls_it_good() {
        let text = Variant::String(UAString::from("12.5"));
        assert_eq!(told(Some(text.clone()), Some(0)), (0.0, Quality::BAD_TYPE));
        assert_eq!(told(Some(Variant::from(vec![1.0, 2.0])), None), (0.0, Quality::BAD_TYPE));
        assert_eq!(told(Some(Variant::Empty), None), (0.0, Quality::BAD_DECODING));
        assert_eq!(told(None, None), (0.0, Quality::BAD_DECODING));
        assert_eq!(told(Some(Variant::Double(f64::NAN)), None), (0.0, Quality::BAD_DECODING));
        assert_eq!(told(Some(Variant::Float(f32::INFINITY)), Some(0x4090_0000)), (0.0, Quality::BAD_DECODING));
        assert_eq!(told(Some(text), Some(0x808C_0000)), (0.0, Quality::BAD_SENSOR));
    }

    #[test]
    fn the_status_code_is_passed_on_with_all_its_bits() {
        for code in [0x0000_0480, 0x4090_0000, 0x8031_0000, 0x8055_0000, 0x808C_0480] {
            assert_eq!(told(Some(Variant::Double(7.0)), Some(code)), (7.0, Quality(code)), "{code:#X}");
            if Quality(code).is_usable() {
                continue;
            }
            assert_eq!(told(None, Some(code)), (0.0, Quality(code)), "{code:#X}");
        }
    }

    #[test]
    fn ticks_are_those_of_the_protocol() {
        let time = DateTime::parse_from_rfc3339("2026-11-23T00:00:00.1234567Z").unwrap();
        let value = DataValue { source_timestamp: Some(time), ..DataValue::null() };
        let ticks = source_ticks(&value).unwrap();
        assert_eq!((utc_of_ticks(ticks), ticks % 10_000), (UtcTime(1_795_392_000_123), 4_567));
        assert_eq!(source_ticks(&DataValue { source_timestamp: Some(DateTime::null()), ..DataValue::null() }), None);
    }

    #[test]
    fn the_overflow_bit_counts_only_beside_its_type() {
        for (code, overflowed) in [(0, false), (0x0480, true), (0x0080, false), (0x0880, false), (0x808C_0480, true)] {
            assert_eq!(has_overflowed(StatusCode::from(code)), overflowed, "{code:#X}");
        }
    }

    #[test]
    fn the_source_time_is_that_of_the_server() {
        let time = |text: &str| DateTime::parse_from_rfc3339(text).unwrap();
        let mut value = DataValue { source_timestamp: Some(time("2026-11-23T00:00:00.123456Z")), ..DataValue::null() };
        assert_eq!(sample(TagIx(0), &value, RECEIVED).source_time, Some(UtcTime(1_795_392_000_123)));
        value.source_timestamp = Some(DateTime::null());
        assert_eq!(sample(TagIx(0), &value, RECEIVED).source_time, None);
        value.source_timestamp = None;
        assert_eq!(sample(TagIx(0), &value, RECEIVED).source_time, None);
    }

    #[test]
    fn one_notification_is_one_batch() {
        let item = |handle: u32, value: f64| MonitoredItemNotification {
            client_handle: handle,
            value: DataValue { value: Some(Variant::Double(value)), ..DataValue::null() },
        };
        let values = DataChangeNotification {
            monitored_items: Some(vec![item(1, 1.5), item(99, 2.5), item(2, 3.5), item(1, 4.5)]),
            diagnostic_infos: None,
        };
        let ended = StatusChangeNotification { status: StatusCode::BadTimeout, diagnostic_info: Default::default() };
        let parts = vec![ExtensionObject::from_message(values), ExtensionObject::from_message(ended)];
        let notification =
            NotificationMessage { sequence_number: 1, publish_time: DateTime::null(), notification_data: Some(parts) };
        let batch = batch(notification, |handle, _| (handle < 10).then_some(TagIx(handle)), RECEIVED);
        let read: Vec<_> = batch.samples.iter().map(|sample| (sample.tag.0, sample.value)).collect();
        assert_eq!(read, [(1, 1.5), (2, 3.5), (1, 4.5)]);
        assert_eq!(batch.ended, Some(StatusCode::BadTimeout));
        assert_eq!(super::batch(NotificationMessage::default(), |_, _| None, RECEIVED), Batch::default());
    }
}
