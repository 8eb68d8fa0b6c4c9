//! The newest row that anybody was told of, in a file beside the journal: `davy.newest`. A journal that ends before it has lost
//! rows (its log was deleted, cut or damaged, or an older copy was put in its place), and to go on with it would give their
//! ids to other rows.
//!
//! The file is written after each commit and never synced: a power cut may leave it behind the journal, which does no harm, and
//! never before it. It holds one line twice, so that a damaged one is known and taken for none.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::FileExt as _,
    path::Path,
};

/// A place in the journal of an epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Promised {
    pub(crate) epoch: u32,
    pub(crate) seq: u64,
}

/// The file, open for writing.
#[derive(Debug)]
pub(crate) struct Newest(File);

impl Newest {
    /// Opens it, and gives what it says; the default where there is none or it cannot be read.
    pub(crate) fn open(directory: &Path) -> io::Result<(Self, Promised)> {
        let path = directory.join("davy.newest");
        let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)?;
        let mut line = [0; 2 * LINE];
        let promised = file.read_exact_at(&mut line, 0).ok().and_then(|()| read(&line));
        Ok((Self(file), promised.unwrap_or_default()))
    }

    /// Writes it down. Where that fails nothing else does: only a deleted log would go unnoticed then.
    pub(crate) fn tell(&self, promised: Promised) {
        if let Err(error) = self.0.write_all_at(text(promised).repeat(2).as_bytes(), 0) {
            tracing::debug!(%error, "the newest row cannot be remembered beside the journal");
        }
    }
}

/// Digits of an epoch and of a place, the space and the line's end.
const LINE: usize = 10 + 1 + 20 + 1;

fn text(Promised { epoch, seq }: Promised) -> String {
    format!("{epoch:010} {seq:020}\n")
}

fn read(lines: &[u8]) -> Option<Promised> {
    let (one, other) = lines.split_at(LINE);
    let (epoch, seq) = std::str::from_utf8(one).ok().filter(|_| one == other)?.trim_end().split_once(' ')?;
    Some(Promised { epoch: epoch.parse().ok()?, seq: seq.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_is_read_and_what_is_damaged_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let (newest, before) = Newest::open(directory.path()).unwrap();
        assert_eq!(before, Promised::default());
        let promised = Promised { epoch: 7, seq: u64::MAX };
        newest.tell(Promised { epoch: 6, seq: 1 });
        newest.tell(promised);
        assert_eq!(Newest::open(directory.path()).unwrap().1, promised);
        newest.0.write_all_at(b"8", 9).unwrap();
        assert_eq!(Newest::open(directory.path()).unwrap().1, Promised::default());
    }
}
