//! `rules.toml`: rules that do not follow from the tables. Here `[[rule.sos]]` and `[[rule.video]]`; see `tag_rules` for
//! those over tags and `ticket_rules` for those over tickets.

use crate::{
    compounds, defaults,
    documents::Section,
    durations,
    index::Index,
    overdue_rules, people_rules, quality_rules,
    rulebook::{Rulebook, rule, url_safe},
    rules::{Watched, first_given},
    signal_rules,
    sources::narrow,
    system_rules, tag_rules,
    text::Text,
    ticket_rules, words,
};
use davy_core::{
    id::{CameraIx, PersonIx, RiskEventIx},
    model::{Rule, RuleKind},
};
use std::ops::RangeInclusive;

const VIDEO_KEYS: [&str; 13] = [
    "id",
    "name",
    "camera",
    "algorithm",
    "confidence_min",
    "frames_min",
    "frame_gap",
    "cooldown",
    "threatens",
    "priority",
    "guidance",
    "latched",
    "suppressed_by",
];
const FRAMES_MAX: u64 = 1_000;
/// An algorithm looks at a frame a second or so; what is an hour apart is not one event.
const FRAME_GAP: RangeInclusive<u64> = 1_000..=3_600_000;

/// Reads the file.
pub(crate) fn read<'a>(root: Option<&Section<'a>>, watched: &Watched<'_, 'a>, book: &mut Rulebook<'a>) {
    let rules = root.and_then(|root| {
        root.knows(&["rule", "suppressed", "first_out"]);
        book.relations.read(root);
        root.section("rule")
    });
    system_rules::read(rules.as_ref(), book);
    let Some(rules) = rules else { return };
    rules.knows(
        &[
            &["sos", "video", "ticket", overdue_rules::KIND, quality_rules::KIND][..],
            &tag_rules::KINDS[..],
            &people_rules::KINDS[..],
            &compounds::KINDS[..],
            &signal_rules::KINDS[..],
            &system_rules::KINDS[..],
        ]
        .concat(),
    );
    for (at, section) in rules.sections("sos").iter().enumerate() {
        if at > 0 {
            section.spot().error("[[rule.sos]] is here a second time and one holds for all people; remove it");
        } else {
            sos(section, watched, book);
        }
    }
    let mut ids = Index::new("rule", "rules.toml", true);
    for (at, section) in rules.sections("video").iter().enumerate() {
        let Some(id) = section.needed_text("id", "cam-05-smoke") else {
            video(section, "", watched);
            continue;
        };
        ids.add(id, at);
        let rule = video(section, id.code().unwrap_or_default(), watched);
        book.relations.suppressed_by(&rule.id, section.texts("suppressed_by"));
        book.add(id, rule);
    }
    tag_rules::read(&rules, watched, &mut ids, book);
    people_rules::read(&rules, watched, &mut ids, book);
    ticket_rules::read(&rules, watched, &mut ids, book);
    compounds::read(&rules, watched, &mut ids, book);
    signal_rules::read(&rules, watched, &mut ids, book);
    overdue_rules::read(&rules, watched, &mut ids, book);
}

/// One rule for each person.
fn sos<'a>(section: &Section<'a>, watched: &Watched<'_, 'a>, book: &mut Rulebook<'a>) {
    section.knows(&["threatens", "priority", "guidance", "latched"]);
    let threatens = section.needed_text("threatens", "EV-1101").and_then(|text| watched.risk.event(text));
    let priority = section.one_of("priority", words::PRIORITIES, defaults::SOS_PRIORITY);
    let (own, latched) = (section.text("guidance").map(Text::words), section.flag("latched", false));
    let guidance = first_given([own.unwrap_or_default(), watched.risk.guidance(None, threatens, None)]);
    for (at, row) in watched.places.people.iter().enumerate() {
        let (id, name) = (format!("sos-{}", url_safe(row.cell.text)), format!("{}一键报警", row.person.name));
        let unit = threatens.and_then(|event| watched.risk.unit_of(event));
        let kind = RuleKind::Sos { person: PersonIx::from(at) };
        let sos = Rule { unit, threatens, latched, never_hidden: true, ..rule(id, name, priority, kind) };
        book.add(row.cell, Rule { guidance: guidance.clone().into(), ..sos });
    }
}

fn video(section: &Section<'_>, id: &str, watched: &Watched<'_, '_>) -> Rule {
    section.knows(&VIDEO_KEYS);
    let name = section.needed_text("name", "1101罐顶烟雾").and_then(Text::name).unwrap_or_default();
    let camera = section.needed_text("camera", "CAM-05").and_then(|text| watched.places.camera(text));
    let threatens = threatened(section, camera, watched);
    let kind = RuleKind::Video {
        camera: camera.unwrap_or(CameraIx(0)),
        algorithm: section.needed_text("algorithm", "smoke").and_then(Text::code).unwrap_or_default().to_owned(),
        confidence_min: confidence(section),
        frames_min: narrow(section.whole("frames_min", 1..=FRAMES_MAX, defaults::FRAMES_MIN)),
        frame_gap_ms: section.duration("frame_gap", FRAME_GAP, defaults::FRAME_GAP_MS),
        cooldown_ms: section.duration("cooldown", 1_000..=*durations::ANY.end(), defaults::COOLDOWN_MS),
    };
    let priority = section.one_of("priority", words::PRIORITIES, defaults::VIDEO_PRIORITY);
    let unit = threatens.and_then(|event| watched.risk.unit_of(event));
    let (own, latched) = (section.text("guidance").map(Text::words), section.flag("latched", false));
    let guidance = first_given([own.unwrap_or_default(), watched.risk.guidance(None, threatens, None)]);
    Rule { unit, threatens, guidance: guidance.into(), latched, ..rule(id.to_owned(), name.to_owned(), priority, kind) }
}

/// The event as written, or else that of the zone which the camera looks at.
fn threatened(section: &Section<'_>, camera: Option<CameraIx>, watched: &Watched<'_, '_>) -> Option<RiskEventIx> {
    if section.key("threatens").is_some() {
        return section.text("threatens")?.needed().and_then(|text| watched.risk.event(text));
    }
    let zone = watched.places.cameras[camera?.at()].zone;
    let event = zone.and_then(|zone| watched.places.zones[zone.at()].zone.event);
    if event.is_none() {
        section.missing("threatens", "threatens = \"EV-1101\", or give the zone of the camera a risk event");
    }
    event
}

fn confidence(section: &Section<'_>) -> f64 {
    let Some((text, confidence)) = section.number("confidence_min") else { return defaults::CONFIDENCE_MIN };
    if !(0.0..=1.0).contains(&confidence) {
        text.wrong(format_args!("{confidence} is not from 0 to 1; write a part, such as 0.6 for 60 %"));
    }
    confidence
}
