//! How quantities are written, and how reading one fails.

use std::fmt;

/// How a quantity is spelled.
///
/// Upstream: `apimachinery/api/resource.Format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum QuantityFormat {
    /// `12M`: a letter for a power of a thousand.
    #[default]
    DecimalSi,
    /// `12Mi`: letters for a power of 1024.
    BinarySi,
    /// `12e6`.
    DecimalExponent,
}

/// Why a text is no quantity, in the server's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantityError {
    /// Upstream: `apimachinery/api/resource.ErrFormatWrong`.
    Format,
    /// Upstream: `apimachinery/api/resource.ErrNumeric`.
    Numeric,
    /// Upstream: `apimachinery/api/resource.ErrSuffix`.
    Suffix,
}

impl fmt::Display for QuantityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Format => {
                "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
            }
            Self::Numeric => "unable to parse numeric part of quantity",
            Self::Suffix => "unable to parse quantity's suffix",
        })
    }
}

impl std::error::Error for QuantityError {}

/// A power of ten that an amount is counted in: -3 is thousandths.
///
/// Upstream: `apimachinery/api/resource.Scale`.
pub(super) type Scale = i32;

/// Thousandths, as a scale.
pub(super) const MILLI: Scale = -3;
