//! Label selectors as objects.
