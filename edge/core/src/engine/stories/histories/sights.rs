//! Video: sights in a row, confidence, and how long the condition lasts after the last of them.

use super::*;

const FRAMES: usize = 3;
const COOLDOWN_S: u64 = 25;
const GAP_S: u64 = 9;

/// A sight that counts: of the algorithm, and sure enough.
fn counts(algorithm: &str, confidence: f64) -> bool {
    algorithm == "smoke" && confidence >= 0.6
}

/// Whether the condition lasts. It begins with the third sight of a row in which none is further from the one before than the gap,
/// it goes on with every further sight, and it ends a while after the last one; then another row is needed.
fn lasts(seen: &[u64], now_s: u64) -> bool {
    let mut lasts_until: Option<u64> = None;
    let mut row: Vec<u64> = Vec::new();
    for at_s in seen {
        if lasts_until.is_some_and(|until| *at_s >= until) {
            (lasts_until, row) = (None, Vec::new());
        }
        if row.last().is_some_and(|last| at_s - last > GAP_S) {
            row.clear();
        }
        row.push(*at_s);
        if lasts_until.is_some() || row.len() >= FRAMES {
            lasts_until = Some(at_s + COOLDOWN_S);
        }
    }
    lasts_until.is_some_and(|until| now_s < until)
}

fn smoke_site() -> Site {
    let kind = RuleKind::Video {
        camera: CameraIx(0),
        algorithm: "smoke".to_owned(),
        confidence_min: 0.6,
        frames_min: 3,
        frame_gap_ms: GAP_S * 1000,
        cooldown_ms: COOLDOWN_S * 1000,
    };
    Site { rules: vec![rule("smoke", kind, None)], ..site() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_sight_lasts_as_the_history_says(
        steps in prop::collection::vec((
            prop_oneof![8 => 0..11_u64, 2 => 9..12_u64, 2 => 20..30_u64],
            prop::sample::select(vec!["smoke", "smoke", "smoke", "smoke", "helmet"]),
            prop::sample::select(vec![0.59, 0.6, 0.61, 0.9, 1.0]),
        ), 1..40),
    ) {
        let mut bench = Bench::of(smoke_site());
        let (mut seen, mut now_s) = (Vec::new(), 0);
        for (after_s, algorithm, confidence) in steps {
            for _ in 0..after_s {
                now_s += 1;
                bench.at(now_s);
                prop_assert_eq!(!bench.active().is_empty(), lasts(&seen, now_s), "at {} of {:?}", now_s, seen);
            }
            bench.apply(Event::Video(VideoSight {
                camera: CameraIx(0),
                algorithm: algorithm.to_owned(),
                confidence,
                picture: None,
                source_time: None,
                received_time: bench.now.utc,
            }));
            if counts(algorithm, confidence) {
                seen.push(now_s);
            }
            prop_assert_eq!(!bench.active().is_empty(), lasts(&seen, now_s), "at {} of {:?}", now_s, seen);
        }
    }
}
