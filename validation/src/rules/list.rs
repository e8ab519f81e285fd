//! The list of rules.

use super::rule::Rule;
use super::{allow, api, file, peers, placement, practice, rollout, scheduling, together};

/// All rules, sorted by id.
pub static RULES: &[&Rule] = &[
    &placement::allocatable_not_read::RULE,
    &allow::ALLOW_WITHOUT_REASON,
    &practice::annotation_on_daemon_set::RULE,
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
    &practice::apply_merge_keys::RULE,
    &together::autoscaled_daemon_set::RULE,
    &placement::autoscaler_not_simulated::RULE,
    &scheduling::bootstrap_toleration::RULE,
    &practice::cluster_dns_on_host_network::RULE,
    &practice::command_with_spaces::RULE,
    &together::config_without_rollout::RULE,
    &together::config_without_trigger::RULE,
    &practice::container_ends::RULE,
    &practice::cpu_limit::RULE,
    &practice::critical_class_namespace::RULE,
    &practice::dead_annotation::RULE,
    &scheduling::dead_term::RULE,
    &together::disruption_budget::RULE,
    &practice::docker_socket::RULE,
    &file::CONFLICT,
    &file::ENCODING,
    &file::INTERNAL_ERROR,
    &file::SYNTAX,
    &file::TEMPLATE,
    &file::UNREADABLE,
    &practice::frozen_registry::RULE,
    &practice::host_path_type::RULE,
    &peers::host_port_clash::RULE,
    &practice::image_tag::RULE,
    &allow::INVALID_ALLOW,
    &placement::kinds_not_read::RULE,
    &practice::kubelet_mount_path::RULE,
    &placement::lands_nowhere::RULE,
    &scheduling::lands_on_windows::RULE,
    &rollout::left_behind::RULE,
    &practice::live_object_leftovers::RULE,
    &practice::log_symlinks::RULE,
    &placement::missing_reference::RULE,
    &together::misspelt_reference::RULE,
    &practice::no_memory_limit::RULE,
    &together::no_os_selector::RULE,
    &placement::no_priority_class::RULE,
    &practice::no_readiness::RULE,
    &practice::no_requests::RULE,
    &practice::node_label_on_pods::RULE,
    &scheduling::old_control_plane_taint::RULE,
    &practice::on_delete_contradiction::RULE,
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
    &practice::pre_stop_without_grace::RULE,
    &practice::probe_on_loopback::RULE,
    &practice::probe_port_name::RULE,
    &practice::resource_units::RULE,
    &rollout::host_port_surge::RULE,
    &rollout::min_ready_seconds::RULE,
    &rollout::nodes_not_ready::RULE,
    &rollout::on_delete::RULE,
    &rollout::pending_nodes::RULE,
    &rollout::pods_lost::RULE,
    &rollout::refused_pods::RULE,
    &rollout::unavailable_old_pods::RULE,
    &practice::root_refused::RULE,
    &practice::script_not_executable::RULE,
    &scheduling::selects_no_node::RULE,
    &placement::selects_other_pods::RULE,
    &together::selects_other_workload::RULE,
    &scheduling::self_anti_affinity::RULE,
    &practice::service_account_conflict::RULE,
    &together::service_port_name::RULE,
    &together::service_selector::RULE,
    &together::single_node_claim::RULE,
    &placement::skips_nodes::RULE,
    &rollout::stored_invalid::RULE,
    &practice::surge_on_host_network::RULE,
    &scheduling::terms_exclude_nothing::RULE,
    &practice::tight_liveness::RULE,
    &scheduling::tolerates_dead_nodes::RULE,
    &scheduling::tolerates_everything::RULE,
    &scheduling::toleration_seconds::RULE,
    &scheduling::toleration_without_value::RULE,
    &scheduling::topology_spread::RULE,
    &peers::uncovered_nodes::RULE,
    &practice::undefined_variable::RULE,
    &practice::unknown_capability::RULE,
    &practice::unsafe_sysctl::RULE,
    &allow::UNUSED_ALLOW,
    &practice::unused_volume::RULE,
    &peers::variants_on_one_node::RULE,
    &scheduling::virtual_nodes::RULE,
    &scheduling::volatile_selector_label::RULE,
    &practice::writable_host_root::RULE,
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
