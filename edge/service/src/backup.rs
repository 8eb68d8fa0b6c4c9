//! `davy backup` and `davy restore`: one file that holds what a gateway needs to go on elsewhere. The gateway may be running
//! while it is made. It holds the gateway's keys, so it can be read by its owner only.

mod archive;
pub(crate) mod last;

pub(crate) use archive::sha256;

use crate::{
    cli::{Backup, Format, Restore},
    clock, journal, output, tags, versions,
};
use anyhow::{Context, bail, ensure};
use archive::Manifest;
use davy_core::record::{AuditRecord, Record};
use davy_store::{
    Batch,
    backup::{Copied, SAMPLES},
};
use serde_json::json;
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::ExitCode,
};
use tempfile::NamedTempFile;

/// The journal within the archive.
const JOURNAL: &str = "journal.db";
/// What else of a data directory is copied as files.
const FOLDERS: [&str; 3] = ["pki", "evidence", versions::FOLDER];
/// The configuration within the archive.
const CONFIG: &str = "config";

/// What goes into a backup.
pub(crate) struct Wanted<'a> {
    /// Journal and state.
    pub(crate) data: &'a Path,
    /// The configuration, secrets that stand in files of its folder among it.
    pub(crate) config: Option<&'a Path>,
    /// Whether the recording and the history of the tags go in.
    pub(crate) samples: bool,
}

/// A backup on the disk, under a name of its own until it is given one.
pub(crate) struct Made {
    pub(crate) part: NamedTempFile,
    pub(crate) files: usize,
    pub(crate) copied: Copied,
}

/// Makes a backup in a folder of our own. The certificate of the page stays behind: it names an address, which the gateway that goes
/// on elsewhere need not have, and that one makes its own. The keys toward the field go along: people have them trusted there.
pub(crate) fn make(wanted: &Wanted<'_>, work: &Path) -> anyhow::Result<Made> {
    let copy = work.join(JOURNAL);
    let copied = davy_store::backup::copy(wanted.data, &copy)?;
    let mut archive = archive::Writer::begin(work)?;
    archive.add_file(JOURNAL, &copy)?;
    add_earlier(&mut archive, wanted.data, work)?;
    for name in SAMPLES.into_iter().filter(|_| wanted.samples) {
        let copy = work.join(name);
        if davy_store::backup::copy_samples(wanted.data, name, &copy)? {
            archive.add_file(name, &copy)?;
        }
    }
    let users = wanted.data.join(davy_access::FILE);
    if users.is_file() {
        archive.add_file(davy_access::FILE, &users)?;
    }
    let sheet = wanted.data.join(tags::LOOP_SHEET);
    if sheet.is_file() {
        archive.add_file(tags::LOOP_SHEET, &sheet)?;
    }
    for name in FOLDERS {
        archive.add_folder(name, &wanted.data.join(name))?;
    }
    if let Some(config) = wanted.config {
        archive.add_folder(CONFIG, config)?;
    }
    let (part, manifest) = archive.finish(copied, clock::utc())?;
    Ok(Made { part, files: manifest.files.len(), copied })
}

