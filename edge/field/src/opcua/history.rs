//! Reads from a server's own history what was not heard of it (HistoryRead of raw values, OPC 10000-11, 6.4.3).
//!
//! One step is one request, so that what comes of it can be handed on before the next is made.

use crate::{
    limits::opcua as bounds,
    opcua::{convert, session::words},
};
use davy_core::{event::Sample, id::TagIx, time::UtcTime};
use opcua::{
    client::{HistoryReadAction, Session, UARequest, services::HistoryRead},
    types::{
        ByteString, DataValue, DateTime, HistoryData, HistoryReadResult, HistoryReadValueId, NodeId,
        ReadRawModifiedDetails, StatusCode, TimestampsToReturn,
    },
};
use std::{collections::VecDeque, ops::Range};

/// A node and the source times between which, both excluded, its values are wanted; in 100 ns, as the protocol counts.
#[derive(Clone, Debug)]
pub(crate) struct Missing {
    pub(crate) item: usize,
    pub(crate) tag: TagIx,
    pub(crate) node: NodeId,
    pub(crate) between: Range<i64>,
    /// Where the server left off; null at the beginning, and for a server that has no continuation points.
    pub(crate) point: ByteString,
    /// The time of the last value that came.
    pub(crate) last: Option<i64>,
}

impl Missing {
    pub(crate) fn new(item: usize, tag: TagIx, node: NodeId, between: Range<i64>) -> Self {
        Self { item, tag, node, between, point: ByteString::null(), last: None }
    }

    /// From when it is asked for.
    fn start(&self) -> i64 {
        self.last.unwrap_or(self.between.start)
    }

    /// Whether a value is one of those wanted.
    fn wants(&self, value: &DataValue) -> bool {
        convert::source_ticks(value)
            .is_some_and(|ticks| self.between.start < ticks && ticks < self.between.end && Some(ticks) > self.last)
    }
}

/// A gap on its way to being filled.
#[derive(Debug)]
pub(crate) struct Filling {
    missing: VecDeque<Missing>,
    per_request: usize,
    /// From the earliest time wanted to the latest.
    pub(crate) span: Range<UtcTime>,
    /// Values so far.
    pub(crate) values: usize,
    /// Items of which nothing is missing any more, as of the latest step.
    pub(crate) filled: Vec<usize>,
    /// Items of which the server keeps no history, or gives none to this user.
    pub(crate) refused: Vec<usize>,
    /// Why it ended early, in words.
    pub(crate) trouble: Option<String>,
}

impl Filling {
    /// `None` when nothing is missing.
    pub(crate) fn new(missing: Vec<Missing>, per_request: usize) -> Option<Self> {
        let from = missing.iter().map(|missing| missing.between.start).min()?;
        let until = missing.iter().map(|missing| missing.between.end).max()?;
        Some(Self {
            missing: missing.into(),
            per_request: per_request.max(1),
            span: convert::utc_of_ticks(from)..convert::utc_of_ticks(until),
            values: 0,
            filled: Vec::new(),
            refused: Vec::new(),
            trouble: None,
        })
    }

    /// Whether nothing is left to be asked.
    pub(crate) fn is_done(&self) -> bool {
        self.missing.is_empty() || self.trouble.is_some()
    }

    /// Makes one request; gives the values, each received now.
    pub(crate) async fn step(&mut self, session: &Session, now: fn() -> UtcTime) -> Vec<Sample> {
        let asked: Vec<Missing> = self.missing.drain(..self.per_request.min(self.missing.len())).collect();
        let start = asked.iter().map(Missing::start).min();
        let end = asked.iter().map(|missing| missing.between.end).max();
        let (Some(start), Some(end)) = (start, end) else { return Vec::new() };
        let details = HistoryReadAction::ReadRawModifiedDetails(ReadRawModifiedDetails {
            is_read_modified: false,
            start_time: DateTime::from(start),
            end_time: DateTime::from(end),
            num_values_per_node: bounds::HISTORY_VALUES_PER_NODE,
            return_bounds: false,
        });
        let node = |missing: &Missing| HistoryReadValueId {
            node_id: missing.node.clone(),
            continuation_point: missing.point.clone(),
            ..HistoryReadValueId::default()
        };
        let nodes: Vec<_> = asked.iter().map(node).collect();
        let request = HistoryRead::new(details, session)
            .timestamps_to_return(TimestampsToReturn::Both)
            .nodes_to_read(nodes)
            .timeout(bounds::HISTORY_ANSWER_MAX);
        match request.send(session.channel()).await.map(|answer| answer.results.unwrap_or_default()) {
            Ok(results) if results.len() == asked.len() => self.take(asked, results, now()),
            Ok(results) => {
                self.trouble = Some(format!("the server answers for {} nodes of {}", results.len(), asked.len()));
                Vec::new()
            }
            // A server that has a limit and does not tell it.
            Err(error) if error.status() == StatusCode::BadTooManyOperations && self.per_request > 1 => {
                self.per_request /= 2;
                asked.into_iter().rev().for_each(|missing| self.missing.push_front(missing));
                Vec::new()
            }
            Err(error) => {
                self.trouble = Some(words(error.status()));
                Vec::new()
            }
        }
    }

