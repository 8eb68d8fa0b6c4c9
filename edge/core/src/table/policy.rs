//! The numbers of the site that decide about alarms, warnings and tasks of every rule, under published names.

use super::{Parameter, parameters::Parameters};
use crate::model::{ByLevel, EscalateAfter, Policy};

/// The policy as the table has it; a warning that never gets worse by time has no such time.
#[must_use]
pub fn policy(policy: &Policy) -> Vec<Parameter> {
    let Policy {
        task_due_ms,
        escalate_after,
        utc_offset_min,
        horn_silence_ms,
        shelve_max_ms,
        relay_from,
        horn_from,
        first_out_window_ms,
        location_max_age_ms,
        overdue_step_percent,
        acknowledge_in_time_ms,
    } = policy;
    let mut all = Parameters::default();
    let ByLevel { red, orange, yellow, blue } = *task_due_ms;
    for (level, ms) in [("red", red), ("orange", orange), ("yellow", yellow), ("blue", blue)] {
        all.count(&format!("task_due_{level}_ms"), ms);
    }
    let EscalateAfter { orange, yellow, blue } = *escalate_after;
    for (level, ms) in [("orange", orange), ("yellow", yellow), ("blue", blue)] {
        ms.into_iter().for_each(|ms| all.count(&format!("escalate_after_{level}_ms"), ms));
    }
    all.number("utc_offset_min", f64::from(*utc_offset_min));
    all.count("horn_silence_ms", *horn_silence_ms);
    all.count("shelve_max_ms", *shelve_max_ms);
    all.text("relay_from", relay_from.word());
    all.text("horn_from", horn_from.word());
    all.count("first_out_window_ms", *first_out_window_ms);
    all.count("location_max_age_ms", *location_max_age_ms);
    all.count("overdue_step_percent", *overdue_step_percent);
    all.count("acknowledge_in_time_ms", *acknowledge_in_time_ms);
    all.0
}
