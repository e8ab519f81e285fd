//! A condition of readiness.

/// A condition of readiness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    /// The name of the condition.
    pub(crate) name: &'static str,
    /// Whether the condition holds.
    pub(crate) ok: bool,
    /// Why it does or does not hold.
    pub(crate) why: String,
}

/// A duration in words.
pub(super) fn span(seconds: i64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} minutes", seconds / 60),
        7_200..172_800 => format!("{} hours", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}
