//! Admission reviews, realistic and hostile: how kube-apiserver sends them, and which answers it accepts.

pub mod answer;
pub mod bodies;
pub mod hostile;
pub mod http1;
pub mod in_process;
pub mod mutate;
pub mod tls;
