//! What a route takes of time and body, where that is more than usual.

use crate::{limits, routes::Route};
use std::time::Duration;

impl Route {
    /// From the request to the beginning of its answer; beyond it 408.
    pub(crate) fn patience(&self) -> Duration {
        if self.looks() { limits::LOOK_REQUEST_MAX } else { limits::REQUEST_MAX }
    }

    /// Its body in bytes; larger is refused with 413.
    pub(crate) fn body_max(&self) -> usize {
        if self.looks() { limits::LOOK_BODY_BYTES_MAX } else { limits::BODY_BYTES_MAX }
    }

    /// Whether it connects to the field for somebody who commissions.
    pub(crate) fn looks(&self) -> bool {
        self.path.starts_with("/api/v1/look/")
    }
}
