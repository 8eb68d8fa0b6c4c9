//! `[[rule.voting]]`: M out of N redundant instruments beyond a limit.

use super::check::{Checked, Used};
use crate::{
    documents::Section,
    rules::Watched,
    text::{Text, quoted},
    words,
};
use davy_core::{
    id::TagIx,
    model::{Comparison, Compound, Degrade, Node, NodeIx},
};

pub(super) const KEYS: [&str; 5] = ["tags", "above", "below", "needed", "degrade"];

const TAGS_MAX: usize = 8;
const NEEDED: u64 = 2;

pub(super) fn read<'a>(section: &Section<'a>, watched: &Watched<'_, 'a>) -> Option<Checked<'a>> {
    let tags = tags(section, watched);
    let limit = limit(section, &tags, watched);
    let needed = needed(section, tags.len());
    let degrade = section.one_of("degrade", words::DEGRADES, Degrade::default());
    let (sign, comparison, limit) = limit?;
    if tags.len() < 2 {
        return None;
    }
    let ids: Vec<&str> = tags.iter().map(|(text, _)| text.text).collect();
    let when = format!("{needed} of ({}) {sign} {limit}", ids.join(", "));
    let compound = Compound { when, nodes: nodes(&tags, comparison, limit, needed, degrade), voting: true };
    Some(Checked { compound, used: tags.into_iter().map(|(text, tag)| (text, Used::Tag(tag))).collect() })
}

fn nodes(tags: &[(Text<'_>, TagIx)], comparison: Comparison, limit: f64, needed: u16, degrade: Degrade) -> Vec<Node> {
    let mut nodes = vec![Node::Constant(limit)];
    let mut voters = Vec::new();
    for (_, tag) in tags {
        let tag_node = node_ix(nodes.len());
        nodes.push(Node::Tag(*tag));
        voters.push(node_ix(nodes.len()));
        nodes.push(Node::Compare(comparison, tag_node, NodeIx(0)));
    }
    nodes.push(Node::Vote { needed, of: voters.into(), degrade });
    nodes
}

fn node_ix(at: usize) -> NodeIx {
    NodeIx(u16::try_from(at).unwrap_or(u16::MAX))
}

fn tags<'a>(section: &Section<'a>, watched: &Watched<'_, 'a>) -> Vec<(Text<'a>, TagIx)> {
    let texts = section.texts("tags");
    if section.key("tags").is_none() {
        section.missing("tags", "tags = [\"LI-1\", \"LI-2\", \"LI-3\"]");
    } else if !(2..=TAGS_MAX).contains(&texts.len()) {
        section
            .key("tags")
            .unwrap_or(section.spot())
            .error(format_args!("tags: {} instruments cannot vote; name 2 to {TAGS_MAX}", texts.len()));
    }
    let mut tags: Vec<(Text<'a>, TagIx)> = Vec::new();
    for text in texts {
        let Some(tag) = watched.points.ids.find(text).map(TagIx::from) else { continue };
        let engineering_unit = |tag: TagIx| watched.points.rows[tag.at()].tag.engineering_unit.as_str();
        if tags.iter().any(|(_, other)| *other == tag) {
            text.wrong(format_args!("{} is named twice and has one vote; remove it", quoted(text.text)));
        } else if let Some((first, other)) = tags.first()
            && engineering_unit(*other) != engineering_unit(tag)
        {
            text.wrong(format_args!(
                "{} is measured in {} and {} in {}; only instruments of one unit can vote",
                quoted(text.text),
                quoted(engineering_unit(tag)),
                quoted(first.text),
                quoted(engineering_unit(*other))
            ));
        }
        tags.push((text, tag));
    }
    tags
}

fn limit(
    section: &Section<'_>,
    tags: &[(Text<'_>, TagIx)],
    watched: &Watched<'_, '_>,
) -> Option<(&'static str, Comparison, f64)> {
    let (above, below) = (section.number("above"), section.number("below"));
    if let (Some((_, _)), Some((text, _))) = (&above, &below) {
        text.wrong("there is above already; remove one of the two");
        return None;
    }
    let (sign, comparison, found) = match (above, below) {
        (Some(found), _) => (">=", Comparison::AtLeast, found),
        (None, Some(found)) => ("<=", Comparison::AtMost, found),
        (None, None) => {
            if section.key("above").is_none() && section.key("below").is_none() {
                section.missing("above", "above = 90, or below = 10");
            }
            return None;
        }
    };
    let (text, limit) = found;
    for (_, tag) in tags {
        let tag = &watched.points.rows[tag.at()].tag;
        if let Some((low, high)) = tag.range.filter(|(low, high)| limit <= *low || limit >= *high) {
            text.wrong(format_args!("{limit} is not within the range {low} to {high} of {}; correct it", tag.id));
            break;
        }
    }
    Some((sign, comparison, limit))
}

fn needed(section: &Section<'_>, tags: usize) -> u16 {
    let needed = section.whole("needed", 1..=TAGS_MAX as u64, NEEDED);
    if needed > tags as u64 && tags >= 2 {
        section
            .key("needed")
            .unwrap_or(section.spot())
            .error(format_args!("needed: {needed} of {tags} can never be; write 1 to {tags}"));
    }
    u16::try_from(needed).unwrap_or(u16::MAX)
}
