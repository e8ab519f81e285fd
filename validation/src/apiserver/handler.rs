//! What a probe or hook does.
