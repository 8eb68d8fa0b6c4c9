//! The tree of a package before it is packed.

use anyhow::{Context as _, Result, ensure};
use std::{
    fs,
    io::{ErrorKind, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const PROGRAM: u32 = 0o755;
const PLAIN: u32 = 0o644;

/// A folder that becomes a package.
pub(super) struct Stage {
    folder: PathBuf,
}

impl Stage {
    /// An empty one.
    pub(super) fn new(folder: &Path) -> Result<Self> {
        clear(folder)?;
        let stage = Self { folder: folder.to_owned() };
        stage.make(&stage.folder.join("DEBIAN"))?;
        Ok(stage)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn program(&self, from: &Path, to: &str) -> Result<()> {
        self.put(from, &self.folder.join(to), PROGRAM)
    }

    /// A file, or a folder with all that is in it.
    pub(super) fn copy(&self, from: &Path, to: &str) -> Result<()> {
        if !from.is_dir() {
            return self.put(from, &self.folder.join(to), PLAIN);
        }
        for file in files(from)? {
            let within = file.strip_prefix(from).context("a file lies in its folder")?;
            self.put(&file, &self.folder.join(to).join(within), PLAIN)?;
        }
        Ok(())
    }

    pub(super) fn manual(&self, from: &Path, to: &str) -> Result<()> {
        for page in files(from)? {
            let name = page.file_name().unwrap_or_default().to_string_lossy();
            let bytes = fs::read(&page).with_context(|| format!("read {}", page.display()))?;
            self.compressed(&bytes, &format!("{to}/{name}.gz"))?;
        }
        Ok(())
    }

    /// Without a name and a time, as Debian wants them and as they are the same each time.
    pub(super) fn compressed(&self, bytes: &[u8], to: &str) -> Result<()> {
        let mut gzip = Command::new("gzip")
            .args(["-9n"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("run gzip: install it")?;
        let mut input = gzip.stdin.take().context("gzip has an input")?;
        // The texts are larger than a pipe holds: written beside what is read.
        let writing = std::thread::spawn({
            let bytes = bytes.to_vec();
            move || input.write_all(&bytes)
        });
        let output = gzip.wait_with_output()?;
        let written = writing.join().map_err(|_| anyhow::anyhow!("the thread that feeds gzip fell"))?;
        ensure!(output.status.success() && written.is_ok(), "compressing {to} failed");
        self.write(&self.folder.join(to), &output.stdout, PLAIN)
    }

    pub(super) fn script(&self, from: &Path, name: &str) -> Result<()> {
        self.put(from, &self.folder.join("DEBIAN").join(name), PROGRAM)
    }

    pub(super) fn control(&self, text: &str) -> Result<()> {
        self.write(&self.folder.join("DEBIAN/control"), text.as_bytes(), PLAIN)
    }

    /// `dpkg --verify` compares with these.
    pub(super) fn sums(&self) -> Result<()> {
        let names: Vec<String> = self.packed()?.iter().map(|file| file.display().to_string()).collect();
        let sums = Command::new("md5sum").args(&names).current_dir(&self.folder).output().context("run md5sum")?;
        ensure!(sums.status.success(), "md5sum: {}", String::from_utf8_lossy(&sums.stderr));
        self.write(&self.folder.join("DEBIAN/md5sums"), &sums.stdout, PLAIN)
    }

    pub(super) fn kilobytes(&self) -> Result<u64> {
        let mut bytes = 0;
        for file in self.packed()? {
            bytes += fs::metadata(self.folder.join(&file))?.len().next_multiple_of(1024);
        }
        Ok(bytes / 1024)
    }

    /// Every file that is installed, sorted, as seen from the root.
    fn packed(&self) -> Result<Vec<PathBuf>> {
        let all = files(&self.folder)?;
        let within = all.iter().filter_map(|file| file.strip_prefix(&self.folder).ok());
        Ok(within.filter(|file| !file.starts_with("DEBIAN")).map(Path::to_owned).collect())
    }

    fn put(&self, from: &Path, to: &Path, mode: u32) -> Result<()> {
        let bytes = fs::read(from).with_context(|| format!("read {}", from.display()))?;
        self.write(to, &bytes, mode)
    }

    fn write(&self, to: &Path, bytes: &[u8], mode: u32) -> Result<()> {
        self.make(to.parent().context("a file lies in a folder")?)?;
        fs::write(to, bytes).with_context(|| format!("write {}", to.display()))?;
        set_mode(to, mode)
    }

    /// Folders get their mode whatever the umask of whoever makes the package is.
    fn make(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
        for folder in folder.ancestors().take_while(|folder| folder.starts_with(&self.folder)) {
            set_mode(folder, PROGRAM)?;
        }
        Ok(())
    }
}

/// Takes a folder away with all that is in it.
pub(super) fn clear(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("remove {}", folder.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

fn set_mode(path: &Path, mode: u32) -> Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .with_context(|| format!("set the mode of {}", path.display()))
}

/// Every file below a folder, sorted.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("look into {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    found.sort();
    Ok(found)
}
