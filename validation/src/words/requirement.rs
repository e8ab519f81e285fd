//! Requirements of selectors, in the form in which messages have them.

use crate::placement::Requirement;

/// A requirement of a node selector in one line: `color Exists`, `zone In [a, b]`.
pub fn requirement(one: &Requirement) -> String {
    if one.values.is_empty() {
        format!("{} {}", one.key, one.operator)
    } else {
        format!("{} {} [{}]", one.key, one.operator, one.values.join(", "))
    }
}
