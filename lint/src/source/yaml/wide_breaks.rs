//! Line breaks of YAML 1.1 that YAML 1.2 does not have: next line, line separator, paragraph separator.
//!
//! In quotes they are folded here. Elsewhere they end a line for Kubernetes but not for the parser, so the document is refused.

const ALL: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// The offsets of such line breaks.
pub(super) fn find(document: &str) -> Vec<usize> {
    document.match_indices(ALL).map(|(place, _)| place).collect()
}

/// Folds the line breaks of a quoted scalar: spaces around them are removed, a next line becomes a space, a separator stays.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find(ALL) {
        let (before, after) = rest.split_at(place);
        folded.push_str(before.trim_end_matches([' ', '\t']));
        let mut breaks = Vec::new();
        let behind = after.trim_start_matches(|character| {
            let is_break = ALL.contains(&character);
            if is_break {
                breaks.push(if character == '\u{85}' { '\n' } else { character });
            }
            is_break || matches!(character, ' ' | '\t')
        });
        match breaks.as_slice() {
            ['\n'] => folded.push(' '),
            ['\n', further @ ..] => folded.extend(further),
            all => folded.extend(all),
        }
        rest = behind;
    }
    folded.push_str(rest);
    folded
}
