//! The update strategy.
