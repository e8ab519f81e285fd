//! A mirror of kube-apiserver: what it decodes, defaults, drops, rejects and warns about.
//!
//! The order is the server's: decode, default, prepare, validate, warn. Each function names the upstream function that it mirrors.
//! This module does not know about lint rules, placement, files or HTTP.

pub mod decode;
pub mod error;
pub(crate) mod error_list;
pub mod faultless;
pub(crate) mod for_pods;
pub mod strategy;

mod affinity;
mod any_container;
mod consequences;
mod container;
mod container_list;
mod container_port;
mod container_visit;
mod content;
mod context;
mod daemon_set;
mod defaults;
mod dns_config;
pub(crate) mod env;
mod env_from;
mod eviction_responder;
mod file_key_ref;
mod handler;
mod host_alias;
mod host_network;
mod init_container;
mod internal;
mod label_selector;
mod lifecycle;
mod node_selector;
mod object_field_selector;
mod object_meta;
mod options;
mod owner_reference;
mod persistent_volume_claim;
mod pod_annotations;
mod pod_os;
mod pod_resources;
mod pod_security_context;
mod pod_spec;
mod pod_template;
mod prepare;
mod probe;
mod resize_policy;
mod resource_claim;
mod resource_field_selector;
mod resource_name;
mod resources;
mod restart_policy;
mod scheduling;
mod seccomp;
mod security_context;
mod semantic;
mod stored;
mod toleration;
mod topology_spread;
mod typed;
mod update_strategy;
mod volume;
mod volume_map;
mod volume_mount;
mod warnings;
mod windows_options;
