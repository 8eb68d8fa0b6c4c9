//! The certificate of the page: the site's own, or one that the gateway makes. Both are looked at again while it runs, and the next
//! connection is shown what is in force then.

mod judge;
mod own;

pub(crate) use judge::{judged, read_dir};

use crate::{clock, limits};
use anyhow::Context as _;
use davy_api::Tls;
use davy_config::{WebCertificate, WebConfig};
use davy_core::time::UtcTime;
use judge::Shown;
use own::Wanted;
use rustix::system::uname;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

/// What the machine calls itself, if that is a name that another can use.
pub(crate) fn host_name() -> Option<String> {
    let name = uname().nodename().to_str().ok()?.to_ascii_lowercase();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    (!name.is_empty() && name.bytes().all(fits)).then_some(name)
}

/// The page's address as a person opens it.
pub(crate) fn address(web: &WebConfig, at: SocketAddr) -> String {
    let scheme = if web.tls { "https" } else { "http" };
    match host_name().filter(|_| at.ip().is_unspecified()) {
        Some(name) => format!("{scheme}://{name}:{}/", at.port()),
        None => format!("{scheme}://{at}/"),
    }
}

/// Keeps the certificate that is shown in force.
pub(crate) struct Keeper {
    data: PathBuf,
    wanted: Wanted,
    state: Mutex<State>,
    sender: watch::Sender<Tls>,
}

struct State {
    site: Option<WebCertificate>,
    shown: Shown,
}

impl Keeper {
    /// With what is to be shown from the beginning; `None` where there is to be no TLS.
    pub(crate) async fn open(
        web: &WebConfig,
        gateway_id: &str,
        data: &Path,
        at: SocketAddr,
    ) -> anyhow::Result<Option<Arc<Self>>> {
        if !web.tls {
            return Ok(None);
        }
        let (data, wanted, site) = (data.to_owned(), Wanted::of(web, gateway_id, at), web.certificate.clone());
        let made = tokio::task::spawn_blocking(move || {
            let shown = shown(&data, &wanted, site.as_ref(), clock::utc())?;
            shown.say();
            let sender = watch::Sender::new(shown.tls(site.is_some()));
            anyhow::Ok(Arc::new(Self { data, wanted, state: Mutex::new(State { site, shown }), sender }))
        });
        made.await.context("prepare TLS for the page")?.map(Some)
    }

    pub(crate) fn follow(&self) -> watch::Receiver<Tls> {
        self.sender.subscribe()
    }

    /// For who stands at the gateway.
    pub(crate) fn greeting(&self) -> Vec<String> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let whose =
            if state.site.is_some() { "" } else { ", made by the gateway: compare it with what the browser shows" };
        vec![format!("  Certificate SHA-256{whose}"), format!("    {}", state.shown.fingerprint())]
    }

    /// Shows the site's other certificate from here on, or the gateway's own.
    pub(crate) async fn turn(self: &Arc<Self>, site: Option<WebCertificate>) {
        let keeper = Arc::clone(self);
        let look = tokio::task::spawn_blocking(move || keeper.look(Some(site), clock::utc()));
        if let Err(error) = look.await {
            tracing::error!(%error, "the page's certificate stays what it is");
        }
    }

    /// Looks now and again until told to stop.
    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut look = interval(limits::WEB_CERTIFICATE_LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        look.tick().await;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = look.tick() => {}
            }
            let keeper = Arc::clone(&self);
            if let Err(error) = tokio::task::spawn_blocking(move || keeper.look(None, clock::utc())).await {
                tracing::error!(%error, "the page's certificate cannot be looked at");
            }
        }
    }

    /// Whatever is wrong, the one that is shown goes on being shown: alarms are to be seen.
    fn look(&self, site: Option<Option<WebCertificate>>, now: UtcTime) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let site = site.unwrap_or_else(|| state.site.clone());
        let shown = match shown(&self.data, &self.wanted, site.as_ref(), now) {
            Ok(shown) => shown,
            Err(error) => return tracing::error!("the page goes on with the certificate that it has: {error:#}"),
        };
        if shown.facts.sha256 != state.shown.facts.sha256 {
            shown.say();
        }
        self.sender.send_replace(shown.tls(site.is_some()));
        *state = State { site, shown };
    }
}

fn shown(data: &Path, wanted: &Wanted, site: Option<&WebCertificate>, now: UtcTime) -> anyhow::Result<Shown> {
    let Some(site) = site else { return own::open(&data.join("web"), wanted, now) };
    let shown = judge::site(site).and_then(|shown| shown.in_time(now).map(|left| (shown, left)));
    let (shown, left) = shown.map_err(anyhow::Error::msg).context("the site's certificate of the page")?;
    left.into_iter().for_each(|words| tracing::warn!("the site's certificate of the page {words}"));
    Ok(shown)
}
