//! What a pod shares with its node.
