//! How the webhook's certificates are made, kept and rotated.
//!
//! A room kept free for the webhook's slice of the product: no certificate is made here yet, and no key is ever kept here.
