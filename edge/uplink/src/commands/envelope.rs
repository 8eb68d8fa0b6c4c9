//! Who signed. JSON Web Signature in compact serialisation (RFC 7515, 7.1) with `EdDSA` over Ed25519 (RFC 8037, 3.1) and nothing
//! else: no other algorithm can be asked for, least of all `none`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use davy_config::CommandKey;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::Value;

/// The public key of RFC 8037, A.2, whose private one everybody knows.
pub(crate) const KEY_OF_TESTS: [u8; 32] = [
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72,
    0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
];

/// What was signed, and by which key.
#[derive(Debug)]
pub(crate) struct Signed<'k> {
    pub(crate) key: &'k CommandKey,
    pub(crate) payload: Vec<u8>,
}

/// Why nobody knows who sent a command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stranger {
    #[error("it is larger than {0} bytes")]
    TooLarge(usize),
    #[error("it is no JWS in compact serialisation: {0}")]
    Shape(&'static str),
    #[error("its header asks for the algorithm {0:?}, and EdDSA alone is accepted")]
    Algorithm(String),
    #[error("its header has {0}, which is not understood")]
    Critical(&'static str),
    #[error("its key {0:?} is not provisioned here")]
    Key(String),
    #[error("its signature is not that of the key {0:?}: it was changed on the way, or signed with another key")]
    Signature(String),
    #[error("it is signed and has no usable id: jti must be 1 to 64 visible ASCII characters")]
    Nameless,
}

/// RFC 7515, 4.1; what is not named here is ignored, as 4.2 and 4.3 want it, but for `crit`, which forbids that.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    crit: Option<Value>,
    b64: Option<Value>,
}

/// Finds the key and checks the signature; nothing of the payload is looked at before.
pub(crate) fn open<'k>(jws: &[u8], keys: &'k [CommandKey]) -> Result<Signed<'k>, Stranger> {
    let text = std::str::from_utf8(jws).map_err(|_| Stranger::Shape("it is not text"))?.trim_ascii();
    let (signed, signature) = text.rsplit_once('.').ok_or(Stranger::Shape("it has no three parts"))?;
    let (header, payload) = signed.split_once('.').ok_or(Stranger::Shape("it has no three parts"))?;
    let header: Header = serde_json::from_slice(&decode(header, "its header is not Base64url")?)
        .map_err(|_| Stranger::Shape("its header is no JSON with alg and kid"))?;
    if header.alg != "EdDSA" {
        return Err(Stranger::Algorithm(short(&header.alg)));
    }
    if header.crit.is_some() {
        return Err(Stranger::Critical("crit"));
    }
    if header.b64.is_some() {
        return Err(Stranger::Critical("b64"));
    }
    let signature = decode(signature, "its signature is not Base64url")?;
    let key = keys.iter().find(|key| key.id == header.kid).ok_or_else(|| Stranger::Key(short(&header.kid)))?;
    UnparsedPublicKey::new(&ED25519, key.public)
        .verify(signed.as_bytes(), &signature)
        .map_err(|_| Stranger::Signature(key.id.clone()))?;
    Ok(Signed { key, payload: decode(payload, "its payload is not Base64url")? })
}

fn decode(part: &str, problem: &'static str) -> Result<Vec<u8>, Stranger> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Stranger::Shape(problem))
}

