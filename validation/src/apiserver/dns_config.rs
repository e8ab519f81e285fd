//! DNS policy and configuration.
