//! What the store has promised, and to whom: as lines of the disk's witness, which tell what had been promised when the power
//! failed.

use super::batches;
use davy_core::time::UtcTime;
use std::{collections::BTreeMap, fmt};

/// All that must hold after a power cut, from the first start of a disk on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Promised {
    /// Rows that an earlier version left.
    pub(crate) earlier_rows: u64,
    /// The epoch, once something was promised in it.
    pub(crate) epoch: Option<u32>,
    /// Batches whose commit was acknowledged: the place of their last row, by their number.
    pub(crate) batches: BTreeMap<u64, u64>,
    /// Marks of what the consumer was sent, by place.
    pub(crate) sent: BTreeMap<u64, String>,
    /// The cursor that was acknowledged last.
    pub(crate) cursor: u64,
    /// The time up to which the recording was seen on the disk.
    pub(crate) recorded_until: Option<UtcTime>,
}

/// A promise as the witness hears it.
#[derive(Clone, Debug)]
pub(crate) enum Promise {
    Batch { n: u64, head: u64, epoch: u32 },
    Sent { seq: u64, body: String },
    Cursor(u64),
    Recorded(i64),
}

impl Promised {
    /// Whether anybody was told anything that binds.
    pub(crate) fn nothing(&self) -> bool {
        self.earlier_rows == 0 && self.batches.is_empty() && self.sent.is_empty()
    }

    /// The last place that was sent.
    pub(crate) fn received(&self) -> u64 {
        self.sent.keys().next_back().copied().unwrap_or_default()
    }

    /// What holds when the witness has heard these lines as well; the last of them may be half a line.
    pub(crate) fn told(mut self, witness: &str) -> Self {
        let whole = witness.rfind('\n').map_or("", |end| &witness[..end]);
        whole.lines().for_each(|line| self.hear(line));
        self
    }

    fn hear(&mut self, line: &str) {
        let mut words = line.splitn(4, ' ');
        let mut word = || words.next().unwrap_or_default();
        let (kind, first) = (word(), word());
        let first: i64 = first.parse().expect("a number");
        match kind {
            "batch" => {
                self.batches.insert(first.cast_unsigned(), word().parse().expect("a place"));
                self.epoch = Some(word().parse().expect("an epoch"));
            }
            "sent" => drop(self.sent.insert(first.cast_unsigned(), word().to_owned())),
            "cursor" => self.cursor = first.cast_unsigned(),
            "recorded" => self.recorded_until = Some(UtcTime(first)),
            _ => panic!("the witness heard `{line}`"),
        }
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Batch { n, head, epoch } => writeln!(f, "batch {n} {head} {epoch}"),
            Self::Sent { seq, body } => writeln!(f, "sent {seq} {}", batches::mark(body)),
            Self::Cursor(seq) => writeln!(f, "cursor {seq}"),
            Self::Recorded(utc) => writeln!(f, "recorded {utc}"),
        }
    }
}
