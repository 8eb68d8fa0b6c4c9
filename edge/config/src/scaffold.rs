//! The first configuration of a site, and a further source of one: texts that a command writes and a person reads on.

use crate::{
    files::Files,
    points, risk,
    table::{self, Column},
};
use toml::Value;

mod change;
mod edit;
mod keys;
mod source;

pub use change::{says_the_same_of_change, with_change};
pub use edit::{Edited, changeable, has_source, with_keys, without_source};
pub use keys::{Keys, keys_of};
pub use source::{ModbusWay, NewSource, PasswordFrom, SerialLine, SourceUrl};

const DEFAULT_LISTEN: &str = "#listen = \"127.0.0.1:8080\"";
const GATEWAY: &str = include_str!("scaffold/gateway.toml");

/// The file that says who the gateway is and where its values come from.
pub const GATEWAY_TOML: &str = "gateway.toml";

/// Where passwords are, within the folder and out of version control.
pub const SECRETS: &str = "secrets";

/// Who a gateway is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity<'a> {
    /// The enterprise's code, nine digits.
    pub company_code: &'a str,
    /// Unique within the enterprise.
    pub gateway_id: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// Who writes the configuration.
    pub author: &'a str,
    /// When, `2026-11-23`.
    pub date: &'a str,
    /// Where the page listens, where that is not the default.
    pub listen: Option<&'a str>,
}

/// A configuration without sources: the gateway, an empty point table, an empty list of risk units. What is wrong with the
/// identity is told when it is read.
#[must_use]
pub fn first(identity: &Identity<'_>) -> Files {
    let mut gateway = GATEWAY.to_owned();
    let listen =
        identity.listen.map_or_else(|| DEFAULT_LISTEN.to_owned(), |listen| format!("listen = {}", text(listen)));
    // What was given comes last, so that nothing in it is taken for a place to fill in.
    for (key, value) in [
        ("{listen}", listen),
        ("{date}", text(identity.date)),
        ("{company_code}", text(identity.company_code)),
        ("{gateway_id}", text(identity.gateway_id)),
        ("{author}", text(identity.author)),
        ("{name}", text(identity.name)),
    ] {
        gateway = gateway.replacen(key, &value, 1);
    }
    let files =
        [(GATEWAY_TOML, gateway), ("tags.csv", headers(points::COLUMNS)), ("risk/units.csv", headers(risk::UNITS))];
    Files(files.map(|(name, text)| (name.to_owned(), text.into_bytes())).into())
}

fn headers(columns: &[Column]) -> String {
    let words: Vec<&str> = columns.iter().map(table::Column::chinese).collect();
    words.join(",") + "\n"
}

/// A text as TOML writes it.
#[must_use]
pub fn text(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

/// A section at the end of `gateway.toml`, in the line ends of the file, whose other lines stay as they are; the lines that are
/// added.
#[must_use]
pub fn with_section(files: &Files, section: &str) -> (Files, Vec<String>) {
    let mut files = files.clone();
    let file = files.0.entry(GATEWAY_TOML.to_owned()).or_default();
    let end = if file.windows(2).any(|pair| pair == b"\r\n") { "\r\n" } else { "\n" };
    if !file.is_empty() && !file.ends_with(b"\n") {
        file.extend_from_slice(end.as_bytes());
    }
    let added: Vec<String> = std::iter::once("").chain(section.lines()).map(str::to_owned).collect();
    added.iter().for_each(|line| file.extend(line.bytes().chain(end.bytes())));
    (files, added)
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDENTITY: Identity<'_> = Identity {
        company_code: "330100123",
        gateway_id: "gw-1",
        name: "一号罐区 \"A\" \\ {date}",
        author: "李工",
        date: "2026-11-29",
        listen: None,
    };
    const SOURCE: &str = "[[source.modbus]]\nid = \"gds\"\nname = \"GDS\"\naddress = \"10.0.0.9:502\"\n";

    #[test]
    fn the_first_configuration_is_good_and_has_nothing_odd() {
        let checked = crate::read(&first(&IDENTITY), &|name| Err(name.to_owned())).expect("a good configuration");
        assert_eq!(checked.coverage, []);
        let site = checked.configuration.site;
        assert_eq!(&*site.gateway.name, IDENTITY.name);
        assert_eq!((site.sources.len(), site.tags.len(), site.units.len()), (0, 0, 0));
        let elsewhere = first(&Identity { listen: Some("127.0.0.1:0"), ..IDENTITY });
        let checked = crate::read(&elsewhere, &|name| Err(name.to_owned())).expect("a good configuration");
        assert_eq!(checked.configuration.web.listen.port(), 0);
        let wrong = Identity { company_code: "33", ..IDENTITY };
        let errors = crate::read(&first(&wrong), &|name| Err(name.to_owned())).expect_err("too short");
        assert!(errors.to_string().contains("company_code"), "{errors}");
    }

    #[test]
    fn a_source_is_added_and_nothing_else_changes() {
        for written in ["a\n", "a", "a\r\nb\r\n"] {
            let files = Files([(GATEWAY_TOML.to_owned(), written.as_bytes().to_vec())].into());
            let (files, added) = with_section(&files, "[x]\ny = 1");
            let text = String::from_utf8(files.0[GATEWAY_TOML].clone()).expect("text");
            assert_eq!(added, ["", "[x]", "y = 1"]);
            assert!(text.starts_with(written) && text.trim_end().ends_with("y = 1"), "{text:?}");
            assert_eq!(text.contains("\r\n"), written.contains("\r\n"), "{text:?}");
            assert!(written.contains('\r') == (text.matches('\n').count() == text.matches("\r\n").count()), "{text:?}");
        }
        let (files, _) = with_section(&first(&IDENTITY), SOURCE);
        let (files, _) = with_section(&files, &SOURCE.replace("gds", "gds-2"));
        let checked = crate::read(&files, &|name| Err(name.to_owned())).expect("a good configuration");
        assert_eq!(checked.configuration.site.sources.len(), 2);
    }
}
