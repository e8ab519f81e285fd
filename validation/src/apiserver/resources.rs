//! Resource requirements.
