//! Node selectors.
