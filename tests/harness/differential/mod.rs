//! The comparison of our answers with those of the API server's own code.

mod answer;
mod compare;
mod minimise;
mod oracle;
mod tally;

pub use answer::{Answer, Cause, Class, ours};
pub use compare::{Difference, compare};
pub use minimise::minimise;
pub use oracle::{Conversation, Oracle, question};
pub use tally::Tally;
