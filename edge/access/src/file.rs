//! `access.json` in the data folder: for its owner alone, replaced whole or not at all, one writer at a time. A gateway and the
//! command line share it. A seal tells whether somebody else has changed it.

use crate::{
    AccessError,
    accounts::{Accounts, Act, Edit, Token, TokenView, User, UserView},
    limits::FILE_BYTES_MAX,
    secret::sha256,
};
use davy_core::{
    event::{Note, NoteAct},
    time::UtcTime,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, chown},
    path::Path,
    time::SystemTime,
};

/// The file, in the data folder.
pub const FILE: &str = "access.json";
const LOCK: &str = "access.lock";
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Sealed {
    format: u32,
    /// SHA-256 of users and tokens.
    seal: String,
    #[serde(flatten)]
    accounts: Accounts,
}

/// Tells one state of the file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    inode: u64,
    bytes: u64,
    changed: Option<SystemTime>,
}

/// Where the file stands; `None` when there is none.
pub(crate) fn stamp(data: &Path) -> Result<Option<Stamp>, AccessError> {
    match fs::metadata(data.join(FILE)) {
        Ok(meta) => Ok(Some(Stamp { inode: meta.ino(), bytes: meta.len(), changed: meta.modified().ok() })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("look at", &data.join(FILE), &error)),
    }
}

/// What is in it. A change by others than davy is among what waits to be told.
pub(crate) fn read(data: &Path, now: UtcTime) -> Result<Accounts, AccessError> {
    let path = data.join(FILE);
    let mut text = String::new();
    match File::open(&path).and_then(|file| file.take(FILE_BYTES_MAX).read_to_string(&mut text)) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Accounts::default()),
        Err(error) => return Err(failed("read", &path, &error)),
    }
    let unreadable = |why: String| {
        AccessError::File(format!(
            "{} cannot be read: {why}; put it back from a backup, or move it away and make the users anew with `davy user add`",
            path.display()
        ))
    };
    let sealed: Sealed = serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
    if sealed.format != FORMAT {
        return Err(unreadable(format!("it is of format {}, and this davy knows {FORMAT}", sealed.format)));
    }
    let Sealed { seal: written, mut accounts, .. } = sealed;
    if written != seal(&accounts.users, &accounts.tokens)? {
        let after = format!("{} users, {} tokens", accounts.users.len(), accounts.tokens.len());
        let note = Note {
            act: NoteAct::EditAccess,
            object: Some(FILE.to_owned()),
            before: None,
            after: Some(after),
            note: "the file was changed by other means than davy".to_owned(),
        };
        accounts.untold.push(Act { at: now, by: crate::failures::UNKNOWN.to_owned(), note });
    }
    Ok(accounts)
}

/// Changes the file, alone; what the change gives comes back once it is on the disk.
pub(crate) fn change<T>(
    data: &Path,
    now: UtcTime,
    change: impl FnOnce(&mut Accounts) -> Result<T, AccessError>,
) -> Result<(T, Accounts), AccessError> {
    let lock = data.join(LOCK);
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&lock);
    let file = file.map_err(|error| failed("open", &lock, &error))?;
    belong(&lock, data).and_then(|()| file.lock()).map_err(|error| failed("lock", &lock, &error))?;
    let mut accounts = read(data, now)?;
    let given = change(&mut accounts)?;
    let sealed = Sealed { format: FORMAT, seal: seal(&accounts.users, &accounts.tokens)?, accounts };
    let text = serde_json::to_string_pretty(&sealed).map_err(|error| AccessError::File(error.to_string()))?;
    write_private(&data.join(FILE), (text + "\n").as_bytes())?;
    Ok((given, sealed.accounts))
}

/// Changes users or tokens at the console; a gateway that runs on the folder, or is started next, puts it on record.
///
/// # Errors
/// When it makes no sense, or the file cannot be read or written.
pub fn edit(data: &Path, edit: &Edit, by: &str, now: UtcTime) -> Result<(), AccessError> {
    change(data, now, |accounts| {
        let act = accounts.edit(edit, by, "", now)?;
        accounts.leave(act)
    })
    .map(drop)
}

/// The users and the tokens of a data folder.
///
/// # Errors
/// When the file cannot be read.
pub fn list(data: &Path, now: UtcTime) -> Result<(Vec<UserView>, Vec<TokenView>), AccessError> {
    read(data, now).map(|accounts| (accounts.user_views(), accounts.token_views()))
}

