//! What an update of a DaemonSet adds to what was true of the stored one, on the same cluster.

mod added;
mod placed;
mod words;

pub use added::{Added, added};
pub use placed::Placed;
pub use words::told;
