//! A mirror of kube-apiserver, without opinions: what it decodes, defaults, drops, rejects and warns about.
//!
//! The order is the server's own: decode, default, prepare, validate, warn. Each function names the upstream function that it
//! mirrors. Nothing here knows of lint rules, placement, files or HTTP.

pub mod content;
pub mod decode;
pub mod error;
mod typed;
