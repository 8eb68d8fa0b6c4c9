//! `rules.toml`: the distress button, and what each camera may alarm for.

use crate::description::site::{CAMERAS, Camera};
use std::fmt::Write as _;

/// Weaker sights raise nothing.
pub(crate) const CONFIDENCE_MIN: f64 = 0.6;
/// Whom an unwatched control desk threatens first.
const OFF_DUTY_THREATENS: &str = "RE-0501";
const CONTROL_ROOM: &str = "Z-01";

/// The file.
pub(super) fn file() -> String {
    let mut text = String::from(
        r#"# Distress calls: the zone of the person decides which risk event is threatened, and outside all zones this one.
[[rule.sos]]
threatens = "RE-0101"
priority = "critical"
guidance = "立即联系本人；就近两人携空气呼吸器前往救援；视频确认现场；必要时启动应急响应。"

# Video analytics is initial screening: two sure sights, and over when nothing has been seen for a while.
"#,
    );
    CAMERAS.iter().for_each(|camera| video(camera, &mut text));
    text
}

fn video(camera: &Camera, text: &mut String) {
    let Camera { id, name, zone } = camera;
    let lower = id.to_lowercase();
    let (algorithm, what, threatens, urgency, guidance) = match *zone == CONTROL_ROOM {
        false => (
            "smoke",
            "烟雾",
            None,
            "high",
            "调看视频画面；派人佩戴空气呼吸器现场确认；确认起火立即报警并启动消防设施。",
        ),
        true => {
            ("off_duty", "人员离岗", Some(OFF_DUTY_THREATENS), "medium", "电话联系当班班长；立即安排人员到岗监盘。")
        }
    };
    let threatens = threatens.map(|event| format!("threatens = \"{event}\"\n")).unwrap_or_default();
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        r#"
[[rule.video]]
id = "{lower}-{algorithm}"
name = "{name}{what}"
camera = "{id}"
algorithm = "{algorithm}"
confidence_min = {CONFIDENCE_MIN}
frames_min = 2
cooldown = "15s"
{threatens}priority = "{urgency}"
guidance = "{guidance}"
"#
    );
}
