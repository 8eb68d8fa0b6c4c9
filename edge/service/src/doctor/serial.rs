//! `davy doctor --serial`: the serial ports of this machine by names that stay. The number of `/dev/ttyUSB0` is given in the order
//! in which adapters are found, so after a restart another line may be behind it; a line of RS-485 then reads another unit's values.

use crate::{
    cli::{Doctor, Format},
    output,
};
use anyhow::Context as _;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Folders of names that stay, the best first: the box's own, an adapter by its serial number, a socket whatever is in it
/// (systemd's `60-serial.rules`).
const STABLE: [&str; 3] = ["davy", "serial/by-id", "serial/by-path"];

/// `type` of a port of the driver 8250 behind which there is no hardware (`PORT_UNKNOWN`, the kernel's `serial_core.h`).
const NO_HARDWARE: &str = "0";

/// A serial port.
#[derive(Debug, PartialEq)]
pub(super) struct Port {
    /// `ttyUSB0`.
    name: String,
    /// Whether its number is given by the board.
    on_board: bool,
    driver: String,
    /// Below `/dev`, the best first.
    stable: Vec<String>,
    /// Whether this user may open it.
    permitted: bool,
}

/// Prints them; 0 also where there is none.
pub(super) fn command(args: &Doctor) -> anyhow::Result<ExitCode> {
    let ports = ports(Path::new("/sys"), Path::new("/dev"))?;
    if args.rules {
        output::text(rules(&ports));
        return Ok(ExitCode::SUCCESS);
    }
    match args.format {
        Format::Json => output::line(json!(ports.iter().map(Port::row).collect::<Vec<_>>())),
        Format::Text if ports.is_empty() => output::line("this machine has no serial port"),
        Format::Text => ports.iter().for_each(Port::print),
    }
    Ok(ExitCode::SUCCESS)
}

