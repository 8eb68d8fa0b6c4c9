//! Edits, one after the other, to the files of a configuration. Nothing is read from or written to the disk but to see whether a name
//! for a password is free.

use super::finding;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use davy_api::{ConfigRefusal, Edit, Finding, NewSource, Password};
use davy_config::{
    Errors, Files,
    exchange::{self, Others, POINT_TABLE},
    scaffold::{self, GATEWAY_TOML, PasswordFrom, SECRETS, SerialLine, SourceUrl},
};
use std::{collections::BTreeMap, path::Path};

/// What edits come to.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) files: Files,
    /// Passwords by the file that each is to be kept in.
    pub(crate) secrets: BTreeMap<String, String>,
    /// What no edit could do.
    pub(crate) wrong: Vec<Finding>,
    /// The file that the point table comes from, if the last edit took it.
    pub(crate) imported: Option<Imported>,
}

/// A file that became the point table, and what there was before it.
#[derive(Debug)]
pub(crate) struct Imported {
    pub(crate) before: Files,
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) others: Others,
}

/// Carries the edits out.
///
/// # Errors
/// A name that no file of a configuration has: whoever sends it means nothing good.
pub(crate) fn draft(files: &Files, edits: &[Edit], folder: Option<&Path>) -> Result<Draft, ConfigRefusal> {
    let mut draft = Draft { files: files.clone(), ..Draft::default() };
    for edit in edits {
        draft.imported = None;
        let done = match edit {
            Edit::File { name, text } => draft.put(name, text.as_deref()).map(|()| None)?,
            Edit::Points { rows, removed } => {
                exchange::with_rows(&draft.files, rows, removed).map(|table| draft.put_table(table)).err()
            }
            Edit::Import { name, base64, merge } => draft.import(name, base64, *merge).err(),
            Edit::AddSource(source) => draft.add(source, folder).map_err(said).err(),
            Edit::SetSource { id, keys, password } => {
                draft.set(id, keys, password.as_ref(), folder).map_err(said).err()
            }
            Edit::RemoveSource { id } => draft.take_out(id).map_err(said).err(),
        };
        draft.wrong.extend(done.into_iter().flat_map(|errors| errors.0).map(finding));
    }
    Ok(draft)
}

/// In words about `gateway.toml`.
fn said(message: String) -> Errors {
    Errors(vec![davy_config::Finding { file: GATEWAY_TOML.to_owned(), line: 1, column: 1, message }])
}

impl Draft {
    fn put(&mut self, name: &str, text: Option<&str>) -> Result<(), ConfigRefusal> {
        if !Files::may_have(name) {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
            return Err(ConfigRefusal::Invalid(format!("{shown} is no text of a configuration")));
        }
        match text {
            Some(text) => drop(self.files.0.insert(name.to_owned(), text.as_bytes().to_vec())),
            None => drop(self.files.0.remove(name)),
        }
        Ok(())
    }

    fn put_table(&mut self, table: Vec<u8>) {
        self.files.0.insert(POINT_TABLE.to_owned(), table);
    }

    fn import(&mut self, name: &str, base64: &str, merge: bool) -> Result<(), Errors> {
        let whole = |message: String| {
            let file = if name.trim().is_empty() { POINT_TABLE } else { name }.to_owned();
            Errors(vec![davy_config::Finding { file, line: 1, column: 1, message }])
        };
        let bytes = BASE64_STANDARD.decode(base64);
        let bytes = bytes.map_err(|error| whole(format!("the file is not in base64 ({error}); send it once more")))?;
        if bytes.len() > davy_config::limits::FILE_BYTES_MAX {
            return Err(whole("the file is too large; split the plant over several gateways".to_owned()));
        }
        let others = if merge { Others::Kept } else { Others::Removed };
        let table = exchange::taken(&self.files, name, &bytes, others)?;
        let before = self.files.clone();
        self.put_table(table);
        self.imported = Some(Imported { before, name: name.to_owned(), bytes, others });
        Ok(())
    }

