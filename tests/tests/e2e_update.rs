//! Signed updates of a gateway that alarms meanwhile: a good release stays, a bad one is rolled back by itself, whoever cuts the power
//! finds something that starts, and the enterprise gets every row once.

use acceptance::{
    deliveries, places,
    receiver::Message,
    site::{Site, Size},
    waiting::{self, LONG},
};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::process::Command;

#[path = "e2e_update/releases.rs"]
mod releases;
use releases::Maker;

/// Bad releases are waited for twice as long as they may take.
const ROLLED_BACK_WITHIN: Duration = Duration::from_secs(180);

struct Run {
    site: Site,
    maker: Maker,
    /// What has crossed.
    crossed: usize,
}

impl Run {
    async fn start(test: &str, all: usize) -> Result<Self> {
        let size = Size { levels: all, gases: all, people: 1, zones: 1, ..Size::default() };
        let site = Site::start(test, size).await?;
        let maker = Maker::new(&site.folder.join("maker")).await?;
        let run = Self { site, maker, crossed: 0 };
        run.trust(&[&run.maker.public], "30s").await?;
        Ok(run)
    }

    async fn trust(&self, keys: &[&str], within: &str) -> Result<()> {
        let path = self.config().join("gateway.toml");
        let text = fs::read_to_string(&path)?;
        let head = text.split("\n[update]").next().unwrap_or_default();
        fs::write(&path, format!("{head}\n[update]\nkeys = {keys:?}\nconfirm_within = \"{within}\"\n"))?;
        self.site.gateway.reload().await?;
        let trusted = async || Ok(self.updates().await?["keys"] == json!(keys));
        waiting::until_true("the keys are trusted", LONG, trusted).await
    }

    fn config(&self) -> PathBuf {
        self.site.folder.join("config")
    }

    fn state(&self) -> Result<Value> {
        state(&self.site.folder)
    }

    async fn updates(&self) -> Result<Value> {
        self.site.gateway.api.get("updates").await
    }

    /// One more level and detector, whose alarms are waited for.
    async fn cross(&mut self) -> Result<()> {
        self.crossed += 1;
        self.site.cross(self.crossed..=self.crossed).await.map(drop)
    }

    async fn install(&self, file: &Path) -> Result<String> {
        let (config, file) = (self.config(), file.to_owned());
        let words = ["update", "install", text(&file)?, "--config", text(&config)?, "--reason", "试验"];
        self.site.gateway.console(&words).await
    }

    /// Tries a release that must not stay while values cross, and gives why it did not.
    async fn rolls_back(&mut self, version: &str, file: &Path) -> Result<String> {
        let before = self.updates().await?["version"].clone();
        let begun = Instant::now();
        self.install(file).await?;
        self.cross().await?;
        let last = async || {
            let updates = self.updates().await?;
            let is_over = updates["last"]["version"] == version && updates["trial"].is_null();
            Ok::<_, anyhow::Error>((is_over && updates["version"] == before).then(|| updates["last"].clone()))
        };
        let last = waiting::until(&format!("{version} is rolled back"), ROLLED_BACK_WITHIN, last).await?;
        ensure!(last["confirmed"] == false, "{last}");
        let words = last["words"].as_str().unwrap_or_default().to_owned();
        show(format_args!("{version}: rolled back {} ms after its order: {words}", begun.elapsed().as_millis()));
        self.site.reads_everything().await?;
        self.cross().await?;
        self.is_on_record("roll_back_update", version, &words).await?;
        Ok(words)
    }

    async fn is_on_record(&self, action: &str, version: &str, words: &str) -> Result<()> {
        let there = async || {
            let rows = self.site.gateway.api.list("journal").await?;
            let is_it = |row: &Value| {
                let record = &row["record"];
                row["kind"] == "audit"
                    && record["action"] == action
                    && record["object"] == version
                    && record["note"].as_str().is_some_and(|note| note.contains(words))
            };
            Ok(rows.iter().any(is_it))
        };
        waiting::until_true(&format!("{action} {version} is on record"), LONG, there).await
    }

