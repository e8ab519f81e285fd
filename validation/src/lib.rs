//! Everything we know about DaemonSets: what kube-apiserver says about a manifest, and on which nodes the pods would run.

mod check;
mod content;
mod did_you_mean;
mod finding;
mod gates;
mod generated;
mod help;
pub mod levels;
mod minors;
mod path;
pub mod peers;
pub mod placement;
mod quantity;
pub mod rules;
mod server;
mod subject;
mod tree;

pub mod apiserver;
pub mod matching;
pub mod words;

pub use check::{Checked, ServerVerdict, Stored, check};
pub use did_you_mean::did_you_mean;
pub use finding::{Anchor, Edit, Finding, Fix, Severity};
pub use gates::{Change, Gate};
pub use help::{headless, looks_like_daemon_set};
pub use path::{FieldPath, Path, PathSegment, Segment};
pub use quantity::{Quantity, QuantityError, QuantityFormat};
pub use server::Server;
pub use subject::{Subject, SubjectKind, subjects};
pub use tree::{Children, Entry, JsonKind, Node, NodeId, Span, Tree, TreeBuilder, Value};
