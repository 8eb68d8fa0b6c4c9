//! What was found when loops were checked: one small file of the data folder, written whole or not at all.

use super::{
    loops::{self, Loop},
    print,
};
use crate::{clock, configuration::Shared, limits};
use anyhow::{Context as _, bail, ensure};
use davy_api::{LoopCheck, LoopRow, LoopSheet, SheetFormat};
use davy_core::snapshot::Snapshot;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

/// Its name in the data folder.
pub(crate) const FILE: &str = "loop-check.json";

type Checks = BTreeMap<String, LoopCheck>;

/// The sheet of the configuration in force.
pub(crate) struct Sheet {
    in_force: Shared,
    path: PathBuf,
}

impl Sheet {
    pub(crate) fn new(in_force: Shared, data: &Path) -> Self {
        Self { in_force, path: data.join(FILE) }
    }

    fn loops(&self) -> anyhow::Result<Vec<Loop>> {
        let mut checks = read(&self.path)?;
        let in_force = self.in_force.now();
        let mut loops = loops::of(&in_force.site, &in_force.files)?;
        loops.iter_mut().for_each(|row| row.check = checks.remove(&row.tag));
        Ok(loops)
    }

    fn put(&self, tag: &str, check: LoopCheck) -> anyhow::Result<()> {
        let mut checks = read(&self.path)?;
        checks.insert(tag.to_owned(), check);
        let in_force = self.in_force.now();
        let tags: BTreeSet<&str> = in_force.site.tags.iter().map(|tag| tag.id.as_str()).collect();
        make_room(&mut checks, limits::LOOPS_KEPT_MAX, |tag| tags.contains(tag));
        write(&self.path, &checks)
    }

    fn print(&self, format: SheetFormat, values: &Snapshot) -> anyhow::Result<String> {
        let mut loops = self.loops()?;
        let now: BTreeMap<String, _> = values.tags.iter().map(|tag| (tag.tag.to_string(), tag)).collect();
        for row in &mut loops {
            if let Some(tag) = now.get(&row.tag) {
                (row.value, row.quality) = (tag.value, Some(tag.quality));
            }
        }
        Ok(match format {
            SheetFormat::Csv => print::csv(&loops),
            SheetFormat::Html => print::html(&self.in_force.now().site.gateway, &loops, Some(clock::utc())),
        })
    }
}

impl LoopSheet for Sheet {
    fn rows(&self) -> Result<Vec<LoopRow>, String> {
        let loops = self.loops().map_err(|error| format!("{error:#}"))?;
        let row = |row: Loop| LoopRow {
            tag: row.tag,
            name: row.name,
            source: row.source,
            address: row.address,
            engineering_unit: row.engineering_unit,
            range: row.range,
            limits: row.limits,
            check: row.check,
        };
        Ok(loops.into_iter().map(row).collect())
    }

    fn keep(&self, tag: &str, check: LoopCheck) -> Result<(), String> {
        self.put(tag, check).map_err(|error| format!("{error:#}"))
    }

    fn file(&self, format: SheetFormat, values: &Snapshot) -> Result<String, String> {
        self.print(format, values).map_err(|error| format!("{error:#}"))
    }
}

fn read(path: &Path) -> anyhow::Result<Checks> {
    let bytes = match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Checks::new()),
        Err(error) => return Err(error).with_context(|| format!("look at {}", path.display())),
        Ok(about) => about.len(),
    };
    ensure!(
        bytes <= limits::LOOP_SHEET_BYTES_MAX,
        "{} has {bytes} bytes, more than davy writes; move it away or put it back from a backup",
        path.display()
    );
    let text = fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    serde_json::from_str(&text)
        .with_context(|| format!("{} is no sheet of davy's; move it away or put it back from a backup", path.display()))
}

fn write(path: &Path, checks: &Checks) -> anyhow::Result<()> {
    let text = serde_json::to_string(checks).context("write the sheet of the loop check")?;
    if text.len() as u64 > limits::LOOP_SHEET_BYTES_MAX {
        bail!("{} is full; move it away, with what it holds on paper", path.display());
    }
    let half = path.with_extension("part");
    let put = || {
        let mut file = File::create(&half)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&half, path)?;
        File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    };
    put().with_context(|| format!("write {}: check the free space of the disk", path.display()))
}

/// Beyond the limit those go that are of no tag, the oldest first; a tag in force keeps its check.
fn make_room(checks: &mut Checks, most: usize, is_in_force: impl Fn(&str) -> bool) {
    let Some(over) = checks.len().checked_sub(most).filter(|over| *over > 0) else { return };
    let old = checks.iter().filter(|(tag, _)| !is_in_force(tag));
    let mut old: Vec<(_, String)> = old.map(|(tag, check)| (check.at, tag.clone())).collect();
    old.sort();
    old.into_iter().take(over).for_each(|(_, tag)| drop(checks.remove(&tag)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use davy_api::{LoopPoint, LoopResult};
    use davy_core::time::UtcTime;

    fn check(at: i64) -> LoopCheck {
        let points = vec![LoopPoint { applied: 50.0, read: 49.9 }];
        LoopCheck { result: LoopResult::Pass, points, note: "好".to_owned(), by: "李工".to_owned(), at: UtcTime(at) }
    }

    #[test]
    fn what_was_written_is_read_again_and_a_half_is_in_nobodys_way() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(FILE);
        assert_eq!(read(&path).expect("none yet"), Checks::new());
        fs::write(path.with_extension("part"), "{\"LI").expect("a power cut");
        let checks = Checks::from([("LI-1".to_owned(), check(7))]);
        write(&path, &checks).expect("written");
        assert_eq!(read(&path).expect("read"), checks);
        assert!(!path.with_extension("part").exists());
        fs::write(&path, "{\"LI").expect("damaged by others");
        let refused = read(&path).expect_err("a damaged sheet is no empty one").to_string();
        assert!(refused.contains("put it back from a backup"), "{refused}");
    }

    #[test]
    fn the_oldest_of_tags_that_are_no_more_make_room() {
        let mut checks =
            Checks::from([("A", 3), ("B", 1), ("C", 2), ("D", 0)].map(|(tag, at)| (tag.to_owned(), check(at))));
        make_room(&mut checks, 4, |_| false);
        assert_eq!(checks.len(), 4);
        make_room(&mut checks, 2, |tag| tag == "D");
        assert_eq!(checks.keys().collect::<Vec<_>>(), ["A", "D"]);
        make_room(&mut checks, 0, |_| true);
        assert_eq!(checks.len(), 2, "what is in force stays");
    }
}
