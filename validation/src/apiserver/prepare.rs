//! Fields that the server drops or sets before it validates.
