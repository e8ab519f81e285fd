//! What the server only warns about.
