//! Gives a field its default.

/// Gives an absent or empty text its default: where Go has no pointer, the two are one.
pub(super) fn text_or(field: &mut Option<String>, default: &str) {
    if field.as_deref().is_none_or(str::is_empty) {
        *field = Some(default.to_owned());
    }
}

/// Gives an absent text its default and keeps an empty one: where Go has a pointer, the two differ.
pub(super) fn absent_or(field: &mut Option<String>, default: &str) {
    if field.is_none() {
        *field = Some(default.to_owned());
    }
}

/// Gives an absent number or zero its default.
pub(super) fn number_or(field: &mut Option<i32>, default: i32) {
    if field.is_none_or(|number| number == 0) {
        *field = Some(default);
    }
}
