//! The disk as the kernel sees it. Only one thread serves it, so operations have an order.

use super::{
    image::{BLOCK, File, Folder, Node, ROOT},
    server::{Shared, State},
};
use fuser::{
    Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo, LockOwner, OpenFlags,
    RenameFlags, ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyOpen, ReplyStatfs,
    ReplyWrite, Request, TimeOrNow, WriteFlags,
};
use std::{
    ffi::OsStr,
    thread,
    time::{Duration, SystemTime},
};

/// The kernel may remember: nobody changes names or sizes but through it.
const REMEMBERED: Duration = Duration::from_secs(3_600);

/// What a disk without a capacity says it has.
const PLENTY: u64 = 1 << 40;

pub(super) struct Kernel {
    pub(super) shared: Shared,
}

impl Kernel {
    /// Something that changes the disk, unless it may not.
    fn change<T>(&self, action: impl FnOnce(&mut State) -> Result<T, Errno>) -> Result<T, Errno> {
        let mut state = self.shared.state();
        state.operation();
        state.faults.may_change()?;
        action(&mut state)
    }

    fn make(&self, parent: INodeNo, name: &OsStr, node: Node) -> Result<FileAttr, Errno> {
        self.change(|state| {
            state.faults.may_grow(state.image.used(), 1)?;
            let number = state.image.make(parent.0, name, node)?;
            state.image.attributes(number)
        })
    }

    fn remove(&self, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        answer(self.change(|state| state.image.remove(parent.0, name)), reply);
    }

    /// At once, or on a thread of its own where it takes its time, so that the rest goes on.
    fn sync(&self, number: u64, reply: ReplyEmpty) {
        let slow = {
            let mut state = self.shared.state();
            state.operation();
            state.syncs += 1;
            !state.faults.sync_takes.is_zero()
        };
        let shared = self.shared.clone();
        let sync = move || {
            let mut state = shared.state();
            let faults = &state.faults;
            let result = match (faults.sync_fails, faults.sync_lies || faults.read_only) {
                (true, _) => state.image.never_sync(number).and(Err(Errno::EIO)),
                (false, true) => Ok(()),
                (false, false) => state.image.sync(number),
            };
            drop(state);
            answer(result, reply);
        };
        if !slow {
            return sync();
        }
        let shared = self.shared.clone();
        thread::spawn(move || {
            shared.wait_for_sync();
            sync();
        });
    }
}

fn answer(result: Result<(), Errno>, reply: ReplyEmpty) {
    match result {
        Ok(()) => reply.ok(),
        Err(error) => reply.error(error),
    }
}

fn entry(result: Result<FileAttr, Errno>, reply: ReplyEntry) {
    match result {
        Ok(attributes) => reply.entry(&REMEMBERED, &attributes, Generation(0)),
        Err(error) => reply.error(error),
    }
}

/// Around the kernel's cache, so that every read and write comes here; save for what SQLite maps into memory.
fn direct(name: &OsStr) -> FopenFlags {
    if name.to_string_lossy().ends_with("-shm") { FopenFlags::empty() } else { FopenFlags::FOPEN_DIRECT_IO }
}

