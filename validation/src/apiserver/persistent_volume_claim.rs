//! Claim templates of ephemeral volumes.
