//! A site with two consumers behind its broker, and what there is to see in their tables and at the gateway.

use acceptance::{
    broker::Broker,
    consumer::{Database, Gap, How, Member},
    folder::{self, level_rule},
    site::{self, Site, Size},
    waiting::{self, LONG},
};
use anyhow::{Context as _, Result, anyhow};
use serde_json::Value;
use std::{collections::BTreeMap, ops::Range};

/// The uplink as the site's folder has it.
pub(crate) const AT_FIRST: &str = "enterprise";
/// What shows a hole at once: nobody is waited for.
pub(crate) const AT_ONCE: [&str; 4] = ["--grace", "0", "--quiet", "0"];
/// A hole's stream.
const STREAM: &str = "330100123/gw-1/1";

pub(crate) struct Run {
    pub(crate) site: Site,
    pub(crate) database: Database,
    pub(crate) first: Member,
    pub(crate) second: Member,
    pub(crate) uplink: &'static str,
}

impl Run {
    /// The consumers join when the gateway has sent something already.
    pub(crate) async fn start(size: Size) -> Result<Self> {
        let site = Site::start("consumer", size).await?;
        site.drained().await?;
        let database = Database::create(&site.folder).await?;
        let first =
            Member::start("consumer-1", site.enterprise.port, &database, How { presence: true, ..How::default() })
                .await?;
        let second = Member::start("consumer-2", site.enterprise.port, &database, How::default()).await?;
        Ok(Self { site, database, first, second, uplink: AT_FIRST })
    }

    pub(crate) async fn cross(&mut self, numbers: Range<usize>) -> Result<()> {
        for number in numbers {
            self.site.opcua.write(&folder::level(number), level_rule(number).1).await?;
            site::write_gas(&mut self.site.modbus, number, 40.0).await?;
        }
        Ok(())
    }

    pub(crate) async fn arrived(&self, number: usize) -> Result<()> {
        let rule = level_rule(number).0;
        let sql = format!("SELECT count(*) FROM object WHERE kind = 'alarm' AND data ->> 'rule' = '{rule}'");
        let there = async || Ok(self.database.number(&sql)? > 0);
        waiting::until_true(&format!("the alarm of {rule} is in the tables"), LONG, there).await
    }

    pub(crate) async fn has_until(&self, seq: u64) -> Result<()> {
        let there = async || Ok(self.database.number("SELECT count(*) FROM event")? >= seq);
        waiting::until_true(&format!("{seq} rows are in the tables"), LONG, there).await
    }

    pub(crate) async fn drained(&self) -> Result<()> {
        let drained = async || {
            let uplink = self.site.gateway.api.find("uplinks", "uplink", self.uplink).await?;
            Ok(uplink["up"] == true && uplink["backlog"] == 0)
        };
        waiting::until_true("the journal is acknowledged", LONG, drained).await
    }

    pub(crate) async fn settled(&self) -> Result<()> {
        self.settled_but(0).await
    }

    /// Waits until the tables have the journal, save so many rows.
    pub(crate) async fn settled_but(&self, missing: usize) -> Result<()> {
        let same = async || {
            let journal = self.site.gateway.api.list("journal").await?.len() - missing;
            Ok(self.database.number("SELECT count(*) FROM event")? == journal as u64)
        };
        waiting::until_true("the tables have the whole journal", LONG, same).await
    }

    /// Waits until `gaps.py` names what the gateway's journal has and the tables do not, no more and no less.
    pub(crate) async fn names_what_is_missing(&self) -> Result<Vec<Gap>> {
        let named = async || {
            let (missing, named) = (self.missing().await?, self.database.gaps(&AT_ONCE).await?);
            if named == missing { Ok(named) } else { Err(anyhow!("{missing:?} are missing and {named:?} are named")) }
        };
        waiting::until("gaps.py names what is missing", LONG, async || named().await.map(Some)).await
    }

    /// The gaps that there are, by the gateway's journal, up to the newest row of the tables.
    pub(crate) async fn missing(&self) -> Result<Vec<Gap>> {
        let here: Vec<i64> = self.database.column("SELECT seq FROM event ORDER BY seq")?;
        let here: Vec<u64> = here.into_iter().map(i64::cast_unsigned).collect();
        let newest = here.last().copied().unwrap_or_default();
        let journal = self.site.gateway.api.list("journal").await?;
        let absent = journal.iter().filter_map(|row| row["seq"].as_u64());
        let absent = absent.filter(|seq| *seq <= newest && here.binary_search(seq).is_err());
        let mut gaps: Vec<Gap> = Vec::new();
        for seq in absent {
            match gaps.last_mut().filter(|gap| gap.last + 1 == seq) {
                Some(gap) => gap.last = seq,
                None => gaps.push(missing(seq, seq)),
            }
        }
        Ok(gaps)
    }

    pub(crate) fn contents(&self) -> Result<(Vec<String>, Vec<String>)> {
        let events =
            "SELECT epoch || ' ' || seq || ' ' || lane || ' ' || received || ' ' || data FROM event ORDER BY seq";
        let objects = "SELECT kind || ' ' || subject || ' ' || seq || ' ' || data FROM object ORDER BY kind, subject";
        Ok((self.database.column(events)?, self.database.column(objects)?))
    }
}

pub(crate) fn missing(first: u64, last: u64) -> Gap {
    Gap { stream: STREAM.to_owned(), first, last, state: "missing".to_owned() }
}

pub(crate) fn by_id(records: Vec<Value>, id: &str) -> BTreeMap<String, Value> {
    records.into_iter().map(|record| (record[id].as_str().unwrap_or_default().to_owned(), record)).collect()
}

pub(crate) fn acknowledged(verdict: &Value, uplink: &str) -> Result<u64> {
    let cursor = verdict["cursors"][uplink].as_str().context("davy verify names the uplink's cursor")?;
    let cursor = davy_uplink::Cursor::read(cursor).map_err(anyhow::Error::msg)?;
    Ok(cursor.live.max(cursor.backfill))
}

pub(crate) async fn restart_without_memory(broker: &mut Broker) -> Result<()> {
    broker.stop().await?;
    broker.forget()?;
    broker.start_again().await
}