impl Filesystem for Kernel {
    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let state = self.shared.state();
        entry(state.image.find(parent.0, name).and_then(|number| state.image.attributes(number)), reply);
    }

    fn getattr(&self, _: &Request, number: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        match self.shared.state().image.attributes(number.0) {
            Ok(attributes) => reply.attr(&REMEMBERED, &attributes),
            Err(error) => reply.error(error),
        }
    }

    fn setattr(
        &self,
        _: &Request,
        number: INodeNo,
        _: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        size: Option<u64>,
        _: Option<TimeOrNow>,
        _: Option<TimeOrNow>,
        _: Option<SystemTime>,
        _: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<fuser::BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let result = self.change(|state| {
            if let Some(size) = size {
                let now = state.image.file(number.0)?.now.len() as u64;
                state.faults.may_grow(state.image.used(), size.saturating_sub(now))?;
                state.image.resize(number.0, usize::try_from(size).map_err(|_| Errno::EFBIG)?)?;
            }
            state.image.attributes(number.0)
        });
        match result {
            Ok(attributes) => reply.attr(&REMEMBERED, &attributes),
            Err(error) => reply.error(error),
        }
    }

    fn mkdir(&self, _: &Request, parent: INodeNo, name: &OsStr, _: u32, _: u32, reply: ReplyEntry) {
        entry(self.make(parent, name, Node::Folder(Folder::default())), reply);
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        self.remove(parent, name, reply);
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        self.remove(parent, name, reply);
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        new_parent: INodeNo,
        new_name: &OsStr,
        _: RenameFlags,
        reply: ReplyEmpty,
    ) {
        let result = self.change(|state| {
            if parent != new_parent {
                return Err(Errno::EXDEV);
            }
            if state.faults.rename_fails {
                return Err(Errno::EIO);
            }
            state.image.rename(parent.0, name, new_name)
        });
        answer(result, reply);
    }

    fn open(&self, _: &Request, number: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        let flags =
            self.shared.state().image.name_of(number.0).map_or(FopenFlags::FOPEN_DIRECT_IO, |name| direct(&name));
        reply.opened(FileHandle(0), flags);
    }

    fn create(&self, _: &Request, parent: INodeNo, name: &OsStr, _: u32, _: u32, _: i32, reply: ReplyCreate) {
        match self.make(parent, name, Node::File(File::default())) {
            Ok(made) => reply.created(&REMEMBERED, &made, Generation(0), FileHandle(0), direct(name)),
            Err(error) => reply.error(error),
        }
    }

    fn read(
        &self,
        _: &Request,
        number: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let state = self.shared.state();
        match state.image.file(number.0) {
            Ok(_) if state.faults.read_fails => reply.error(Errno::EIO),
            Ok(file) => {
                let end = file.now.len();
                let from = usize::try_from(offset).unwrap_or(end).min(end);
                reply.data(&file.now[from..end.min(from + size as usize)]);
            }
            Err(error) => reply.error(error),
        }
    }

    fn write(
        &self,
        _: &Request,
        number: INodeNo,
        _: FileHandle,
        offset: u64,
        bytes: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let written = self.change(|state| {
            if state.faults.write_fails {
                return Err(Errno::EIO);
            }
            let now = state.image.file(number.0)?.now.len() as u64;
            state.faults.may_grow(state.image.used(), (offset + bytes.len() as u64).saturating_sub(now))?;
            state.image.write(number.0, usize::try_from(offset).map_err(|_| Errno::EFBIG)?, bytes)?;
            u32::try_from(bytes.len()).map_err(|_| Errno::EINVAL)
        });
        match written {
            Ok(size) => reply.written(size),
            Err(error) => reply.error(error),
        }
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn fsync(&self, _: &Request, number: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        self.sync(number.0, reply);
    }

    fn fsyncdir(&self, _: &Request, number: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        self.sync(number.0, reply);
    }

    fn readdir(&self, _: &Request, number: INodeNo, _: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        let state = self.shared.state();
        let folder = match state.image.folder(number.0) {
            Ok(folder) => folder,
            Err(error) => return reply.error(error),
        };
        let dots = [(OsStr::new("."), number.0), (OsStr::new(".."), ROOT)];
        let names = folder.now.iter().map(|(name, number)| (name.as_os_str(), *number));
        for (place, (name, number)) in (1..).zip(dots.into_iter().chain(names)).skip(offset as usize) {
            let kind = if state.image.folder(number).is_ok() { FileType::Directory } else { FileType::RegularFile };
            if reply.add(INodeNo(number), place, kind, name) {
                break;
            }
        }
        reply.ok();
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        let state = self.shared.state();
        let all = state.faults.capacity.unwrap_or(PLENTY);
        let (blocks, free) = (all / u64::from(BLOCK), all.saturating_sub(state.image.used()) / u64::from(BLOCK));
        reply.statfs(blocks, free, free, 1 << 20, 1 << 20, BLOCK, 255, BLOCK);
    }
}
