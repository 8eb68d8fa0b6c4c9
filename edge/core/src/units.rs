//! The four-colour live state 四色 of a risk unit, with its reasons.

use crate::{
    id::*,
    model::{RiskLevel, Site},
    record::{MeasureRecord, MeasureState, UnitRecord, UnitStop, WarningRecord},
    time::UtcTime,
};

/// Judges a unit from its open warnings, its measures and its stop record.
pub(crate) fn judge<'a>(
    site: &Site,
    ix: UnitIx,
    warnings: impl Iterator<Item = &'a WarningRecord>,
    measures: &[&MeasureRecord],
    stopped: Option<&UnitStop>,
    last: Option<&UnitRecord>,
    now: UtcTime,
) -> UnitRecord {
    let unit = &site.units[ix.at()];
    let mut open: Vec<_> = warnings.collect();
    // Of one level the order of the configuration stays: an order by time would follow the steps of the wall clock.
    open.sort_by_key(|warning| std::cmp::Reverse(warning.level));
    let in_state = |state: MeasureState| -> Vec<MeasureId> {
        measures.iter().filter(|measure| measure.state == state).map(|measure| measure.measure.clone()).collect()
    };
    let colour = open.first().map_or(RiskLevel::Blue, |worst| worst.level);
    let unknown_measures = in_state(MeasureState::Unknown);
    let unknown = !unknown_measures.is_empty();
    let same = |last: &&UnitRecord| last.colour == colour && last.unknown == unknown;
    UnitRecord {
        unit: unit.id.clone(),
        name: unit.name.clone(),
        colour,
        unknown,
        assessed: unit.assessed,
        warnings: open.iter().map(|warning| warning.id.clone()).collect(),
        failed_measures: in_state(MeasureState::Failed),
        unknown_measures,
        bypassed_measures: in_state(MeasureState::Bypassed),
        stopped: stopped.cloned(),
        since: last.filter(same).map_or(now, |last| last.since),
        config_version: site.gateway.config_version.clone(),
    }
}
