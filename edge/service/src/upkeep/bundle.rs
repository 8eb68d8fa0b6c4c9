//! The rest of a support bundle, which the disk has: the configuration without what is secret or about people, what is odd about it, the
//! files of the data folder; and the archive itself, a ZIP, which every desk can open.

use crate::{backup::sha256, limits, tls};
use anyhow::Context as _;
use davy_api::{BundlePart, Names};
use davy_config::{Errors, Finding};
use rustix::system::uname;
use serde_json::json;
use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{Read as _, Write as _},
    path::Path,
};
use tempfile::NamedTempFile;
use zip::{ZipWriter, write::SimpleFileOptions};

/// The files of a configuration that go in, by their names in the bundle, and never another: a file of the folder may be a password.
const CONFIGURATION: [&str; 11] = [
    "config/gateway.toml",
    "config/rules.toml",
    "config/tags.csv",
    "config/zones.csv",
    "config/cameras.csv",
    "config/risk/objects.csv",
    "config/risk/units.csv",
    "config/risk/events.csv",
    "config/risk/measures.csv",
    "config/risk/plans.csv",
    "config/risk/holidays.csv",
];

/// The list of people, which stays out unless names are asked for.
const PEOPLE: &str = "config/people.csv";

/// What the running gateway has said, and what the disk says.
pub(super) fn with_the_disks(
    parts: Vec<BundlePart>,
    data: &Path,
    config: Option<&Path>,
    names: &Names,
) -> Vec<BundlePart> {
    let part = |name, about, text| BundlePart { name, about, text };
    let mut all = vec![part("box.json", "the box: operating system and hardware", the_box())];
    all.extend(parts);
    all.push(part("files.txt", "the files of the data folder and their lengths, not what is in them", listing(data)));
    let Some(config) = config else { return all };
    let people = (*names == Names::Kept).then_some(PEOPLE);
    for name in CONFIGURATION.into_iter().chain(people) {
        let of_folder = name.strip_prefix("config/").unwrap_or(name);
        if let Some(text) = read(&config.join(of_folder)) {
            all.push(part(name, "of the configuration folder", names.in_text(&unsigned(&text, names))));
        }
    }
    all.push(part("check.txt", "what `davy check` says of the configuration folder", names.in_text(&findings(config))));
    all
}

/// Packs it, and says in words what is in it.
pub(super) fn pack(parts: &[BundlePart], names: &Names, work: &Path) -> anyhow::Result<(NamedTempFile, String)> {
    let file = NamedTempFile::new_in(work).context("write beside the data")?;
    let mut zip = ZipWriter::new(file);
    let readme = readme(parts, names);
    let all = [("README.txt", readme.as_str())].into_iter().chain(parts.iter().map(|part| (part.name, &*part.text)));
    for (name, text) in all {
        zip.start_file(name, SimpleFileOptions::default()).with_context(|| format!("pack {name}"))?;
        zip.write_all(text.as_bytes()).with_context(|| format!("pack {name}"))?;
    }
    let file = zip.finish().context("pack the support bundle")?;
    let people = if *names == Names::Kept { "with" } else { "without" };
    Ok((file, format!("{} files, {people} people's names", parts.len() + 1)))
}

fn readme(parts: &[BundlePart], names: &Names) -> String {
    let people = match names {
        Names::Kept => {
            "People's names are in it, as was asked for: handle it by the personal information law 个人信息保护法."
        }
        Names::LeftOut(_) => {
            "People are left out: every name known to the gateway, and whoever signed, reads [person]; list of people, positions, \
             tickets, evidence and what messages said are not in it."
        }
    };
    let mut text = format!(
        "Davy support bundle 支持包\n\nFor whoever looks for a fault. No passwords, keys or tokens are in it.\n供排查故障使用，不含任何口令、密钥或令牌。\n{people}\n\n"
    );
    for BundlePart { name, about, text: part } in parts {
        let sha256 = sha256(&mut part.as_bytes()).unwrap_or_default();
        let _ = writeln!(text, "{name}\n    {about}\n    SHA-256 {sha256}");
    }
    text
}

/// A file of the configuration; one that is very large is named only.
fn read(path: &Path) -> Option<String> {
    let file = File::open(path).ok()?;
    let mut bytes = Vec::new();
    file.take(limits::BUNDLE_FILE_BYTES_MAX + 1).read_to_end(&mut bytes).ok()?;
    if bytes.len() as u64 > limits::BUNDLE_FILE_BYTES_MAX {
        return Some(format!("left out: it has more than {} bytes\n", limits::BUNDLE_FILE_BYTES_MAX));
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Without who wrote a configuration.
fn unsigned(text: &str, names: &Names) -> String {
    if *names == Names::Kept {
        return text.to_owned();
    }
    let signs = |line: &str| line.trim_start().starts_with("author");
    text.split_inclusive('\n').map(|line| if signs(line) { "# author left out\n" } else { line }).collect()
}

fn findings(config: &Path) -> String {
    let said = |findings: &[Finding], kind: &str| -> String {
        findings.iter().map(|finding| format!("{kind}: {finding}\n")).collect()
    };
    match tls::read_dir(config) {
        Ok(checked) => format!("{}good\n", said(&checked.coverage, "warning")),
        Err(Errors(errors)) => said(&errors, "error"),
    }
}

fn the_box() -> String {
    let system = uname();
    let text = |text: &std::ffi::CStr| text.to_string_lossy().into_owned();
    let of_file = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let value = json!({
        "davy": env!("CARGO_PKG_VERSION"),
        "kernel": [text(system.sysname()), text(system.release()), text(system.version())],
        "machine": text(system.machine()),
        "hardware": of_file("/proc/device-tree/model").trim_end_matches('\0'),
        "operating_system": of_file("/etc/os-release").lines().collect::<Vec<_>>(),
        "features": { "plant": cfg!(feature = "plant"), "kafka": cfg!(feature = "kafka") },
    });
    serde_json::to_string_pretty(&value).unwrap_or_default()
}

/// Names and lengths of all that lies below.
fn listing(folder: &Path) -> String {
    let mut lines = Vec::new();
    list(folder, "", &mut lines);
    lines.sort();
    lines.concat()
}

fn list(folder: &Path, within: &str, lines: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = format!("{within}{}", entry.file_name().to_string_lossy());
        match entry.metadata() {
            Ok(about) if about.is_dir() && lines.len() < limits::BUNDLE_LISTED_MAX => {
                list(&entry.path(), &format!("{name}/"), lines)
            }
            Ok(about) if about.is_file() && lines.len() < limits::BUNDLE_LISTED_MAX => {
                lines.push(format!("{name}  {}\n", about.len()));
            }
            Ok(_) | Err(_) => {}
        }
    }
}
