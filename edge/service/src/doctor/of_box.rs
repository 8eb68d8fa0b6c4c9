//! `davy doctor --box`: what an instrument engineer looks at before the box goes into service. Nothing is changed and nothing is sent.

use super::serial;
use crate::{
    cli::{Doctor, Format},
    clock, gateway, output, selfcheck,
};
use davy_core::{event::ClockState, time::UtcTime};
use serde_json::json;
use std::{fs, path::Path, process::ExitCode};

mod rtc;

/// How a finding counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Good,
    /// The gateway runs; what it says may be less than it could be.
    Odd,
    /// Put it right before the box goes into service.
    Wrong,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Odd => "odd",
            Self::Wrong => "wrong",
        }
    }
}

/// What was looked at, and what was found.
#[derive(Debug, PartialEq)]
struct Finding {
    what: &'static str,
    verdict: Verdict,
    words: String,
}

impl Finding {
    fn new(what: &'static str, verdict: Verdict, words: impl Into<String>) -> Self {
        Self { what, verdict, words: words.into() }
    }
}

/// Prints the findings; 0 when nothing is wrong, else 1.
pub(super) fn command(args: &Doctor) -> anyhow::Result<ExitCode> {
    let synchronised = gateway::block_on(async { Ok(selfcheck::clock_state().await) })?;
    let findings = findings(Path::new("/"), synchronised, clock::utc());
    match args.format {
        Format::Json => output::line(json!(
            findings
                .iter()
                .map(|each| json!({"what": each.what, "verdict": each.verdict.word(), "detail": each.words}))
                .collect::<Vec<_>>()
        )),
        Format::Text => findings
            .iter()
            .for_each(|each| output::line(format_args!("{:<6} {:<12} {}", each.verdict.word(), each.what, each.words))),
    }
    let good = findings.iter().all(|each| each.verdict != Verdict::Wrong);
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn findings(root: &Path, time: ClockState, now: UtcTime) -> Vec<Finding> {
    let mut all = vec![identity(root), time_service(time), rtc::look(root, now)];
    all.extend(network(root));
    all.extend([forwarding(root), ports(root), lines(root), watchdog(root)]);
    all
}

fn text(root: &Path, name: &str) -> Option<String> {
    let text = fs::read_to_string(root.join(name)).ok()?;
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0').to_owned();
    (!text.is_empty()).then_some(text)
}

/// An image that is copied with its `machine-id` makes boxes that are one to the network (machine-id(5)).
fn identity(root: &Path) -> Finding {
    let serial = ["proc/device-tree/serial-number", "sys/class/dmi/id/product_serial"];
    let serial = serial.iter().find_map(|name| text(root, name)).unwrap_or_else(|| "not told by the board".to_owned());
    match text(root, "etc/machine-id").filter(|id| id != "uninitialized") {
        Some(id) => Finding::new("identity", Verdict::Good, format!("machine-id {id}, serial number {serial}")),
        None => Finding::new(
            "identity",
            Verdict::Wrong,
            "/etc/machine-id is empty, so every copy of this image is the same machine: run systemd-machine-id-setup",
        ),
    }
}

fn time_service(time: ClockState) -> Finding {
    let what = "time service";
    match (time.synchronised, time.offset_ms) {
        (Some(true), Some(offset)) => Finding::new(what, Verdict::Good, format!("the clock is kept, {offset} ms off")),
        (Some(true), None) => Finding::new(what, Verdict::Good, "the clock is kept"),
        (Some(false), _) => Finding::new(
            what,
            Verdict::Wrong,
            "the clock is not synchronised: name the plant's NTP server in /etc/chrony/chrony.conf or /etc/systemd/timesyncd.conf",
        ),
        (None, _) => Finding::new(
            what,
            Verdict::Wrong,
            "neither chrony nor systemd tells whether the clock is kept: install chrony and name the plant's NTP server",
        ),
    }
}

/// Every card but the loopback; whether it has a cable, and nothing about addresses, which `ip address` shows.
fn network(root: &Path) -> Vec<Finding> {
    let folder = root.join("sys/class/net");
    let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| folder.join(name).join("device").exists());
    names.sort();
    let cards = names.iter().map(|name| {
        let state = text(root, &format!("sys/class/net/{name}/operstate")).unwrap_or_else(|| "unknown".to_owned());
        let address = text(root, &format!("sys/class/net/{name}/address")).unwrap_or_default();
        let verdict = if state == "up" { Verdict::Good } else { Verdict::Odd };
        Finding::new("network", verdict, format!("{name} is {state}, {address}"))
    });
    let mut cards: Vec<Finding> = cards.collect();
    if cards.len() < 2 {
        cards.push(Finding::new(
            "network",
            Verdict::Odd,
            "there are not two network cards: plant and enterprise share one, and nothing keeps them apart",
        ));
    }
    cards
}

