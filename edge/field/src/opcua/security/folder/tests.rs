//! The folder itself, with real keys and certificates.

use super::*;
use std::{fs, os::unix::fs::PermissionsExt};

const NOW: UtcTime = UtcTime(1_795_392_000_000);

fn gateway() -> Gateway {
    Gateway { company_code: "330100123".to_owned(), gateway_id: "gw 1/罐区".to_owned(), ..Gateway::default() }
}

/// A folder with a short key in it, because making a long one takes seconds.
fn pki() -> (tempfile::TempDir, Pki) {
    let data = tempfile::tempdir().unwrap();
    let pki = Pki::new(data.path());
    write_new(&pki.folder.join(KEY), own::key(2_048).unwrap().as_bytes()).unwrap();
    (data, pki)
}

#[test]
fn the_own_certificate_is_made_once_and_for_twenty_years() {
    let (data, pki) = pki();
    let made = pki.own(&gateway(), NOW).unwrap();
    assert_eq!(pki.own(&gateway(), NOW.after(86_400_000)).unwrap(), made, "the same one for life");
    assert_eq!(made.uris, ["urn:davy:330100123:gw-1---"]);
    assert_eq!(made.subject, "CN=Davy gw-1---,O=330100123");
    assert!(made.not_before < NOW && made.not_after.since(NOW) > 7_299 * 86_400_000, "{made:?}");
    let mode = |path: &str| fs::metadata(data.path().join("pki").join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(KEY), mode("private"), mode(OWN)), (0o600, 0o700, 0o644));

    fs::remove_file(pki.folder.join(KEY)).unwrap();
    let lost = pki.own(&gateway(), NOW).unwrap_err().to_string();
    assert!(lost.contains("key.pem") && lost.contains("davy certificate renew"), "{lost}");
}

/// Root alone can see it: anybody else owns what they make.
#[test]
fn what_an_administrator_makes_belongs_to_the_owner_of_the_data() {
    use std::os::unix::fs::{MetadataExt, chown};
    let data = tempfile::tempdir().unwrap();
    let owner = if chown(data.path(), Some(12_345), Some(12_345)).is_ok() {
        12_345
    } else {
        fs::metadata(data.path()).unwrap().uid()
    };
    let pki = Pki::new(data.path());
    write_new(&pki.folder.join(KEY), b"a key").unwrap();
    write(&pki.folder.join("acts/1.json"), b"{}").unwrap();
    for made in ["pki", "pki/private", "pki/private/key.pem", "pki/acts", "pki/acts/1.json"] {
        assert_eq!(fs::metadata(data.path().join(made)).unwrap().uid(), owner, "{made}");
    }
}

#[test]
fn no_certificate_is_made_while_the_clock_shows_1970() {
    let (_data, pki) = pki();
    let refused = pki.own(&gateway(), UtcTime(60_000)).unwrap_err().to_string();
    assert!(refused.contains("1970-01-01") && refused.contains("set the clock"), "{refused}");
    assert!(pki.own(&gateway(), NOW).is_ok());
}

#[test]
fn the_list_of_rejected_certificates_is_bounded_and_the_oldest_make_room() {
    let (_data, pki) = pki();
    let key = fs::read_to_string(pki.folder.join(KEY)).unwrap();
    let ders: Vec<Vec<u8>> = (0..bounds::REJECTED_MAX + 2)
        .map(|number| {
            let owner = Owner { application_uri: "urn:x".to_owned(), subject: format!("CN=server {number}") };
            own::certificate(&owner, &key, NOW).unwrap()
        })
        .collect();
    for (at, der) in ders.iter().enumerate() {
        let facts = certificate::read(der).unwrap();
        let seen = NOW.after(at as u64 * 1_000);
        pki.refuse(&facts, der, "dcs", "opc.tcp://dcs", seen).unwrap();
        pki.refuse(&facts, der, "dcs", "opc.tcp://dcs", seen).unwrap();
    }
    let all = pki.list().unwrap();
    assert_eq!(all.len(), bounds::REJECTED_MAX);
    assert_eq!(all.first().unwrap().facts.subject, format!("CN=server {}", ders.len() - 1));
    assert!(all.iter().all(|view| view.facts.subject != "CN=server 1"), "the first two have made room");

    // One that is in both folders, as after a power failure, was trusted by a person.
    let (facts, der) = (certificate::read(&ders[5]).unwrap(), &ders[5]);
    pki.put(TRUSTED, &file_name(der).unwrap(), der, &CertificateNote::default()).unwrap();
    assert!(pki.is_trusted(&facts, der).unwrap());
    assert_eq!(pki.listed(CertificateStanding::Rejected).unwrap().len(), bounds::REJECTED_MAX - 1);
    assert!(!pki.is_trusted(&facts, &ders[6]).unwrap());
}

#[test]
fn a_chain_and_nonsense_are_refused_in_words() {
    let (_data, pki) = pki();
    pki.own(&gateway(), NOW).unwrap();
    let der = read(&pki.own_path()).unwrap().unwrap();
    let chain = certificate::read(&[der.clone(), der].concat()).unwrap_err();
    assert!(chain.contains("chain of certificates"), "{chain}");
    assert!(certificate::read(b"\x30\x03\x02\x01\x01").unwrap_err().contains("cannot be read"));
    assert!(certificate::read(b"").is_err());
}
