//! The Pod Security Standards, by the labels of a namespace.
