//! Limit ranges: defaults for requests and limits, and bounds.
