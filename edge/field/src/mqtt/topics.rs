//! Topics against topic filters (MQTT 3.1.1, 4.7). Pure.

/// Whether a topic matches a filter: `+` is one level, `#` at the end is all that follow, none included. Topics that
/// begin with `$` belong to the broker and match no filter that begins with a wildcard.
pub(crate) fn matches(filter: &str, topic: &str) -> bool {
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let mut levels = topic.split('/');
    for wanted in filter.split('/') {
        match (wanted, levels.next()) {
            ("#", _) => return true,
            ("+", Some(_)) => {}
            (wanted, Some(level)) if wanted == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_levels() {
        for (filter, topic, expected) in [
            ("site/location/+", "site/location/C-001", true),
            ("site/location/+", "site/location", false),
            ("site/location/+", "site/location/C-001/x", false),
            ("site/location/+", "site/location/", true),
            ("site/#", "site/location/C-001", true),
            ("site/#", "site", true),
            ("#", "anything/at/all", true),
            ("+/video/#", "site/video/CAM-1", true),
            ("+/video/#", "site/location/CAM-1", false),
            ("a/b", "a/b", true),
            ("a/b", "a/c", false),
            ("a/b", "a", false),
            ("#", "$SYS/uptime", false),
            ("+/uptime", "$SYS/uptime", false),
            ("$SYS/#", "$SYS/uptime", true),
            ("", "", true),
        ] {
            assert_eq!(matches(filter, topic), expected, "{filter} against {topic}");
        }
    }
}
