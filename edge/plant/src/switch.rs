//! What the story switches off and on: the OPC UA server, the link to the enterprise.

use tokio::sync::watch;

/// A part is up or down.
pub(crate) type Switch = watch::Receiver<bool>;

/// Waits for the part to be up (or down); false when nobody can switch it any more.
pub(crate) async fn until(switch: &mut Switch, up: bool) -> bool {
    switch.wait_for(|now| *now == up).await.is_ok()
}