/// `davy backup`.
pub(crate) fn backup(args: &Backup) -> anyhow::Result<ExitCode> {
    let folder = folder_of(&args.to)?;
    ensure!(!args.to.exists(), "{} is there already; give another name", args.to.display());
    let work = work_folder(&folder)?;
    let wanted = Wanted { data: &args.data, config: args.config.as_deref(), samples: args.samples };
    let Made { part, files, copied } = make(&wanted, work.path())?;
    part.persist_noclobber(&args.to).with_context(|| format!("write {}", args.to.display()))?;
    last::note(&args.data, &last::of(&args.to, clock::utc())?);
    match args.format {
        Format::Json => output::line(json!({
            "file": args.to, "bytes": fs::metadata(&args.to)?.len(), "files": files,
            "epoch": copied.epoch, "head": copied.head,
        })),
        Format::Text => {
            let files = output::count(files, "file");
            let megabytes = fs::metadata(&args.to)?.len().div_ceil(1_000_000);
            output::line(format_args!(
                "{}: {files}, {megabytes} MB, the journal of epoch {} up to row {}",
                args.to.display(),
                copied.epoch,
                copied.head
            ));
            output::line("it holds the gateway's keys: keep it where nobody else can read it");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The journals that this one goes on from: they may hold what is still due.
fn add_earlier(archive: &mut archive::Writer, data: &Path, work: &Path) -> anyhow::Result<()> {
    for directory in davy_store::backup::earlier(data)? {
        let copy = work.join("earlier.db");
        let copied = davy_store::backup::copy(&directory, &copy)?;
        let name = directory.strip_prefix(data)?.join(format!("davy-{}.db", copied.epoch));
        archive.add_file(name.to_str().context("a name of ours")?, &copy)?;
        fs::remove_file(&copy)?;
    }
    Ok(())
}

/// Goes on from a backup in an empty data directory.
pub(crate) fn restore(args: &Restore) -> anyhow::Result<ExitCode> {
    ensure_empty(&args.data)?;
    args.config.as_deref().map_or(Ok(()), ensure_empty)?;
    ensure!(!args.by.trim().is_empty(), "--by must name a person: who restores is written into the journal");
    let folder = folder_of(&args.data)?;
    // Beside the directory, and in its place only when all is right: a gateway that is started on half of it would begin anew.
    let work = work_folder(&folder)?;
    let manifest = archive::unpack(&args.file, work.path())?;
    let config = work.path().join(CONFIG);
    if let Some(target) = &args.config {
        ensure!(config.is_dir(), "{} holds no configuration: it was made without --config", args.file.display());
        take_place(&config, target)?;
    } else if config.is_dir() {
        fs::remove_dir_all(&config).with_context(|| format!("remove {}", config.display()))?;
    }
    let copy = folder.join(format!(".{JOURNAL}.{}", std::process::id()));
    fs::rename(work.path().join(JOURNAL), &copy).with_context(|| format!("move {}", copy.display()))?;
    let batch = Batch { rows: vec![on_record(args, &manifest)], saved: Vec::new() };
    let epoch = davy_store::backup::go_on_from(&copy, work.path(), &batch, clock::utc());
    let epoch = epoch.inspect_err(|_| drop(fs::remove_file(&copy)))?;
    take_place(&work.keep(), &args.data)?;
    match args.format {
        Format::Json => {
            output::line(json!({ "epoch": epoch, "from_epoch": manifest.epoch, "from_head": manifest.head }))
        }
        Format::Text => {
            output::line(format_args!(
                "{}: from the backup of {}; ids go on in epoch {epoch}, so none is given twice",
                args.data.display(),
                manifest.made_at
            ));
            output::line(format_args!(
                "the journal up to then is kept in earlier/{}; what it had not sent goes up under the ids it had",
                manifest.epoch
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn on_record(args: &Restore, manifest: &Manifest) -> davy_store::Row {
    let at = clock::utc();
    let audit = AuditRecord {
        at,
        by: args.by.clone(),
        action: "restore".to_owned(),
        object: None,
        note: format!("from the backup of {}, epoch {} up to row {}", manifest.made_at, manifest.epoch, manifest.head),
        refused: None,
        before: None,
        after: None,
        config_version: String::new().into(),
        command: None,
    };
    journal::row(&Record::Audit(audit), at)
}

fn folder_of(path: &Path) -> anyhow::Result<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    ensure!(folder.is_dir(), "{} is no folder; create it first", folder.display());
    Ok(folder.to_owned())
}

/// How the names of our folders begin.
pub(crate) const WORK: &str = ".davy-";

/// A folder of our own, for its owner only.
pub(crate) fn work_folder(within: &Path) -> anyhow::Result<tempfile::TempDir> {
    let private = fs::Permissions::from_mode(0o700);
    let made = tempfile::Builder::new().prefix(WORK).permissions(private).tempdir_in(within);
    made.with_context(|| format!("write in {}", within.display()))
}

fn ensure_empty(folder: &Path) -> anyhow::Result<()> {
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => bail!("{} is not empty; give a new folder, or move the old one away first", folder.display()),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("look into {}", folder.display())),
    }
}

/// Moves a folder to where nothing or an empty folder is.
fn take_place(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::rename(from, to).with_context(|| format!("move {} to {}", from.display(), to.display()))
}

#[cfg(test)]
mod tests;
