//! Sets a field to its default.

/// Sets an absent or empty text. For fields that are not pointers in Go, both are the same.
pub(super) fn text_or(field: &mut Option<String>, default: &str) {
    if field.as_deref().is_none_or(str::is_empty) {
        *field = Some(default.to_owned());
    }
}

/// Sets an absent text and keeps an empty one. For fields that are pointers in Go, they differ.
pub(super) fn absent_or(field: &mut Option<String>, default: &str) {
    if field.is_none() {
        *field = Some(default.to_owned());
    }
}

/// Sets a number that is absent or zero.
pub(super) fn number_or(field: &mut Option<i32>, default: i32) {
    if field.is_none_or(|number| number == 0) {
        *field = Some(default);
    }
}
