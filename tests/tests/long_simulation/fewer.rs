//! Configurations of a site that lack some of its objects: rows of its tables and rules are left out at random, and with them
//! whatever names them. From one of these to the whole again, objects are added.

use davy_config::{Files, read};
use davy_core::model::Site;
use rand::{Rng, rngs::SmallRng, seq::IndexedRandom};
use std::{ops::Range, path::Path};

/// One object in so many is left out.
const LEFT_OUT: u32 = 8;

/// How often what names something that was left out is left out as well, before the configuration is given up.
const ROUNDS: usize = 8;

/// The site without some of its objects; `None` where what is left makes no sense.
pub(crate) fn site(folder: &Path, rng: &mut SmallRng) -> Option<Site> {
    let mut files = Files::from_dir(folder).ok()?;
    for (name, text) in files.0.iter_mut().filter(|(name, _)| name.ends_with(".csv") || *name == "rules.toml") {
        for object in objects(name, text).into_iter().filter(|_| rng.random_ratio(1, LEFT_OUT)) {
            leave_out(text, object);
        }
    }
    for _ in 0..ROUNDS {
        let errors = match read(&files, &|name| Err(name.to_owned())) {
            Ok(checked) => return Some(checked.configuration.site),
            Err(errors) => errors,
        };
        for finding in errors.0 {
            let text = files.0.get_mut(&finding.file)?;
            let line = usize::try_from(finding.line).ok()?.checked_sub(1)?;
            let object = objects(&finding.file, text).into_iter().find(|object| object.contains(&line))?;
            leave_out(text, object);
        }
    }
    None
}

/// The lines of each row of a table, but for its head; or of each rule.
fn objects(name: &str, text: &[u8]) -> Vec<Range<usize>> {
    let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    if name.ends_with(".csv") {
        return (1..lines.len()).map(|line| line..line + 1).collect();
    }
    let begins = |line: &&[u8]| line.starts_with(b"[[rule.") || line.starts_with(b"[[first_out");
    let parts: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].starts_with(b"[")).chain([lines.len()]).collect();
    let its = parts.windows(2).filter(|part| begins(&lines[part[0]]));
    its.map(|part| part[0]..part[1]).collect()
}

/// Empties the lines, so that those below them keep their numbers.
fn leave_out(text: &mut Vec<u8>, object: Range<usize>) {
    let lines = text.split(|byte| *byte == b'\n').enumerate();
    let kept: Vec<&[u8]> = lines.map(|(at, line)| if object.contains(&at) { &[][..] } else { line }).collect();
    *text = kept.join(&b'\n');
}

/// One of them, or the whole.
pub(crate) fn any<'a>(whole: &'a Site, fewer: &'a [Site], rng: &mut SmallRng) -> &'a Site {
    fewer.choose(rng).filter(|_| rng.random()).unwrap_or(whole)
}