    fn add(&mut self, source: &NewSource, folder: Option<&Path>) -> Result<(), String> {
        let id = &source.id;
        if scaffold::has_source(&self.files, id)? {
            return Err(format!("there is a source {id} already; choose another id"));
        }
        if SourceUrl::of(&source.url)? == SourceUrl::OpcUa && source.security.is_none() {
            return Err(format!("{id}: say the security that the server offers, or none"));
        }
        let password = match (&source.password, &source.password_file) {
            (Some(password), _) => PasswordFrom::File(self.keep(id, password, folder)?),
            (None, Some(file)) => PasswordFrom::File(file.clone()),
            (None, None) => PasswordFrom::Nowhere,
        };
        let section = written(source, password).section()?;
        self.files = scaffold::with_section(&self.files, &section).0;
        Ok(())
    }

    fn set(
        &mut self,
        id: &str,
        keys: &BTreeMap<String, String>,
        password: Option<&Password>,
        folder: Option<&Path>,
    ) -> Result<(), String> {
        let mut changes: Vec<(String, String)> =
            keys.iter().map(|(key, value)| scaffold::changeable(key, value)).collect::<Result<_, _>>()?;
        if let Some(password) = password {
            changes.push(("password_file".to_owned(), self.keep(id, password, folder)?));
        }
        self.files = scaffold::with_keys(&self.files, id, &changes)?.files;
        Ok(())
    }

    fn take_out(&mut self, id: &str) -> Result<(), String> {
        self.files = scaffold::without_source(&self.files, id)?.files;
        Ok(())
    }

    /// The file that a password gets: never one that is there, which may be that of another source, or of an earlier version.
    fn keep(&mut self, id: &str, Password(text): &Password, folder: Option<&Path>) -> Result<String, String> {
        let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
        if id.is_empty() || id.starts_with('.') || !id.chars().all(fits) || id.chars().count() > ID_CHARS_MAX {
            return Err(format!("{id:?} is no id; write letters, digits, . _ -"));
        }
        if text.is_empty() || text.chars().any(char::is_control) || text.len() > PASSWORD_BYTES_MAX {
            return Err(format!("the password of {id} is empty, of several lines or too long"));
        }
        let numbered = (2..).map(|number| format!("{SECRETS}/{id}-password-{number}"));
        let names = std::iter::once(format!("{SECRETS}/{id}-password")).chain(numbered);
        let is_free =
            |name: &String| !self.secrets.contains_key(name) && folder.is_none_or(|folder| !folder.join(name).exists());
        let name = names.take(PASSWORDS_MAX).find(is_free);
        let name =
            name.ok_or_else(|| format!("{SECRETS} holds too many passwords of {id}; remove those of the past"))?;
        self.secrets.insert(name.clone(), text.clone());
        Ok(name)
    }
}

const ID_CHARS_MAX: usize = davy_config::limits::ID_CHARS_MAX;
const PASSWORD_BYTES_MAX: usize = 4_096;
/// Files of passwords of one source.
const PASSWORDS_MAX: usize = 100;

fn written(source: &NewSource, password: PasswordFrom) -> scaffold::NewSource {
    let source = source.clone();
    scaffold::NewSource {
        id: source.id,
        url: source.url,
        name: source.name,
        security: source.security,
        security_mode: source.security_mode,
        certificate_host_check: source.certificate_host_check.unwrap_or(true),
        certificate_time_check: source.certificate_time_check.unwrap_or(true),
        user: source.user,
        password,
        user_certificate_file: source.user_certificate_file,
        user_key_file: source.user_key_file,
        ca_file: source.ca_file,
        client_certificate_file: source.client_certificate_file,
        client_key_file: source.client_key_file,
        allow: source.allow,
        registration: source.registration,
        location: source.location,
        video: source.video,
        ticket: source.ticket,
        line: SerialLine {
            baud: source.baud.unwrap_or(9_600),
            parity: source.parity.unwrap_or_else(|| "none".to_owned()),
            stop_bits: source.stop_bits.unwrap_or(1),
        },
    }
}

#[cfg(test)]
mod tests;
