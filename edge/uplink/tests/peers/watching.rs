//! What the tests of HTTP wait for and look at.

use super::{
    desk::Desk,
    receiver::{Posted, Receiver, Reply},
    until,
};
use davy_core::event::Link;
use davy_uplink::Lane;
use std::collections::BTreeSet;

/// Waits until every row is there.
pub(crate) async fn arrived(receiver: &Receiver, head: u64) {
    let all: BTreeSet<u64> = (1..=head).collect();
    until("every row is at the receiver", async || (receiver.seqs() == all).then_some(())).await;
}

/// Each lane in order, one batch at a time.
pub(crate) fn assert_in_order(receiver: &Receiver) {
    for lane in Lane::ALL {
        let rows = receiver.first_taken(lane.as_str());
        assert!(rows.is_sorted(), "{lane:?}: {rows:?}");
    }
    assert!(receiver.most_under_way() <= 1, "a lane had {} batches under way", receiver.most_under_way());
}

/// Waits until the link is down; why.
pub(crate) async fn lost(desk: &mut Desk) -> String {
    match desk.link().await {
        Link::Down(reason) => reason,
        Link::Up => panic!("the link is up"),
    }
}

/// Waits until the link is up.
pub(crate) async fn is_up(desk: &mut Desk) {
    while desk.link().await != Link::Up {}
}

/// A receipt for each row for which there is a status.
pub(crate) fn receipts(posted: &Posted, of: impl Fn(u64) -> Option<&'static str>) -> Reply {
    let rows = posted.ids().into_iter().zip(posted.seqs());
    Reply::Receipts(rows.filter_map(|(id, seq)| Some((id, of(seq)?, "because"))).collect())
}
