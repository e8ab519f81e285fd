//! The notations of quantities, and parse errors.

use std::fmt;

/// The notation of a quantity.
///
/// Upstream: `apimachinery/api/resource.Format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum QuantityFormat {
    /// `12M`: a decimal suffix, for a power of 1000.
    #[default]
    DecimalSi,
    /// `12Mi`: a binary suffix, for a power of 1024.
    BinarySi,
    /// `12e6`: a decimal exponent.
    DecimalExponent,
}

/// Why a text is not a quantity. `Display` prints the server's message.
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

/// The power of ten of an amount's unit: -3 is thousandths.
///
/// Upstream: `apimachinery/api/resource.Scale`.
pub(super) type Scale = i32;

/// Thousandths.
pub(super) const MILLI: Scale = -3;
