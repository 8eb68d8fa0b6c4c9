//! Names of serial adapters: those that the kernel numbers as it finds them, and those that stay.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Names of USB adapters; their number is given in the order in which they are found.
const NUMBERED: [&str; 2] = ["/dev/ttyUSB", "/dev/ttyACM"];

/// Folders of names that stay: the box's own, and those of adapters by their serial number (systemd's `60-serial.rules`).
const STABLE: [&str; 2] = ["/dev/davy", "/dev/serial/by-id"];

/// Why such a name is not to be relied on, and what to write; `None` for one that stays.
pub(super) fn trouble(path: &str) -> Option<String> {
    let number = NUMBERED.iter().find_map(|name| path.strip_prefix(name))?;
    let numbered = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
    numbered.then(|| {
        let advice = match name_that_stays(Path::new(path), STABLE.map(Path::new)) {
            Some(name) => format!("write {}, which is that adapter on this machine", name.display()),
            None => "write its name below /dev/serial/by-id; davy doctor --serial lists them".to_owned(),
        };
        format!(
            "{path} has its number from the order in which adapters are found, so after a restart another line may be read in its place; {advice}"
        )
    })
}

fn name_that_stays(path: &Path, folders: [&Path; 2]) -> Option<PathBuf> {
    let device = fs::canonicalize(path).ok()?;
    let named = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flat_map(|entries| entries.flatten());
    let names = named.map(|entry| entry.path());
    names.filter(|name| fs::canonicalize(name).is_ok_and(|to| to == device)).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn only_names_that_are_counted_are_told() {
        for path in [
            "/dev/ttyS1",
            "/dev/serial/by-id/usb-FTDI_A5-if00-port0",
            "/dev/davy/rs485-1",
            "/dev/ttyUSB",
            "/dev/ttyUSB_line",
        ] {
            assert_eq!(trouble(path), None, "{path}");
        }
        for path in ["/dev/ttyUSB0", "/dev/ttyACM12"] {
            assert!(trouble(path).is_some_and(|words| words.contains(path)), "{path}");
        }
    }

    #[test]
    fn the_name_that_stays_is_that_of_the_same_device() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("by-id")).unwrap();
        fs::write(at("ttyUSB0"), "").unwrap();
        fs::write(at("ttyUSB1"), "").unwrap();
        symlink("../ttyUSB1", at("by-id/usb-other")).unwrap();
        symlink("../ttyUSB0", at("by-id/usb-this")).unwrap();
        let found = |name: &str| name_that_stays(&at(name), [&at("none"), &at("by-id")]);
        assert_eq!((found("ttyUSB0"), found("ttyUSB2")), (Some(at("by-id/usb-this")), None));
    }
}
