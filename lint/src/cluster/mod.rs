//! Reads a cluster's snapshot: objects, typed lists, or a List of several kinds, as `kubectl get -o yaml|json` prints them and the API
//! server returns them.

mod admission_config;
mod collector;
mod files;
mod head;
pub(crate) mod live;
mod nested;
mod objects;
mod output;
mod save;
mod stream;
mod tree;
mod trim;
mod window;

pub(crate) use admission_config::read as read_admission_config;
pub(crate) use collector::Collector;
pub(crate) use files::from_files;
pub(crate) use save::Saver;
pub(crate) use tree::json;
