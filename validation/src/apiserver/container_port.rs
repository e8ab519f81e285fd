//! Container ports.
