//! Rules about one DaemonSet that the server accepts: what agents get wrong, whatever the cluster.

pub(super) mod annotation_on_daemon_set;
pub(super) mod apply_merge_keys;
pub(super) mod cluster_dns_on_host_network;
pub(super) mod command_with_spaces;
pub(super) mod container_ends;
pub(super) mod cpu_limit;
pub(super) mod critical_class_namespace;
pub(super) mod dead_annotation;
pub(super) mod docker_socket;
pub(super) mod frozen_registry;
pub(super) mod host_path_type;
pub(super) mod image_tag;
pub(super) mod kubelet_mount_path;
pub(super) mod live_object_leftovers;
pub(super) mod log_symlinks;
pub(super) mod no_memory_limit;
pub(super) mod no_readiness;
pub(super) mod no_requests;
pub(super) mod node_label_on_pods;
pub(super) mod on_delete_contradiction;
pub(super) mod pre_stop_without_grace;
pub(super) mod probe_on_loopback;
pub(super) mod probe_port_name;
pub(super) mod resource_units;
pub(super) mod root_refused;
pub(super) mod script_not_executable;
pub(super) mod service_account_conflict;
pub(super) mod surge_on_host_network;
pub(super) mod tight_liveness;
pub(super) mod undefined_variable;
pub(super) mod unknown_capability;
pub(super) mod unsafe_sysctl;
pub(super) mod unused_volume;
pub(super) mod writable_host_root;

use crate::edit::{Edit, NewValue};
use crate::levels::{AdmissionLevel, Level};
use crate::path::FieldPath;
use crate::rules::{Check, Family, Findings, Object, Rule};

/// A rule of this family.
const fn rule(
    id: &'static str,
    level: Level,
    (summary, page): (&'static str, &'static str),
    check: fn(&Object<'_>, &mut Findings),
) -> Rule {
    let (admission, check) = (Some(AdmissionLevel::Off), Check::Object(check));
    Rule { id, level, admission, family: Family::Practice, since: "0.1.0", summary, page, check }
}

/// A rule about what is written in the document. The webhook cannot check it: it gets what the server made of the document.
const fn rule_of_text(
    id: &'static str,
    level: Level,
    words: (&'static str, &'static str),
    check: fn(&Object<'_>, &mut Findings),
) -> Rule {
    Rule { admission: None, ..rule(id, level, words, check) }
}

/// Sets a field, whether the document has it or the server's default is meant.
fn set(object: &Object<'_>, parents: &[&'static str], key: &'static str, value: impl Into<NewValue>) -> Edit {
    let is_written = object.written.is_some_and(|written| {
        written.get(parents).is_some_and(|parent| written.tree.get(parent, key).is_some())
    });
    let (path, value) = (FieldPath::of(parents), value.into());
    if is_written {
        Edit::Replace { path: path.field(key), value }
    } else {
        Edit::Insert { path, key: key.to_owned(), value }
    }
}

/// `a`, `a and b`, or `a, b and c`.
fn series(words: &[&str]) -> String {
    match words.split_last() {
        None => String::new(),
        Some((only, [])) => (*only).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}
