//! The rows of a loop check 回路测试: what each tag is, where it is read, at what it alarms.

use davy_api::LoopCheck;
use davy_config::{Errors, Files, exchange};
use davy_core::{
    model::{LimitKind, RuleKind, SignalRule, Site},
    quality::Quality,
};

/// A tag and what was read of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Loop {
    pub(super) tag: String,
    pub(super) name: String,
    pub(super) source: String,
    pub(super) address: String,
    /// As the device sent it, before scaling.
    pub(super) raw: Option<String>,
    /// In the engineering unit.
    pub(super) value: Option<f64>,
    pub(super) quality: Option<Quality>,
    pub(super) engineering_unit: String,
    pub(super) range: Option<(f64, f64)>,
    /// LL, L, H, HH, with the set points that a standard has for a gas detector.
    pub(super) limits: [Option<f64>; 4],
    /// Why nothing was read.
    pub(super) remarks: String,
    /// What a person found.
    pub(super) check: Option<LoopCheck>,
}

/// Every tag, in the order of the table.
pub(super) fn of(site: &Site, files: &Files) -> Result<Vec<Loop>, Errors> {
    let addresses = exchange::addresses(files)?;
    let mut loops: Vec<Loop> = Vec::with_capacity(site.tags.len());
    for (tag, address) in site.tags.iter().zip(addresses) {
        loops.push(Loop {
            tag: tag.id.as_str().to_owned(),
            name: tag.name.to_string(),
            source: site.sources[tag.source.at()].id.as_str().to_owned(),
            address,
            engineering_unit: tag.engineering_unit.to_string(),
            range: tag.range,
            ..Loop::default()
        });
    }
    for rule in &site.rules {
        let (RuleKind::Limit { tag, limit } | RuleKind::Signal(SignalRule::Gas { tag, limit, .. })) = &rule.kind else {
            continue;
        };
        loops[tag.at()].limits[place(limit.kind)] = Some(limit.trip);
    }
    Ok(loops)
}

fn place(kind: LimitKind) -> usize {
    match kind {
        LimitKind::LL => 0,
        LimitKind::L => 1,
        LimitKind::H => 2,
        LimitKind::HH => 3,
    }
}
