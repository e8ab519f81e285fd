//! Admission reviews: realistic ones, hostile ones, how kube-apiserver sends them and what it accepts as an answer.

pub mod answer;
pub mod bodies;
pub mod hostile;
pub mod http1;
pub mod in_process;
pub mod mutate;
pub mod tls;
