//! The list of rules.

use super::rule::Rule;
use super::{api, file, peers, placement, rollout, scheduling, together};

/// All rules, sorted by id.
pub static RULES: &[&Rule] = &[
    &placement::allocatable_not_read::RULE,
    &api::DECODE,
    &api::DUPLICATE,
    &api::DUPLICATE_KEY,
    &api::FORBIDDEN,
    &api::INTERNAL,
    &api::INVALID,
    &api::NAMESPACE,
    &api::NOT_FOUND,
    &api::NOT_SUPPORTED,
    &api::REQUIRED,
    &api::TOO_LONG,
    &api::TOO_MANY,
    &api::TYPE_INVALID,
    &api::UNKNOWN_FIELD,
    &api::UNKNOWN_KIND,
    &api::WARNING,
    &together::autoscaled_daemon_set::RULE,
    &placement::autoscaler_not_simulated::RULE,
    &scheduling::bootstrap_toleration::RULE,
    &together::config_without_rollout::RULE,
    &together::config_without_trigger::RULE,
    &scheduling::dead_term::RULE,
    &together::disruption_budget::RULE,
    &file::CONFLICT,
    &file::ENCODING,
    &file::INTERNAL_ERROR,
    &file::SYNTAX,
    &file::TEMPLATE,
    &file::UNREADABLE,
    &peers::host_port_clash::RULE,
    &placement::kinds_not_read::RULE,
    &placement::lands_nowhere::RULE,
    &scheduling::lands_on_windows::RULE,
    &rollout::left_behind::RULE,
    &placement::missing_reference::RULE,
    &together::misspelt_reference::RULE,
    &together::no_os_selector::RULE,
    &placement::no_priority_class::RULE,
    &scheduling::old_control_plane_taint::RULE,
    &placement::other_admission::RULE,
    &together::other_namespace::RULE,
    &peers::overlapping_selectors::RULE,
    &scheduling::parked_by_selector::RULE,
    &placement::pending::RULE,
    &placement::placement_unknown::RULE,
    &scheduling::pod_affinity::RULE,
    &placement::pods_ended::RULE,
    &placement::pods_not_read::RULE,
    &placement::pods_refused::RULE,
    &rollout::host_port_surge::RULE,
    &rollout::min_ready_seconds::RULE,
    &rollout::nodes_not_ready::RULE,
    &rollout::on_delete::RULE,
    &rollout::pending_nodes::RULE,
    &rollout::pods_lost::RULE,
    &rollout::refused_pods::RULE,
    &rollout::unavailable_old_pods::RULE,
    &scheduling::selects_no_node::RULE,
    &together::selects_other_workload::RULE,
    &scheduling::self_anti_affinity::RULE,
    &together::service_port_name::RULE,
    &together::service_selector::RULE,
    &together::single_node_claim::RULE,
    &placement::skips_nodes::RULE,
    &rollout::stored_invalid::RULE,
    &scheduling::terms_exclude_nothing::RULE,
    &scheduling::tolerates_dead_nodes::RULE,
    &scheduling::tolerates_everything::RULE,
    &scheduling::toleration_seconds::RULE,
    &scheduling::toleration_without_value::RULE,
    &scheduling::topology_spread::RULE,
    &peers::uncovered_nodes::RULE,
    &peers::variants_on_one_node::RULE,
    &scheduling::virtual_nodes::RULE,
    &scheduling::volatile_selector_label::RULE,
];

/// The rule `id`.
pub fn find(id: &str) -> Option<&'static Rule> {
    position(id).and_then(|place| RULES.get(place)).copied()
}

/// The place of the rule `id` in [`RULES`].
pub fn position(id: &str) -> Option<usize> {
    RULES.binary_search_by(|rule| rule.id.cmp(id)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Family;

    #[test]
    fn the_list_is_sorted_and_each_rule_is_found() {
        assert!(RULES.is_sorted_by(|one, other| one.id < other.id));
        assert!(RULES.iter().all(|rule| find(rule.id).is_some_and(|found| std::ptr::eq(*rule, found))));
        assert!(find("api/*").is_none() && find("").is_none());
    }

    #[test]
    fn each_page_is_of_its_rule() {
        for rule in RULES {
            assert_eq!(rule.page.lines().next(), Some(format!("# {}", rule.id).as_str()), "{}", rule.id);
            assert!(!rule.summary.ends_with('.') && !rule.summary.is_empty(), "{}", rule.id);
            assert!(rule.admission.is_some() || rule.family != Family::Placement, "{}", rule.id);
        }
    }
}
