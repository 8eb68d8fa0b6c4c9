//! Results on standard output and the last words on standard error. A reader that has gone away is no reason to panic.

use std::io::Write;

/// A line on standard output, seen at once.
pub(crate) fn line(text: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Text on standard output as it is, without a line break of its own.
pub(crate) fn text(text: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    let _ = write!(out, "{text}").and_then(|()| out.flush());
}

/// Bytes on standard output as they are.
///
/// # Errors
/// When they cannot all be written, which is no file then.
pub(crate) fn bytes(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    Ok(out.write_all(bytes).and_then(|()| out.flush())?)
}

/// Why the program ends, with what lies behind it.
pub(crate) fn error(error: &anyhow::Error) {
    let mut out = std::io::stderr().lock();
    let _ = match error.downcast_ref::<davy_config::Errors>() {
        Some(errors) => writeln!(out, "{errors}\n{}", count(errors.0.len(), "error")),
        None => writeln!(out, "davy: {}", chain(error)),
    };
}

/// An error with what lies behind it; a cause that its effect has told already is not told again.
fn chain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

/// `1 error`, `3 errors`.
pub(crate) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
