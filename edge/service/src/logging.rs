//! The log: on standard error, the newest of it in memory for the page, and what a panic does.

mod lines;

pub(crate) use lines::held;

use crate::cli::Log;
use std::io::IsTerminal;
use tracing_subscriber::{EnvFilter, Layer as _, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// What is logged unless `RUST_LOG` says otherwise: our own words, and other libraries' warnings. Not the OPC UA stack's
/// and the brokers' own errors: they name as errors that no certificate is there where none is wanted and that a peer has
/// closed a connection; what matters of it the connectors say in words.
const DEFAULT_FILTER: &str = "warn,davy=info,davy_api=info,davy_board=info,davy_field=info,davy_plant=info,davy_store=info,\
    davy_uplink=info,opcua=off,opcua_client=off,opcua_server=off,opcua_core=off,opcua_crypto=off,rumqttc=off,rumqttd=off,krafka=off";

/// What a command says that tells everything itself, as an answer to the person who called it.
const QUIET_FILTER: &str =
    "error,opcua=off,opcua_client=off,opcua_server=off,opcua_core=off,opcua_crypto=off,rumqttc=off,krafka=off";

/// Starts logging; RUST_LOG is heard in any case. A panic anywhere ends the process: half a gateway that looks alive is worse than one that its
/// supervisor starts again.
pub(crate) fn start(format: Log, quiet: bool) {
    let by_default = if quiet { QUIET_FILTER } else { DEFAULT_FILTER };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(by_default));
    let written = fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let written = match format {
        Log::Text => written.with_target(false).boxed(),
        Log::Json => written.json().boxed(),
    };
    tracing_subscriber::registry().with(filter).with(written).with(lines::ToMemory).init();
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        default(panic);
        std::process::abort();
    }));
}
