//! Which secrets a proposal may name. Whoever proposes sits at a browser and not at the gateway: without a bound he could have any
//! file that the gateway can read sent to a server of his as a password.

use davy_config::{Files, STAND_IN, scaffold::GATEWAY_TOML};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    path::{Component, Path},
};

/// Secrets by name: those that were typed, those that a configuration in force names, and files within the folder.
pub(crate) struct Allowed<'a> {
    pub(crate) folder: Option<&'a Path>,
    pub(crate) known: BTreeSet<String>,
    pub(crate) typed: &'a BTreeMap<String, String>,
}

impl Allowed<'_> {
    pub(crate) fn read(&self, name: &str) -> Result<String, String> {
        if let Some(text) = self.typed.get(name) {
            return Ok(text.clone());
        }
        if !self.known.contains(name) && !is_within(name) {
            return Err(format!(
                "{name} lies outside the configuration folder, and over the network only what lies within it can be named; put the file there, or name it on site"
            ));
        }
        match self.folder {
            Some(folder) => davy_config::secret(folder, name),
            None => Ok(STAND_IN.to_owned()),
        }
    }
}

/// The names of all secrets of a configuration.
pub(crate) fn named_by(files: &Files) -> BTreeSet<String> {
    let only = files.0.get(GATEWAY_TOML).map(|bytes| (GATEWAY_TOML.to_owned(), bytes.clone()));
    let names = RefCell::new(BTreeSet::new());
    // What is wrong without the other files is of no interest here.
    let _errors = davy_config::read(&Files(only.into_iter().collect()), &|name| {
        names.borrow_mut().insert(name.to_owned());
        Ok(STAND_IN.to_owned())
    });
    names.into_inner()
}

fn is_within(name: &str) -> bool {
    let mut components = Path::new(name).components().peekable();
    !name.starts_with("env:")
        && components.peek().is_some()
        && components.all(|component| matches!(component, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_folder_is_read_unless_it_is_in_force() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("key"), "within\n").expect("written");
        let typed = BTreeMap::from([("secrets/dcs-password".to_owned(), "typed".to_owned())]);
        let known = BTreeSet::from(["env:PATH".to_owned()]);
        let allowed = Allowed { folder: Some(folder.path()), known, typed: &typed };
        assert_eq!(allowed.read("secrets/dcs-password"), Ok("typed".to_owned()));
        assert_eq!(allowed.read("key"), Ok("within".to_owned()));
        assert!(allowed.read("env:PATH").is_ok());
        for name in ["env:HOME", "/etc/hostname", "../key", "secrets/../../key", "", "./../key"] {
            let refused = allowed.read(name).expect_err(name);
            assert!(refused.contains("outside"), "{refused}");
        }
    }

    #[test]
    fn the_secrets_of_a_configuration_are_known_by_name() {
        let toml = "[[source.mqtt]]\nid = \"a\"\nname = \"a\"\nurl = \"mqtts://h\"\nuser = \"u\"\npassword_file = \"/etc/p\"\nca_file = \"ca.pem\"\n";
        let files = Files([(GATEWAY_TOML.to_owned(), toml.as_bytes().to_vec())].into());
        let names = named_by(&files);
        assert!(names.contains("/etc/p") && names.contains("ca.pem"), "{names:?}");
    }
}