fn short(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use ring::signature::Ed25519KeyPair;

    /// RFC 8037, A.1.
    const SEED: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";

    fn encode(bytes: impl AsRef<[u8]>) -> String {
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Signs with the key of the RFC.
    pub(crate) fn sign(header: &str, payload: &str) -> String {
        let pair = Ed25519KeyPair::from_seed_unchecked(&URL_SAFE_NO_PAD.decode(SEED).unwrap()).unwrap();
        let signed = format!("{}.{}", encode(header), encode(payload));
        format!("{signed}.{}", encode(pair.sign(signed.as_bytes())))
    }

    pub(crate) fn keys() -> Vec<CommandKey> {
        let other = CommandKey { id: "other".to_owned(), public: [9; 32] };
        vec![other, CommandKey { id: "platform".to_owned(), public: KEY_OF_TESTS }]
    }

    const HEADER: &str = r#"{"alg":"EdDSA","kid":"platform"}"#;

    #[test]
    fn the_example_of_the_rfc_is_good() {
        // RFC 8037, A.4; its header has no kid, so only the signature is looked at.
        let jws = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        let (signed, signature) = jws.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        UnparsedPublicKey::new(&ED25519, KEY_OF_TESTS).verify(signed.as_bytes(), &signature).unwrap();
        assert!(matches!(open(jws.as_bytes(), &keys()), Err(Stranger::Shape(_))));
    }

    #[test]
    fn what_is_signed_by_a_key_of_ours_is_opened() {
        for header in [HEADER, r#"{"typ":"JWT","kid":"platform","jku":"https://evil","alg":"EdDSA"}"#] {
            let jws = sign(header, "payload") + "\n";
            let keys = keys();
            let signed = open(jws.as_bytes(), &keys).unwrap();
            assert_eq!((signed.key.id.as_str(), signed.payload.as_slice()), ("platform", &b"payload"[..]));
        }
    }

    #[test]
    fn nothing_else_is() {
        let good = sign(HEADER, "payload");
        let parts: Vec<&str> = good.split('.').collect();
        let with = |at: usize, part: &str| {
            let mut parts = parts.clone();
            parts[at] = part;
            parts.join(".")
        };
        let header = |header: &str| sign(header, "payload");
        for (jws, expected) in [
            (String::new(), Stranger::Shape("it has no three parts")),
            ("a.b".to_owned(), Stranger::Shape("it has no three parts")),
            (format!("{good}.x"), Stranger::Shape("its signature is not Base64url")),
            (format!("{good}.AAAA"), Stranger::Signature("platform".to_owned())),
            (with(0, "%"), Stranger::Shape("its header is not Base64url")),
            (with(0, &encode("[]")), Stranger::Shape("its header is no JSON with alg and kid")),
            (with(2, "%"), Stranger::Shape("its signature is not Base64url")),
            (with(2, &format!("{}=", parts[2])), Stranger::Shape("its signature is not Base64url")),
            (with(2, ""), Stranger::Signature("platform".to_owned())),
            (with(2, &encode([0; 64])), Stranger::Signature("platform".to_owned())),
            (with(1, &encode("another")), Stranger::Signature("platform".to_owned())),
            (with(1, "%"), Stranger::Signature("platform".to_owned())),
            (with(0, &encode(r#"{"alg":"EdDSA","kid":"other"}"#)), Stranger::Signature("other".to_owned())),
            (header(r#"{"alg":"EdDSA","kid":"x"}"#), Stranger::Key("x".to_owned())),
            (header(r#"{"alg":"none","kid":"platform"}"#), Stranger::Algorithm("none".to_owned())),
            (header(r#"{"alg":"HS256","kid":"platform"}"#), Stranger::Algorithm("HS256".to_owned())),
            (header(r#"{"alg":"eddsa","kid":"platform"}"#), Stranger::Algorithm("eddsa".to_owned())),
            (header(r#"{"alg":"EdDSA","kid":"platform","crit":["x"],"x":1}"#), Stranger::Critical("crit")),
            (header(r#"{"alg":"EdDSA","kid":"platform","b64":false}"#), Stranger::Critical("b64")),
            (
                header(r#"{"alg":"none","alg":"EdDSA","kid":"platform"}"#),
                Stranger::Shape("its header is no JSON with alg and kid"),
            ),
        ] {
            assert_eq!(open(jws.as_bytes(), &keys()).unwrap_err(), expected, "{jws}");
        }
        assert_eq!(open(b"\xff.a.b", &keys()).unwrap_err(), Stranger::Shape("it is not text"));
    }
}
