//! Environment variables from whole objects and files.
