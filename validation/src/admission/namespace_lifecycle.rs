//! A namespace that is absent or being deleted takes no objects.
