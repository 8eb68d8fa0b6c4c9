//! CSV: a header and rows of cells, quoted where a cell needs it.

/// A table as text.
pub(super) fn sheet<const N: usize>(header: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let line = |cells: &mut dyn Iterator<Item = &str>| cells.map(quoted).collect::<Vec<_>>().join(",") + "\n";
    let mut text = line(&mut header.into_iter());
    rows.for_each(|row| text.push_str(&line(&mut row.iter().map(String::as_str))));
    text
}

/// A number as people write it, without digits that say nothing.
pub(super) fn number(number: f64) -> String {
    number.to_string()
}

/// A cell that may be empty.
pub(super) fn maybe(value: Option<f64>) -> String {
    value.map(number).unwrap_or_default()
}

fn quoted(cell: &str) -> String {
    match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_needed() {
        let row = ["1,5".to_owned(), "a \"b\"".to_owned(), "℃".to_owned()];
        assert_eq!(sheet(["x", "y", "z"], [row].into_iter()), "x,y,z\n\"1,5\",\"a \"\"b\"\"\",℃\n");
        assert_eq!((number(0.1), number(90.0), number(-1.0)), ("0.1".into(), "90".into(), "-1".into()));
    }
}
