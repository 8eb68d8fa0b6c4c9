//! Values at which rules may turn.

use davy_core::{
    id::TagIx,
    model::{Forecast, Node, RuleKind, SignalRule},
};

pub(super) fn forecast_of(kind: &RuleKind) -> Option<(TagIx, Forecast)> {
    if let RuleKind::Signal(SignalRule::Forecast { tag, forecast }) = kind { Some((*tag, *forecast)) } else { None }
}

/// Values of a tag at which a rule over it may turn.
pub(super) fn marks_of(kind: &RuleKind, tag: TagIx) -> Vec<f64> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "most kinds turn at no value of their own")]
    match kind {
        RuleKind::Limit { tag: its, limit } if *its == tag => vec![limit.trip, limit.clear],
        RuleKind::OutOfRange { tag: its, low, high } if *its == tag => vec![*low, *high],
        RuleKind::Signal(signal) if signal.tag() == tag => match signal {
            SignalRule::Gas { limit, .. } => vec![limit.trip, limit.clear],
            SignalRule::State { test, .. } => vec![f64::from(test.state), f64::from(test.state) + 1.0],
            SignalRule::Forecast { .. } => Vec::new(),
        },
        RuleKind::Mismatch { command, feedback } if [*command, *feedback].contains(&tag) => vec![0.0, 1.0],
        RuleKind::Compound(compound) if compound.nodes.contains(&Node::Tag(tag)) => {
            let constant = |node: &Node| if let Node::Constant(number) = node { Some(*number) } else { None };
            compound.nodes.iter().filter_map(constant).collect()
        }
        _ => Vec::new(),
    }
}
