//! What the shell says of the box: its clock, its disk, its journal, its certificates, its lamp and horn.

use crate::{
    event::{CertificateEnd, ClockState, Link, StorageState},
    rules::Verdict,
    time::{Monotonic, Now, UtcTime},
};

/// The wall clock as the operating system judges it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clock {
    pub(crate) told: Option<ClockState>,
    /// How long it may be unsynchronised.
    pub(super) patience_ms: u64,
    /// It has been unsynchronised for too long from then on.
    until: Option<Monotonic>,
}

impl Clock {
    pub(crate) fn tell(&mut self, state: ClockState, now: Monotonic) {
        self.told = Some(state);
        match state.synchronised {
            Some(true) => self.until = None,
            Some(false) => self.until = self.until.or(Some(now.after(self.patience_ms))),
            // Not to know is no word on either: the wait goes on where it was.
            None => {}
        }
    }

    /// An offset that is known counts whoever sets the clock; a clock that nobody sets may be right for a while.
    pub(super) fn verdict(&self, offset_max_ms: u64, now: Monotonic) -> Option<Verdict> {
        let ClockState { synchronised, offset_ms } = self.told?;
        let wrong = offset_ms.map(|ms| ms.unsigned_abs() > offset_max_ms);
        let too_long = synchronised == Some(false) && self.until.is_some_and(|until| until <= now);
        Some(match (wrong, synchronised) {
            (Some(true), _) => Verdict::True,
            (_, Some(false)) if too_long => Verdict::True,
            (Some(false), Some(_)) | (None, Some(true)) => Verdict::False,
            (None, Some(false)) => Verdict::Hold,
            (Some(false) | None, None) => Verdict::Unknown,
        })
    }

    pub(super) fn out_of_patience(&self) -> Option<Monotonic> {
        self.until.filter(|_| self.told.is_some_and(|told| told.synchronised == Some(false)))
    }

    pub(super) fn saved(&self, now: Now) -> Option<UtcTime> {
        self.until.map(|until| now.utc_at(until))
    }

    pub(super) fn restore(&mut self, until: Option<UtcTime>, now: Now) {
        self.until = until.map(|until| now.rebase(until, self.patience_ms));
    }
}

/// The disk that holds the journal.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Disk {
    pub(crate) told: Option<StorageState>,
}

impl Disk {
    /// Whole percent are not enough near a limit: what is used is compared with that part of the room.
    pub(super) fn verdict(&self, percent: u8, clear_percent: u8) -> Option<Verdict> {
        let state = self.told?;
        let Some(room) = state.room_bytes() else { return Some(Verdict::Unknown) };
        let room = u128::from(room);
        let used = u128::from(state.used_bytes) * 100;
        Some(if used >= room * u128::from(percent) {
            Verdict::True
        } else if used < room * u128::from(clear_percent) {
            Verdict::False
        } else {
            Verdict::Hold
        })
    }
}

/// The certificate in use that ends first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Certificates {
    /// Outside, whether somebody has looked; inside, whether there is one.
    pub(crate) told: Option<Option<CertificateEnd>>,
}

impl Certificates {
    pub(super) fn verdict(&self, before_days: u32) -> Option<Verdict> {
        let first = self.told.as_ref()?.as_ref();
        let ends = first.is_some_and(|end| end.left_s < i64::from(before_days) * DAY_S);
        Some(if ends { Verdict::True } else { Verdict::False })
    }
}

const DAY_S: i64 = 86_400;

/// Whether a part of the box does its work: the journal reaches the disk, lamp and horn can be driven.
#[derive(Clone, Debug, Default)]
pub(crate) struct PartLink {
    told: Option<Result<(), (String, UtcTime)>>,
}

impl PartLink {
    /// Takes a word on it.
    pub(crate) fn tell(&mut self, link: Link, now: UtcTime) {
        let since = self.down().map_or(now, |(_, since)| since);
        self.told = Some(match link {
            Link::Up => Ok(()),
            Link::Down(reason) => Err((reason, since)),
        });
    }

    /// The last word on it.
    pub(crate) fn told(&self) -> Option<Link> {
        let told = self.told.as_ref()?;
        Some(told.as_ref().map_or_else(|(reason, _)| Link::Down(reason.clone()), |()| Link::Up))
    }

    pub(super) fn verdict(&self) -> Option<Verdict> {
        self.told.as_ref().map(|told| if told.is_ok() { Verdict::False } else { Verdict::True })
    }

    /// Why it does not, and since when.
    pub(crate) fn down(&self) -> Option<(&str, UtcTime)> {
        let (reason, since) = self.told.as_ref()?.as_ref().err()?;
        Some((reason, *since))
    }
}
