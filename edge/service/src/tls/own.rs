//! The certificate that the gateway makes for its page: signed by itself, so that a person compares its fingerprint once.

use super::{host_name, judge::Shown};
use crate::limits;
use anyhow::{Context as _, anyhow};
use davy_config::WebConfig;
use davy_core::time::UtcTime;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd};
use std::{
    fs::{self, DirBuilder},
    io::{ErrorKind, Write as _},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    os::unix::fs::DirBuilderExt as _,
    path::Path,
    time::Duration,
};

const CERTIFICATE: &str = "certificate.pem";
const KEY: &str = "key.pem";

/// For clocks that are behind.
const DAY: Duration = Duration::from_secs(86_400);

/// For whom a certificate is to be.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    subject: String,
    /// Host names and addresses, as a certificate is read back.
    names: Vec<String>,
}

impl Wanted {
    pub(super) fn of(web: &WebConfig, gateway_id: &str, at: SocketAddr) -> Self {
        let loopback = [Ipv4Addr::LOCALHOST.to_string(), Ipv6Addr::LOCALHOST.to_string()];
        let address = Some(at.ip().to_canonical()).filter(|ip| !ip.is_unspecified()).map(|ip| ip.to_string());
        let mut names: Vec<String> =
            ["localhost".to_owned()].into_iter().chain(loopback).chain(host_name()).chain(address).collect();
        names.extend(web.names.iter().cloned());
        names.sort();
        names.dedup();
        Self { subject: format!("Davy {gateway_id}"), names }
    }
}

/// The one in the folder, or one that is made anew where it will not do.
pub(super) fn open(folder: &Path, wanted: &Wanted, now: UtcTime) -> anyhow::Result<Shown> {
    let now = now.max(limits::WEB_CLOCK_EARLIEST);
    let why = match kept(folder)? {
        None => "there is none".to_owned(),
        Some(Err(words)) => words,
        Some(Ok(shown)) => match unfit(&shown, wanted, now) {
            None => return Ok(shown),
            Some(words) => words,
        },
    };
    tracing::warn!(folder = %folder.display(), "the page's certificate is made anew, and browsers will ask: {why}");
    make(folder, wanted, now)?;
    match kept(folder)? {
        Some(made) => made.map_err(|words| anyhow!("the certificate that was made for the page: {words}")),
        None => Err(anyhow!("the certificate that was made for the page is gone from {}", folder.display())),
    }
}

fn unfit(shown: &Shown, wanted: &Wanted, now: UtcTime) -> Option<String> {
    match shown.in_time(now) {
        Ok(None) => {}
        Ok(Some(words)) | Err(words) => return Some(words),
    }
    let missing = wanted.names.iter().find(|name| !shown.facts.hosts.contains(name));
    missing.map(|name| format!("it is not for {name}"))
}

fn kept(folder: &Path) -> anyhow::Result<Option<Result<Shown, String>>> {
    let read = |name| {
        let path = folder.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("read {}: check whose file it is", path.display())),
        }
    };
    let (Some(certificate), Some(key)) = (read(CERTIFICATE)?, read(KEY)?) else { return Ok(None) };
    Ok(Some(Shown::read(&certificate, &key)))
}

fn make(folder: &Path, wanted: &Wanted, now: UtcTime) -> anyhow::Result<()> {
    // ECDSA P-256: what every browser takes, made in a moment.
    let key = KeyPair::generate().context("make a key for the page")?;
    let mut params = CertificateParams::new(wanted.names.clone()).context("name the page's certificate")?;
    let seconds = u64::try_from(now.0 / 1_000).unwrap_or_default();
    let begin = date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds).saturating_sub(DAY);
    (params.not_before, params.not_after) = (begin, begin + DAY * limits::WEB_CERTIFICATE_DAYS as u32);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, wanted.subject.as_str());
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.self_signed(&key).context("make a certificate for the page")?;
    if !folder.exists() {
        let made = DirBuilder::new().mode(0o700).create(folder);
        made.with_context(|| format!("make the folder {}", folder.display()))?;
    }
    // Should the power fail in between, the two do not match, and both are made once more.
    put(folder, KEY, key.serialize_pem().as_bytes())?;
    put(folder, CERTIFICATE, certificate.pem().as_bytes())
}

