//! What a server tells of an alarm condition, by an event or as the state of its instance (OPC 10000-9, 5.5 and 5.8). Pure.

use crate::limits::opcua as bounds;
use davy_core::quality::Quality;
use opcua::types::{
    AttributeId, ContentFilter, EventFilter, ExtensionObject, MonitoredItemCreateRequest, MonitoringMode,
    MonitoringParameters, NodeId, ObjectId, ObjectTypeId, ReadValueId, SimpleAttributeOperand, Variant,
};

/// What an event has to tell, in this order.
const FIELDS: [(ObjectTypeId, &[&str]); FIELD_COUNT] = [
    (ObjectTypeId::BaseEventType, &["EventType"]),
    (ObjectTypeId::BaseEventType, &["SourceNode"]),
    (ObjectTypeId::BaseEventType, &["Time"]),
    (ObjectTypeId::ConditionType, &["ConditionName"]),
    (ObjectTypeId::ConditionType, &["BranchId"]),
    (ObjectTypeId::ConditionType, &["EnabledState", "Id"]),
    (ObjectTypeId::ConditionType, &["Quality"]),
    (ObjectTypeId::ConditionType, &["Retain"]),
    (ObjectTypeId::AlarmConditionType, &["ActiveState", "Id"]),
];
const FIELD_COUNT: usize = 9;

/// A disabled condition has no state (OPC 10000-9, 5.5.2).
pub(crate) const DISABLED: Quality = Quality(0x8099_0000);

/// What an event says.
#[derive(Debug, PartialEq)]
pub(crate) enum Event {
    /// Events before it may be lost, or the server asks for its conditions to be looked at anew.
    Lost,
    /// The state of a condition.
    Condition(Heard),
}

/// The state of a condition as of an event.
#[derive(Debug, PartialEq)]
pub(crate) struct Heard {
    /// The SourceNode.
    pub(crate) source: NodeId,
    /// The ConditionName.
    pub(crate) name: String,
    /// Since when, in 100 ns, as the protocol counts.
    pub(crate) time: Option<i64>,
    /// 1 active, 0 not.
    pub(crate) value: f64,
    pub(crate) quality: Quality,
}

/// The request for the events of the whole server: its own object hears of all (OPC 10000-3, 7.18). Of all kinds, because
/// servers differ in whether a kind includes those derived from it, and the one that tells of lost events is no condition.
pub(crate) fn request(client_handle: u32) -> MonitoredItemCreateRequest {
    let filter = EventFilter {
        select_clauses: Some(FIELDS.iter().map(|(of, path)| operand(*of, path)).collect()),
        where_clause: ContentFilter::default(),
    };
    MonitoredItemCreateRequest {
        item_to_monitor: ReadValueId {
            node_id: ObjectId::Server.into(),
            attribute_id: AttributeId::EventNotifier as u32,
            ..ReadValueId::default()
        },
        monitoring_mode: MonitoringMode::Reporting,
        requested_parameters: MonitoringParameters {
            client_handle,
            sampling_interval: 0.0,
            queue_size: bounds::EVENTS_QUEUED,
            discard_oldest: true,
            filter: ExtensionObject::from_message(filter),
        },
    }
}

fn operand(of: ObjectTypeId, path: &[&str]) -> SimpleAttributeOperand {
    SimpleAttributeOperand {
        type_definition_id: of.into(),
        browse_path: Some(path.iter().map(|name| (*name).into()).collect()),
        attribute_id: AttributeId::Value as u32,
        index_range: opcua::types::NumericRange::None,
    }
}

/// Reads the fields of an event; `None` for one that says nothing of the present state of a condition.
pub(crate) fn event(fields: Option<Vec<Variant>>) -> Option<Event> {
    let fields: [Variant; FIELD_COUNT] = fields?.try_into().ok()?;
    let [kind, source, time, name, branch, enabled, quality, retain, active] = &fields;
    if let Variant::NodeId(kind) = kind
        && LOST.iter().any(|lost| **kind == *lost)
    {
        return Some(Event::Lost);
    }
    // A branch is a former state that somebody has still to acknowledge (OPC 10000-9, 4.4).
    if matches!(branch, Variant::NodeId(branch) if !branch.is_null()) {
        return None;
    }
    let (Variant::NodeId(source), Variant::String(name)) = (source, name) else { return None };
    let (value, quality) = state([active, enabled, retain, quality]);
    let name = name.as_ref().to_owned();
    Some(Event::Condition(Heard { source: (**source).clone(), name, time: ticks(time), value, quality }))
}

/// EventQueueOverflowEventType (OPC 10000-5, 6.4.34) and RefreshRequiredEventType (OPC 10000-9, 5.11.4).
const LOST: [ObjectTypeId; 2] = [ObjectTypeId::EventQueueOverflowEventType, ObjectTypeId::RefreshRequiredEventType];

