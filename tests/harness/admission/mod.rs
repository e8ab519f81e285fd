//! What the server does with pods: random cases, the answers of its own code, and ours in the same shape.

mod around;
mod chosen;
pub mod plugins;
mod plugins_objects;
mod plugins_pod;
mod plugins_tally;
pub mod pod;
pub mod pod_cases;
pub mod pod_security;
mod pod_security_cases;
mod pod_security_parts;
mod pod_security_run;
pub mod quota;
pub mod quota_cases;
