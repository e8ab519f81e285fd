//! The label that a selector probably means.

use crate::placement::NearLabel;
use crate::words::count::thousands;

/// `did you mean `pool: general`? 18 nodes have it`.
pub fn did_you_mean(labels: &[NearLabel]) -> String {
    let questions: Vec<String> = labels.iter().map(question).collect();
    questions.join("; ")
}

fn question(label: &NearLabel) -> String {
    let NearLabel { key, value, nodes } = label;
    let written = match value.as_deref() {
        None => key.to_string(),
        Some("") => format!("{key}: \"\""),
        Some(value) => format!("{key}: {value}"),
    };
    let have =
        if *nodes == 1 { "1 node has it".to_owned() } else { format!("{} nodes have it", thousands(*nodes)) };
    format!("did you mean `{written}`? {have}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_says_how_many_nodes_have_the_label() {
        let label = |value: Option<&str>, nodes| NearLabel {
            key: "pool".into(),
            value: value.map(Into::into),
            nodes,
        };
        assert_eq!(
            did_you_mean(&[label(Some("general"), 18)]),
            "did you mean `pool: general`? 18 nodes have it"
        );
        assert_eq!(did_you_mean(&[label(Some(""), 1)]), "did you mean `pool: \"\"`? 1 node has it");
        assert_eq!(did_you_mean(&[label(None, 2)]), "did you mean `pool`? 2 nodes have it");
    }
}
