//! Leaves of validation: what a piece of text or a number must look like. A function here takes a value and answers with the
//! server's messages; it knows neither paths nor objects.

mod quote;
mod time;

pub use quote::quote;
pub use time::is_rfc3339;
