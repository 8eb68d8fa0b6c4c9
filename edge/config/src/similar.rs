//! The nearest of several words, for "did you mean".

/// The candidate that differs least from the word, if it differs little.
pub(crate) fn closest<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let word: Vec<char> = word.to_lowercase().chars().collect();
    let allowed = (word.len() / 3).clamp(1, 3);
    let near = candidates.filter_map(|candidate| {
        let letters: Vec<char> = candidate.to_lowercase().chars().collect();
        let far_in_length = letters.len().abs_diff(word.len()) > allowed;
        let distance = if far_in_length { usize::MAX } else { distance(&word, &letters) };
        // A word that shares no letter with the candidate is not a slip of the pen.
        (distance <= allowed && distance < letters.len()).then_some((distance, candidate))
    });
    near.min().map(|(_, candidate)| candidate)
}

/// Letters to insert, delete or replace, or neighbours to swap (the optimal string alignment distance).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &y) in b.iter().enumerate() {
            let mut least = (above[j] + usize::from(x != y)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closest_word() {
        let check = |word, candidates: &[&'static str]| closest(word, candidates.iter().copied());
        assert_eq!(check("endpiont", &["endpoint", "id"]), Some("endpoint"));
        assert_eq!(check("Tag", &["tag", "name"]), Some("tag"));
        assert_eq!(check("位", &["位号", "名称"]), Some("位号"));
        assert_eq!(check("x", &["L", "H"]), None);
        assert_eq!(check("colour", &["tag", "name"]), None);
        assert_eq!(check("", &["", "a"]), None);
    }
}
