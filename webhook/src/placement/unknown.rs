//! The findings where it is not known where the pods would run: why, and what to do about it.

use daemonset_validation::Finding;
use daemonset_validation::facts::Unknown;
use daemonset_validation::placement::OverBudget;
use daemonset_validation::rules::placement_unknown;

use crate::cache::Missing;

/// Kinds are missing without which nothing is known.
pub(super) fn cold(missing: &[Missing]) -> Finding {
    let why: Vec<String> = missing.iter().map(ToString::to_string).collect();
    let why = match why.as_slice() {
        [] => "the cluster is not read yet".to_owned(),
        [one] => one.clone(),
        [one, rest @ ..] => format!("{one}, and {} more kinds are missing", rest.len()),
    };
    placement_unknown(Unknown::NoCluster, &why)
}

/// The object took more than its budget.
pub(super) fn over(budget: OverBudget) -> Finding {
    match budget {
        OverBudget::Work => placement_unknown(
            Unknown::Work,
            "the object takes more work than is allowed for one: shorten its affinity, tolerations, constraints and ports",
        ),
        OverBudget::Time => placement_unknown(
            Unknown::Time,
            "the time of the request was over: ask again, or raise timeoutSeconds of the webhook",
        ),
    }
}

/// The review waited too long to be judged.
pub(super) fn crowd() -> Finding {
    placement_unknown(Unknown::Crowd, "too many reviews at once to check the cluster in time")
}
