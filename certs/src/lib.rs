//! Makes, stores and rotates the webhook's certificates.
//!
//! The TLS server gets a [`Served`] receiver and passes it to a [`Resolver`]. The certificate comes either from a folder
//! ([`files::watch`]) or from a Secret that the webhook fills and rotates itself ([`managed::keep`]).
//!
//! ```text
//! authority, leaf      make a CA and a serving certificate signed by it
//! keys                 private keys as PEM, zeroed when they are dropped
//! x509, names          read certificates; whether their names are for a host
//! serving, validity    turn a certificate and key into what rustls serves, and judge it
//! clock                the time by which certificates are made and judged: the API server's
//! choice               which certificate is served: never a worse one than before
//! rotation             decides the next step of a rotation: pure, the clock is passed in
//! secret               the content of the Secret
//! cluster, lease       read and write the Secret, the caBundle and the Lease
//! managed              the loop that runs a rotation
//! files, dev           certificates in a folder; certificates for development
//! ```
//!
//! No private key is ever written to this repository, to a log line or to the `Debug` output of a type.

use std::pin::Pin;

pub mod dev;
pub mod files;
pub mod managed;
pub mod rotation;

mod authority;
mod choice;
mod clock;
mod cluster;
mod keys;
mod leaf;
mod lease;
mod names;
mod resolver;
mod secret;
mod serving;
mod validity;
mod x509;

pub use authority::MakeError;
pub use clock::{Clock, ServerTime};
pub use resolver::Resolver;
pub use serving::{Doubt, Fault, Served, Serving, Standing};
pub use validity::Validity;

/// Makes the future that keeps a certificate up to date. The future never completes. If it panics, it can be made again: it goes on with the
/// same [`Served`] receivers. Only one may run at a time.
pub type Keeping = Box<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;
