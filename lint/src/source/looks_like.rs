//! What a text that cannot be read seems to be.

use super::syntax_error::SyntaxError;

/// A better explanation of an error, if the file is recognised as something else than a manifest.
pub(super) fn explain(_text: &str, error: SyntaxError) -> SyntaxError {
    error
}
