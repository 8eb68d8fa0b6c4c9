//! What a connection hears from its broker, and what is done when that is too much.

use crate::limits;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::Instant;

/// Who hears what a broker publishes. Nothing here waits: the connection goes on with everything else.
pub(crate) trait Ears: Send + Sync {
    /// The largest packet that is to be read; a larger one ends the connection.
    fn packet_bytes_max(&self) -> usize;

    /// Takes what the broker published.
    fn hear(&self, topic: &[u8], payload: &[u8]);

    /// A packet was so large that the connection ended with it.
    fn turn_deaf(&self);
}

/// Whether a packet ended a connection a short time ago. A broker that retains it would send it again and again, and no row
/// would ever go up: so nobody listens for a while.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deaf(Arc<Mutex<Option<Instant>>>);

impl Deaf {
    /// From now on for [`limits::DEAF`].
    pub(crate) fn turn(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + limits::DEAF);
    }

    /// Whether nobody is to listen now.
    pub(crate) fn is(&self) -> bool {
        let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| until > Instant::now())
    }
}
