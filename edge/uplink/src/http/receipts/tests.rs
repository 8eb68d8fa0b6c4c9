//! Receipts as a table, and any receipts at all.

use super::*;
use proptest::prelude::*;

const IDS: [(u64, &str); 3] = [(3, "GW/1/3"), (4, "GW/1/4"), (7, "GW/1/7")];

fn judged(taken: &[u64], refused: &[(u64, &str)], later: &[u64], strangers: usize) -> Judged {
    let refused = refused.iter().map(|(seq, reason)| (*seq, (*reason).to_owned())).collect();
    Judged { taken: taken.to_vec(), refused, later: later.to_vec(), strangers }
}

#[test]
fn each_row_is_told_apart() {
    let none = "no reason was given";
    for (receipts, expected) in [
        ("", judged(&[], &[], &[3, 4, 7], 0)),
        ("3 accepted, 4 duplicate, 7 accepted", judged(&[3, 4, 7], &[], &[], 0)),
        ("7 accepted, 3 accepted", judged(&[3, 7], &[], &[4], 0)),
        ("3 accepted, 4 refused, 7 later", judged(&[3], &[(4, none)], &[7], 0)),
        ("3 accepted, 3 accepted, 3 duplicate", judged(&[3], &[], &[4, 7], 0)),
        ("3 accepted, 3 refused", judged(&[], &[(3, none)], &[4, 7], 0)),
        ("3 refused, 3 accepted, 3 later", judged(&[], &[(3, none)], &[4, 7], 0)),
        ("3 later, 3 accepted", judged(&[], &[], &[3, 4, 7], 0)),
        ("5 accepted, 8 refused, 5 refused, 4 accepted", judged(&[4], &[], &[3, 7], 2)),
    ] {
        let list = receipts.split(", ").filter(|each| !each.is_empty()).map(|each| {
            let (seq, status) = each.split_once(' ').unwrap();
            format!(r#"{{"id":"GW/1/{seq}","status":"{status}"}}"#)
        });
        let text = format!(r#"{{"receipts":[{}]}}"#, list.collect::<Vec<_>>().join(","));
        let read = read(text.as_bytes()).unwrap();
        assert_eq!(judge(IDS.into_iter(), read.as_deref()), expected, "{receipts}");
    }
    assert_eq!(judge(IDS.into_iter(), None), judged(&[3, 4, 7], &[], &[], 0), "without receipts everything is taken");
}

#[test]
fn reasons_are_one_bounded_line() {
    assert_eq!(words(Some("  no\nsuch unit ")), "no such unit");
    assert_eq!(words(Some(&"长".repeat(9_999))).chars().count(), limits::REASON_CHARS_MAX);
    assert_eq!(words(Some(" \t")), "no reason was given");
}

proptest! {
    /// Whatever a receiver says, each row is in one list, in the order of the batch.
    #[test]
    fn no_row_is_lost_between_the_lists(said in proptest::collection::vec((0_u64..12, 0..4_usize), 0..30)) {
        let status = [Status::Accepted, Status::Duplicate, Status::Later, Status::Refused];
        let receipts: Vec<Receipt> = said.iter()
            .map(|(seq, at)| Receipt { id: format!("GW/1/{seq}"), status: status[*at], reason: None })
            .collect();
        let ids: Vec<(u64, String)> = (2..9).map(|seq| (seq, format!("GW/1/{seq}"))).collect();
        let judged = judge(ids.iter().map(|(seq, id)| (*seq, id.as_str())), Some(&receipts));
        let refused: Vec<u64> = judged.refused.iter().map(|(seq, _)| *seq).collect();
        for list in [&judged.taken, &refused, &judged.later] {
            prop_assert!(list.is_sorted());
        }
        let mut all = [judged.taken.clone(), refused.clone(), judged.later].concat();
        all.sort_unstable();
        prop_assert_eq!(all, (2..9).collect::<Vec<u64>>());
        for (seq, at) in said.iter().filter(|(seq, _)| (2..9).contains(seq)) {
            let positive = judged.taken.contains(seq);
            prop_assert!(!positive || *at < 2, "row {} counts as taken and was said to be {:?}", seq, status[*at]);
            prop_assert!(*at != 3 || refused.contains(seq));
        }
    }
}
