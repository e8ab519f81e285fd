//! The list of rules: everything that a report can say of a DaemonSet has its id here.
//!
//! A rule is a row with a page. Most rules also have a file with their check, which reads typed objects and pushes findings; where the
//! server's defaults hide what is meant, it reads the document. What the
//! mirror of the API server finds, and what a reader of files finds, has a row and a page as well, so that every id in a report can be
//! looked up and given a level.
//!
//! To add a rule, add `<family>/<id>.rs`, `<family>/<id>.md` and a line in [`RULES`] (`list.rs`).

mod allow;
mod api;
mod check;
mod creation;
mod file;
mod groups;
mod keys;
mod levels;
mod line;
mod list;
mod peers;
mod placement;
mod pod;
mod practice;
mod rollout;
mod rule;
mod run;
mod scheduling;
mod standing;
mod together;
pub mod update;

pub use check::{Check, Findings, Object, PeerFindings, Previewed, Written};
pub use creation::{Created, Creation, check_creation, warn_once};
pub use keys::RuleKey;
pub use levels::Levels;
pub use list::{RULES, find, position};
pub use placement::placement_unknown::nothing_known as placement_unknown;
pub use rule::{Family, Fixed, Rule};
pub(crate) use run::check_object_within;
pub use run::{check_object, check_peers, check_preview, check_together};
