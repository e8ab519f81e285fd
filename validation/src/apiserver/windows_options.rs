//! Security options of Windows.
