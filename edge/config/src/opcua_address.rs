//! What a row of an OPC UA source reads: a variable by its node, or an alarm condition by its source and its name.
//!
//! `alarm(ns=2;s=LI-1101)/HighHigh` is the condition whose events have that SourceNode and ConditionName (OPC 10000-9,
//! 5.5.2). No node begins like that, and the last `)/` ends the node, so that neither is ever taken for the other. A node
//! may have `/` and `)` in it, and so may a name, but not one after the other.

use crate::{addresses, limits, text::quoted};

const BEGINS: &str = "alarm(";
const ENDS: &str = ")/";

/// The SourceNode and the ConditionName of an address that names an alarm condition; `None` for that of a variable.
#[must_use]
pub fn condition(address: &str) -> Option<(&str, &str)> {
    address.strip_prefix(BEGINS)?.rsplit_once(ENDS)
}

/// Either of the two.
pub(crate) fn parse(text: &str) -> Result<String, String> {
    if !text.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("alarm")) {
        return addresses::node_id(text);
    }
    let wrong = |what: &str| {
        format!(
            "{} is no alarm condition: {what}; write alarm(<node>)/<ConditionName>, such as alarm(ns=2;s=LI-1101)/HighHigh",
            quoted(text)
        )
    };
    if !text.starts_with(BEGINS) {
        return Err(wrong("it does not begin with alarm( in small letters, with no space, in ASCII"));
    }
    let Some((node, name)) = condition(text) else {
        return Err(wrong("no )/ ends the node of its source"));
    };
    addresses::node_id(node)?;
    if name.trim().is_empty() || name.contains(char::is_control) {
        return Err(wrong("behind )/ there is no name, or one with a control character"));
    }
    if name.chars().count() > limits::CONDITION_NAME_CHARS_MAX {
        return Err(wrong(&format!("the name has more than {} characters", limits::CONDITION_NAME_CHARS_MAX)));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_named_by_its_source_and_its_name() {
        for (address, parts) in [
            ("alarm(ns=2;s=LI-1101)/HighHigh", Some(("ns=2;s=LI-1101", "HighHigh"))),
            (
                "alarm(nsu=http://vendor.cn/plant/;i=7)/液位 高高",
                Some(("nsu=http://vendor.cn/plant/;i=7", "液位 高高")),
            ),
            ("alarm(ns=2;s=T(1)/LI)/H/H (a)", Some(("ns=2;s=T(1)/LI", "H/H (a)"))),
            ("ns=2;s=alarm(x)/y", None),
        ] {
            assert_eq!(condition(address), parts);
            assert_eq!(parse(address).as_deref(), Ok(address));
        }
        let long = format!("alarm(ns=2;s=a)/{}", "x".repeat(limits::CONDITION_NAME_CHARS_MAX + 1));
        for (address, wrong) in [
            ("alarm(ns=2;s=LI-1101)", "no )/ ends"),
            ("alarm(ns=2;s=LI-1101)HighHigh", "no )/ ends"),
            ("Alarm(ns=2;s=LI-1101)/HighHigh", "small letters"),
            ("alarm（ns=2;s=LI-1101）/HighHigh", "in ASCII"),
            ("alarm (ns=2;s=LI-1101)/HighHigh", "no space"),
            ("alarm(LI-1101)/HighHigh", "\"LI-1101\" is not a node"),
            ("alarm(nsu=urn:a b;s=x)/y", "is not a node: the namespace"),
            ("alarm(ns=2;s=LI-1101)/", "there is no name"),
            ("alarm(ns=2;s=LI-1101)/a\tb", "control character"),
            (&long, "more than 200 characters"),
        ] {
            let said = parse(address).unwrap_err();
            assert!(said.contains(wrong) && said.contains("; write "), "{said}");
        }
    }
}
