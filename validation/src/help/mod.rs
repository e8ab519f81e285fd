//! Turns faults of the decoder and field errors of validation into [`Finding`]s with help.

mod context;
mod field_error;
mod header;
mod headline;
mod place;
pub(crate) mod shape;
mod unknown_field;
mod warning;
mod wrong_type;

pub(crate) use context::HelpContext;
pub(crate) use field_error::from_field_error;
pub(crate) use header::unknown_kind;
pub use header::{headless, looks_like_daemon_set};
pub(crate) use warning::from_warning;

use crate::apiserver::decode::{Fault, FaultKind};
use crate::edit::Edit;
use crate::finding::{Anchor, Finding, Severity};
use crate::path::FieldPath;

/// Turns a fault of the decoder into a finding.
pub(crate) fn from_fault(fault: Fault) -> Finding {
    let finding = match &fault.kind {
        FaultKind::UnknownField { owner, known } => unknown_field::finding(&fault, owner, known),
        FaultKind::DuplicateKey => {
            Finding::new("api/duplicate-key", Severity::Error, fault.path.clone(), fault.message.clone())
                .because("DuplicateKey")
                .at(Anchor::DuplicateKey)
                .label("this mapping already has this key")
                .help("keep one of the two; without strict validation, the last one is used silently")
                .fix(false, vec![Edit::Remove { path: fault.path.clone() }])
        }
        FaultKind::WrongType { wanted, found } => wrong_type::finding(&fault, wanted, *found),
    };
    Finding { field: fault.field, ..finding }
}

/// Turns the message of a failed conversion, which comes before validation, into a finding.
pub(crate) fn from_refusal(sentence: String) -> Finding {
    Finding::new("api/decode", Severity::Error, FieldPath::document(), sentence).because("DecodeError")
}
