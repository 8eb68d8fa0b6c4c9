//! What observers see: the whole live state at one moment, in the shapes that are published.

use crate::{
    annunciation::Annunciation,
    calendar::CycleUnit,
    event::{ClockState, Sample, StorageState},
    id::*,
    model::{Position, Role, Site},
    quality::{DeviceStatus, Limited, Quality, Severity},
    record::*,
    table::TableRow,
    time::UtcTime,
    trigger::{Offender, PersonRef, RaisedRule, RecentAlarms},
    words::Words,
};
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// A rule of the master alarm table as it is in force now.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuleView {
    /// What it is.
    #[serde(flatten)]
    pub row: TableRow,
    /// The state of its alarm; `normal` where none is open.
    pub state: AlarmState,
    /// The open alarm.
    pub alarm: Option<AlarmId>,
    /// Why it annunciates nothing now; empty where it does.
    pub hidden_because: Vec<Hiding>,
}

/// The live state after an event.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Snapshot {
    /// When it was taken.
    pub at: UtcTime,
    /// Lamp, horn, relay.
    pub annunciation: Annunciation,
    /// Alarms that are not normal, worst and newest first.
    pub alarms: Vec<Arc<AlarmRecord>>,
    /// Warnings that are not closed, worst and newest first.
    pub warnings: Vec<Arc<WarningRecord>>,
    /// Every unit.
    pub units: Vec<UnitRecord>,
    /// Every measure.
    pub measures: Vec<MeasureRecord>,
    /// Tasks that are open, by due time.
    pub tasks: Vec<TaskRecord>,
    /// Hazards that a person has still to decide on or close.
    pub hazards: Vec<HazardRecord>,
    /// Every rule that annunciates nothing now, with who asked for it, why and until when.
    pub hidden: Vec<HiddenRecord>,
    /// The longest that a rule may be shelved at once, by the policy in force.
    pub shelve_max_ms: u64,
    /// Every plan, with its next occurrence.
    pub plans: Vec<PlanView>,
    /// Everybody with a known place.
    pub people: Vec<PersonView>,
    /// Special-work tickets that are not finished, by id.
    pub tickets: Vec<TicketRecord>,
    /// Every zone.
    pub zones: Vec<ZoneView>,
    /// Every tag.
    pub tags: TagViews,
    /// The alarm system itself.
    pub watch: WatchView,
}

/// The alarm system now.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WatchView {
    /// The flood that goes on.
    pub flood: Option<FloodView>,
    /// The alarms that came lately, as the flood rule counts them; absent without that rule.
    pub recent: Option<RecentAlarms>,
    /// Rules that are raised again and again.
    pub chattering: NuisanceView,
    /// Rules whose alarms are over before anybody can act.
    pub fleeting: NuisanceView,
    /// Alarms that have been active for very long.
    pub standing: NuisanceView,
    /// How long the horn was silenced by hand within the last hour while it should have sounded, in milliseconds.
    pub silenced_ms: u64,
    /// The wall clock; absent until somebody has looked.
    pub clock: Option<ClockState>,
    /// The disk; absent until somebody has looked.
    pub storage: Option<StorageState>,
}

/// A flood: it summarises and hides nothing.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FloodView {
    /// Since when.
    pub since: UtcTime,
    /// Alarms since the first of it.
    pub alarm_count: u32,
    /// The first of them.
    pub first_out: RaisedRule,
    /// The first of the worst.
    pub worst: RaisedRule,
}

/// Rules that are a nuisance.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NuisanceView {
    /// How many.
    pub rule_count: u32,
    /// The worst of them, at most `limits::OFFENDERS_MAX`.
    pub rules: Vec<Offender>,
}

/// A recurring inspection and when it falls due next.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlanView {
    /// The plan.
    pub plan: PlanId,
    /// The measure to inspect.
    pub measure: MeasureId,
    /// The unit.
    pub unit: UnitId,
    /// 隐患排查内容.
    pub content: String,
    /// The role that it is routed to.
    pub role: Role,
    /// The item of the duty list.
    pub duty_item: Option<u8>,
    /// 周期.
    pub cycle: u32,
    /// 周期单位.
    pub cycle_unit: CycleUnit,
    /// The last occurrence that was issued.
    pub last: Option<UtcTime>,
    /// The next one; absent when there is none, and while the clock is not to be trusted.
    pub next: Option<UtcTime>,
    /// Whether it waits because the wall clock is not to be trusted.
    pub waits_for_clock: bool,
    /// Its open tasks, oldest first.
    pub open: Vec<TaskId>,
}

