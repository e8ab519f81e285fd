//! Typical mistakes in manifests: from a valid text many texts with one mistake each, and what the product says of them.

mod follow;
mod judge;
mod mutants;
mod outline;

pub use follow::{document, follow};
pub use judge::{Judged, judge};
pub use mutants::{Mutant, mutants};
