//! What video analytics sees: the story's smoke, and now and then something it is not sure of, which no rule may take
//! for an alarm. A pure function of the seed and the story's time.

use crate::{
    description::site::CAMERAS,
    noise::Noise,
    story::{self, Fault},
};

/// A sight.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sight {
    pub(crate) camera: &'static str,
    pub(crate) algorithm: &'static str,
    /// 0 to 1.
    pub(crate) confidence: f64,
}

/// All cameras.
pub(crate) struct Cameras {
    random: Noise,
    next_smoke_s: f64,
    next_doubt_s: f64,
}

/// Smoke is seen so often while it lasts.
const SMOKE_EVERY_S: f64 = 1.0;
/// Something doubtful is seen so often.
const DOUBT_EVERY_S: (f64, f64) = (12.0, 30.0);
const SMOKE_CONFIDENCE: (f64, f64) = (0.82, 0.96);
/// Below the threshold of every rule.
const DOUBT_CONFIDENCE: (f64, f64) = (0.2, 0.45);
/// What a camera may see without being sure; the first is what rules look for.
const DOUBTS: [&str; 3] = ["smoke", "no_helmet", "off_duty"];

impl Cameras {
    pub(crate) fn new(seed: u64) -> Self {
        Self { random: Noise::new(seed), next_smoke_s: 0.0, next_doubt_s: DOUBT_EVERY_S.0 }
    }

    /// What is seen at a story time, which never goes back.
    pub(crate) fn look(&mut self, story_s: f64) -> Vec<Sight> {
        let smoke = story::active(story_s).find_map(|row| {
            let Fault::Smoke { camera } = row.fault else { return None };
            Some(camera)
        });
        let mut sights = Vec::new();
        if let Some(camera) = smoke.filter(|_| story_s >= self.next_smoke_s) {
            self.next_smoke_s = story_s + SMOKE_EVERY_S;
            sights.push(self.sight(camera, "smoke", SMOKE_CONFIDENCE));
        }
        if story_s >= self.next_doubt_s {
            self.next_doubt_s = story_s + self.random.between(DOUBT_EVERY_S.0, DOUBT_EVERY_S.1);
            let camera = CAMERAS[self.random.below(CAMERAS.len())].id;
            let algorithm = DOUBTS[self.random.below(DOUBTS.len())];
            sights.push(self.sight(camera, algorithm, DOUBT_CONFIDENCE));
        }
        sights
    }

    fn sight(&mut self, camera: &'static str, algorithm: &'static str, confidence: (f64, f64)) -> Sight {
        let confidence = (self.random.between(confidence.0, confidence.1) * 100.0).round() / 100.0;
        Sight { camera, algorithm, confidence }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::CONFIDENCE_MIN;

    #[test]
    fn only_the_storys_smoke_is_sure() {
        let mut cameras = Cameras::new(1);
        let (mut sure, mut doubtful) = (Vec::new(), 0);
        for half_second in 0..(story::CYCLE_S * 2.0) as u32 {
            let second = f64::from(half_second) / 2.0;
            for sight in cameras.look(second) {
                match sight.confidence >= CONFIDENCE_MIN {
                    true => sure.push((second, sight)),
                    false => doubtful += 1,
                }
            }
        }
        assert!(doubtful >= 6, "{doubtful} doubtful sights");
        assert_eq!(sure.len(), 10, "{sure:?}");
        for (second, sight) in &sure {
            assert!(story::active(*second).any(|row| row.fault == Fault::Smoke { camera: sight.camera }));
            assert_eq!(sight.algorithm, "smoke");
        }
    }
}