/// A gateway that forwards is a way from the enterprise into the plant.
fn forwarding(root: &Path) -> Finding {
    let names = ["proc/sys/net/ipv4/ip_forward", "proc/sys/net/ipv6/conf/all/forwarding"];
    let on: Vec<&str> = names.into_iter().filter(|name| text(root, name).is_some_and(|value| value != "0")).collect();
    if on.is_empty() {
        return Finding::new("routing", Verdict::Good, "nothing is forwarded between the networks");
    }
    let words = format!(
        "this machine forwards between plant and enterprise (/{}): set it to 0, see network/ of the examples",
        on.join(", /")
    );
    Finding::new("routing", Verdict::Wrong, words)
}

fn ports(root: &Path) -> Finding {
    let ports = serial::ports(&root.join("sys"), &root.join("dev")).map_or(0, |ports| ports.len());
    Finding::new("serial", Verdict::Good, format!("{}; davy doctor --serial lists them", output::count(ports, "port")))
}

fn lines(root: &Path) -> Finding {
    let entries = fs::read_dir(root.join("dev")).into_iter().flatten().flatten();
    let chips = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("gpiochip")).count();
    match chips {
        0 => Finding::new("GPIO", Verdict::Odd, "no /dev/gpiochip*: lamp and horn can only be simulated"),
        _ => Finding::new("GPIO", Verdict::Good, output::count(chips, "chip")),
    }
}

fn watchdog(root: &Path) -> Finding {
    match root.join("dev/watchdog").exists() {
        true => Finding::new("watchdog", Verdict::Good, "/dev/watchdog is there; name it in the board's description"),
        false => Finding::new(
            "watchdog",
            Verdict::Odd,
            "no /dev/watchdog: a box that hangs as a whole stays so; load its driver",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        root
    }

    fn verdicts(files: &[(&str, &str)], synchronised: Option<bool>) -> Vec<(&'static str, Verdict)> {
        let root = machine(files);
        let time = ClockState { synchronised, offset_ms: None };
        let now = UtcTime::parse("2026-11-30T08:00:00Z").expect("a time");
        findings(root.path(), time, now).iter().map(|each| (each.what, each.verdict)).collect()
    }

    #[test]
    fn a_box_that_is_ready_has_nothing_odd() {
        let ready = [
            ("etc/machine-id", "0123456789abcdef0123456789abcdef\n"),
            ("proc/device-tree/serial-number", "10000000abcdef01\0"),
            ("sys/class/rtc/rtc0/name", "rtc-pcf85063\n"),
            ("sys/class/rtc/rtc0/since_epoch", "1796025601\n"),
            ("sys/class/net/eth0/device/vendor", ""),
            ("sys/class/net/eth0/operstate", "up\n"),
            ("sys/class/net/eth1/device/vendor", ""),
            ("sys/class/net/eth1/operstate", "up\n"),
            ("sys/class/net/lo/operstate", "unknown\n"),
            ("proc/sys/net/ipv4/ip_forward", "0\n"),
            ("dev/gpiochip0", ""),
            ("dev/watchdog", ""),
        ];
        let found = verdicts(&ready, Some(true));
        assert!(found.iter().all(|(_, verdict)| *verdict == Verdict::Good), "{found:?}");
        assert_eq!(found.iter().filter(|(what, _)| *what == "network").count(), 2);
    }

    #[test]
    fn what_must_be_put_right_is_told_from_what_is_odd() {
        let bare = [("etc/machine-id", "uninitialized\n"), ("proc/sys/net/ipv6/conf/all/forwarding", "1\n")];
        let found = verdicts(&bare, None);
        let of = |verdict| found.iter().filter(|each| each.1 == verdict).map(|each| each.0).collect::<Vec<_>>();
        assert_eq!(of(Verdict::Wrong), ["identity", "time service", "routing"]);
        assert_eq!(of(Verdict::Odd), ["RTC", "network", "GPIO", "watchdog"]);
    }
}
