//! Names and places. A text id is what people and enterprises use; a dense index is what the engine uses.
//!
//! Ids come from the configuration and from the enterprise's risk model and are kept as they are. Indices are positions
//! in the lists of [`crate::model::Site`]; they are never published, and stored only in a recording of the inputs, beside
//! the configuration that they belong to.

use crate::words::Words;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, sync::Arc};

macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transparent))]
        pub struct $name(#[cfg_attr(feature = "schema", schemars(with = "String"))] Arc<str>);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&$name> for Words {
            fn from(id: &$name) -> Self {
                Words::from(Arc::clone(&id.0))
            }
        }

        impl From<$name> for Words {
            fn from(id: $name) -> Self {
                Words::from(id.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::from)
            }
        }
    )*};
}

text_ids! {
    /// A source of the field side: an OPC UA server, a Modbus device, an MQTT broker.
    SourceId,
    /// An uplink toward an enterprise platform.
    UplinkId,
    /// A tag of the point table 点表.
    TagId,
    /// A zone of the personnel-location map 区域.
    ZoneId,
    /// A camera 摄像机.
    CameraId,
    /// A person 人员, as the enterprise numbers people; never an identity number.
    PersonId,
    /// A group of rules of which one is the first out 首出.
    FirstOutId,
    /// A special-work ticket 特殊作业票, as the ticket system numbers it.
    TicketId,
    /// A risk unit 安全风险分析单元.
    UnitId,
    /// A risk event 安全风险事件.
    RiskEventId,
    /// A control measure 管控措施.
    MeasureId,
    /// A rule.
    RuleId,
    /// One occurrence of an alarm: `{rule}~{epoch}.{n}`.
    AlarmId,
    /// One occurrence of a warning: `{risk event}~{epoch}.{n}`.
    WarningId,
    /// A recurring inspection plan 隐患排查任务 (the national table's word for it).
    PlanId,
    /// An inspection task: `{measure or plan}~{epoch}.{n}`.
    TaskId,
    /// A suspected hazard: `{measure}~{epoch}.{n}`.
    HazardId,
}

macro_rules! dense_indices {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u32);

        impl $name {
            /// The position in its list.
            #[must_use]
            pub fn at(self) -> usize {
                self.0 as usize
            }
        }

        impl From<usize> for $name {
            fn from(position: usize) -> Self {
                Self(u32::try_from(position).expect("configuration limits keep every list far below 2^32 rows"))
            }
        }
    )*};
}

dense_indices! {
    /// A place in `Site::sources`.
    SourceIx,
    /// A place in `Site::uplinks`.
    UplinkIx,
    /// A place in `Site::tags`.
    TagIx,
    /// A place in `Site::zones`.
    ZoneIx,
    /// A place in `Site::cameras`.
    CameraIx,
    /// A place in `Site::people`.
    PersonIx,
    /// A place in `Site::units`.
    UnitIx,
    /// A place in `Site::events`.
    RiskEventIx,
    /// A place in `Site::measures`.
    MeasureIx,
    /// A place in `Site::rules`.
    RuleIx,
    /// A place in `Site::plans`.
    PlanIx,
}