/// Whether a condition is active, from its ActiveState/Id, EnabledState/Id, Retain and Quality; what the server does not
/// tell is empty, and where it gives a status instead, that is it.
pub(crate) fn state([active, enabled, retain, quality]: [&Variant; 4]) -> (f64, Quality) {
    if *enabled == Variant::Boolean(false) {
        return (0.0, DISABLED);
    }
    if let Variant::StatusCode(status) = active {
        let status = Quality(status.bits());
        return (0.0, if status.is_usable() { Quality::BAD_DECODING } else { status });
    }
    let value = if let Variant::Boolean(active) = active {
        f64::from(u8::from(*active))
    } else if *retain == Variant::Boolean(false) {
        // A condition that is of no interest any more is not active (OPC 10000-9, 5.5.2, Retain).
        0.0
    } else {
        // It is none that could be active.
        return (0.0, Quality::BAD_TYPE);
    };
    // That of the values which the condition is made of.
    let quality = if let Variant::StatusCode(status) = quality { Quality(status.bits()) } else { Quality::GOOD };
    (value, quality)
}

/// A moment, in 100 ns, as the protocol counts.
pub(crate) fn ticks(time: &Variant) -> Option<i64> {
    if let Variant::DateTime(time) = time { Some(time.ticks()).filter(|_| !time.is_null()) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opcua::types::{DateTime, StatusCode};

    const EMPTY: Variant = Variant::Empty;

    fn yes(yes: bool) -> Variant {
        Variant::Boolean(yes)
    }

    fn status(bits: u32) -> Variant {
        Variant::StatusCode(StatusCode::from(bits))
    }

    /// An event of `kind` with a branch, the ActiveState/Id, EnabledState/Id, Retain and Quality.
    fn fields(kind: ObjectTypeId, branch: NodeId, [active, enabled, retain, quality]: [Variant; 4]) -> Vec<Variant> {
        vec![
            Variant::from(NodeId::from(kind)),
            Variant::from(NodeId::new(2, "LI-1101")),
            Variant::from(DateTime::from(70)),
            Variant::from("HighHigh"),
            Variant::from(branch),
            enabled,
            quality,
            retain,
            active,
        ]
    }

    #[test]
    fn a_condition_is_active_or_not_or_unknown() {
        for (told, expected) in [
            ([yes(true), yes(true), yes(true), status(0)], (1.0, Quality::GOOD)),
            ([yes(false), yes(true), yes(true), status(0)], (0.0, Quality::GOOD)),
            ([yes(false), yes(true), yes(false), status(0)], (0.0, Quality::GOOD)),
            ([yes(true), EMPTY, EMPTY, EMPTY], (1.0, Quality::GOOD)),
            ([EMPTY, yes(true), yes(false), status(0)], (0.0, Quality::GOOD)),
            ([EMPTY, yes(true), yes(true), status(0)], (0.0, Quality::BAD_TYPE)),
            ([EMPTY, EMPTY, EMPTY, EMPTY], (0.0, Quality::BAD_TYPE)),
            ([yes(true), yes(false), yes(true), status(0)], (0.0, DISABLED)),
            ([EMPTY, yes(false), yes(false), status(0)], (0.0, DISABLED)),
            ([status(0x8099_0000), EMPTY, yes(false), EMPTY], (0.0, DISABLED)),
            ([status(0), EMPTY, yes(true), EMPTY], (0.0, Quality::BAD_DECODING)),
            ([yes(true), yes(true), yes(true), status(0x808C_0000)], (1.0, Quality::BAD_SENSOR)),
            ([yes(false), yes(true), yes(true), status(0x4093_0000)], (0.0, Quality(0x4093_0000))),
        ] {
            let [active, enabled, retain, quality] = &told;
            assert_eq!(state([active, enabled, retain, quality]), expected, "{told:?}");
            let fields = fields(ObjectTypeId::AlarmConditionType, NodeId::null(), told);
            let Some(Event::Condition(heard)) = event(Some(fields)) else { panic!("it is an event of a condition") };
            assert_eq!((heard.value, heard.quality), expected);
            assert_eq!((heard.source, heard.name.as_str()), (NodeId::new(2, "LI-1101"), "HighHigh"));
            assert_eq!(heard.time, Some(70));
        }
    }

    #[test]
    fn other_events_say_nothing_of_its_present_state() {
        let told = || [yes(true), yes(true), yes(true), EMPTY];
        let alarm = ObjectTypeId::AlarmConditionType;
        assert_eq!(event(Some(fields(alarm, NodeId::new(2, 7u32), told()))), None, "a branch is a former state");
        let mut nameless = fields(ObjectTypeId::BaseEventType, NodeId::null(), told());
        nameless[3] = EMPTY;
        assert_eq!(event(Some(nameless)), None);
        assert_eq!(event(Some(vec![EMPTY; FIELD_COUNT - 1])), None);
        assert_eq!(event(None), None);
        for lost in LOST {
            assert_eq!(event(Some(fields(lost, NodeId::null(), told()))), Some(Event::Lost));
        }
    }

    #[test]
    fn as_many_fields_are_asked_for_as_are_read() {
        let asked = request(9).requested_parameters;
        let filter = asked.filter.inner_as::<EventFilter>().unwrap();
        assert_eq!((asked.client_handle, filter.select_clauses.as_ref().map(Vec::len)), (9, Some(FIELD_COUNT)));
        assert!(asked.queue_size > 1);
    }
}