/// As a whole, readable by the gateway's user alone.
fn put(folder: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let path = folder.join(name);
    let put = || {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|error| error.error)
    };
    put().with_context(|| {
        format!("write {}: check the free space of the disk and whose folder it is", path.display())
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    const BEGIN: UtcTime = UtcTime(1_795_000_000_000);
    const DAY_MS: i64 = 86_400_000;

    fn wanted(names: &[&str]) -> Wanted {
        Wanted { subject: "Davy gw-1".to_owned(), names: names.iter().map(|name| (*name).to_owned()).collect() }
    }

    #[test]
    fn it_is_made_anew_only_when_it_will_not_do() {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("web");
        let names = ["::1", "127.0.0.1", "gw-1.example.com", "localhost"];
        let at = |names: &[&str], days: i64| {
            open(&folder, &wanted(names), UtcTime(BEGIN.0 + days * DAY_MS)).unwrap().facts.sha256
        };
        let first = at(&names, 0);
        let mode = |name: &str| fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(""), mode(KEY)), (0o700, 0o600));
        assert_eq!(at(&names, 0), first, "it stays");
        assert_eq!(at(&names[1..], 698), first, "for fewer names and a long time");
        let more = ["10.0.0.7", "::1", "127.0.0.1", "gw-1.example.com", "localhost"];
        let second = at(&more, 698);
        assert_ne!(second, first, "another name");
        let third = at(&more, 698 + 700);
        assert_ne!(third, second, "within 30 days of its end");
        assert_ne!(at(&more, 0), third, "the clock was ahead");
        let unset = at(&more, -20_000);
        let before = at(&more, 0);
        assert_eq!(before, unset, "a clock that was not set yet, and then is");
        fs::write(folder.join(KEY), KeyPair::generate().unwrap().serialize_pem()).unwrap();
        assert_ne!(at(&more, 0), before, "its key is another's");
        fs::write(folder.join(CERTIFICATE), "no certificate").unwrap();
        assert_eq!(at(&more, 0).len(), 64, "nothing that can be read");
    }

    #[test]
    fn a_site_is_told_what_is_wrong_with_its_certificate() {
        let data = tempfile::tempdir().unwrap();
        make_at(data.path());
        let read = |name: &str| fs::read(data.path().join(name)).unwrap();
        let (certificate, key) = (read(CERTIFICATE), read(KEY));
        let other = KeyPair::generate().unwrap().serialize_pem();
        for (certificate, key, words) in [
            (&certificate[..], other.as_bytes(), "its key belongs to another certificate"),
            (&key, &key, "the file has no certificate"),
            (&certificate, &certificate, "its key cannot be read"),
            (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", &key, "the certificate cannot be read"),
            (b"-----BEGIN CERTIFICATE-----\n????", &key, "the file is not PEM"),
        ] {
            let said = Shown::read(certificate, key).err().unwrap_or_default();
            assert!(said.starts_with(words) && said.contains(';'), "{said}");
        }
        let shown = Shown::read(&certificate, &key).unwrap();
        let at = |days: i64| shown.in_time(UtcTime(BEGIN.0 + days * DAY_MS));
        assert_eq!(at(0), Ok(None));
        assert!(at(710).unwrap().unwrap().starts_with("ends in 19 d"), "{:?}", at(710));
        assert!(at(800).unwrap_err().starts_with("it ended at"));
        assert!(at(-2).unwrap_err().starts_with("it is valid from"));
    }

    fn make_at(folder: &Path) {
        make(folder, &wanted(&["localhost"]), BEGIN).unwrap();
    }
}
