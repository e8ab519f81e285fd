//! What granit-parser accepts, being a parser of YAML 1.2, and go-yaml does not.

use super::problem::Problem;

/// An anchor or an alias, as it is written. go-yaml knows only letters, digits, `_` and `-` in names.
pub(super) fn name(source: &str) -> Option<Problem> {
    let name = source.get(1..).unwrap_or_default();
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (!name.bytes().all(known)).then_some(Problem::Name)
}

/// A scalar in double quotes, as it is written: the escape sequences that came later, from JSON.
pub(super) fn escape(source: &str) -> Option<(usize, Problem)> {
    let mut bytes = source.bytes().enumerate();
    while let Some((position, byte)) = bytes.next() {
        if byte != b'\\' {
            continue;
        }
        match bytes.next().map(|(_, code)| code) {
            Some(b'/') => return Some((position, Problem::Escape)),
            Some(b'u') => {
                let digits = source.get(position.saturating_add(2)..).unwrap_or_default();
                if digits.starts_with(['d', 'D']) && !digits.get(1..2).is_some_and(|digit| digit < "8") {
                    return Some((position, Problem::Surrogate));
                }
            }
            _ => {}
        }
    }
    None
}
