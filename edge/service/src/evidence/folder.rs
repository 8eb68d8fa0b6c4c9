//! The folder `evidence` of the data directory: a file for each warning, as many as there is room for.

use super::seal;
use crate::limits;
use anyhow::Context as _;
use davy_core::record::EvidenceRecord;
use davy_store::{Rows, StoreError};
use std::{
    fs::{self, File},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

/// What there is of a warning.
pub(super) enum Kept {
    /// A file whose hash holds and is the one that the journal names.
    Whole(String),
    /// A file that is not what was kept, or none although one was kept, and why.
    Changed(String),
    /// Nothing was kept, or nothing yet.
    Never,
}

/// The kept file of a warning, when it can be trusted.
pub(super) fn kept(data: &Path, warning: &str) -> anyhow::Result<Kept> {
    let rows = Rows::open(data).with_context(|| format!("open the journal in {}", data.display()))?;
    let Some((sequence, record)) = journaled(&rows, warning)? else { return Ok(Kept::Never) };
    let path = path(data, warning);
    // Into the document goes the name alone: where it lies here is for the log.
    let changed = |why: &str| {
        tracing::warn!(path = %path.display(), why, "the kept evidence of {warning} cannot be given out: it is put together anew");
        let (sha256, name) = (&record.sha256, file_name(warning));
        Kept::Changed(format!(
            "put together anew: row {sequence} of the journal names the hash {sha256}, but {name}.json {why}"
        ))
    };
    Ok(match fs::read_to_string(&path) {
        Ok(text) => match seal::check(&text) {
            Ok(hash) if hash == record.sha256 => Kept::Whole(text),
            Ok(_) => changed("has another hash: it was written anew after it was kept"),
            Err(why) => changed(&format!("cannot be trusted: {why}")),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => changed("is no longer there"),
        Err(error) => changed(&format!("cannot be read: {error}")),
    })
}

/// The last row that names a warning's evidence, and its place.
pub(super) fn journaled(rows: &Rows, warning: &str) -> Result<Option<(u64, EvidenceRecord)>, StoreError> {
    let mut before = u64::MAX;
    loop {
        let page = rows.evidence_between(0, before, limits::EVIDENCE_PAGE_ROWS)?;
        let Some(oldest) = page.last() else { return Ok(None) };
        before = oldest.seq;
        let read =
            page.iter().filter_map(|row| Some((row.seq, serde_json::from_str::<EvidenceRecord>(&row.body).ok()?)));
        if let Some(found) = read.into_iter().find(|(_, record)| record.warning.as_str() == warning) {
            return Ok(Some(found));
        }
    }
}

/// Writes a packet, whole or not at all: it is on the disk when this comes back.
pub(super) fn write(data: &Path, warning: &str, text: &str) -> anyhow::Result<()> {
    let folder = folder(data);
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    let path = path(data, warning);
    let half = path.with_extension("part");
    let put = || {
        let mut file = File::create(&half)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&half, &path)?;
        File::open(&folder)?.sync_all()
    };
    put().with_context(|| format!("write {}: check the free space of the disk", path.display()))?;
    make_room(&folder, &path, limits::EVIDENCE_FILES_MAX, limits::EVIDENCE_BYTES_MAX)
}

/// The oldest packets go beyond the limits, the newest never.
fn make_room(folder: &Path, newest: &Path, files_max: usize, bytes_max: u64) -> anyhow::Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))?;
    let mut packets: Vec<(SystemTime, PathBuf, u64)> = entries
        .filter_map(|entry| {
            let (path, about) = entry.and_then(|entry| Ok((entry.path(), entry.metadata()?))).ok()?;
            let is_packet = path.extension().is_some_and(|extension| extension == "json") && path != newest;
            is_packet.then(|| (about.modified().unwrap_or(SystemTime::UNIX_EPOCH), path, about.len()))
        })
        .collect();
    packets.sort();
    let mut bytes: u64 =
        packets.iter().map(|(.., bytes)| bytes).sum::<u64>() + fs::metadata(newest).map_or(0, |about| about.len());
    let mut files = packets.len() + 1;
    for (_, path, length) in packets {
        if files <= files_max && bytes <= bytes_max {
            break;
        }
        fs::remove_file(&path).with_context(|| format!("remove {} to make room", path.display()))?;
        (files, bytes) = (files - 1, bytes - length);
    }
    Ok(())
}

fn folder(data: &Path) -> PathBuf {
    data.join("evidence")
}

/// The file of a warning.
pub(super) fn path(data: &Path, warning: &str) -> PathBuf {
    folder(data).join(format!("{}.json", file_name(warning)))
}

/// Letters, digits and `. ~ -` stay; whatever else an enterprise has in its ids becomes its code point between underscores, so
/// that two ids never have one name.
fn file_name(id: &str) -> String {
    let safe = |letter: char| letter.is_ascii_alphanumeric() || ".~-".contains(letter);
    id.chars()
        .map(|letter| if safe(letter) { letter.to_string() } else { format!("_{:X}_", u32::from(letter)) })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn ids_become_names_of_files_inside_the_folder() {
        let names = ["RE-0101~1.7", "../../etc~1.1", "储罐/A_B~1.1"].map(file_name);
        assert_eq!(names, ["RE-0101~1.7", ".._2F_.._2F_etc~1.1", "_50A8__7F50__2F_A_5F_B~1.1"]);
    }

    #[test]
    fn the_oldest_make_room_and_the_newest_stays() {
        let data = tempfile::tempdir().unwrap();
        let folder = folder(data.path());
        let left = || {
            let mut names: Vec<_> =
                fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names.join(" ")
        };
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("note.txt"), "somebody's own").unwrap();
        for (age, name) in [(1, "w3"), (3, "w1"), (2, "w2"), (0, "w4")] {
            write(data.path(), name, "0123456789").unwrap();
            let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000 - age);
            File::options().write(true).open(path(data.path(), name)).unwrap().set_modified(time).unwrap();
        }
        let newest = path(data.path(), "w4");
        make_room(&folder, &newest, 4, 1_000).unwrap();
        assert_eq!(left(), "note.txt w1.json w2.json w3.json w4.json");
        make_room(&folder, &newest, 3, 1_000).unwrap();
        assert_eq!(left(), "note.txt w2.json w3.json w4.json");
        make_room(&folder, &newest, 3, 20).unwrap();
        assert_eq!(left(), "note.txt w3.json w4.json");
        make_room(&folder, &newest, 0, 0).unwrap();
        assert_eq!(left(), "note.txt w4.json");
    }
}
