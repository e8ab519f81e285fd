//! How the webhook's certificates are made, kept and rotated.
//!
//! Whoever serves TLS holds a [`Served`] receiver and hands it to a [`Resolver`]; where the certificate comes from is not
//! its business: a folder ([`files::watch`]), or a Secret that we make and rotate ourselves ([`managed::keep`]).
//!
//! ```text
//! authority, leaf      make a CA, make a certificate signed by it
//! x509, serving        read certificates, turn a pair into what rustls serves
//! rotation             which step is next: pure, the clock is passed in
//! keeping              what is in the Secret
//! cluster, lease       the Secret, the caBundle and the Lease at an API server
//! managed              the loop over all these
//! files, dev           a folder that others fill; certificates for development
//! ```
//!
//! No key is ever in this repository, in a log line or in the `Debug` text of a type.

pub mod authority;
pub mod dev;
pub mod files;
pub mod leaf;
pub mod managed;
pub mod rotation;

mod cluster;
mod keeping;
mod lease;
mod resolver;
mod serving;
mod x509;

pub use resolver::Resolver;
pub use serving::{PairError, Served, Serving};
