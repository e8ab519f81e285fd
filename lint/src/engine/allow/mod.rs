//! Comments and annotations that allow findings.
//!
//! `# daemonset-lint: allow rule-id, reason` allows the findings of the rule on the line at whose end it is, or on the next line below it. On
//! the first line of an object, or on the line of its `kind`, it allows them for the whole object, as the annotation
//! `daemonset-lint/allow` does. What the API server rejects cannot be allowed.
//!
//! Findings are allowed while a text is judged, so that those beyond the number that a file keeps are not counted either. What is to be
//! said of the allowances themselves is known at the end: `finish`.

mod allowances;
mod finish;
mod lines;
mod words;

pub use allowances::{Allowances, Whole};
pub(super) use finish::finish;

/// The annotation of a DaemonSet whose lines are written as comments are, behind `allow`.
pub const ANNOTATION: &str = "daemonset-lint/allow";

/// What allows a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A comment in the text.
    Comment,
    /// An annotation of the object.
    Annotation,
    /// The baseline: the finding was there before.
    Baseline,
}

impl By {
    /// The word in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Annotation => "annotation",
            Self::Baseline => "baseline",
        }
    }
}
