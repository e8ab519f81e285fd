//! Makes, stores and rotates the webhook's certificates.
//!
//! The TLS server gets a [`Served`] receiver and passes it to a [`Resolver`]. The certificate comes either from a folder
//! ([`files::watch`]) or from a Secret that the webhook fills and rotates itself ([`managed::keep`]).
//!
//! ```text
//! authority, leaf      make a CA and a serving certificate signed by it
//! x509, serving        read certificates; turn a certificate and key into what rustls serves
//! rotation             decides the next step of a rotation: pure, the clock is passed in
//! secret               the content of the Secret
//! cluster, lease       read and write the Secret, the caBundle and the Lease
//! managed              the loop that runs a rotation
//! files, dev           certificates in a folder; certificates for development
//! ```
//!
//! No private key is ever written to this repository, to a log line or to the `Debug` output of a type.

pub mod dev;
pub mod files;
pub mod managed;
pub mod rotation;

mod authority;
mod cluster;
mod leaf;
mod lease;
mod resolver;
mod secret;
mod serving;
mod x509;

pub use authority::MakeError;
pub use resolver::Resolver;
pub use serving::{Served, Serving};
