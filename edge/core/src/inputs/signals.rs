//! What the inputs say about the rules over one signal, and what the value was held against.

use super::{Inputs, truth};
use crate::{
    id::RuleIx,
    memory::Memory,
    model::{Against, Forecast, Limit, SignalRule, Site, StateTest},
    rules::{Verdict, limit_verdict},
    time::UtcTime,
    trigger::Trigger,
};

impl Inputs {
    pub(super) fn signal_verdict(&self, site: &Site, ix: RuleIx, signal: &SignalRule) -> Option<Verdict> {
        self.value_verdict(site, signal.tag(), |value| match signal {
            SignalRule::Gas { limit, .. } => limit_verdict(*limit, value),
            SignalRule::State { test, .. } => truth(test.holds(value)),
            SignalRule::Forecast { forecast, .. } => match &self.memories[ix.at()] {
                Memory::Trend(trend) => trend.verdict(forecast),
                Memory::Window(_) | Memory::Rest(_) | Memory::Still(_) | Memory::Nothing => Verdict::Hold,
            },
        })
    }

    pub(super) fn signal_trigger(&self, site: &Site, ix: RuleIx, signal: &SignalRule, now: UtcTime) -> Trigger {
        let (limit, against): (Option<Limit>, Option<Against>) = match signal {
            SignalRule::Gas { limit, .. } => (Some(*limit), None),
            SignalRule::State { tag, test, .. } => {
                let value = self.tags[tag.at()].sample.map_or(f64::NAN, |sample| sample.value);
                (None, Some(state(test, value)))
            }
            SignalRule::Forecast { forecast, .. } => (Some(forecast.limit), self.ahead(ix, forecast)),
        };
        self.value_trigger(site, signal.tag(), (limit, against), now)
    }

    fn ahead(&self, ix: RuleIx, forecast: &Forecast) -> Option<Against> {
        let Memory::Trend(trend) = &self.memories[ix.at()] else { return None };
        let ahead = trend.ahead(forecast)?;
        Some(Against::Forecast { per_minute: ahead.per_minute, minutes_left: ahead.minutes_left })
    }
}

fn state(test: &StateTest, value: f64) -> Against {
    Against::State {
        word: test.word(value).to_owned(),
        state: test.state,
        state_word: test.word(test.state.into()).to_owned(),
        differs: test.differs,
    }
}
