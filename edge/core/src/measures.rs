//! What the alarms say about a measure: effective, failed or unknown.

use crate::{
    id::*,
    limits::REASONS_MAX,
    model::Site,
    record::{AlarmRecord, MeasureRecord, MeasureState},
    rules::RuleState,
    time::UtcTime,
};

/// Judges a measure. `None` when the gateway is not its evidence: it has no rule and is not 自动化监控.
pub(crate) fn judge<'a>(
    site: &Site,
    ix: MeasureIx,
    rules: &[(RuleIx, RuleState)],
    alarm: impl Fn(RuleIx) -> Option<&'a AlarmRecord>,
    last: Option<&MeasureRecord>,
    now: UtcTime,
) -> Option<MeasureRecord> {
    let measure = &site.measures[ix.at()];
    if rules.is_empty() && !measure.automatic {
        return None;
    }
    let failed: Vec<AlarmId> = rules
        .iter()
        .filter_map(|(rule, _)| alarm(*rule))
        .filter(|alarm| alarm.is_active())
        .map(|alarm| alarm.id.clone())
        .collect();
    let unknown: Vec<RuleId> =
        rules.iter().filter(|(_, state)| !state.known).map(|(rule, _)| site.rules[rule.at()].id.clone()).collect();
    let state = match (failed.is_empty(), unknown.is_empty() && !rules.is_empty()) {
        (false, _) => MeasureState::Failed,
        (true, true) => MeasureState::Effective,
        (true, false) => MeasureState::Unknown,
    };
    let event = &site.events[measure.event.at()];
    Some(MeasureRecord {
        measure: measure.id.clone(),
        description: measure.description.clone(),
        risk_event: event.id.clone(),
        unit: site.units[event.unit.at()].id.clone(),
        state,
        since: last.filter(|last| last.state == state).map_or(now, |last| last.since),
        alarms: failed,
        unknown_rules: unknown.into_iter().take(REASONS_MAX).collect(),
        config_version: site.gateway.config_version.clone(),
    })
}
