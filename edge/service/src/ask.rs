//! Questions to a person at a terminal. Anywhere else nobody is asked, and whoever wanted to know says which flag tells it.

use crate::limits;
use anyhow::{Context, bail};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::io::{self, BufRead, IsTerminal as _, Read as _, Write as _};

/// Whether there is somebody to ask.
pub(crate) fn is_terminal() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// An answer of one line, not empty.
pub(crate) fn line(question: &str) -> anyhow::Result<String> {
    loop {
        let answer = typed(question)?;
        if !answer.trim().is_empty() {
            return Ok(answer.trim().to_owned());
        }
    }
}

/// Whether a person says yes, in full or by its first letter; no on anything else, and without a terminal.
pub(crate) fn yes(question: &str) -> anyhow::Result<bool> {
    if !is_terminal() {
        return Ok(false);
    }
    Ok(matches!(typed(question)?.trim().to_lowercase().as_str(), "y" | "yes" | "是"))
}

/// A password, twice and not shown.
pub(crate) fn password(question: &str) -> anyhow::Result<String> {
    let _hidden = Hidden::begin().context("hide what is typed")?;
    let first = typed(&format!("{question}: "))?;
    eprintln!();
    let second = typed("once more: ")?;
    eprintln!();
    if first.is_empty() || first != second {
        bail!("the two are not the same, or empty; nothing was changed");
    }
    Ok(first)
}

fn typed(question: &str) -> anyhow::Result<String> {
    eprint!("{question}");
    io::stderr().flush()?;
    let mut answer = String::new();
    let read = io::stdin().lock().take(limits::TYPED_BYTES_MAX).read_line(&mut answer).context("read the terminal")?;
    if read == 0 {
        bail!("nobody answers");
    }
    Ok(answer.trim_end_matches(['\r', '\n']).to_owned())
}

/// What is typed is not shown while this lives.
struct Hidden(Termios);

impl Hidden {
    fn begin() -> io::Result<Self> {
        let shown = tcgetattr(io::stdin())?;
        let mut hidden = shown.clone();
        hidden.local_modes -= LocalModes::ECHO;
        tcsetattr(io::stdin(), OptionalActions::Flush, &hidden)?;
        Ok(Self(shown))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // A terminal that has gone needs it no more.
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
    }
}
