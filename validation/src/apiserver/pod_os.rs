//! The pod's operating system and what it forbids.
