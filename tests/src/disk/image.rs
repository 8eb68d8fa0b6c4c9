//! Files and folders twice: as programs see them, and as they are on the disk with what has not been synced yet.
//!
//! As strict as POSIX allows: syncing a file makes its content durable but not its name, which takes a sync of its folder.
//! Names change in order, as with every file system that keeps a log of them.

use super::changes::{Change, Naming, Survival};
use fuser::{Errno, FileAttr, FileType, INodeNo};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    time::SystemTime,
};

/// The root's number, by the protocol of FUSE.
pub(super) const ROOT: u64 = 1;

/// The size of a block, as programs are told.
pub(super) const BLOCK: u32 = 4_096;

/// All files.
#[derive(Clone)]
pub(super) struct Image {
    nodes: BTreeMap<u64, Node>,
    used: u64,
}

#[derive(Clone)]
pub(super) enum Node {
    File(File),
    Folder(Folder),
}

#[derive(Clone, Default)]
pub(super) struct File {
    pub(super) now: Vec<u8>,
    disk: Vec<u8>,
    unsynced: Vec<Change>,
}

#[derive(Clone, Default)]
pub(super) struct Folder {
    pub(super) now: BTreeMap<OsString, u64>,
    disk: BTreeMap<OsString, u64>,
    unsynced: Vec<Naming>,
}

impl Default for Image {
    fn default() -> Self {
        Self { nodes: BTreeMap::from([(ROOT, Node::Folder(Folder::default()))]), used: 0 }
    }
}

impl Image {
    pub(super) fn used(&self) -> u64 {
        self.used
    }

    pub(super) fn node(&self, number: u64) -> Result<&Node, Errno> {
        self.nodes.get(&number).ok_or(Errno::ENOENT)
    }

    pub(super) fn file(&self, number: u64) -> Result<&File, Errno> {
        match self.node(number)? {
            Node::File(file) => Ok(file),
            Node::Folder(_) => Err(Errno::EISDIR),
        }
    }

    pub(super) fn folder(&self, number: u64) -> Result<&Folder, Errno> {
        match self.node(number)? {
            Node::Folder(folder) => Ok(folder),
            Node::File(_) => Err(Errno::ENOTDIR),
        }
    }

    /// Neither owners nor times matter here.
    pub(super) fn attributes(&self, number: u64) -> Result<FileAttr, Errno> {
        let (kind, size, perm) = match self.node(number)? {
            Node::File(file) => (FileType::RegularFile, file.now.len() as u64, 0o600),
            Node::Folder(_) => (FileType::Directory, 0, 0o700),
        };
        let never = SystemTime::UNIX_EPOCH;
        Ok(FileAttr {
            ino: INodeNo(number),
            size,
            blocks: size.div_ceil(512),
            atime: never,
            mtime: never,
            ctime: never,
            crtime: never,
            kind,
            perm,
            nlink: 1,
            uid: 0,
            gid: 0,
            rdev: 0,
            blksize: BLOCK,
            flags: 0,
        })
    }

    fn file_mut(&mut self, number: u64) -> Result<&mut File, Errno> {
        match self.nodes.get_mut(&number) {
            Some(Node::File(file)) => Ok(file),
            Some(Node::Folder(_)) => Err(Errno::EISDIR),
            None => Err(Errno::ENOENT),
        }
    }

    fn folder_mut(&mut self, number: u64) -> Result<&mut Folder, Errno> {
        match self.nodes.get_mut(&number) {
            Some(Node::Folder(folder)) => Ok(folder),
            Some(Node::File(_)) => Err(Errno::ENOTDIR),
            None => Err(Errno::ENOENT),
        }
    }

    pub(super) fn find(&self, folder: u64, name: &OsStr) -> Result<u64, Errno> {
        self.folder(folder)?.now.get(name).copied().ok_or(Errno::ENOENT)
    }

    /// A name of it; a file may have lost its name while somebody has it open.
    pub(super) fn name_of(&self, number: u64) -> Option<OsString> {
        let folders = self.nodes.values().filter_map(|node| match node {
            Node::Folder(folder) => Some(&folder.now),
            Node::File(_) => None,
        });
        folders.flatten().find(|(_, found)| **found == number).map(|(name, _)| name.clone())
    }

    /// Makes an empty file or folder.
    pub(super) fn make(&mut self, folder: u64, name: &OsStr, node: Node) -> Result<u64, Errno> {
        if self.find(folder, name).is_ok() {
            return Err(Errno::EEXIST);
        }
        let number = self.nodes.keys().next_back().map_or(ROOT, |last| last + 1);
        self.folder_mut(folder)?.change(Naming::Add(name.to_owned(), number));
        self.nodes.insert(number, node);
        Ok(number)
    }