/// Writes a file that only its owner may read, whole or not at all; it belongs to the owner of the folder, so that a gateway that
/// runs as another user than the console can read it.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), AccessError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let half = folder.join(format!(".{name}.part"));
    let put = || {
        match fs::remove_file(&half) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&half)?;
        belong(&half, folder)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&half, path)?;
        File::open(folder)?.sync_all()
    };
    put().map_err(|error| failed("write", path, &error))
}

fn belong(path: &Path, folder: &Path) -> io::Result<()> {
    let (own, of_folder) = (fs::metadata(path)?, fs::metadata(folder)?);
    if (own.uid(), own.gid()) == (of_folder.uid(), of_folder.gid()) {
        return Ok(());
    }
    chown(path, Some(of_folder.uid()), Some(of_folder.gid()))
}

fn seal(users: &BTreeMap<String, User>, tokens: &BTreeMap<String, Token>) -> Result<String, AccessError> {
    let text = serde_json::to_string(&(users, tokens)).map_err(|error| AccessError::File(error.to_string()))?;
    Ok(sha256(text.as_bytes()))
}

fn failed(what: &str, path: &Path, error: &io::Error) -> AccessError {
    AccessError::File(format!(
        "{what} {}: {error}; check the free space of the disk and whose folder it is",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role::Role;
    use std::os::unix::fs::PermissionsExt as _;

    fn add(name: &str) -> Edit {
        let password = serde_json::from_str("\"$argon2id$x\"").unwrap();
        Edit::AddUser { name: name.to_owned(), role: Role::Administrator, password }
    }

    #[test]
    fn a_change_waits_to_be_told_and_the_file_is_for_its_owner_alone() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!((stamp(data.path()).unwrap(), read(data.path(), UtcTime(0)).unwrap()), (None, Accounts::default()));
        edit(data.path(), &add("李工"), "root", UtcTime(7)).unwrap();
        let mode = fs::metadata(data.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let (before, read_back) = (stamp(data.path()).unwrap(), read(data.path(), UtcTime(9)).unwrap());
        assert_eq!((read_back.untold.len(), read_back.untold[0].at, &*read_back.untold[0].by), (1, UtcTime(7), "root"));
        edit(data.path(), &add("李工"), "root", UtcTime(8)).unwrap_err();
        assert_eq!(stamp(data.path()).unwrap(), before, "what is refused is not written");
        edit(data.path(), &add("王工"), "root", UtcTime(8)).unwrap();
        assert_ne!(stamp(data.path()).unwrap(), before);
        assert_eq!(list(data.path(), UtcTime(9)).unwrap().0.len(), 2);
    }

    #[test]
    fn a_change_by_other_means_is_told_and_a_broken_file_is_no_empty_one() {
        let data = tempfile::tempdir().unwrap();
        let path = data.path().join(FILE);
        edit(data.path(), &add("李工"), "root", UtcTime(0)).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("administrator\",", "viewer\",")).unwrap();
        let untold = read(data.path(), UtcTime(5)).unwrap().untold;
        assert_eq!((untold.len(), untold[1].note.act, &*untold[1].by), (2, NoteAct::EditAccess, "unknown"));
        change(data.path(), UtcTime(6), |accounts| {
            accounts.untold.clear();
            Ok(())
        })
        .unwrap();
        assert_eq!(read(data.path(), UtcTime(7)).unwrap().untold, [], "sealed again");
        for broken in ["", "{}", &text[..text.len() / 2], &text.replacen('1', "2", 1)] {
            fs::write(&path, broken).unwrap();
            let refused = read(data.path(), UtcTime(0)).unwrap_err().to_string();
            assert!(refused.contains("put it back from a backup"), "{refused}");
            edit(data.path(), &add("王工"), "root", UtcTime(0)).unwrap_err();
            assert_eq!(fs::read_to_string(&path).unwrap(), broken, "it is left as it is");
        }
    }

    #[test]
    fn many_writers_lose_nothing() {
        let data = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let data = data.path();
                scope.spawn(move || {
                    (0..8).for_each(|n| edit(data, &add(&format!("{thread}-{n}")), "root", UtcTime(0)).unwrap());
                });
            }
        });
        assert_eq!(list(data.path(), UtcTime(0)).unwrap().0.len(), 32);
    }
}
