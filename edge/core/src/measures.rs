//! What the alarms say about a measure: effective, failed, bypassed or unknown.
//!
//! Failed beats bypassed, because what is seen to have failed must not hide behind a rule that somebody shelved; bypassed
//! beats unknown, because somebody has answered for it and it has a name, a reason and an end.

use crate::{
    hiding::Hidings,
    id::*,
    limits::REASONS_MAX,
    model::Site,
    record::{AlarmRecord, BypassedRule, MeasureRecord, MeasureState},
    rules::RuleState,
    time::UtcTime,
};

/// Judges a measure. `None` when the gateway is not its evidence: it has no rule and is not 自动化监控.
pub(crate) fn judge<'a>(
    site: &Site,
    ix: MeasureIx,
    rules: &[(RuleIx, RuleState)],
    alarm: impl Fn(RuleIx) -> Option<&'a AlarmRecord>,
    hiding: &Hidings,
    last: Option<&MeasureRecord>,
    now: UtcTime,
) -> Option<MeasureRecord> {
    let measure = &site.measures[ix.at()];
    if rules.is_empty() && !measure.automatic {
        return None;
    }
    let bypasses = |rule: RuleIx| site.rules[rule.at()].kind.bypasses_measure();
    let active = |rule: RuleIx| alarm(rule).filter(|alarm| alarm.is_active());
    let failed: Vec<AlarmId> = rules
        .iter()
        .filter(|(rule, _)| !bypasses(*rule))
        .filter_map(|(rule, _)| active(*rule))
        .map(|alarm| alarm.id.clone())
        .collect();
    // No more than are named: a measure may have thousands, and while values come for the first time it is judged for each.
    let unknown = rules.iter().filter(|(_, state)| !state.known).take(REASONS_MAX);
    let unknown: Vec<RuleId> = unknown.map(|(rule, _)| site.rules[rule.at()].id.clone()).collect();
    // A bypass of the SIS is no failure of what it bypasses, and stands beside what people have hidden.
    let is_bypassed = |rule: RuleIx| hiding.hides(rule) || (bypasses(rule) && active(rule).is_some());
    let hidden = rules.iter().filter(|(rule, _)| is_bypassed(*rule)).take(REASONS_MAX);
    let bypassed: Vec<BypassedRule> = hidden
        .map(|(rule, _)| BypassedRule {
            rule: site.rules[rule.at()].id.clone(),
            hidden_because: hiding.of(*rule).to_vec(),
        })
        .collect();
    let is_known = unknown.is_empty() && !rules.is_empty();
    let state = match (failed.is_empty(), bypassed.is_empty(), is_known) {
        (false, _, _) => MeasureState::Failed,
        (true, false, _) => MeasureState::Bypassed,
        (true, true, false) => MeasureState::Unknown,
        (true, true, true) => MeasureState::Effective,
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
        unknown_rules: unknown,
        bypassed_rules: bypassed,
        config_version: site.gateway.config_version.clone(),
    })
}
