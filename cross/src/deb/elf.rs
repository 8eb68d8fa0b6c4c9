//! What a binary needs of the system it is installed on, as its dynamic section says.

use anyhow::{Context as _, Result, ensure};
use std::{path::Path, process::Command};

/// Libraries that a binary may name, and the packages they are in; the C library's version is read from its symbols.
const PACKAGES: [(&str, &str); 1] = [("libgcc_s.so.1", "libgcc-s1 | libgcc1")];

/// Parts of the C library's own package.
const C_LIBRARY: [&str; 7] =
    ["libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1", "ld-linux"];

/// What `readelf` calls the machine of an architecture.
const MACHINES: [(&str, &str); 3] = [("amd64", "X86-64"), ("arm64", "AArch64"), ("armhf", "ARM")];

/// The packages that a binary needs; none for one that is linked statically.
pub(super) fn needs(binary: &Path, architecture: &str) -> Result<Vec<String>> {
    let read = Command::new("readelf")
        .args(["--file-header", "--dynamic", "--version-info", "--wide"])
        .arg(binary)
        .output()
        .context("run readelf: install binutils")?;
    ensure!(read.status.success(), "{} is no program: {}", binary.display(), String::from_utf8_lossy(&read.stderr));
    let text = String::from_utf8_lossy(&read.stdout);
    let machine = MACHINES.iter().find(|(name, _)| *name == architecture).map_or("", |(_, machine)| machine);
    let of_machine = text.lines().any(|line| line.trim_start().starts_with("Machine:") && line.ends_with(machine));
    ensure!(of_machine, "{} is not a program for {architecture}", binary.display());
    of_text(&text).with_context(|| format!("what {} needs", binary.display()))
}

fn of_text(text: &str) -> Result<Vec<String>> {
    let libraries = text.lines().filter(|line| line.contains("(NEEDED)"));
    let libraries = libraries.filter_map(|line| Some(line.split_once('[')?.1.split_once(']')?.0));
    let mut needs = Vec::new();
    for library in libraries {
        if C_LIBRARY.iter().any(|name| library.starts_with(name)) {
            continue;
        }
        let package = PACKAGES.iter().find(|(name, _)| *name == library).map(|(_, package)| (*package).to_owned());
        needs.push(package.with_context(|| {
            format!("no package is known for {library}: link it statically, or name its package here")
        })?);
    }
    let versions = text.split("GLIBC_").skip(1).filter_map(version);
    if let Some((major, minor)) = versions.max() {
        needs.insert(0, format!("libc6 (>= {major}.{minor})"));
    }
    Ok(needs)
}

/// `2.28` of what follows `GLIBC_`.
fn version(text: &str) -> Option<(u32, u32)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let mut numbers = text[..end].split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_symbol_decides_and_an_unknown_library_is_named() {
        let of = |text: &str| of_text(text).map_err(|error| error.to_string());
        let gnu = " 0x01 (NEEDED) Shared library: [libgcc_s.so.1]\n 0x01 (NEEDED) Shared library: [libc.so.6]\n Name: GLIBC_2.9 Flags\n Name: GLIBC_2.28\n Name: GLIBC_2.3.4";
        assert_eq!(of(gnu), Ok(vec!["libc6 (>= 2.28)".to_owned(), "libgcc-s1 | libgcc1".to_owned()]));
        assert_eq!(of("There is no dynamic section in this file."), Ok(Vec::new()));
        assert!(of(" (NEEDED) [libssl.so.3]").is_err_and(|words| words.contains("libssl.so.3")));
    }
}
