//! Quantities (`500Mi`, `100m`, `1e3`) with the server's rounding, limits and formatting.
//!
//! Small amounts are stored as an integer and a power of ten, all others as decimal digits. Like the server's they are exact: two
//! amounts that differ in the thirtieth digit are different.

mod amount;
mod decimal;
mod format;
mod parse;

use std::cmp::Ordering;
use std::fmt;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Written;

use self::amount::Amount;
use self::decimal::Decimal;
use self::format::MILLI;

pub use self::format::{QuantityError, QuantityFormat};

/// A parsed quantity. Equality compares the amounts, not the notations.
///
/// Upstream: `apimachinery/api/resource.Quantity`.
#[derive(Clone, Debug, Default)]
pub struct Quantity {
    amount: Amount,
    format: QuantityFormat,
    /// The original text, if the server prints it unchanged.
    text: Option<Box<str>>,
}

impl Quantity {
    /// Parses a quantity.
    ///
    /// # Errors
    ///
    /// If the text is not a quantity.
    ///
    /// Upstream: `apimachinery/api/resource.ParseQuantity`.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        let parsed = parse::parse(text)?;
        let text = parsed.canonical.then(|| Box::from(text));
        Ok(Self { amount: parsed.amount, format: parsed.format, text })
    }

    /// Parses the value of a quantity field in a document.
    ///
    /// The server trims the JSON text of the value, where control characters and line separators are escape sequences, so they
    /// are not trimmed.
    ///
    /// # Errors
    ///
    /// If the text is not a quantity.
    ///
    /// Upstream: `apimachinery/api/resource.Quantity.UnmarshalJSON`.
    pub fn decode(text: &str) -> Result<Self, QuantityError> {
        let escaped = |character: char| character < ' ' || matches!(character, '\u{2028}' | '\u{2029}');
        Self::parse(text.trim_matches(|character: char| character.is_whitespace() && !escaped(character)))
    }

    /// The quantity of a decoded object. An invalid one counts as zero, because the decoder has already rejected it.
    pub fn of(written: &Written) -> Self {
        Self::decode(&written.0).unwrap_or_default()
    }

    /// A whole number.
    ///
    /// Upstream: `apimachinery/api/resource.NewQuantity`.
    pub const fn new(value: i64, format: QuantityFormat) -> Self {
        Self { amount: Amount::Int { value, scale: 0 }, format, text: None }
    }

    /// The notation.
    pub const fn format(&self) -> QuantityFormat {
        self.format
    }

    /// Whether the amount is zero.
    ///
    /// Upstream: `apimachinery/api/resource.Quantity.IsZero`.
    pub fn is_zero(&self) -> bool {
        self.sign() == 0
    }

    /// The sign: -1, 0 or 1.
    ///
    /// Upstream: `apimachinery/api/resource.Quantity.Sign`.
    pub fn sign(&self) -> i32 {
        self.amount.sign()
    }

    /// The amount in whole units, rounded up. Beyond an `i64` it returns what the server's arithmetic returns, which is not the
    /// amount.
    ///
    /// Upstream: `apimachinery/api/resource.Quantity.Value`.
    pub fn value(&self) -> i64 {
        self.scaled_value(0)
    }

    /// The amount in thousandths, rounded up.
    ///
    /// Upstream: `apimachinery/api/resource.Quantity.MilliValue`.
    pub fn milli_value(&self) -> i64 {
        self.scaled_value(MILLI)
    }

    /// The amount in units of ten to the power of `scale` (-3 is thousandths), rounded up.
    ///
    /// Upstream: `apimachinery/api/resource.Quantity.ScaledValue`.
    pub(crate) fn scaled_value(&self, scale: i32) -> i64 {
        self.amount.scaled_value(scale)
    }

    /// Rounds the amount up to units of ten to the power of `scale` (-3 is thousandths). Returns whether it was exact.
    ///
    /// Upstream: `apimachinery/api/resource.Quantity.RoundUp`.
    pub(crate) fn round_up(&mut self, scale: i32) -> bool {
        if matches!(self.amount, Amount::Int { scale: own, .. } if own >= scale) {
            return true;
        }
        self.text = None;
        let (amount, exact) = self.amount.as_scale(scale);
        self.amount = amount;
        exact
    }

    /// Compares as the server does. If `other` is stored as digits, so is `self` afterwards, as in the server: beyond an `i64` the
    /// two forms have different values.
    ///
    /// Upstream: `apimachinery/api/resource.Quantity.Cmp`.
    pub(crate) fn compare_and_keep_digits(&mut self, other: &Self) -> Ordering {
        if matches!(other.amount, Amount::Dec(_)) {
            self.amount = Amount::Dec(self.amount.to_decimal());
        }
        Ord::cmp(self, other)
    }

    /// Adds another quantity. A zero takes the notation of the other quantity.
    ///
    /// Upstream: `apimachinery/api/resource.Quantity.Add`.
    pub fn add(&mut self, other: &Self) {
        self.text = None;
        if self.is_zero() {
            self.format = other.format;
        }
        self.amount = self.amount.plus(&other.amount);
    }

    /// Adds another quantity so many times.
    pub fn add_times(&mut self, other: &Self, times: usize) {
        let mut left = times;
        let mut power = other.clone();
        while left > 0 {
            if left & 1 == 1 {
                self.add(&power);
            }
            left >>= 1;
            let double = power.clone();
            power.add(&double);
        }
    }

    /// Takes another quantity away. A zero takes the notation of the other quantity.
    ///
    /// Upstream: `apimachinery/api/resource.Quantity.Sub`.
    pub fn subtract(&mut self, other: &Self) {
        let negated = Self { amount: other.amount.negated(), format: other.format, text: None };
        self.add(&negated);
    }

    /// The suffix or the exponent to print after a number; may be empty. Beyond the largest suffix the server prints none, although
    /// the number is then wrong.
    ///
    /// Upstream: `apimachinery/api/resource.suffixHandler.constructBytes`.
    fn write_decimal_suffix(
        &self,
        format: QuantityFormat,
        exponent: i64,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        if format == QuantityFormat::DecimalExponent {
            return if exponent == 0 { Ok(()) } else { write!(f, "e{exponent}") };
        }
        f.write_str(match exponent {
            -9 => "n",
            -6 => "u",
            -3 => "m",
            3 => "k",
            6 => "M",
            9 => "G",
            12 => "T",
            15 => "P",
            18 => "E",
            _ => "",
        })
    }

    /// Prints the canonical form: no fraction, and the largest suffix that allows it.
    ///
    /// Upstream: `apimachinery/api/resource.Quantity.CanonicalizeBytes`.
    fn write_canonical(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_zero() {
            return f.write_str("0");
        }
        let mut format = self.format;
        if format == QuantityFormat::BinarySi {
            match self.amount.whole_above_1023() {
                Some(whole) => return write_binary(&whole, f),
                None => format = QuantityFormat::DecimalSi,
            }
        }
        let decimal = self.amount.to_decimal();
        let (zeros, exponent) = decimal.in_thousands();
        decimal.write_digits(zeros, f)?;
        self.write_decimal_suffix(format, exponent, f)
    }
}

/// Upstream: `apimachinery/api/resource.int64Amount.AsCanonicalBase1024Bytes`,
/// `apimachinery/api/resource.infDecAmount.AsCanonicalBase1024Bytes`.
fn write_binary(whole: &Decimal, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (reduced, times) = whole.without_factors_of_1024();
    reduced.write_digits(reduced.zeros(), f)?;
    f.write_str(match times {
        1 => "Ki",
        2 => "Mi",
        3 => "Gi",
        4 => "Ti",
        5 => "Pi",
        6 => "Ei",
        _ => "",
    })
}

impl fmt::Display for Quantity {
    /// Prints the original text if the server keeps it, otherwise the canonical form.
    ///
    /// Upstream: `apimachinery/api/resource.Quantity.String`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.text {
            Some(text) => f.write_str(text),
            None => self.write_canonical(f),
        }
    }
}

impl PartialEq for Quantity {
    /// Upstream: `apimachinery/api/resource.Quantity.Equal`.
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    /// Upstream: `apimachinery/api/resource.Quantity.Cmp`.
    fn cmp(&self, other: &Self) -> Ordering {
        self.amount.compare(&other.amount)
    }
}

#[cfg(test)]
mod tests;
