//! The servers of a source: the one that is configured first and those that may stand in for it. Pure.
//!
//! When a server is lost the next of the list is tried, in turn. One that is there but degraded is left only for one that
//! is better at that moment. There is no way back by itself: it would cost another gap and bring nothing.

use davy_config::OpcUaSource;

/// The servers, and which one is in use.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    all: Vec<String>,
    at: usize,
}

impl Places {
    pub(crate) fn new(config: &OpcUaSource) -> Self {
        let all = std::iter::once(&config.endpoint).chain(&config.backup).cloned().collect();
        Self { all, at: 0 }
    }

    /// The one in use.
    pub(crate) fn current(&self) -> &str {
        self.name(self.at)
    }

    /// Any of them.
    pub(crate) fn name(&self, at: usize) -> &str {
        self.all.get(at).map_or("", String::as_str)
    }

    /// All but the one in use.
    pub(crate) fn others(&self) -> Vec<(usize, String)> {
        self.all.iter().cloned().enumerate().filter(|(at, _)| *at != self.at).collect()
    }

    pub(crate) fn change_to(&mut self, at: usize) {
        self.at = at;
    }

    pub(crate) fn change_to_next(&mut self) {
        self.at = (self.at + 1) % self.all.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use davy_core::id::SourceIx;

    #[test]
    fn servers_are_tried_in_turn() {
        let config = OpcUaSource {
            backup: vec!["b".to_owned(), "c".to_owned()],
            ..OpcUaSource::new(SourceIx(0), "a".to_owned())
        };
        let mut places = Places::new(&config);
        let mut tried = String::new();
        for _ in 0..4 {
            tried.push_str(places.current());
            places.change_to_next();
        }
        assert_eq!(tried, "abca");
        places.change_to(2);
        assert_eq!(places.others(), [(0, "a".to_owned()), (1, "b".to_owned())]);
    }
}
