//! Makes warnings that kube-apiserver passes on unchanged. It drops a warning with a line break or a tab, and truncates when all warnings
//! together are too long.

use std::collections::HashSet;

use daemonset_validation::words::count::thousands;

/// The most characters in all warnings of a response. Beyond that the API server truncates each to 256.
///
/// Upstream: `apiserver/pkg/endpoints/filters.truncateTotalRunes`.
const TOTAL: usize = 4096;

/// The most characters in one warning: the length to which the API server truncates. Other webhooks add warnings too, so ours are never
/// longer.
const EACH: usize = 256;

/// The most characters in all of our warnings. The rest of the budget is for other webhooks.
const OURS: usize = TOTAL / 2;

/// The text as one line for an HTTP header: no control characters, no repeated spaces.
pub(crate) fn sanitized(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for word in
        text.split(|letter: char| letter.is_whitespace() || letter.is_control() || is_invisible(letter))
    {
        if word.is_empty() {
            continue;
        }
        if !clean.is_empty() {
            clean.push(' ');
        }
        clean.push_str(word);
    }
    clean
}

/// Characters that change the writing direction or are invisible. With them, the author of an object could forge what a terminal shows.
const fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// The text, truncated to at most `most` characters. A truncated text ends in an ellipsis.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// The warnings to send: cleaned, without duplicates, as many from the front as fit, and a last one that counts the rest, and those
/// of which there is only the number: `uncounted`.
pub(crate) fn within_budget(warnings: impl IntoIterator<Item = String>, uncounted: usize) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut clean: Vec<String> = warnings
        .into_iter()
        .map(|warning| cut(&sanitized(&warning), EACH))
        .filter(|warning| !warning.is_empty())
        .collect();
    clean.retain(|warning| seen.insert(warning.clone()));
    // Leave room for the warning that counts the rest.
    let mut left = OURS.saturating_sub(64);
    let mut fit = 0_usize;
    for warning in &clean {
        let length = warning.chars().count();
        if length > left {
            break;
        }
        left = left.saturating_sub(length);
        fit = fit.saturating_add(1);
    }
    let rest = clean.len().saturating_sub(fit).saturating_add(uncounted);
    clean.truncate(fit);
    if rest > 0 {
        clean.push(format!("and {} more; daemonset-lint shows them", thousands(rest)));
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A xorshift generator, to check the property on many texts.
    fn random(state: &mut u64) -> u64 {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state
    }

    #[test]
    fn every_warning_is_accepted_by_the_api_server() {
        let letters: Vec<char> =
            "ab \t\n\r\u{0}\u{7f}\u{85}\u{2028}\u{202e}\u{200b}äπ語🦀\"\\".chars().collect();
        let mut state = 0x9e37_79b9_7f4a_7c15;
        for _ in 0..2_000 {
            let count = random(&mut state) % 60;
            let warnings: Vec<String> = (0..count)
                .map(|_| {
                    let length = random(&mut state) % 600;
                    (0..length)
                        .map(|_| letters[(random(&mut state) % letters.len() as u64) as usize])
                        .collect()
                })
                .collect();
            let sent = within_budget(warnings.clone(), 0);
            let total: usize = sent.iter().map(|warning| warning.chars().count()).sum();
            assert!(total <= OURS);
            assert_eq!(sent.iter().collect::<HashSet<_>>().len(), sent.len(), "one is sent twice");
            for warning in &sent {
                assert!(!warning.is_empty() && warning.chars().count() <= EACH);
                assert!(
                    !warning.contains(|letter: char| letter.is_control() || is_invisible(letter)),
                    "{warning:?}"
                );
            }
            assert_eq!(sent.is_empty(), warnings.iter().all(|warning| sanitized(warning).is_empty()));
        }
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let sent = within_budget((0..30).map(|number| format!("{number} {}", "x".repeat(250))), 79_877);
        assert_eq!(sent.len(), 8);
        assert_eq!(sent[7], "and 79,900 more; daemonset-lint shows them");
    }
}
