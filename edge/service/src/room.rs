//! Makes room in the journal: what is old or too much goes, the oldest first, and what an uplink has not got only when the disk
//! leaves no choice; then the journal says so.

use crate::{clock, journal, limits};
use davy_core::{
    event::StorageState,
    id::{SourceId, UplinkId},
    record::{GapRecord, Record},
    time::UtcTime,
};
use davy_store::{Batch, JournalRow, Retention, Row, Store, StoreError, Unsent};
use davy_uplink::Cursor;
use tokio::sync::watch;

/// Whose journal, and what it keeps.
pub(crate) struct Room {
    pub(crate) store: Store,
    pub(crate) days_max: u32,
    /// The uplinks that are configured.
    pub(crate) uplinks: watch::Receiver<Vec<UplinkId>>,
}

impl Room {
    /// Makes room, a bounded number of rows; what is left is for the next look.
    pub(crate) async fn make(&self, storage: &StorageState) -> Result<(), StoreError> {
        let part = |percent| storage.room_bytes().map(|room| room / 100 * percent);
        let keep = Retention {
            oldest_kept: UtcTime(clock::utc().0.saturating_sub(i64::from(self.days_max) * limits::DAY_MS)),
            acknowledged: self.acknowledged().await?,
            bytes_wanted: part(limits::JOURNAL_WANTED_PERCENT),
            bytes_max: part(limits::JOURNAL_MOST_PERCENT),
        };
        for _ in 0..limits::ROOM_TURNS_MAX {
            let found = self.store.find_room(keep).await?;
            if found.until == 0 {
                break;
            }
            if let Some(unsent) = found.unsent {
                let Some(unsent) = self.with_what_went_before(unsent).await? else { break };
                tracing::error!(
                    event = "journal_unsent_rows_deleted",
                    first = unsent.first,
                    last = unsent.last,
                    "the journal is full: rows go that an uplink has not got; bring the uplink back or give the journal more room"
                );
                self.store.commit(Batch { rows: vec![gap(unsent)], saved: Vec::new() }).await?;
            }
            let rows = self.store.delete(found.until).await?;
            tracing::info!(event = "journal_made_room", rows, until = found.until);
        }
        Ok(())
    }

    /// Among rows that an uplink has not got may be those that say which ones went before: what they say is said again. `None`
    /// where there is nothing else, because no room is made by a row that says what went for another.
    async fn with_what_went_before(&self, unsent: Unsent) -> Result<Option<Unsent>, StoreError> {
        let rows = self.store.read(unsent.first.saturating_sub(1), unsent.last, limits::ROOM_ROWS_MAX).await?;
        let before: Vec<Unsent> = rows.iter().filter_map(said_in).collect();
        let all = before.iter().fold(unsent, |all, gone| Unsent {
            first: all.first.min(gone.first),
            from: all.from.min(gone.from),
            ..all
        });
        Ok((before.len() < rows.len()).then_some(all))
    }

    /// The row up to which every uplink has every row; the newest where there is no uplink.
    async fn acknowledged(&self) -> Result<u64, StoreError> {
        let mut acknowledged = *self.store.head().borrow();
        let uplinks = self.uplinks.borrow().clone();
        for uplink in uplinks {
            let saved = self.store.cursor(uplink.as_str()).await?;
            // One that has sent nothing, or whose cursor cannot be read, needs every row.
            let cursor = saved.and_then(|text| Cursor::read(&text).ok()).unwrap_or_default();
            acknowledged = acknowledged.min(cursor.acknowledged(acknowledged));
            // A row that was refused is passed by the cursor and is still to go up.
            let parked = self.store.parked(uplink.as_str(), 0, 1).await?;
            acknowledged = parked.first().map_or(acknowledged, |row| acknowledged.min(row.seq - 1));
        }
        Ok(acknowledged)
    }
}

const JOURNAL: &str = "journal";

fn gap(unsent: Unsent) -> Row {
    let Unsent { first, last, from, until } = unsent;
    let reason =
        format!("rows {first} to {last} of the journal were deleted before every uplink had them, because it was full");
    let gap = GapRecord { source: SourceId::from(JOURNAL), from, until, reason, filled: None };
    journal::row(&Record::Gap(gap), clock::utc())
}

/// The rows of which such a gap tells.
fn said_in(row: &JournalRow) -> Option<Unsent> {
    let gap: GapRecord = (row.kind == "gap").then(|| serde_json::from_str(&row.body).ok())??;
    let (first, rest) =
        gap.reason.strip_prefix("rows ").filter(|_| gap.source.as_str() == JOURNAL)?.split_once(" to ")?;
    let (last, _) = rest.split_once(' ')?;
    Some(Unsent { first: first.parse().ok()?, last: last.parse().ok()?, from: gap.from, until: gap.until })
}

#[cfg(test)]
mod tests;