    fn take(&mut self, asked: Vec<Missing>, results: Vec<HistoryReadResult>, received: UtcTime) -> Vec<Sample> {
        let mut samples = Vec::new();
        self.filled.clear();
        for (mut missing, result) in asked.into_iter().zip(results) {
            if result.status_code.is_bad() {
                self.refused.push(missing.item);
                continue;
            }
            let data = result.history_data.inner_as::<HistoryData>();
            let values: &[DataValue] = data.and_then(|data| data.data_values.as_deref()).unwrap_or_default();
            let wanted = values.iter().filter(|value| missing.wants(value));
            samples.extend(wanted.map(|value| convert::sample(missing.tag, value, received)));
            let last = values.iter().filter_map(convert::source_ticks).max();
            // Some servers stop at the number asked for and give no point to go on from.
            let is_cut = values.len() >= bounds::HISTORY_VALUES_PER_NODE as usize && last > missing.last;
            if is_cut || !result.continuation_point.is_null_or_empty() {
                missing.point = result.continuation_point;
                missing.last = last.max(missing.last);
                self.missing.push_back(missing);
            } else {
                self.filled.push(missing.item);
            }
        }
        self.values += samples.len();
        if self.values >= bounds::HISTORY_VALUES_MAX && !self.missing.is_empty() {
            self.trouble = Some(format!("more than {} values", bounds::HISTORY_VALUES_MAX));
        }
        samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use davy_core::quality::Quality;
    use opcua::types::{ExtensionObject, Variant};

    /// 2026-11-23, in the protocol's count.
    const EVE: i64 = (1_795_392_000_000 + 11_644_473_600_000) * 10_000;

    fn filling(count: usize) -> Filling {
        let missing = |item: usize| {
            let between = EVE..EVE + 100 * (item as i64 + 1);
            Missing::new(item, TagIx::from(item), NodeId::new(2, format!("LI-{item}")), between)
        };
        Filling::new((0..count).map(missing).collect(), 2).unwrap()
    }

    fn result(moments: &[i64], point: Option<&str>) -> HistoryReadResult {
        let value = |moment: &i64| DataValue {
            value: Some(Variant::Double(*moment as f64)),
            source_timestamp: Some(DateTime::from(EVE + moment)),
            ..DataValue::null()
        };
        HistoryReadResult {
            status_code: StatusCode::Good,
            continuation_point: point.map_or_else(ByteString::null, |point| ByteString::from(point.as_bytes())),
            history_data: ExtensionObject::from_message(HistoryData {
                data_values: Some(moments.iter().map(value).collect()),
            }),
        }
    }

    #[test]
    fn what_lies_between_is_taken_and_the_rest_is_asked_for() {
        let mut filling = filling(3);
        assert_eq!(filling.span.start, UtcTime(1_795_392_000_000));
        let asked: Vec<Missing> = filling.missing.drain(..2).collect();
        let refused = HistoryReadResult {
            status_code: StatusCode::BadHistoryOperationUnsupported,
            ..HistoryReadResult::default()
        };
        let samples = filling.take(asked, vec![result(&[0, 40, 100, 120], Some("on")), refused], UtcTime(7));
        let seen: Vec<_> = samples.iter().map(|sample| (sample.tag.0, sample.value, sample.received_time)).collect();
        assert_eq!(seen, [(0, 40.0, UtcTime(7))], "the ends were heard already");
        assert_eq!(samples[0].quality, Quality::GOOD);
        assert_eq!((filling.refused.as_slice(), filling.values, filling.is_done()), (&[1][..], 1, false));
        let left: Vec<_> = filling.missing.iter().map(|missing| (missing.item, missing.point.is_null())).collect();
        assert_eq!(left, [(2, true), (0, false)]);
    }

    #[test]
    fn a_server_without_continuation_points_is_asked_from_its_last_value_on() {
        let mut filling = filling(1);
        let full: Vec<i64> = (0..i64::from(bounds::HISTORY_VALUES_PER_NODE)).map(|number| number / 20).collect();
        let asked: Vec<Missing> = filling.missing.drain(..).collect();
        filling.take(asked, vec![result(&full, None)], UtcTime(7));
        let asked: Vec<Missing> = filling.missing.drain(..).collect();
        assert_eq!(asked[0].start(), EVE + 49);
        // The same again is no progress, and no reason to ask for ever.
        assert_eq!(filling.take(asked, vec![result(&[49; 1_000], None)], UtcTime(7)), []);
        assert!(filling.is_done());
    }

    #[test]
    fn nothing_missing_is_nothing_to_fill() {
        assert!(Filling::new(Vec::new(), 5).is_none());
    }
}
