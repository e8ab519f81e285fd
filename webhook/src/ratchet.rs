//! An update is refused only for what it introduces: who mends one thing of an old object is not held up by another.

use daemonset_validation::Finding;

/// The rules whose message counts nodes, so that an update with a smaller fault has another message.
const OF_NODES: [&str; 3] = ["lands-nowhere", "pending", "skips-nodes"];

/// Of the findings on a new object those that its old one did not have. What stands twice now and stood once is introduced once.
pub(crate) fn introduced(new: Vec<Finding>, old: &[Finding]) -> (Vec<Finding>, Vec<Finding>) {
    let mut left: Vec<&Finding> = old.iter().collect();
    new.into_iter().partition(|finding| match left.iter().position(|old| key(old) == key(finding)) {
        Some(place) => {
            left.swap_remove(place);
            false
        }
        None => true,
    })
}

/// The same for what was found with a look at the cluster. What is said of nodes names them and counts them, so the sentence of an
/// update that mends half of it is another; what counts is whether it runs on `fewer` nodes than before.
pub(crate) fn introduced_placement(
    new: Vec<Finding>,
    old: &[Finding],
    fewer: bool,
) -> (Vec<Finding>, Vec<Finding>) {
    let of_nodes = |finding: &Finding| OF_NODES.contains(&finding.rule);
    let had = old.iter().any(of_nodes);
    let (nodes, others): (Vec<Finding>, Vec<Finding>) = new.into_iter().partition(of_nodes);
    let (mut introduced, mut kept) = introduced(others, old);
    if had && !fewer {
        kept.extend(nodes)
    } else {
        introduced.extend(nodes)
    }
    (introduced, kept)
}

/// What makes two findings the same: the place by its text, so that a container that was put in front of another is a change.
fn key(finding: &Finding) -> (&str, &str, &str) {
    (finding.rule, &finding.field, &finding.message)
}

#[cfg(test)]
mod tests {
    use daemonset_validation::{FieldPath, Severity};

    use super::*;

    fn finding(rule: &'static str, field: &'static str, message: &'static str) -> Finding {
        Finding::new(rule, Severity::Error, FieldPath::of(&[field]), message)
    }

    #[test]
    fn an_update_that_leaves_out_no_more_nodes_introduces_nothing() {
        let old =
            [finding("skips-nodes", "spec", "runs on 1 of 3 nodes"), finding("host-port-clash", "spec", "x")];
        let new = || {
            vec![
                finding("skips-nodes", "spec", "runs on 2 of 3 nodes"),
                finding("host-port-clash", "spec", "y"),
            ]
        };
        let rules = |findings: &[Finding]| findings.iter().map(|finding| finding.rule).collect::<Vec<_>>();
        let (introduced, kept) = introduced_placement(new(), &old, false);
        assert_eq!((rules(&introduced), rules(&kept)), (vec!["host-port-clash"], vec!["skips-nodes"]));
        assert_eq!(rules(&introduced_placement(new(), &old, true).0), ["host-port-clash", "skips-nodes"]);
        assert_eq!(rules(&introduced_placement(new(), &[], false).0), ["host-port-clash", "skips-nodes"]);
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
