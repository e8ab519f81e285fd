//! Suggests the name that a misspelt one was probably meant to be.

/// Names longer than this many characters get no suggestion, because the cost of a comparison grows with the square of the length.
const MAX_LENGTH: usize = 100;

/// Returns the candidate nearest to `name` by edit distance, ignoring case; `None` if none is near enough to be a misspelling.
pub fn did_you_mean<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let length = name.chars().count();
    if length > MAX_LENGTH {
        return None;
    }
    let allowed = match length {
        0..=2 => 1,
        3..=7 => 2,
        _ => 3,
    };
    let name = name.to_lowercase();
    let letters = name.chars().count();
    let (distance, nearest) = candidates
        .into_iter()
        .map(|candidate| (candidate.to_lowercase(), candidate))
        // Texts are at least as far from each other as their lengths are.
        .filter(|(lowercase, _)| lowercase.chars().count().abs_diff(letters) <= allowed)
        .map(|(lowercase, candidate)| (strsim::damerau_levenshtein(&name, &lowercase), candidate))
        .min_by_key(|(distance, _)| *distance)?;
    (distance <= allowed && distance < length).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn misspellings_are_found_and_other_words_are_not() {
        let fields = ["containers", "initContainers", "image", "dnsPolicy"];
        for (name, expected) in [
            ("container", Some("containers")),
            ("CONTAINERS", Some("containers")),
            ("dnspolcy", Some("dnsPolicy")),
            ("iamge", Some("image")),
            ("i", None),
            ("replicas", None),
            (&"containers".repeat(20), None),
        ] {
            assert_eq!(did_you_mean(name, fields), expected, "{name}");
        }
        assert_eq!(did_you_mean("image", []), None);
    }
}
