//! Requirements of selectors, in the form in which messages have them.

use super::count::thousands;
use crate::placement::Requirement;

/// What stands behind a list that was cut: `, and 19,936 more`; nothing behind a whole one.
pub fn more(count: usize, separator: &str) -> String {
    if count == 0 { String::new() } else { format!("{separator}and {} more", thousands(count)) }
}

/// A requirement of a node selector in one line: `color Exists`, `zone In [a, b]`.
pub fn requirement(one: &Requirement) -> String {
    if one.values.is_empty() {
        format!("{} {}", one.key, one.operator)
    } else {
        format!("{} {} [{}{}]", one.key, one.operator, one.values.join(", "), more(one.more_values, ", "))
    }
}
