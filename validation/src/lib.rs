//! Everything we know about DaemonSets: what kube-apiserver says about a manifest, and on which nodes the pods would run.

mod check;
mod content;
mod did_you_mean;
pub mod edit;
pub mod facts;
mod finding;
mod gates;
mod generated;
mod help;
mod ledger;
pub mod levels;
mod meter;
mod minors;
mod path;
pub mod peers;
pub mod placement;
mod quantity;
mod repair;
pub mod rules;
mod server;
mod stored;
mod subject;
mod subtree;
pub mod together;
mod tree;

pub mod admission;
pub mod apiserver;
pub mod matching;
pub mod words;

pub use check::{Checked, ServerVerdict, check, check_within};
pub use did_you_mean::did_you_mean;
pub use edit::{Edit, Fix};
pub use finding::{Anchor, Finding, Severity};
pub use gates::{Change, Gate};
pub use help::{headless, looks_like_daemon_set};
pub use ledger::{Bounds, Counts, Fingerprints, Multiset, Rest};
pub use meter::{Meter, TooLarge};
pub use path::{FieldPath, Path, PathSegment, Segment};
pub use quantity::{Quantity, QuantityError, QuantityFormat};
pub use repair::repair;
pub use server::Server;
pub use stored::{MEMORY, Stored, decoded_within, has_same_template, stored_object, was_read_from_a_server};
pub use subject::{Subject, SubjectKind, subjects};
pub use tree::{Children, Entry, JsonKind, Node, NodeId, Span, Tree, TreeBuilder, Value};
