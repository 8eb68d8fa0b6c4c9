//! What the page shows of the plant: where the story stands, and what the enterprise has received.

use crate::{
    receiver::ReceiverView,
    story::{self, CYCLE_S},
};
use serde::Serialize;

/// The plant as the page shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlantView {
    /// What happens now, in Chinese.
    pub scene_zh: &'static str,
    /// What happens now, in English.
    pub scene_en: &'static str,
    /// How long the story is, in story seconds; then it begins again.
    pub cycle_seconds: f64,
    /// Whole story seconds since it began.
    pub second: u32,
    /// What the enterprise has received.
    pub receiver: ReceiverView,
}

impl PlantView {
    /// The view at a story time, which counts on over all cycles.
    pub(crate) fn new(story_s: f64, receiver: ReceiverView) -> Self {
        let (scene_zh, scene_en) = story::scene(story_s);
        Self { scene_zh, scene_en, cycle_seconds: CYCLE_S, second: story_s.rem_euclid(CYCLE_S) as u32, receiver }
    }
}
