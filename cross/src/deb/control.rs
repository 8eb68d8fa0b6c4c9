//! What dpkg is told of a package.

use anyhow::{Context as _, Result, ensure};
use std::process::Command;

const MAINTAINER: &str = "The authors of Davy <davy@example.com>";

/// What every package needs: a service manager that makes users and folders and waits until the gateway is ready.
const NEEDS: [&str; 2] = ["init-system-helpers (>= 1.54)", "systemd (>= 241)"];

/// The `control` file.
pub(super) fn control(version: &str, architecture: &str, needs: &[String], kilobytes: u64) -> String {
    let needs: Vec<&str> = needs.iter().map(String::as_str).chain(NEEDS).collect();
    format!(
        "Package: davy\n\
         Version: {version}\n\
         Architecture: {architecture}\n\
         Maintainer: {MAINTAINER}\n\
         Installed-Size: {kilobytes}\n\
         Depends: {}\n\
         Recommends: chrony | time-daemon, nftables, udev\n\
         Section: net\n\
         Priority: optional\n\
         Description: on-site monitoring gateway for hazardous-chemical plants\n\
         \x20Reads the plant over OPC UA, Modbus and MQTT, raises alarms and anomaly\n\
         \x20warnings on the spot, keeps everything on the local disk and forwards it to\n\
         \x20the enterprise (双重预防机制边缘网关). It only reads the plant.\n\
         \x20.\n\
         \x20The service is enabled and begins to run when there is a configuration:\n\
         \x20davy init /etc/davy && systemctl start davy\n",
        needs.join(", ")
    )
}

/// Debian's change log; what changed for people is in the product's own.
pub(super) fn changelog(version: &str, epoch: u64) -> Result<Vec<u8>> {
    let date = Command::new("date")
        .args(["--utc", "--rfc-email", "--date", &format!("@{epoch}")])
        .env("LC_ALL", "C")
        .output()?;
    ensure!(date.status.success(), "the time of the commit, {epoch}, is no time");
    let date = String::from_utf8(date.stdout).context("a date")?;
    let text = format!(
        "davy ({version}) stable; urgency=medium\n\n  * See changelog.gz for what changed.\n\n -- {MAINTAINER}  {date}"
    );
    Ok(text.into_bytes())
}
