use super::*;
use minisign::KeyPair;
use serde_json::{Value, json};
use std::io::Cursor;

const HERE: &str = "0.1.0";
/// Of its bytes so many are skipped: to verify takes milliseconds.
const EVERY: usize = 7;
const PROGRAM_BYTES: &[u8] = b"not really a program";

fn here() -> Here {
    Here { runs: HERE.parse().expect("a version"), target: "x86_64-unknown-linux-gnu", journal: 4 }
}

fn keys() -> KeyPair {
    KeyPair::generate_unencrypted_keypair().expect("a key")
}

fn public(keys: &KeyPair) -> Vec<String> {
    vec![keys.pk.to_base64()]
}

fn manifest() -> Value {
    json!({
        "format": 1, "product": "davy", "version": "0.2.0", "target": "x86_64-unknown-linux-gnu", "follows": "0.1.0",
        "journal": { "writes": 4, "usable_from": 4 },
        "program": { "bytes": PROGRAM_BYTES.len(), "sha256": hex(PROGRAM_BYTES) },
        "notes": { "zh": "修复", "en": "fixes" },
    })
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn packed(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, *bytes).expect("in memory");
    }
    tar.into_inner().expect("in memory")
}

fn signed(keys: &KeyPair, manifest: &Value) -> (String, Vec<u8>) {
    let text = serde_json::to_vec(manifest).expect("it is JSON");
    let signature = minisign::sign(None, &keys.sk, Cursor::new(&text), Some("davy"), None).expect("it can");
    (signature.into_string(), text)
}

fn file(keys: &KeyPair, manifest: &Value) -> Vec<u8> {
    let (signature, text) = signed(keys, manifest);
    packed(&[(SIGNATURE, signature.as_bytes()), (MANIFEST, &text), (PROGRAM, PROGRAM_BYTES)])
}

fn look(file: &[u8], keys: &KeyPair) -> Result<Release, Refused> {
    Release::look(file, &public(keys), here())
}

fn unpack(file: &[u8], keys: &KeyPair) -> Result<Vec<u8>, Refused> {
    let release = look(file, keys)?;
    let folder = tempfile::tempdir().expect("a folder");
    let to = folder.path().join(PROGRAM);
    match release.unpack(file, &to) {
        Ok(()) => Ok(std::fs::read(to).expect("it is there")),
        Err(error) => Err(error.downcast::<Refused>().expect("a refusal")),
    }
}

#[test]
fn what_a_known_key_has_signed_is_unpacked() {
    let keys = keys();
    assert_eq!(unpack(&file(&keys, &manifest()), &keys).expect("it is right"), PROGRAM_BYTES);
    let mut two = public(&self::keys());
    two.extend(public(&keys));
    let release = Release::look(&file(&keys, &manifest())[..], &two, here()).expect("the second key fits");
    assert_eq!(release.key, two[1]);
}

#[test]
fn every_byte_counts() {
    let keys = keys();
    let file = file(&keys, &manifest());
    let mut refused = 0;
    for at in (0..file.len()).step_by(EVERY) {
        let mut changed = file.clone();
        changed[at] ^= 1;
        // A byte of padding, or one of a header that is not looked at, changes nothing that is used.
        match unpack(&changed, &keys) {
            Ok(program) => assert_eq!(program, PROGRAM_BYTES, "byte {at}"),
            Err(_) => refused += 1,
        }
    }
    let signed = PROGRAM_BYTES.len() + serde_json::to_vec(&manifest()).expect("JSON").len();
    assert!(refused * EVERY > signed, "{refused}");
}

#[test]
fn whatever_is_cut_off_is_missed() {
    let keys = keys();
    let file = file(&keys, &manifest());
    let end = file.windows(PROGRAM_BYTES.len()).position(|bytes| bytes == PROGRAM_BYTES).expect("it is in it");
    for length in 0..end + PROGRAM_BYTES.len() {
        assert!(unpack(&file[..length], &keys).is_err(), "{length} bytes");
    }
    let cut = unpack(&file[..end + 3], &keys).expect_err("it is cut");
    assert_eq!(cut.code(), "cut_short", "{cut}");
}

#[test]
fn what_does_not_belong_here_is_refused_with_its_reason() {
    let (ours, others) = (keys(), keys());
    let with = |pointer: &str, value: Value| {
        let mut manifest = manifest();
        *manifest.pointer_mut(pointer).expect("it is there") = value;
        file(&ours, &manifest)
    };
    let cases = [
        (file(&others, &manifest()), "unknown_key"),
        (with("/product", json!("telly")), "foreign"),
        (with("/format", json!(2)), "foreign"),
        (with("/target", json!("aarch64-unknown-linux-gnu")), "other_target"),
        (with("/version", json!("0.1.0")), "not_later"),
        (with("/version", json!("0.0.9")), "not_later"),
        (with("/follows", json!("0.1.1")), "too_far"),
        (with("/journal/usable_from", json!(5)), "no_way_back"),
        (with("/program/bytes", json!(PROGRAM_BYTES.len() + 1)), "changed"),
        (with("/program/sha256", json!(hex(b"another"))), "changed"),
        (with("/program/bytes", json!(1_u64 << 40)), "foreign"),
        (b"MZ".repeat(600), "foreign"),
        (Vec::new(), "cut_short"),
    ];
    for (file, code) in cases {
        let refused = unpack(&file, &ours).expect_err(code);
        assert_eq!(refused.code(), code, "{refused}");
    }
    assert_eq!(Release::look(&file(&ours, &manifest())[..], &[], here()), Err(Refused::NoKey));
}

#[test]
fn a_signature_of_one_manifest_is_none_of_another() {
    let keys = keys();
    let (signature, _) = signed(&keys, &manifest());
    let mut other = manifest();
    other["version"] = json!("0.3.0");
    let text = serde_json::to_vec(&other).expect("JSON");
    let file = packed(&[(SIGNATURE, signature.as_bytes()), (MANIFEST, &text), (PROGRAM, PROGRAM_BYTES)]);
    assert_eq!(look(&file, &keys).expect_err("it was swapped").code(), "changed");
}

#[test]
fn members_in_another_order_or_too_long_are_refused_before_anything_is_read() {
    let keys = keys();
    let (signature, text) = signed(&keys, &manifest());
    let long = vec![b' '; 1 << 20];
    for members in [
        vec![(MANIFEST, &text[..]), (SIGNATURE, signature.as_bytes())],
        vec![(SIGNATURE, signature.as_bytes()), (PROGRAM, PROGRAM_BYTES), (MANIFEST, &text)],
        vec![(SIGNATURE, &long[..]), (MANIFEST, &text)],
        vec![(SIGNATURE, signature.as_bytes()), (MANIFEST, &long)],
    ] {
        assert_eq!(look(&packed(&members), &keys).expect_err("out of order").code(), "foreign");
    }
}
