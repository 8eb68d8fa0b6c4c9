//! A disk that can be made to fail: a file system in memory that is mounted with FUSE and knows what was synced.
//!
//! It keeps beside what a program reads back what a power cut leaves: only what `fsync` made durable, and of the rest whatever a
//! seed lets survive, torn at sectors and out of order, as disks do with what is in their cache. It can be full, read-only, slow
//! or broken at any moment, see [`Faults`].
//!
//! A process of its own serves it: one that uses files mapped into memory and serves them as well would wait for itself.

mod changes;
mod faults;
mod image;
mod kernel;
mod server;

pub use changes::Survival;
pub use faults::Faults;
pub use server::serve;

use crate::places;
use server::{Answer, Ask};
use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex, PoisonError, atomic::AtomicU64, atomic::Ordering::Relaxed},
};

/// Set to `1`, the tests that need `/dev/fuse` and the right to mount are left out, and say so.
pub const WITHOUT: &str = "DAVY_WITHOUT_FUSE";

/// A file on the disk: what is written into it up to a power cut is given by [`Disk::power_back`], byte by byte as far as it
/// had been written then; after that it is gone. So a test knows what it had been told by that moment, neither more nor less.
pub const WITNESS: &str = "witness";

/// Whether tests on such a disk can run here.
///
/// # Panics
/// When they cannot and nobody said that they may be left out.
#[must_use]
#[expect(clippy::print_stdout, reason = "what is not tested must be seen")]
pub fn available() -> bool {
    if env::var_os(WITHOUT).is_some_and(|value| value == "1") {
        println!("NOT TESTED: {WITHOUT}=1 leaves out what needs a file system of the test's own");
        return false;
    }
    assert!(
        Path::new("/dev/fuse").exists(),
        "/dev/fuse is missing, and with it the disks that fail: load the kernel's module fuse and run as root, or set {WITHOUT}=1 to leave these tests out"
    );
    true
}

/// A mounted disk; it goes, with all that is on it, when the last hand on it is dropped.
#[derive(Clone)]
pub struct Disk {
    server: Arc<Mutex<Server>>,
    place: PathBuf,
}

struct Server {
    process: Child,
    asks: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    place: PathBuf,
}

impl Disk {
    /// An empty one, mounted in a new temporary folder.
    ///
    /// # Panics
    /// When it cannot be mounted.
    #[must_use]
    pub fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("davy-disk-{}-{}", std::process::id(), COUNT.fetch_add(1, Relaxed));
        let place = env::temp_dir().join(name);
        std::fs::create_dir_all(&place).expect("a folder to mount in");
        let program = places::beside_the_tests("faulty-disk").expect("the program that serves disks");
        let mut command = Command::new(program);
        let mut process = command
            .arg(&place)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // It outlives a test that is ended by Ctrl-C, and takes the mount away.
            .process_group(0)
            .spawn()
            .expect("the program that serves disks starts");
        let asks = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().expect("it is piped"));
        let server = Server { process, asks, answers, place: place.clone() };
        let disk = Self { server: Arc::new(Mutex::new(server)), place };
        disk.ask(&Ask::Count);
        disk
    }

    /// Where it is mounted.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.place
    }

    /// From now on these go wrong, and nothing else.
    pub fn set(&self, faults: Faults) {
        self.ask(&Ask::Set(faults));
    }

    /// Lets the power fail just before an operation, counted from one. Programs go on, and what they do from then on will not
    /// have been.
    pub fn cut_before(&self, operation: u64, survival: Survival) {
        self.ask(&Ask::CutBefore(operation, survival));
    }

    /// The power fails now, unless it has failed before or no cut was asked for.
    pub fn cut_now(&self) {
        self.ask(&Ask::CutNow);
    }

    /// Whether the power has failed.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.ask(&Ask::Count).cut
    }

    /// Mounts what is left after the power cut, without faults; nothing on the disk may be open. Gives the content of
    /// [`WITNESS`] at the moment of the cut.
    pub fn power_back(&self) -> String {
        self.ask(&Ask::PowerBack).witness
    }

    /// Everything becomes durable.
    pub fn settle(&self) {
        self.ask(&Ask::Settle);
    }

    /// Operations that could change anything, so far.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.ask(&Ask::Count).operations
    }

    /// Syncs so far.
    #[must_use]
    pub fn syncs(&self) -> u64 {
        self.ask(&Ask::Count).syncs
    }

    /// The bytes in all files.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.ask(&Ask::Count).used
    }

    fn ask(&self, ask: &Ask) -> Answer {
        let mut server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = server.ask(ask).expect("the program that serves the disk answers");
        assert_eq!(answer.failed, None, "{}", self.place.display());
        answer
    }
}

impl Default for Disk {
    fn default() -> Self {
        Self::new()
    }
}

impl Server {
    fn ask(&mut self, ask: &Ask) -> std::io::Result<Answer> {
        let asks = self.asks.as_mut().expect("it is there until the end");
        serde_json::to_writer(&mut *asks, ask)?;
        asks.write_all(b"\n")?;
        asks.flush()?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }
}

/// When nobody asks any more the program takes the mount away and ends.
impl Drop for Server {
    fn drop(&mut self) {
        self.asks = None;
        let _ = self.process.wait();
        let _ = std::fs::remove_dir(&self.place);
    }
}
