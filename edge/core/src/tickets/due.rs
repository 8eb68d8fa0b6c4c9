//! When time alone makes a ticket offend, on its own clock.

use super::Ticket;
use crate::{
    model::{TicketKind, TicketStatus},
    time::{Now, UtcTime},
};

const DAY_MS: i64 = 86_400_000;

/// China has one time, UTC+8, and tickets are written in it.
const CHINA_MS: i64 = 8 * 3_600_000;

impl Ticket {
    pub(crate) fn is_in_work(&self) -> bool {
        self.record.status == TicketStatus::InWork && !self.record.cancelled
    }

    pub(crate) fn is_hot_in_work(&self) -> bool {
        self.is_in_work() && self.record.work.is_hot()
    }

    /// From when on it offends if nothing is heard; `None` when it never does, or that is not known.
    pub(crate) fn due(&self, kind: &TicketKind, now: Now) -> Option<UtcTime> {
        #[expect(clippy::wildcard_enum_match_arm, reason = "time alone decides these")]
        match kind {
            TicketKind::NextDay { day_begins_ms } if self.is_in_work() && self.record.work.is_second_class_hot() => {
                let analysed = self.newest_analysis(now).and_then(|analysis| analysis.time);
                Some(next_day(analysed.or(self.begins())?, *day_begins_ms))
            }
            TicketKind::RecordOverdue { every_ms } if self.is_in_work() && self.record.work.is_confined_space() => {
                let analysed = self.newest_analysis(now).and_then(|analysis| analysis.time);
                let last = self.newest_space_record(now).max(analysed).max(self.began)?;
                Some(last.after(*every_ms))
            }
            TicketKind::Expired if self.is_in_work() => self.end(),
            TicketKind::ExpiredWithPeople if self.record.status.has_begun() => self.end(),
            _ => None,
        }
    }
}

/// When the day after a time begins, so long after midnight in China.
fn next_day(time: UtcTime, day_begins_ms: u64) -> UtcTime {
    let begins_ms = i64::try_from(day_begins_ms).unwrap_or(0);
    let days = time.0.saturating_add(CHINA_MS).saturating_sub(begins_ms).div_euclid(DAY_MS);
    UtcTime(days.saturating_add(1).saturating_mul(DAY_MS).saturating_sub(CHINA_MS).saturating_add(begins_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_in_china() {
        let check = |time: &str, day_begins_h: u64, expected: &str| {
            let next = next_day(UtcTime::parse(time).unwrap(), day_begins_h * 3_600_000);
            assert_eq!(next, UtcTime::parse(expected).unwrap(), "{time} {day_begins_h}");
        };
        check("2026-11-23T10:00:00+08:00", 0, "2026-11-24T00:00:00+08:00");
        check("2026-11-23T00:00:00+08:00", 0, "2026-11-24T00:00:00+08:00");
        check("2026-11-23T23:59:59+08:00", 0, "2026-11-24T00:00:00+08:00");
        check("2026-11-23T10:00:00+08:00", 8, "2026-11-24T08:00:00+08:00");
        check("2026-11-23T07:00:00+08:00", 8, "2026-11-23T08:00:00+08:00");
        assert!(next_day(UtcTime(i64::MAX), u64::MAX) >= UtcTime(0), "absurd, and no overflow");
    }
}
