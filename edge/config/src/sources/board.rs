//! `[[source.board]]`: dry contacts at the inputs of the box, as tags.

use crate::{
    documents::Section,
    types::{BoardConfig, BoardSource},
};
use davy_core::id::SourceIx;

/// Reads one.
pub(super) fn read(section: &Section<'_>, source: SourceIx, board: &BoardConfig) -> BoardSource {
    section.knows(&["id", "name", "lost_after", "lost_priority"]);
    let inputs = board.inputs.iter().map(|input| input.name.clone()).collect();
    BoardSource { source, inputs, items: Vec::new() }
}
