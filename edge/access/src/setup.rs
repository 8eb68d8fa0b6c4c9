//! The set-up of a gateway that has no users: no default password, but a code in a file that only whoever installs it can read.

use crate::{
    AccessError,
    file::write_private,
    secret::{random, sha256},
};
use std::{fs, io, path::Path};

/// The file with the code, in the data folder.
pub const SETUP_FILE: &str = "setup-code";

/// Without letters that look alike (Crockford's base 32), because people type it: 100 bits.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LETTERS: usize = 20;
const GROUP: usize = 5;

/// The hash of a code that is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setup(String);

impl Setup {
    /// Writes another code into the file.
    pub(crate) fn begin(data: &Path) -> Result<Self, AccessError> {
        let letters = random::<CODE_LETTERS>()?.map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
        let groups: Vec<String> = letters.chunks(GROUP).map(|group| group.iter().collect()).collect();
        let code = groups.join("-");
        write_private(&data.join(SETUP_FILE), format!("{code}\n").as_bytes())?;
        Ok(Self(hash(&code)))
    }

    /// The set-up is over, by whatever way.
    pub(crate) fn end(data: &Path) -> Result<(), AccessError> {
        match fs::remove_file(data.join(SETUP_FILE)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(AccessError::File(format!("remove {}: {error}", data.join(SETUP_FILE).display())))
            }
            _ => Ok(()),
        }
    }

    /// Whether it is the code, as a person types it.
    pub(crate) fn is(&self, typed: &str) -> bool {
        hash(typed) == self.0
    }
}

fn hash(typed: &str) -> String {
    let letters: String = typed.chars().filter(|letter| !matches!(letter, '-' | ' ' | '\n' | '\r' | '\t')).collect();
    sha256(letters.to_uppercase().replace('O', "0").replace(['I', 'L'], "1").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn the_code_is_in_a_file_for_its_owner_alone() {
        let data = tempfile::tempdir().unwrap();
        let setup = Setup::begin(data.path()).unwrap();
        let path = data.path().join(SETUP_FILE);
        let code = fs::read_to_string(&path).unwrap();
        assert_eq!((code.len(), fs::metadata(&path).unwrap().permissions().mode() & 0o777), (24, 0o600));
        assert!(
            setup.is(&code) && setup.is(&code.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l"))
        );
        assert!(!setup.is("") && !setup.is(&code[1..]) && !format!("{setup:?}").contains(code.trim()));
        let again = Setup::begin(data.path()).unwrap();
        assert!(!again.is(&code), "another one at each start");
        Setup::end(data.path()).unwrap();
        Setup::end(data.path()).unwrap();
        assert!(!path.exists());
    }
}
