//! What the API server does with a pod that the DaemonSet controller makes: defaults, admission plugins, validation. It stores the
//! pod, changed, or refuses it.
//!
//! The room stands between `apiserver`, which answers for the DaemonSet, and `placement`, which needs the pod as it is stored.
//!
//! Upstream: `apiserver/endpoints/handlers.createHandler`: the plugins' `Admit` in the recommended order, the strategy's
//! `PrepareForCreate` and `Validate`, the plugins' `Validate` in the recommended order.

mod chain;
mod default_toleration_seconds;
mod limit_ranger;
mod namespace_lifecycle;
mod plugin;
mod pod;
pub mod pod_defaults;
mod pod_security;
pub mod pod_validation;
mod priority;
pub mod quota;
mod refusal;
mod runtime_class;
mod service_account;
mod surroundings;

pub use chain::{Admitted, admit, admit_kept};
pub use limit_ranger::violation::{Bound, Found, LimitViolation, Limited};
pub use namespace_lifecycle::namespace_refusal;
pub use plugin::Plugin;
pub use pod::Pod;
pub(crate) use pod::{TOLERATED_ALWAYS, TOLERATED_WITH_HOST_NETWORK, added_labels};
pub use pod_security::{
    FieldChange, PodSecurityCheck, PodSecurityLevel, PodSecurityRefusal, PodSecurityVersion,
    PodSecurityViolation, PodSecurityWarning, Wanted, pod_security_warning,
    validate as validate_pod_security,
};
pub use priority::Priority;
pub use refusal::{Detail, QuotaAmount, Refusal, SelectorConflict};
pub use surroundings::{Lookup, Namespace, PodSecurityDefaults, ServiceAccount, Surroundings};

/// Whether a kubelet of the newest version sets the sysctl for pods without being told to allow it.
pub fn is_safe_sysctl(name: &str) -> bool {
    pod_security::is_safe_sysctl(name)
}
