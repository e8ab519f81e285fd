//! What a runtime class adds to its pods.
