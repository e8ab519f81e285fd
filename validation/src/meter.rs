//! How much memory the objects of a check may take.
//!
//! A few bytes of text may become a struct of some kilobytes: `{}` in a list of volumes, or even `1`, which has the wrong type. So memory is counted
//! while an object is made of the text, and no more is made of one that is too large.

use std::cell::Cell;
use std::fmt;

/// Counts memory down from a limit, in bytes.
#[derive(Debug)]
pub struct Meter(Cell<usize>);

impl Meter {
    /// A meter with this limit.
    pub const fn new(bytes: usize) -> Self {
        Self(Cell::new(bytes))
    }

    /// Takes these bytes.
    ///
    /// # Errors
    ///
    /// [`TooLarge`] if that is more than what is left.
    pub fn take(&self, bytes: usize) -> Result<(), TooLarge> {
        let left = self.0.get().checked_sub(bytes).ok_or(TooLarge)?;
        self.0.set(left);
        Ok(())
    }
}

/// An object takes more memory than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the object is too large to be checked")
    }
}

impl std::error::Error for TooLarge {}
