//! People's names in what leaves the site. The personal information law 个人信息保护法 asks for as little as serves the purpose (article
//! 6), and finding a fault needs no names: they are left out unless somebody says that they are to stay.

use serde_json::Value;

/// What stands where a name stood.
const LEFT_OUT: &str = "[person]";

/// Whether people's names are in a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// They stay.
    Kept,
    /// These are left out wherever they stand, the longest first, so that none leaves a part of another.
    LeftOut(Vec<String>),
}

impl Names {
    /// Without these, whatever their order.
    #[must_use]
    pub fn without(mut names: Vec<String>) -> Self {
        names.retain(|name| !name.is_empty());
        names.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        names.dedup();
        Self::LeftOut(names)
    }

    /// A text as it may go out. What is a number only stays: a reading could look the same.
    #[must_use]
    pub fn in_text(&self, text: &str) -> String {
        let Self::LeftOut(names) = self else { return text.to_owned() };
        let words = names.iter().filter(|name| !name.bytes().all(|byte| byte.is_ascii_digit()));
        words.fold(text.to_owned(), |text, name| replace(&text, name))
    }

    /// The same for everything in a JSON value, with whatever stands where a person signs, known or not.
    pub fn in_value(&self, value: &mut Value) {
        let Self::LeftOut(names) = self else { return };
        match value {
            Value::String(text) if names.contains(text) => LEFT_OUT.clone_into(text),
            Value::String(text) => *text = self.in_text(text),
            Value::Array(all) => all.iter_mut().for_each(|value| self.in_value(value)),
            Value::Object(fields) => {
                let of_user = fields.get("action").and_then(Value::as_str).is_some_and(is_about_user);
                for (field, value) in fields {
                    let names_one = signs(field) || of_user && field == "object";
                    if names_one && value.is_string() {
                        *value = LEFT_OUT.into();
                    } else {
                        self.in_value(value);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

fn signs(field: &str) -> bool {
    field == "by" || field.ends_with("_by") || field == "liable_person"
}

/// Actions whose object is a user.
fn is_about_user(action: &str) -> bool {
    ["add_user", "change_role", "change_password", "remove_user", "set_up"].contains(&action)
}

/// Within a longer word of Latin letters it is no name: `Li` is not in `Limit`.
fn replace(text: &str, name: &str) -> String {
    let is_word = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    let (mut out, mut rest, mut before) = (String::new(), text, None);
    while let Some(at) = rest.find(name) {
        let (head, tail) = (&rest[..at], &rest[at + name.len()..]);
        let left = head.chars().next_back().or(before);
        let within = is_word(left) && is_word(name.chars().next())
            || is_word(tail.chars().next()) && is_word(name.chars().next_back());
        out.push_str(head);
        out.push_str(if within { name } else { LEFT_OUT });
        (rest, before) = (tail, name.chars().next_back());
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_name_is_left_out_wherever_it_stands_and_nothing_else_is() {
        let names = Names::without(vec!["Li".to_owned(), "王建".to_owned(), "王建国".to_owned(), "10001".to_owned()]);
        for (text, expected) in [
            ("王建国 and 王建", "[person] and [person]"),
            ("Limit of Li, and Li.", "Limit of [person], and [person]."),
            ("LiLi Li", "LiLi [person]"),
            ("card 10001", "card 10001"),
            ("", ""),
        ] {
            assert_eq!(names.in_text(text), expected);
            assert_eq!(Names::Kept.in_text(text), text);
        }
    }

    #[test]
    fn who_signs_is_left_out_known_or_not() {
        let names = Names::without(vec!["王建国".to_owned(), "10001".to_owned()]);
        let mut value = json!({
            "by": "谁", "acknowledged_by": "谁", "action": "add_user", "object": "新人", "value": 10001, "card": "10001",
            "note": "王建国来过", "alarms": [{ "raised_by": null, "liable_person": "谁" }],
        });
        names.in_value(&mut value);
        let expected = json!({
            "by": "[person]", "acknowledged_by": "[person]", "action": "add_user", "object": "[person]", "value": 10001,
            "card": "[person]", "note": "[person]来过", "alarms": [{ "raised_by": null, "liable_person": "[person]" }],
        });
        assert_eq!(value, expected);
        let before = value.clone();
        Names::Kept.in_value(&mut value);
        assert_eq!(value, before);
    }
}
