//! The case generator: DaemonSets of every kind, most of them with one to three mistakes. A seed gives the same cases on every machine.

mod combine;
mod expand;
mod generate;
mod mend;
mod mutate;
mod places;
mod plant;
mod vocabulary;

pub use generate::{Case, Generator};
