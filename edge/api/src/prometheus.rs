//! The text format of Prometheus, as much of it as is needed.

use std::fmt::{Display, Write};

/// Metrics in the order they are written.
#[derive(Debug, Default)]
pub(crate) struct Text(String);

pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    Gauge,
    Counter,
}

impl Text {
    /// A metric with one sample for each row of labels.
    pub(crate) fn family<'a, V: Display>(
        &mut self,
        name: &str,
        shape: Shape,
        help: &str,
        samples: impl IntoIterator<Item = (Vec<(&'a str, &'a str)>, V)>,
    ) {
        let shape = match shape {
            Shape::Gauge => "gauge",
            Shape::Counter => "counter",
        };
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {shape}"));
        for (labels, value) in samples {
            self.line(format_args!("{name}{} {value}", braced(&labels)));
        }
    }

    /// A metric without labels.
    pub(crate) fn single(&mut self, name: &str, shape: Shape, help: &str, value: impl Display) {
        self.family(name, shape, help, [(Vec::new(), value)]);
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{line}");
    }
}

fn braced(labels: &[(&str, &str)]) -> String {
    if labels.is_empty() {
        return String::new();
    }
    let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    format!("{{{}}}", pairs.join(","))
}

fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped_and_values_follow() {
        let mut text = Text::default();
        text.family(
            "davy_x",
            Shape::Gauge,
            "What it is.",
            [(vec![("source", "a\"b\\c\nd 罐区"), ("kind", "k")], 3_u64)],
        );
        text.single("davy_y_total", Shape::Counter, "Another.", 1.5);
        let expected = "# HELP davy_x What it is.\n# TYPE davy_x gauge\n\
            davy_x{source=\"a\\\"b\\\\c\\nd 罐区\",kind=\"k\"} 3\n\
            # HELP davy_y_total Another.\n# TYPE davy_y_total counter\ndavy_y_total 1.5\n";
        assert_eq!(text.into_string(), expected);
    }
}