    /// Every row of the journal has arrived once, and all that has crossed is open.
    async fn nothing_is_lost(&mut self) -> Result<()> {
        self.site.drained().await?;
        assert_eq!(deliveries::problems(&self.site.receiver.messages()), Vec::<String>::new());
        let epochs: BTreeSet<String> = deliveries::of_journal(&self.site.receiver.messages())
            .iter()
            .filter_map(|message: &&Message| message.id().split('/').nth(1).map(str::to_owned))
            .collect();
        ensure!(epochs.len() == 1, "the journal was begun anew: {epochs:?}");
        let alarms = self.site.gateway.api.list("alarms").await?;
        let open =
            alarms.iter().filter(|alarm| alarm["rule_kind"].as_str().is_some_and(|kind| kind.starts_with("limit")));
        ensure!(open.count() == 2 * self.crossed, "{} have crossed and other alarms are open", self.crossed);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_release_stays_and_nothing_is_lost() -> Result<()> {
    let mut run = Run::start("update", 9).await?;
    run.cross().await?;
    let file = run.maker.product("0.2.0").await?;
    let sent = run.site.gateway.api.upload("updates/upload", fs::read(&file)?).await?;
    ensure!(sent["received"]["version"] == "0.2.0" && sent["received"]["notes_zh"] == "试验", "{sent}");
    run.cross().await?;
    let installed =
        run.site.gateway.api.post_patiently("updates/install", &json!({ "by": "王安", "reason": "试验" })).await?;
    ensure!(installed["trial"] == "0.2.0", "{installed}");
    for _ in 0..3 {
        run.cross().await?;
    }
    let confirmed = async || {
        let updates = run.updates().await?;
        Ok::<_, anyhow::Error>((updates["version"] == "0.2.0" && updates["active"] == "0.2.0").then_some(updates))
    };
    let updates = waiting::until("the release is confirmed", LONG, confirmed).await?;
    show(format_args!("0.2.0: {}", updates["last"]["words"].as_str().unwrap_or_default()));
    run.site.reads_everything().await?;
    run.cross().await?;
    for (action, words) in [("install_update", "试验"), ("try_update", "start 1"), ("confirm_update", "it alarms")] {
        run.is_on_record(action, "0.2.0", words).await?;
    }
    run.is_on_record("take_backup", "before-0.2.0.tar.zst", "before an update").await?;
    run.nothing_is_lost().await?;

    // After a stop it is the release that runs, without a trial, and as the same process.
    run.site.end().await?;
    run.site.gateway.start_again().await?;
    run.site.reads_everything().await?;
    ensure!(run.updates().await?["version"] == "0.2.0", "the release runs");
    let program = fs::read_link(format!("/proc/{}/exe", run.site.gateway.id()?))?;
    ensure!(program.ends_with("releases/0.2.0/davy"), "{} runs", program.display());
    run.cross().await?;

    // A second one from the console, after which the first is kept and the package runs no more.
    run.install(&run.maker.product("0.3.0").await?).await?;
    run.cross().await?;
    let confirmed = async || Ok(run.updates().await?["active"] == "0.3.0");
    waiting::until_true("the second is confirmed", LONG, confirmed).await?;
    ensure!(run.updates().await?["previous"] == "0.2.0", "the one before is kept");
    run.site.reads_everything().await?;
    run.cross().await?;
    run.nothing_is_lost().await?;
    run.site.end().await?;

    // Where the package is newer, or whoever installs it takes the state away, it runs.
    fs::remove_file(run.site.folder.join("data/releases/state.json"))?;
    run.site.gateway.start_again().await?;
    ensure!(run.updates().await?["version"] == "0.1.0", "the package runs");
    run.site.end().await?;
    run.site.gateway.verify().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_release_is_rolled_back_by_itself() -> Result<()> {
    let mut run = Run::start("update-bad", 12).await?;
    run.cross().await?;
    let file = run.maker.script("0.2.1", "exit 3").await?;
    ensure!(run.rolls_back("0.2.1", &file).await?.contains("ended before it was confirmed"), "it ended");
    let file = run.maker.script("0.2.2", "exec sleep 600").await?;
    ensure!(run.rolls_back("0.2.2", &file).await?.contains("said nothing"), "it hung");
    // Its engine works, and the limit of its own proof is where no value reaches it.
    let file = run.maker.changed("0.2.3", b"%,0,100,80.00,1,", b"%,0,100,99.00,1,").await?;
    ensure!(run.rolls_back("0.2.3", &file).await?.contains("no alarm is raised"), "it did not alarm");
    // It runs, answers and alarms, and has no network: it hears nothing of the field.
    let file =
        run.maker.script("0.2.4", "exec unshare -n sh -c 'ip link set lo up; exec \"$0\" \"$@\"' $davy \"$@\"").await?;
    ensure!(run.rolls_back("0.2.4", &file).await?.contains("not shown within 30 s"), "it was deaf");
    run.nothing_is_lost().await?;
    // What was before goes on, also after a stop.
    run.site.end().await?;
    run.site.gateway.start_again().await?;
    ensure!(run.updates().await?["version"] == "0.1.0", "the package runs");
    run.site.end().await?;
    run.site.gateway.verify().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_belong_here_is_refused_before_anything_stops() -> Result<()> {
    let run = Run::start("update-refused", 1).await?;
    let started = run.site.gateway.api.get("system").await?["started_at"].clone();
    let good = run.maker.product("0.2.0").await?;
    let changed = |name: &str, change: &dyn Fn(&mut Vec<u8>)| -> Result<PathBuf> {
        let mut bytes = fs::read(&good)?;
        change(&mut bytes);
        let path = run.site.folder.join(name);
        fs::write(&path, bytes)?;
        Ok(path)
    };
    let stranger = Maker::new(&run.site.folder.join("stranger")).await?;
    let middle = |bytes: &mut Vec<u8>| {
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
    };
    let cases = [
        (changed("tampered.davy", &middle)?, "not the one that was signed"),
        (changed("cut.davy", &|bytes| bytes.truncate(bytes.len() / 2))?, "cut short"),
        (changed("no.davy", &|bytes| bytes.fill(b'x'))?, "no release of davy"),
        (stranger.product("0.2.0").await?, "none of the keys"),
        (run.maker.product("0.1.0").await?, "only a later version"),
        (run.maker.product("0.0.9").await?, "only a later version"),
        (run.maker.script_for("0.2.5", "armv7-unknown-linux-gnueabihf", "exit 0", "exit 0").await?, "it is for armv7"),
        (
            run.maker
                .script_for("0.2.6", "x86_64-unknown-linux-gnu", "exit 0", "echo 'unknown key' >&2; exit 2")
                .await?,
            "configuration in force: unknown key",
        ),
    ];
    for (file, why) in &cases {
        let refused = run.install(file).await.err().with_context(|| format!("{} is installed", file.display()))?;
        ensure!(format!("{refused:#}").contains(why), "{}: {refused:#}", file.display());
        ensure!(run.state()?["trial"].is_null(), "nothing is to be tried");
    }
    run.is_on_record("refuse_update", "tampered.davy", "not the one that was signed").await?;
    let sent = run.site.gateway.api.upload("updates/upload", fs::read(&cases[3].0)?).await?;
    ensure!(sent["received"]["refused"] == "unknown_key", "{sent}");
    run.trust(&[], "30s").await?;
    let refused = run.install(&good).await.err().context("without a key nothing is installed")?;
    ensure!(format!("{refused:#}").contains("no key is trusted"), "{refused:#}");
    // Of two keys the one that takes over is as good.
    run.trust(&[&stranger.public, &run.maker.public], "30s").await?;
    let now = run.site.gateway.api.get("system").await?["started_at"].clone();
    ensure!(now == started, "the gateway has not gone on all the time");
    ensure!(run.updates().await?["version"] == "0.1.0", "nothing was tried");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whenever_the_power_goes_something_starts() -> Result<()> {
    let mut run = Run::start("update-power", 6).await?;
    run.cross().await?;
    run.site.end().await?;
    // In the middle of each step of the installation, as far as ever growing delays reach.
    let good = run.maker.product("0.2.0").await?;
    let mut cuts = 0;
    let mut delay = Duration::from_millis(5);
    loop {
        let mut command = Command::new(places::davy()?);
        command.args(["update", "install"]).arg(&good).arg("--config").arg(run.config());
        command.arg("--data").arg(run.site.folder.join("data")).args(["--by", "试验"]);
        let mut child = command.stdout(Stdio::null()).spawn()?;
        // When it is cut is what differs from cut to cut.
        tokio::time::sleep(delay).await;
        delay = delay.mul_f64(1.4);
        // It may have come to its end.
        let _ = child.start_kill();
        child.wait().await?;
        let state = state(&run.site.folder)?;
        if !state["trial"].is_null() {
            break;
        }
        cuts += 1;
        ensure!(state["active"].is_null() && cuts < 50, "{state}");
    }
    ensure!(cuts > 3, "{cuts} cuts in the installation");
    // Twice in the middle of the trial: then it is not tried any more.
    for attempt in 1..=2 {
        let mut launcher = launch(&run.site.folder)?;
        let begun = async || Ok(state(&run.site.folder)?["trial"]["attempts"] == attempt);
        waiting::until_true("the trial has begun", LONG, begun).await?;
        let id = launcher.id().context("it runs")?;
        let child =
            waiting::until("the release runs", LONG, async || children(id).map(|all| all.first().copied())).await;
        let child = child?;
        // Both at once, as a power cut does it.
        let killed = Command::new("kill").args(["-KILL", &id.to_string(), &child.to_string()]).status().await?;
        ensure!(killed.success(), "kill: {killed}");
        launcher.wait().await?;
    }
    run.site.gateway.start_again().await?;
    run.site.reads_everything().await?;
    let updates = run.updates().await?;
    ensure!(updates["version"] == "0.1.0" && updates["last"]["confirmed"] == false, "{updates}");
    show(format_args!("{cuts} cuts in the installation and 2 in the trial: {}", updates["last"]["words"]));
    run.cross().await?;
    // Once more, cut once: it is tried again and stays.
    run.install(&good).await?;
    let begun = async || Ok(run.state()?["trial"]["attempts"] == 1);
    waiting::until_true("the trial has begun", LONG, begun).await?;
    let id = run.site.gateway.id()?;
    let child = waiting::until("the release runs", LONG, async || children(id).map(|all| all.first().copied())).await?;
    Command::new("kill").args(["-KILL", &id.to_string(), &child.to_string()]).status().await?;
    run.site.gateway.ended().await?;
    run.site.gateway.start_again().await?;
    let confirmed = async || Ok(run.updates().await?["active"] == "0.2.0");
    waiting::until_true("the second start is confirmed", LONG, confirmed).await?;
    run.site.reads_everything().await?;
    run.cross().await?;
    // One that was started again and again and never ran for a while makes way.
    run.nothing_is_lost().await?;
    run.site.end().await?;
    let kept = state(&run.site.folder)?;
    ensure!(kept["active"] == "0.2.0" && kept["starts"] == 0, "who ends in order has run: {kept}");
    let place = run.site.folder.join("data/releases/state.json");
    let (release, aside) = (run.site.folder.join("data/releases/0.2.0"), run.site.folder.join("aside"));
    copy(&release, &aside)?;
    let mut worn = kept.clone();
    worn["starts"] = json!(8);
    fs::write(&place, worn.to_string())?;
    run.site.gateway.start_again().await?;
    ensure!(run.updates().await?["version"] == "0.1.0", "the package runs");
    run.is_on_record("roll_back_update", "0.2.0", "started 8 times").await?;
    run.site.end().await?;
    ensure!(state(&run.site.folder)?["active"].is_null(), "it is not tried again");
    // A release that has rotted on the disk does not run.
    copy(&aside, &release)?;
    fs::write(&place, kept.to_string())?;
    let program = release.join("davy");
    let mut bytes = fs::read(&program)?;
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    fs::write(&program, bytes)?;
    run.site.gateway.start_again().await?;
    ensure!(run.updates().await?["version"] == "0.1.0", "the package runs");
    run.is_on_record("roll_back_update", "0.2.0", "not what was signed").await?;
    run.site.end().await?;
    run.site.gateway.verify().await
}

/// All files of a folder, which makes way for them.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

fn state(folder: &Path) -> Result<Value> {
    match fs::read(folder.join("data/releases/state.json")) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Value::Null),
        text => Ok(serde_json::from_slice(&text?)?),
    }
}

/// `davy run` without waiting for its address.
fn launch(folder: &Path) -> Result<tokio::process::Child> {
    let mut command = Command::new(places::davy()?);
    command.arg("run").arg("--config").arg(folder.join("config")).arg("--data").arg(folder.join("data"));
    let log = fs::OpenOptions::new().append(true).create(true).open(folder.join("davy.log"))?;
    Ok(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).kill_on_drop(true).spawn()?)
}

/// The releases that a process has started.
fn children(id: u32) -> Result<Vec<u32>> {
    let mut children = Vec::new();
    for task in fs::read_dir(format!("/proc/{id}/task"))? {
        let text = fs::read_to_string(task?.path().join("children"))?;
        children.extend(text.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
    }
    let is_release = |child: &u32| {
        fs::read_link(format!("/proc/{child}/exe"))
            .is_ok_and(|program| program.to_string_lossy().contains("/releases/"))
    };
    Ok(children.into_iter().filter(is_release).collect())
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("a path of letters")
}

#[expect(clippy::print_stdout, reason = "figures of the run")]
fn show(line: std::fmt::Arguments<'_>) {
    println!("{line}");
}
