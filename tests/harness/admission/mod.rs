//! What the server does with pods: random cases, the answers of its own code, and ours in the same shape.

pub mod pod;
pub mod pod_cases;
pub mod quota;
pub mod quota_cases;