    /// Takes a name away. Whoever has the file open goes on with it.
    pub(super) fn remove(&mut self, folder: u64, name: &OsStr) -> Result<(), Errno> {
        let number = self.find(folder, name)?;
        if self.folder(number).is_ok_and(|folder| !folder.now.is_empty()) {
            return Err(Errno::ENOTEMPTY);
        }
        self.forget(number);
        self.folder_mut(folder)?.change(Naming::Remove(name.to_owned()));
        Ok(())
    }

    pub(super) fn rename(&mut self, folder: u64, from: &OsStr, to: &OsStr) -> Result<(), Errno> {
        self.find(folder, from)?;
        if let Ok(replaced) = self.find(folder, to) {
            self.forget(replaced);
        }
        self.folder_mut(folder)?.change(Naming::Move(from.to_owned(), to.to_owned()));
        Ok(())
    }

    /// Its bytes are free again.
    fn forget(&mut self, number: u64) {
        let bytes = self.file(number).map_or(0, |file| file.now.len() as u64);
        self.used = self.used.saturating_sub(bytes);
    }

    pub(super) fn write(&mut self, number: u64, offset: usize, bytes: &[u8]) -> Result<(), Errno> {
        self.change(number, Change::Write { offset, bytes: bytes.to_owned() })
    }

    pub(super) fn resize(&mut self, number: u64, size: usize) -> Result<(), Errno> {
        self.change(number, Change::Resize(size))
    }

    fn change(&mut self, number: u64, change: Change) -> Result<(), Errno> {
        let file = self.file_mut(number)?;
        let before = file.now.len() as u64;
        change.apply(&mut file.now);
        let after = file.now.len() as u64;
        file.unsynced.push(change);
        self.used = (self.used + after).saturating_sub(before);
        Ok(())
    }

    /// A file's content, or a folder's names, become durable.
    pub(super) fn sync(&mut self, number: u64) -> Result<(), Errno> {
        match self.nodes.get_mut(&number).ok_or(Errno::ENOENT)? {
            Node::File(file) => {
                std::mem::take(&mut file.unsynced).into_iter().for_each(|change| change.apply(&mut file.disk));
            }
            Node::Folder(folder) => {
                folder.unsynced.clear();
                folder.disk.clone_from(&folder.now);
            }
        }
        Ok(())
    }

    /// What has not been synced will never reach the disk.
    pub(super) fn never_sync(&mut self, number: u64) -> Result<(), Errno> {
        match self.nodes.get_mut(&number).ok_or(Errno::ENOENT)? {
            Node::File(file) => file.unsynced.clear(),
            Node::Folder(folder) => folder.unsynced.clear(),
        }
        Ok(())
    }

    pub(super) fn settle(&mut self) {
        let numbers: Vec<u64> = self.nodes.keys().copied().collect();
        for number in numbers {
            let _ = self.sync(number);
        }
    }

    /// What the power cut leaves.
    pub(super) fn after_power_cut(&self, survival: Survival) -> Self {
        let mut random = StdRng::seed_from_u64(survival.seed);
        let mut left = Self { nodes: BTreeMap::new(), used: 0 };
        let mut waiting = vec![ROOT];
        while let Some(number) = waiting.pop() {
            let node = match self.nodes.get(&number) {
                Some(Node::File(file)) => Node::File(file.after_power_cut(survival, &mut random)),
                Some(Node::Folder(folder)) => {
                    let folder = folder.after_power_cut(survival, &mut random);
                    waiting.extend(folder.now.values());
                    Node::Folder(folder)
                }
                None => continue,
            };
            if let Node::File(file) = &node {
                left.used += file.now.len() as u64;
            }
            left.nodes.insert(number, node);
        }
        left
    }

    /// A file's content by its name in the root, empty where there is none.
    pub(super) fn content(&self, name: &OsStr) -> &[u8] {
        self.find(ROOT, name).and_then(|number| self.file(number)).map_or(&[], |file| &file.now)
    }
}

impl File {
    fn after_power_cut(&self, survival: Survival, random: &mut StdRng) -> Self {
        let mut disk = self.disk.clone();
        // Often a whole file has been spared or not touched at all, whatever befell the others.
        let percent = [0, survival.percent, survival.percent, 100][random.random_range(0..4)];
        for change in &self.unsynced {
            change.survive(&mut disk, Survival { percent, ..survival }, random);
        }
        Self { now: disk.clone(), disk, unsynced: Vec::new() }
    }
}

impl Folder {
    fn change(&mut self, naming: Naming) {
        naming.apply(&mut self.now);
        self.unsynced.push(naming);
    }

    fn after_power_cut(&self, survival: Survival, random: &mut StdRng) -> Self {
        let mut disk = self.disk.clone();
        let kept = match survival.percent {
            0 => 0,
            100 => self.unsynced.len(),
            _ => random.random_range(0..=self.unsynced.len()),
        };
        self.unsynced.iter().take(kept).for_each(|naming| naming.apply(&mut disk));
        Self { now: disk.clone(), disk, unsynced: Vec::new() }
    }
}
