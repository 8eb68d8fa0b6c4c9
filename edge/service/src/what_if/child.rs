//! The process that plays: started, listened to, ended.

use super::short;
use crate::limits;
use davy_core::time::UtcTime;
use serde_json::Value;
use std::{io, path::Path, process::Stdio};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader},
    process::Command,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

/// How it ended.
#[derive(Debug, PartialEq)]
pub(super) enum Ended {
    Done(Value),
    Failed(String),
    Stopped,
}

/// Plays, and tells how far it is, 0 to 1. Whenever this future is dropped the process is ended.
pub(super) async fn run(
    data: &Path,
    config: &Path,
    (from, to): (Option<UtcTime>, Option<UtcTime>),
    stop: &CancellationToken,
    news: impl FnMut(f64),
) -> Ended {
    let mut command = match std::env::current_exe() {
        Ok(davy) => Command::new(davy),
        Err(error) => return Ended::Failed(format!("find the program of this gateway: {error}")),
    };
    command.args(["replay", "--background", "--format", "json"]).arg("--config").arg(config).arg("--data").arg(data);
    for (flag, time) in [("--from", from), ("--to", to)] {
        command.args(time.iter().flat_map(|time| [flag.to_owned(), time.to_string()]));
    }
    command
        .env("RUST_LOG", "warn")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    tokio::select! {
        () = stop.cancelled() => Ended::Stopped,
        ended = timeout(limits::WHAT_IF_MAX, play(command, news)) => ended.unwrap_or_else(|_| {
            Ended::Failed(format!("it took longer than {} minutes; ask for a shorter span", limits::WHAT_IF_MAX.as_secs() / 60))
        }),
    }
}

async fn play(mut command: Command, news: impl FnMut(f64)) -> Ended {
    match listen(&mut command, news).await {
        Ok((result, _)) if result.len() as u64 > limits::WHAT_IF_BYTES_MAX => {
            Ended::Failed("the result is too long for the page; ask for a shorter span".to_owned())
        }
        // A replay that finds a difference to the journal says so in its result.
        Ok((result, words)) => match serde_json::from_slice(&result) {
            Ok(result) => Ended::Done(result),
            Err(_) => Ended::Failed(short(&words)),
        },
        Err(error) => Ended::Failed(format!("play what was recorded: {error}")),
    }
}

/// The result, and what else it said.
async fn listen(command: &mut Command, mut news: impl FnMut(f64)) -> io::Result<(Vec<u8>, String)> {
    let mut child = command.spawn()?;
    let piped = |what| io::Error::other(format!("its {what} is not piped"));
    let out = child.stdout.take().ok_or_else(|| piped("output"))?;
    let words = child.stderr.take().ok_or_else(|| piped("error output"))?;
    let (result, words) = tokio::join!(all(out), lines(words, &mut news));
    child.wait().await?;
    Ok((result?, words?))
}

async fn all(from: impl AsyncRead + Unpin) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut from = from.take(limits::WHAT_IF_BYTES_MAX + 1);
    from.read_to_end(&mut bytes).await?;
    Ok(bytes)
}

/// News are told, everything else is kept.
async fn lines(from: impl AsyncRead + Unpin, news: &mut impl FnMut(f64)) -> io::Result<String> {
    let mut lines = BufReader::new(from.take(limits::WHAT_IF_WORDS_MAX)).lines();
    let mut words = String::new();
    while let Some(line) = lines.next_line().await? {
        let progress = serde_json::from_str::<Value>(&line).ok().and_then(|line| line["progress"].as_f64());
        match progress {
            Some(done) => news(done.clamp(0.0, 1.0)),
            None => words.extend([&line, "\n"]),
        }
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shell in the place of the program.
    async fn check(script: &str, expected: Ended, told: &[f64]) {
        let mut command = Command::new("sh");
        command
            .args(["-c", script])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut news = Vec::new();
        assert_eq!(play(command, |done| news.push(done)).await, expected, "{script}");
        assert_eq!(news, told, "{script}");
    }

    #[tokio::test]
    async fn what_it_says_is_a_result_news_or_a_complaint() {
        let done = Ended::Done(serde_json::json!({ "runs": [] }));
        check(
            r#"echo '{"progress":0.25}' >&2; echo warning >&2; echo '{"progress":7}' >&2; echo '{"runs":[]}'"#,
            done,
            &[0.25, 1.0],
        )
        .await;
        let failed = Ended::Failed("nothing is recorded in that span".to_owned());
        check("echo nothing is recorded in that span >&2; exit 1", failed, &[]).await;
        let long = Ended::Failed("the result is too long for the page; ask for a shorter span".to_owned());
        check("head -c 9000000 /dev/zero", long, &[]).await;
    }
}
