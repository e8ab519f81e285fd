//! An update is refused only for what it introduces: who mends one thing of an old object is not held up by another.

use daemonset_validation::rules::update::{Added, Placed, added, told};
use daemonset_validation::{Finding, Fingerprints, Multiset};

use crate::placement::Judgement;

/// Of the findings on a new object those that its old one did not have. What stands twice now and stood once is introduced once. The
/// place counts by its text, so a container that was put in front of another is a change.
pub(crate) fn introduced(new: Vec<Finding>, old: &[Finding]) -> (Vec<Finding>, Vec<Finding>) {
    let prints = Fingerprints::default();
    let mut left = Multiset::default();
    for finding in old {
        left.insert(prints.of(finding));
    }
    new.into_iter().partition(|finding| !left.take(prints.of(finding)))
}

/// The same for what was found with a look at the cluster, where facts are compared: an update introduces nodes, host ports and other
/// DaemonSets, and the sentence names those.
pub(crate) fn introduced_placement(new: &Placed<'_>, old: &Placed<'_>) -> Judgement {
    let mut judged = Judgement::default();
    for finding in new.findings().iter().cloned() {
        match added(&finding, old) {
            Added::Nothing => judged.kept.push(finding),
            Added::All => {
                let facts = finding.facts.clone();
                judged.introduced.push(match facts {
                    Some(facts) => told(new, finding, &facts),
                    None => finding,
                });
            }
            Added::Some(facts) => judged.introduced.push(told(new, finding, &facts).facts(facts)),
        }
    }
    judged
}

#[cfg(test)]
mod tests {
    use daemonset_validation::{FieldPath, Severity};

    use super::*;

    fn finding(rule: &'static str, field: &'static str, message: &'static str) -> Finding {
        Finding::new(rule, Severity::Error, FieldPath::of(&[field]), message)
    }

    #[test]
    fn only_what_is_new_is_introduced() {
        let old = [finding("a", "spec", "x"), finding("a", "spec", "y")];
        let new = vec![finding("a", "spec", "x"), finding("a", "spec", "x"), finding("b", "spec", "y")];
        let (introduced, kept) = introduced(new, &old);
        assert_eq!(kept, [finding("a", "spec", "x")]);
        assert_eq!(introduced, [finding("a", "spec", "x"), finding("b", "spec", "y")]);
    }
}
