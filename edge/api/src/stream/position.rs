//! How far a client of the stream has come, as the id of its last event.

use bytes::Bytes;
use davy_access::Permission;

/// What an id says besides the revision: of which run of the page's server it is, and what of it the client may see. In another
/// one revisions mean something else, and who may see more now has not seen it.
pub(super) struct Position(String);

impl Position {
    pub(super) fn new(instance: u64, may: impl Fn(Permission) -> bool) -> Self {
        let sees = [Permission::Live, Permission::Read].map(|one| if may(one) { '1' } else { '0' });
        let sees: String = sees.into_iter().collect();
        Self(format!("{instance:x}-{sees}-"))
    }

    /// The line before the last event of a look.
    pub(super) fn id_of(&self, revision: u64) -> Bytes {
        Bytes::from(format!("id: {}{revision}\n", self.0))
    }

    /// `None` where the id says nothing here.
    pub(super) fn revision_of(&self, id: &str) -> Option<u64> {
        id.strip_prefix(&*self.0)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_counts_where_it_comes_from_and_nowhere_else() {
        let here = Position::new(0xabc, |_| true);
        let id = here.id_of(17);
        let id = std::str::from_utf8(&id).expect("text").strip_prefix("id: ").expect("an id").trim_end();
        assert_eq!(here.revision_of(id), Some(17));
        assert_eq!(Position::new(0xabd, |_| true).revision_of(id), None, "another run");
        assert_eq!(
            Position::new(0xabc, |one| one == Permission::Live).revision_of(id),
            None,
            "who sees less, or more now"
        );
        for foreign in ["", "17", "abc-11-", "abc-11--1", "abc-11-x"] {
            assert_eq!(here.revision_of(foreign), None, "{foreign}");
        }
    }
}
