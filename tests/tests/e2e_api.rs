//! The API as its document says: requests made up from the document, very many who listen, and how many reads a second. How long each takes is
//! set by `DAVY_API_SECONDS` and `DAVY_STREAM_SECONDS`, which are short unless they are set.

#[path = "e2e_api/document.rs"]
mod document;
#[path = "e2e_api/listeners.rs"]
mod listeners;
#[path = "e2e_api/reads.rs"]
mod reads;

use anyhow::{Context as _, Result};
use std::{env, time::Duration};

/// So many seconds as a variable says, or a few.
fn seconds(variable: &str, otherwise: u64) -> Result<Duration> {
    let text = env::var(variable).ok().filter(|text| !text.is_empty());
    let seconds =
        text.map_or(Ok(otherwise), |text| text.parse().with_context(|| format!("{variable} is {text}, not seconds")))?;
    Ok(Duration::from_secs(seconds))
}
