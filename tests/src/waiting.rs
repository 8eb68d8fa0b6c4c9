//! Waiting for conditions with generous deadlines; a test that gives up says what it last saw.

use anyhow::{Result, bail};
use std::{
    fmt::Debug,
    time::{Duration, Instant},
};

/// How long a test waits for something that must come: generous, because slow machines are no failure.
pub const LONG: Duration = Duration::from_secs(90);

const STEP: Duration = Duration::from_millis(25);

/// Asks again and again until the answer is `Ok(Some(…))`; an error of the question counts as "not yet".
pub async fn until<T, E: Debug>(
    what: &str,
    limit: Duration,
    mut question: impl AsyncFnMut() -> Result<Option<T>, E>,
) -> Result<T> {
    let begun = Instant::now();
    loop {
        let last = match question().await {
            Ok(Some(answer)) => return Ok(answer),
            Ok(None) => None,
            Err(error) => Some(error),
        };
        if begun.elapsed() > limit {
            let seconds = limit.as_secs();
            match last {
                Some(error) => bail!("{what}: not within {seconds} s, last error: {error:?}"),
                None => bail!("{what}: not within {seconds} s"),
            }
        }
        tokio::time::sleep(STEP).await;
    }
}

/// As [`until`], for a plain yes or no.
pub async fn until_true(what: &str, limit: Duration, mut question: impl AsyncFnMut() -> Result<bool>) -> Result<()> {
    until(what, limit, async || question().await.map(|yes| yes.then_some(()))).await
}
