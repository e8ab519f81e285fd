//! What becomes of a document: the server's answer and ours in the same shape.

use daemonset_validation::apiserver::decode::{Decoded, Fault, FaultKind, decode};
use daemonset_validation::apiserver::error::{ErrorKind, FieldError};
use daemonset_validation::apiserver::strategy::{Admission, admit_create, admit_update};
use daemonset_validation::{Server, SubjectKind, Tree, subjects};
use serde::{Deserialize, Serialize};

use crate::cases::Case;

/// One field error.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cause {
    /// The reason, as the server names it: `FieldValueInvalid`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The field.
    pub field: String,
    /// The detail.
    #[serde(default)]
    pub detail: String,
    /// The whole sentence behind the field: kind, value and detail.
    #[serde(default, rename = "badValue")]
    pub sentence: String,
}

/// How far a document gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// The question could not be asked: the stored object cannot be read.
    Unasked,
    /// It cannot be read at all.
    Undecodable,
    /// Something in it makes the server fail before it validates.
    Refused,
    /// It can be read, and strict reading refuses something.
    Strict,
    /// Validation finds errors.
    Invalid,
    /// The server takes it.
    Valid,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Answer {
    /// Whether the server takes the document.
    #[serde(skip_serializing_if = "is_false")]
    pub valid: bool,
    /// Why it cannot be read.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub decode: String,
    /// What strict reading refuses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub strict: Vec<String>,
    /// What validation finds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Cause>,
    /// What the server says besides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What validation would find if the reading were not strict.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lenient_errors: Vec<Cause>,
    /// Everything that keeps it from being read. The server stops at the first, in an order of its own; we go on.
    #[serde(skip)]
    pub unreadable: Vec<String>,
    /// Why the question could not be asked.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub malformed: String,
    /// Why the server fails.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub panic: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl Answer {
    /// How far the document got.
    pub fn class(&self) -> Class {
        if !self.malformed.is_empty() {
            Class::Unasked
        } else if !self.panic.is_empty() {
            Class::Refused
        } else if !self.decode.is_empty() {
            Class::Undecodable
        } else if !self.strict.is_empty() {
            Class::Strict
        } else if self.valid {
            Class::Valid
        } else {
            Class::Invalid
        }
    }

    /// What validation found, whether or not strict reading refused something before. Where a key stands twice that means
    /// nothing: Go's decoder makes one value of the two, in its own way, and nobody will ever see it.
    pub fn found(&self) -> &[Cause] {
        if self.strict.is_empty() {
            &self.errors
        } else if self.strict.iter().any(|text| text.starts_with("duplicate field")) {
            &[]
        } else {
            &self.lenient_errors
        }
    }
}

/// The reason in the oracle's words, which are the Go constants' values.
const fn reason(kind: ErrorKind) -> &'static str {
    kind.cause()
}

fn cause(error: &FieldError) -> Cause {
    Cause {
        kind: reason(error.kind).to_owned(),
        field: error.path.to_string(),
        detail: error.detail.to_string(),
        sentence: error.body(),
    }
}

/// Our answer.
pub fn ours(case: &Case, server: &Server) -> Answer {
    let tree = case.document.tree();
    let mut answer = Answer::default();
    let Some(decoded) = read(&tree, server, &mut answer) else { return answer };
    let old_tree = case.old.as_ref().map(crate::json::Json::tree);
    let admission = match &old_tree {
        None => admit_create(decoded.daemon_set, decoded.selector_present, server),
        Some(tree) => {
            let Some(old) = read(tree, server, &mut Answer::default()) else {
                return Answer { malformed: String::from("old"), ..Answer::default() };
            };
            // Nothing is stored that the server fails on.
            if admit_create(old.daemon_set.clone(), true, server).refusal.is_some() {
                return Answer { malformed: String::from("old"), ..Answer::default() };
            }
            let (new, has_selector) = (decoded.daemon_set, decoded.selector_present);
            admit_update(new, has_selector, old.daemon_set, old.selector_present, server)
        }
    };
    let Admission { refusal, errors, warnings, .. } = admission;
    if let Some(refusal) = refusal {
        return Answer { panic: refusal, ..Answer::default() };
    }
    let causes: Vec<Cause> = errors.iter().map(cause).collect();
    if answer.strict.is_empty() {
        answer.valid = causes.is_empty();
        answer.errors = causes;
        answer.warnings = warnings.into_iter().map(|warning| warning.text).collect();
    } else {
        answer.lenient_errors = causes;
    }
    answer
}

/// The server's decoder does not look for doubled keys in what it does not know; for YAML the step before it does, and so do we.
fn drop_what_json_hides(strict: &mut Vec<String>) {
    let unknown = |text: &String| text.strip_prefix("unknown field \"")?.strip_suffix('"').map(str::to_owned);
    let outside: Vec<String> = strict.iter().filter_map(unknown).collect();
    strict.retain(|text| {
        let key = text.strip_prefix("duplicate field \"").unwrap_or_default();
        let hidden = |field: &String| {
            key.strip_prefix(field.as_str()).is_some_and(|rest| rest.starts_with(['.', '[']))
        };
        !outside.iter().any(hidden)
    });
}

/// Decodes a document; `None` where that is refused, with the reason in the answer.
fn read(tree: &Tree<'_>, server: &Server, answer: &mut Answer) -> Option<Decoded> {
    let subjects = subjects(tree);
    let subject = match subjects.as_slice() {
        [subject] if subject.classify() == SubjectKind::DaemonSet => subject,
        _ => {
            answer.decode = String::from("not a DaemonSet of apps/v1");
            return None;
        }
    };
    let decoded = decode(tree, subject.node, server);
    let wrong = |fault: &&Fault| matches!(fault.kind, FaultKind::WrongType { .. });
    let unreadable: Vec<String> =
        decoded.faults.iter().filter(wrong).map(|fault| fault.message.clone()).collect();
    if let Some(first) = unreadable.first() {
        // A value of a wrong type ends the reading: the server says nothing else then.
        *answer = Answer { decode: first.clone(), unreadable, ..Answer::default() };
        return None;
    }
    for fault in &decoded.faults {
        // In YAML a doubled key is found before the decoder runs; in JSON it is the decoder that speaks, and names the whole path.
        answer.strict.push(match &fault.kind {
            FaultKind::DuplicateKey => format!("duplicate field {:?}", fault.field),
            _ => fault.message.clone(),
        });
    }
    drop_what_json_hides(&mut answer.strict);
    Some(decoded)
}
