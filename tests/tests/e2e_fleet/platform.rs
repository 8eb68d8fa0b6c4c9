//! What stands behind the broker: a group of the reference consumer, or a subscriber that only counts.

use crate::bare::{Bare, Times, number};
use acceptance::{
    consumer::{Database, Gap, How, Member},
    figures, waiting,
};
use anyhow::{Context as _, Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

pub(crate) enum Platform {
    Bare(Bare),
    Group { members: Vec<Member>, database: Database, folder: PathBuf },
}

impl Platform {
    /// So many members; none for the one that only counts.
    pub(crate) async fn start(folder: &Path, port: u16, members: usize) -> Result<Self> {
        if members == 0 {
            return Ok(Self::Bare(Bare::start(port)?));
        }
        let database = Database::create(folder).await?;
        let mut group = Vec::new();
        for number in 1..=members {
            group.push(
                Member::start(
                    &format!("consumer-{number}"),
                    port,
                    &database,
                    How { presence: number == 1, timed: true, topic: None },
                )
                .await?,
            );
        }
        Ok(Self::Group { members: group, database, folder: folder.to_owned() })
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Self::Bare(_) => "bare subscriber".to_owned(),
            Self::Group { members, .. } => members.len().to_string(),
        }
    }

    /// Waits until so many rows are there.
    pub(crate) async fn has(&self, rows: u64, limit: Duration) -> Result<()> {
        let there = async || Ok(self.rows()? >= rows);
        waiting::until_true(&format!("{rows} rows are at the platform"), limit, there).await
    }

    pub(crate) fn rows(&self) -> Result<u64> {
        match self {
            Self::Bare(bare) => Ok(bare.rows() as u64),
            Self::Group { database, .. } => database.number("SELECT count(*) FROM event"),
        }
    }

    /// The broker was started again: waits until everybody listens.
    pub(crate) async fn subscribed_again(&mut self) -> Result<()> {
        if let Self::Group { members, .. } = self {
            for member in members {
                member.subscribed().await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn signal(&self, signal: &str) -> Result<()> {
        if let Self::Group { members, .. } = self {
            for member in members {
                member.signal(signal).await?;
            }
        }
        Ok(())
    }

    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        match self {
            Self::Bare(bare) => bare.cpu_seconds(),
            Self::Group { members, .. } => members.iter().map(|member| figures::cpu_seconds(member.id()?)).sum(),
        }
    }

    pub(crate) fn resident_kib(&self) -> Result<u64> {
        match self {
            Self::Bare(_) => Ok(0),
            Self::Group { members, .. } => members.iter().map(|member| figures::peak_kib(member.id()?)).sum(),
        }
    }

    /// When each row came first, to the one that only counts, or into the database; and how many came in all.
    pub(crate) fn times(&self) -> Result<(Times, u64)> {
        match self {
            Self::Bare(bare) => Ok((bare.times(), bare.messages())),
            Self::Group { folder, members, .. } => {
                let (mut times, mut all) = (Times::new(), 0);
                for number in 1..=members.len() {
                    let path = folder.join(format!("consumer-{number}.times"));
                    all += committed(&fs::read_to_string(path).context("read when rows were committed")?, &mut times)?;
                }
                Ok((times, all))
            }
        }
    }

    /// What `gaps.py` finds.
    pub(crate) async fn gaps(&self) -> Result<Vec<Gap>> {
        match self {
            Self::Bare(_) => Ok(Vec::new()),
            Self::Group { database, .. } => database.gaps(&["--grace", "0", "--quiet", "0"]).await,
        }
    }

    /// Whether the newest row of each gateway is there.
    pub(crate) fn has_newest(&self, heads: &[u64]) -> Result<bool> {
        let Self::Group { database, .. } = self else { return Ok(true) };
        let newest: Vec<i64> = database.column("SELECT max(seq) FROM event GROUP BY gateway ORDER BY gateway")?;
        Ok(newest.into_iter().eq(heads.iter().map(|head| head.cast_signed())))
    }

    /// Every row up to each gateway's newest is there, once.
    pub(crate) async fn is_whole(&self, heads: &[u64]) -> Result<()> {
        let expected: u64 = heads.iter().sum();
        ensure!(self.has_newest(heads)?, "the newest row of each gateway is there");
        ensure!(self.rows()? == expected, "{} rows of {expected}", self.rows()?);
        assert_eq!(self.gaps().await?, []);
        Ok(())
    }

    /// Stops everybody in order.
    pub(crate) async fn end(self) -> Result<()> {
        if let Self::Group { members, .. } = self {
            for member in members {
                member.stop().await?;
            }
        }
        Ok(())
    }
}

/// Reads what a timed consumer has written down; gives the rows in it, repeated ones among them.
fn committed(text: &str, times: &mut Times) -> Result<u64> {
    let mut all = 0;
    for line in text.lines() {
        let mut words = line.split(' ');
        let at: i64 = words.next().and_then(|at| at.parse().ok()).context("a line begins with its time")?;
        for word in words {
            let (gateway, seq) = word.split_once('/').context("gateway/seq")?;
            let first = times.entry((number(gateway).context("a gateway")?, seq.parse()?)).or_insert(at);
            *first = at.min(*first);
            all += 1;
        }
    }
    Ok(all)
}