/// A person now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PersonView {
    /// Who and where.
    #[serde(flatten)]
    pub person: PersonRef,
    /// The post 岗位.
    pub post: Option<String>,
    /// The department 部门.
    pub department: Option<String>,
    /// The contractor 承包商 they work for.
    pub contractor: Option<String>,
    /// In the zone since then, or until the place became unknown; absent outside all zones.
    pub in_zone_since: Option<UtcTime>,
    /// Whether the place is unknown, because the card has been silent for too long.
    pub place_unknown: bool,
    /// Where on the local plane; absent when the beacon does not say.
    pub position: Option<Position>,
    /// Whether SOS is pressed.
    pub sos: bool,
    /// The card's battery.
    pub battery_percent: Option<u8>,
    /// When the last position came.
    pub received_time: UtcTime,
}

/// A zone now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ZoneView {
    /// The zone.
    pub zone: ZoneId,
    /// Its name.
    pub name: String,
    /// The unit it lies in.
    pub unit: Option<UnitId>,
    /// How many people are in it.
    pub people_count: u32,
}

/// Every tag now. There may be very many of them and a snapshot is taken several times a second, so that a view is made only when
/// somebody looks at it.
#[derive(Clone, Debug, Default)]
pub struct TagViews {
    pub(crate) site: Arc<Site>,
    /// In the order of `Site::tags`.
    pub(crate) tags: Vec<TagNow>,
}

/// What of a tag changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TagNow {
    pub(crate) sample: Option<Sample>,
    pub(crate) quality: Quality,
    pub(crate) source_time_replaced: bool,
}

impl TagViews {
    /// The view of a tag.
    ///
    /// # Panics
    ///
    /// When the site has no such tag.
    #[must_use]
    pub fn view(&self, tag: TagIx) -> TagView {
        let (about, now) = (&self.site.tags[tag.at()], &self.tags[tag.at()]);
        let TagNow { sample, quality, source_time_replaced } = *now;
        TagView {
            tag: about.id.clone(),
            name: about.name.clone(),
            source: self.site.sources[about.source.at()].id.clone(),
            unit: about.unit.map(|unit| self.site.units[unit.at()].id.clone()),
            engineering_unit: about.engineering_unit.clone(),
            range: about.range,
            value: sample.map(|sample| sample.value).filter(|value| value.is_finite()),
            quality,
            severity: quality.severity(),
            quality_name: quality.to_string(),
            device_status: quality.device_status(),
            limited: quality.limited(),
            source_time: sample.and_then(|sample| sample.source_time),
            source_time_replaced,
            received_time: sample.map(|sample| sample.received_time),
        }
    }

    /// Whether a tag's view is surely the same as before; much cheaper than to compare the two.
    #[must_use]
    pub fn is_as_before(&self, tag: TagIx, before: &Self) -> bool {
        let of = |views: &Self| views.tags.get(tag.at()).copied();
        Arc::ptr_eq(&self.site, &before.site) && of(self).is_some() && of(self) == of(before)
    }

    /// The tags with their ids.
    pub fn ids(&self) -> impl Iterator<Item = (TagIx, &TagId)> {
        self.site.tags.iter().take(self.tags.len()).enumerate().map(|(at, tag)| (TagIx::from(at), &tag.id))
    }

    /// How good each value is.
    pub fn severities(&self) -> impl Iterator<Item = Severity> {
        self.tags.iter().map(|tag| tag.quality.severity())
    }

    /// The view of every tag.
    pub fn iter(&self) -> impl Iterator<Item = TagView> {
        (0..self.tags.len()).map(|at| self.view(TagIx::from(at)))
    }
}

impl PartialEq for TagViews {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Serialize for TagViews {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// A tag now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TagView {
    /// The tag.
    pub tag: TagId,
    /// What it is.
    pub name: Words,
    /// The source.
    pub source: SourceId,
    /// The unit it belongs to.
    pub unit: Option<UnitId>,
    /// The engineering unit.
    pub engineering_unit: Words,
    /// The instrument's range.
    pub range: Option<(f64, f64)>,
    /// The last value; absent before the first.
    pub value: Option<f64>,
    /// Its quality; stale and lost-connection included.
    pub quality: Quality,
    /// The quality's severity.
    pub severity: Severity,
    /// The quality's name.
    pub quality_name: String,
    /// What the quality says of the device (NAMUR NE 107); absent where it says nothing of it.
    pub device_status: Option<DeviceStatus>,
    /// The limit that the value cannot pass.
    pub limited: Option<Limited>,
    /// When the device says it was measured.
    pub source_time: Option<UtcTime>,
    /// Whether the source time was absurd and has been replaced by the received time.
    pub source_time_replaced: bool,
    /// When the box received it.
    pub received_time: Option<UtcTime>,
}
