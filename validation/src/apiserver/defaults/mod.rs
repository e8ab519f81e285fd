//! What the server fills in: one file a type that has defaults.
