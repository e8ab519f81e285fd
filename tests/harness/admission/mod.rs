//! Random pods, judged by us and by the server's own admission plugins.

pub mod pod_security;
mod pod_security_cases;
mod pod_security_parts;
mod pod_security_run;