/// Those with hardware behind them, in the order of their names.
///
/// # Errors
/// When the kernel does not list its terminals.
pub(super) fn ports(sys: &Path, dev: &Path) -> anyhow::Result<Vec<Port>> {
    let class = sys.join("class/tty");
    let mut ports = Vec::new();
    for entry in fs::read_dir(&class).with_context(|| format!("list the terminals in {}", class.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        ports.extend(port(&entry.path(), name, dev));
    }
    ports.sort_by_cached_key(|port| (!port.on_board, by_number(&port.name)));
    Ok(ports)
}

fn port(of: &Path, name: String, dev: &Path) -> Option<Port> {
    let device = fs::canonicalize(of.join("device")).ok()?;
    let driver = device.ancestors().find_map(driver)?;
    if fs::read_to_string(of.join("type")).is_ok_and(|kind| kind.trim() == NO_HARDWARE) {
        return None;
    }
    let node = dev.join(&name);
    let permitted = rustix::fs::access(&node, rustix::fs::Access::READ_OK | rustix::fs::Access::WRITE_OK).is_ok();
    Some(Port {
        on_board: !device.components().any(|part| part.as_os_str().to_string_lossy().starts_with("usb")),
        driver,
        stable: stable(&node, dev),
        permitted,
        name,
    })
}

/// The driver of a device. Between a port and its hardware newer kernels put a bus of their own, which says nothing.
fn driver(device: &Path) -> Option<String> {
    let driver = fs::canonicalize(device.join("driver")).ok()?;
    let tells = !driver.components().any(|part| part.as_os_str() == "serial-base");
    tells.then(|| driver.file_name().map(|name| name.to_string_lossy().into_owned()))?
}

/// Names that lead to a port. The kernel's second way to write a USB socket is left out: it says the same.
fn stable(node: &Path, dev: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for folder in STABLE {
        let entries = fs::read_dir(dev.join(folder)).into_iter().flatten().flatten();
        let leading = entries.filter(|entry| fs::canonicalize(entry.path()).is_ok_and(|to| to == node));
        let mut found: Vec<String> = leading
            .map(|entry| format!("{folder}/{}", entry.file_name().to_string_lossy()))
            .filter(|name| !name.contains("-usbv"))
            .collect();
        found.sort();
        names.extend(found);
    }
    names
}

/// `ttyUSB10` stands behind `ttyUSB9`.
fn by_number(name: &str) -> (String, u32) {
    let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
    (letters.to_owned(), name[letters.len()..].parse().unwrap_or_default())
}

impl Port {
    /// The name to write into a configuration.
    fn best(&self) -> PathBuf {
        let own = self.on_board.then_some(&self.name);
        let named = self.stable.iter().find(|name| name.starts_with("davy/"));
        Path::new("/dev").join(named.or(own).or(self.stable.first()).unwrap_or(&self.name))
    }

    /// Whether its best name may be that of another port after a restart.
    fn is_unstable(&self) -> bool {
        !self.on_board && self.stable.is_empty()
    }

    fn print(&self) {
        let place = if self.on_board { "on the board" } else { "USB" };
        output::line(format_args!("{}   {place}, driver {}", self.best().display(), self.driver));
        let others = self.stable.iter().chain([&self.name]).map(|name| Path::new("/dev").join(name));
        for other in others.filter(|name| *name != self.best()) {
            output::line(format_args!("  also {}", other.display()));
        }
        if self.is_unstable() {
            output::line(
                "  its number may be another one after a restart, and udev gives it no other name: install udev, or write a rule for it",
            );
        }
        if !self.permitted {
            output::line("  this user may not open it: add the user to the group dialout");
        }
    }

    fn row(&self) -> Value {
        let also: Vec<PathBuf> = self.stable.iter().map(|name| Path::new("/dev").join(name)).collect();
        json!({
            "name": self.best(),
            "device": Path::new("/dev").join(&self.name),
            "stable": also,
            "on_board": self.on_board,
            "driver": self.driver,
            "permitted": self.permitted,
        })
    }

    /// What tells the port from every other one, in the words of udev(7); `None` where nothing does.
    fn matches(&self) -> Option<String> {
        if self.on_board {
            return Some(format!("KERNEL==\"{}\"", self.name));
        }
        let socket = self.stable.iter().find_map(|name| name.strip_prefix("serial/by-path/"))?;
        // A port of an adapter with several has its number behind the socket.
        Some(match socket.rsplit_once("-port") {
            Some((path, port)) if port.chars().all(|c| c.is_ascii_digit()) => {
                format!("ENV{{ID_PATH}}==\"{path}\", ATTRS{{port_number}}==\"{port}\"")
            }
            _ => format!("ENV{{ID_PATH}}==\"{socket}\""),
        })
    }
}

/// Numbered as they are listed; a person puts the numbers in the order in which they stand on the box.
fn rules(ports: &[Port]) -> String {
    let mut text =
        "# The serial ports of this box by the names that are printed on it: /etc/udev/rules.d/71-davy-serial.rules.\n\
                    # Put the numbers right, then: udevadm control --reload && udevadm trigger --subsystem-match=tty\n"
            .to_owned();
    for (at, port) in ports.iter().enumerate() {
        let number = at + 1;
        text += &match port.matches() {
            Some(matches) => format!("SUBSYSTEM==\"tty\", {matches}, SYMLINK+=\"davy/rs485-{number}\"\n"),
            None => format!("# {}: udev does not tell where it is plugged in\n", port.name),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A machine with an on-board port, one without hardware, and an adapter with two ports.
    fn machine() -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        let at = |path: &str| root.path().join(path);
        let terminal = |name: &str, device: &str, driver: &str, kind: Option<&str>| {
            let (device, driver) = (at("sys/devices").join(device), at("sys/bus").join(driver));
            let class = at("sys/class/tty").join(name);
            for folder in [&device, &driver, &class, &at("dev")] {
                fs::create_dir_all(folder).expect("a folder");
            }
            symlink(&driver, device.join("driver")).expect("a link");
            symlink(&device, class.join("device")).expect("a link");
            fs::write(at("dev").join(name), "").expect("a file");
            kind.into_iter().for_each(|kind| fs::write(class.join("type"), kind).expect("a file"));
        };
        terminal("ttyUSB10", "usb1/1-1/port0", "ftdi_sio", None);
        terminal("ttyUSB9", "usb1/1-1/port1", "ftdi_sio", None);
        terminal("ttyS1", "platform/serial1", "dw-apb-uart", Some("4\n"));
        terminal("ttyS2", "platform/serial2", "serial8250", Some("0\n"));
        fs::create_dir_all(at("sys/class/tty/ptmx")).expect("a folder");
        for (name, to) in [
            ("serial/by-id/usb-FTDI_A5-if00-port0", "ttyUSB10"),
            ("serial/by-path/platform-usb-0:1.2:1.0-port0", "ttyUSB10"),
            ("serial/by-path/platform-usbv2-0:1.2:1.0-port0", "ttyUSB10"),
            ("davy/rs485-1", "ttyS1"),
        ] {
            fs::create_dir_all(at("dev").join(name).parent().expect("a folder")).expect("a folder");
            symlink(at("dev").join(to), at("dev").join(name)).expect("a link");
        }
        root
    }

    #[test]
    fn ports_are_named_by_what_stays() {
        let root = machine();
        let ports = ports(&root.path().join("sys"), &root.path().join("dev")).expect("a machine");
        let shown: Vec<_> = ports.iter().map(|port| (port.best(), port.is_unstable())).collect();
        let expected =
            [("/dev/davy/rs485-1", false), ("/dev/ttyUSB9", true), ("/dev/serial/by-id/usb-FTDI_A5-if00-port0", false)];
        assert_eq!(shown, expected.map(|(name, unstable)| (PathBuf::from(name), unstable)));
        let rules = rules(&ports);
        for line in [
            "SUBSYSTEM==\"tty\", KERNEL==\"ttyS1\", SYMLINK+=\"davy/rs485-1\"",
            "# ttyUSB9: udev does not tell where it is plugged in",
            "SUBSYSTEM==\"tty\", ENV{ID_PATH}==\"platform-usb-0:1.2:1.0\", ATTRS{port_number}==\"0\", SYMLINK+=\"davy/rs485-3\"",
        ] {
            assert!(rules.lines().any(|each| each == line), "{line}: {rules}");
        }
    }
}
