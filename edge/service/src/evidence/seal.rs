//! The document's text and its hash. The hash is over the text as it is with the field `sha256` empty, byte for byte: any tool
//! can do that, and no byte can be changed unseen.

use davy_core::record::EvidencePacket;
use sha2::{Digest as _, Sha256};

/// A document with its hash.
#[derive(Debug)]
pub(super) struct Sealed {
    /// SHA-256 in hexadecimal digits.
    pub(super) sha256: String,
    /// The document, the hash included.
    pub(super) text: String,
}

const HEAD: &str = "{\"sha256\":\"";
const DIGITS: usize = 64;

/// Writes the document and puts its hash into it.
pub(super) fn seal(packet: EvidencePacket) -> Sealed {
    let packet = EvidencePacket { sha256: String::new(), ..packet };
    let empty = serde_json::to_string(&packet).expect("records are plain data with text keys");
    let sha256 = hash(empty.as_bytes());
    let text = empty.replacen(HEAD, &format!("{HEAD}{sha256}"), 1);
    Sealed { sha256, text }
}

/// The hash that a document names, when it is the hash of the rest; else why not.
pub(super) fn check(text: &str) -> Result<String, &'static str> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let named = text.strip_prefix(HEAD).and_then(|rest| rest.split_at_checked(DIGITS));
    let (named, rest) = named.ok_or("it does not begin with its hash: it is no packet, or was written anew")?;
    match hash(format!("{HEAD}{rest}").as_bytes()) == named {
        true => Ok(named.to_owned()),
        false => Err("its content does not match the hash in it: it was changed after it was written"),
    }
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
