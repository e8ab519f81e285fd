//! Where two answers differ.

use crate::differential::answer::{Answer, Cause, Class};

/// One difference between the server's answer and ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What kind of difference it is.
    pub kind: &'static str,
    /// Where it is, without the numbers and keys in brackets: differences with the same kind and place have one cause.
    pub place: String,
    /// The server's side, empty where it says nothing.
    pub theirs: String,
    /// Our side, empty where we say nothing.
    pub ours: String,
    /// Whether only the wording differs.
    pub wording: bool,
}

/// All differences.
pub fn compare(theirs: &Answer, ours: &Answer) -> Vec<Difference> {
    let mut found = Vec::new();
    let classes = (theirs.class(), ours.class());
    if classes.1 == Class::Unasked && matches!(classes.0, Class::Unasked | Class::Refused) {
        // Nothing is stored that the server fails on.
        return found;
    }
    let strict = |answer: &Answer| {
        let mut texts = answer.strict.clone();
        texts.sort();
        texts.dedup();
        texts
    };
    if classes.0 != classes.1 {
        found.push(class_difference(theirs, ours));
        // Two answers of which one did not validate have nothing more to compare.
        let validated = |class| matches!(class, Class::Valid | Class::Invalid);
        if !validated(classes.0) || !validated(classes.1) {
            return found;
        }
    }
    let readable = ours.unreadable.is_empty() || ours.unreadable.contains(&theirs.decode);
    if classes.0 == Class::Undecodable && !readable {
        found.push(Difference {
            kind: "text of a wrong type",
            place: words(&theirs.decode),
            theirs: theirs.decode.clone(),
            ours: ours.decode.clone(),
            wording: true,
        });
    }
    if classes.0 == Class::Refused && theirs.panic != ours.panic {
        found.push(Difference {
            kind: "text of a refusal",
            place: String::new(),
            theirs: theirs.panic.clone(),
            ours: ours.panic.clone(),
            wording: true,
        });
    }
    let (their_strict, our_strict) = (strict(theirs), strict(ours));
    if their_strict != our_strict {
        found.push(Difference {
            kind: "strict errors",
            place: their_strict.iter().chain(&our_strict).next().map(|text| words(text)).unwrap_or_default(),
            theirs: their_strict.join("\n"),
            ours: our_strict.join("\n"),
            wording: false,
        });
    }
    // Where only one side speaks of a repeated key, which is a difference of its own, that side's findings were set aside.
    let repeated = |answer: &Answer| answer.strict.iter().any(|text| text.starts_with("duplicate field"));
    if repeated(theirs) == repeated(ours) {
        compare_errors(theirs.found(), ours.found(), &mut found);
    }
    compare_warnings(&theirs.warnings, &ours.warnings, &mut found);
    found
}

fn class_difference(theirs: &Answer, ours: &Answer) -> Difference {
    let told = |answer: &Answer| {
        format!(
            "{:?} {}{}{}{:?}",
            answer.class(),
            answer.decode,
            answer.panic,
            answer.malformed,
            answer.strict
        )
    };
    let place = theirs.errors.iter().chain(&ours.errors).next().map(|cause| strip(&cause.field));
    Difference {
        kind: "class",
        place: format!(
            "{:?} {:?} {}",
            theirs.class(),
            ours.class(),
            place.unwrap_or_else(|| words(&theirs.decode))
        ),
        theirs: told(theirs),
        ours: told(ours),
        wording: false,
    }
}

fn compare_errors(theirs: &[Cause], ours: &[Cause], found: &mut Vec<Difference>) {
    let mut left: Vec<&Cause> = ours.iter().collect();
    let mut missing: Vec<&Cause> = Vec::new();
    for cause in theirs {
        match left.iter().position(|other| *other == cause) {
            Some(position) => drop(left.swap_remove(position)),
            None => missing.push(cause),
        }
    }
    let same_place = |left: &Cause, right: &Cause| left.kind == right.kind && left.field == right.field;
    // Of several errors at one field the ones with the same detail belong together.
    missing.retain(|cause| {
        let same = |other: &&Cause| same_place(other, cause) && other.detail == cause.detail;
        let Some(position) = left.iter().position(same) else { return true };
        let other = left.swap_remove(position);
        found.push(difference("value in a sentence", Some(cause), Some(other), true));
        false
    });
    for cause in missing {
        match left.iter().position(|other| same_place(other, cause)) {
            Some(position) => {
                let other = left.swap_remove(position);
                found.push(difference("detail", Some(cause), Some(other), true));
            }
            None => found.push(difference("missing error", Some(cause), None, false)),
        }
    }
    found.extend(left.iter().map(|cause| difference("false error", None, Some(cause), false)));
}

fn difference(kind: &'static str, theirs: Option<&Cause>, ours: Option<&Cause>, wording: bool) -> Difference {
    let told =
        |cause: &Cause| format!("{} {}: {} | {}", cause.kind, cause.field, cause.detail, cause.sentence);
    let place = theirs.or(ours).map(|cause| format!("{} {}", cause.kind, strip(&cause.field)));
    Difference {
        kind,
        place: place.unwrap_or_default(),
        theirs: theirs.map(told).unwrap_or_default(),
        ours: ours.map(told).unwrap_or_default(),
        wording,
    }
}

fn compare_warnings(theirs: &[String], ours: &[String], found: &mut Vec<Difference>) {
    let mut left: Vec<&String> = ours.iter().collect();
    for text in theirs {
        match left.iter().position(|other| *other == text) {
            Some(position) => drop(left.swap_remove(position)),
            None => found.push(Difference {
                kind: "missing warning",
                place: words(text),
                theirs: text.clone(),
                ours: String::new(),
                wording: false,
            }),
        }
    }
    found.extend(left.into_iter().map(|text| Difference {
        kind: "false warning",
        place: words(text),
        theirs: String::new(),
        ours: text.clone(),
        wording: false,
    }));
}

/// A path without the numbers and keys in its brackets.
fn strip(field: &str) -> String {
    let mut result = String::with_capacity(field.len());
    let mut depth = 0_usize;
    for letter in field.chars() {
        match letter {
            '[' => {
                depth = depth.saturating_add(1);
                result.push('[');
            }
            ']' => {
                depth = depth.saturating_sub(1);
                result.push(']');
            }
            _ if depth == 0 => result.push(letter),
            _ => {}
        }
    }
    result
}

/// A sentence without what is quoted or counted in it.
fn words(text: &str) -> String {
    let quoted = text.split('"').step_by(2).collect::<Vec<&str>>().join("\"\"");
    let mut result: String =
        strip(&quoted).chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    if let Some((end, _)) = result.char_indices().nth(160) {
        result.truncate(end);
    }
    result
}
