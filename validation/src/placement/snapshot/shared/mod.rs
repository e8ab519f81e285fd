//! Collections whose copies share what is equal. A copy costs a few references; a change copies only the piece that it is in, and only
//! where another copy still has that piece.

mod by_namespace;
mod chunks;
mod list;
mod named;
mod pod_set;
mod table;

pub use chunks::Chunks;
pub use list::List;

pub(in crate::placement) use by_namespace::ByNamespace;
pub(in crate::placement) use named::Named;
pub(in crate::placement) use pod_set::PodSet;
pub(in crate::placement) use table::Table;
