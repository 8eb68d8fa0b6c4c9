//! A file takes the place of another one: whole or not at all, even when the power fails, and the old one stays beside it.

use anyhow::{Context, bail};
use davy_core::time::UtcTime;
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, chown},
    path::{Path, PathBuf},
};

/// Replaces a file whose bytes are `old` (`None` where there is none) and gives the name of the copy of the old one. One that
/// was changed in the meantime is left as it is.
pub(crate) fn replace(path: &Path, old: Option<&[u8]>, new: &[u8], now: UtcTime) -> anyhow::Result<Option<PathBuf>> {
    // A link stays a link to the file that is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let kept = old.map(|old| (beside(&path, "", &format!(".{}.bak", stamp(now))), old));
    if let Some((kept, old)) = &kept {
        write(kept, old, &path)?;
    }
    // Hidden files are no part of a configuration, should this one stay.
    let half = beside(&path, ".", ".part");
    remove(&half)?;
    write(&half, new, &path)?;
    let present = match fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error).with_context(|| format!("read {}", path.display())),
    };
    if present.as_deref() != old {
        remove(&half)?;
        bail!("{} was changed in the meantime and is left as it is; do it once more", path.display());
    }
    fs::rename(&half, &path).with_context(|| format!("rename {} to {}", half.display(), path.display()))?;
    if let Some(folder) = path.parent() {
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.with_context(|| format!("write {} to the disk", folder.display()))?;
    }
    Ok(kept.map(|(kept, _)| kept))
}

/// Writes a secret that must not be there yet, in a folder that is made for it: for the owner of `like` and nobody else.
pub(crate) fn secret(path: &Path, bytes: &[u8], like: &Path) -> anyhow::Result<()> {
    let owner = fs::metadata(like).with_context(|| format!("look at {}", like.display()))?;
    let put = || {
        let folder = path.parent().unwrap_or(Path::new("."));
        if !folder.exists() {
            DirBuilder::new().mode(0o700).create(folder)?;
            chown(folder, Some(owner.uid()), Some(owner.gid()))?;
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        chown(path, Some(owner.uid()), Some(owner.gid()))?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    put().with_context(|| format!("write {}: check the free space of the disk and whose folder it is", path.display()))
}

/// `tags.csv.20261129T080000.123Z.bak`: the time without what not every file system takes in a name.
pub(crate) fn stamp(now: UtcTime) -> String {
    now.to_string().replace(['-', ':'], "")
}

fn beside(path: &Path, before: &str, after: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{before}{name}{after}"))
}

/// Writes what must not be there yet, for whoever may read `like`.
pub(crate) fn write(path: &Path, bytes: &[u8], like: &Path) -> anyhow::Result<()> {
    let put = || {
        let mut file = File::create_new(path)?;
        if let Ok(meta) = fs::metadata(like) {
            file.set_permissions(meta.permissions())?;
            let own = file.metadata()?;
            if (own.uid(), own.gid()) != (meta.uid(), meta.gid()) {
                // Or else a gateway that runs as another user could not read what an administrator imports.
                chown(path, Some(meta.uid()), Some(meta.gid()))?;
            }
        }
        file.write_all(bytes)?;
        file.sync_all()
    };
    put().with_context(|| format!("write {}: check the free space of the disk and whose folder it is", path.display()))
}

fn remove(path: &Path) -> anyhow::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_whole_and_the_old_one_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("tags.csv");
        assert_eq!(replace(&path, None, b"first", UtcTime(0)).expect("there is none"), None);
        // What an earlier attempt left behind is in nobody's way.
        fs::write(folder.path().join(".tags.csv.part"), "half").expect("written");
        let mode = |path: &Path| fs::metadata(path).expect("it is there").mode() & 0o777;
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o640)).expect("set");
        let kept = replace(&path, Some(b"first"), b"second", UtcTime(0)).expect("replaced").expect("kept");
        assert_eq!(
            (fs::read(&path).expect("new"), fs::read(&kept).expect("old")),
            (b"second".to_vec(), b"first".to_vec())
        );
        assert_eq!((mode(&path), mode(&kept)), (0o640, 0o640));
        assert_eq!(names(folder.path()), ["tags.csv", "tags.csv.19700101T000000.000Z.bak"]);
    }

    #[test]
    fn a_secret_is_for_its_owner_alone_and_never_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let like = folder.path().join("gateway.toml");
        fs::write(&like, "").expect("written");
        let path = folder.path().join("secrets/dcs-password");
        secret(&path, b"first", &like).expect("written");
        let mode = |path: &Path| fs::metadata(path).expect("it is there").mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().expect("a folder"))), (0o600, 0o700));
        secret(&path, b"second", &like).expect_err("it is there");
        assert_eq!(fs::read(&path).expect("there"), b"first");
    }

    #[test]
    fn a_file_that_was_changed_meanwhile_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("tags.csv");
        for (there, old) in [("edited", Some(&b"first"[..])), ("edited", None)] {
            fs::write(&path, there).expect("written");
            let refused = replace(&path, old, b"second", UtcTime(1)).expect_err("it was changed");
            assert!(refused.to_string().contains("changed in the meantime"), "{refused}");
            assert_eq!(fs::read_to_string(&path).expect("there"), "edited");
            assert!(!folder.path().join(".tags.csv.part").exists());
        }
    }
}
