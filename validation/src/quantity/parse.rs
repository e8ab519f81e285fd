//! Parses quantities.

use super::amount::Amount;
use super::decimal::Decimal;
use super::format::{QuantityError, QuantityFormat};

/// The finest unit, as a power of ten.
const NANO: i32 = -9;
/// Any number with this many digits fits an `i64`.
const SAFE_DIGITS: i32 = 18;

/// The result of parsing.
pub(super) struct Parsed {
    pub(super) amount: Amount,
    pub(super) format: QuantityFormat,
    /// Whether the server keeps the text and prints it unchanged.
    pub(super) canonical: bool,
}

/// The parts of the text.
struct Parts<'t> {
    negative: bool,
    /// Sign, digits and decimal point.
    number: &'t str,
    /// The digits before the decimal point, without leading zeros; `0` if there are none.
    whole: &'t str,
    /// The digits after the decimal point.
    fraction: &'t str,
    suffix: &'t str,
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Upstream: `apimachinery/api/resource.parseQuantityString`.
fn split(text: &str) -> Result<Parts<'_>, QuantityError> {
    let negative = text.starts_with('-');
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let significant = unsigned.trim_start_matches('0');
    if significant.is_empty() {
        return Ok(Parts { negative, number: "0", whole: "0", fraction: "", suffix: "" });
    }
    let (whole, rest) = split_digits(significant);
    let (fraction, suffix) = match rest.strip_prefix('.') {
        Some(rest) => split_digits(rest),
        None => ("", rest),
    };
    let letters = suffix.trim_start_matches(['e', 'E', 'i', 'n', 'u', 'm', 'k', 'K', 'M', 'G', 'T', 'P']);
    let (_, garbage) = split_digits(letters.strip_prefix(['-', '+']).unwrap_or(letters));
    if !garbage.is_empty() {
        return Err(QuantityError::Format);
    }
    let number = text.strip_suffix(suffix).unwrap_or(text);
    let whole = if whole.is_empty() { "0" } else { whole };
    Ok(Parts { negative, number, whole, fraction, suffix })
}

/// The power that a suffix stands for: of ten, or of two for the binary format.
///
/// Upstream: `apimachinery/api/resource.suffixHandler.interpret`, `apimachinery/api/resource.fastLookup.interpret`.
fn interpret(suffix: &str) -> Option<(i32, QuantityFormat)> {
    let known = match suffix {
        "" => (0, QuantityFormat::DecimalSi),
        "n" => (-9, QuantityFormat::DecimalSi),
        "u" => (-6, QuantityFormat::DecimalSi),
        "m" => (-3, QuantityFormat::DecimalSi),
        "k" => (3, QuantityFormat::DecimalSi),
        "M" => (6, QuantityFormat::DecimalSi),
        "G" => (9, QuantityFormat::DecimalSi),
        "T" => (12, QuantityFormat::DecimalSi),
        "P" => (15, QuantityFormat::DecimalSi),
        "E" => (18, QuantityFormat::DecimalSi),
        "Ki" => (10, QuantityFormat::BinarySi),
        "Mi" => (20, QuantityFormat::BinarySi),
        "Gi" => (30, QuantityFormat::BinarySi),
        "Ti" => (40, QuantityFormat::BinarySi),
        "Pi" => (50, QuantityFormat::BinarySi),
        "Ei" => (60, QuantityFormat::BinarySi),
        _ => {
            let exponent: i64 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            // The server keeps the low 32 bits only, so an exponent of 2^32 is zero.
            #[allow(clippy::cast_possible_truncation)]
            let low = exponent as i32;
            (low, QuantityFormat::DecimalExponent)
        }
    };
    Some(known)
}

/// Upstream: `apimachinery/api/resource.ParseQuantity`.
pub(super) fn parse(text: &str) -> Result<Parsed, QuantityError> {
    if text.is_empty() {
        return Err(QuantityError::Format);
    }
    let parts = split(text)?;
    let (exponent, format) = interpret(parts.suffix).ok_or(QuantityError::Suffix)?;
    match small(&parts, exponent, format, text == "0") {
        Some(parsed) => Ok(parsed),
        None => large(&parts, exponent, format),
    }
}

fn length(text: &str) -> i32 {
    i32::try_from(text.len()).unwrap_or(i32::MAX)
}

/// Parses a number that fits an `i64` and needs no rounding, as nearly all do. The server decides by the number of digits. We must
/// decide the same way, because it prints the two forms of amounts differently.
fn small(parts: &Parts<'_>, exponent: i32, format: QuantityFormat, is_plain_zero: bool) -> Option<Parsed> {
    let digits = length(parts.whole).saturating_add(length(parts.fraction));
    let (room, scale) = match format {
        QuantityFormat::BinarySi if parts.fraction.is_empty() => {
            let digits_of_factor = exponent.saturating_mul(3).checked_div(10)?;
            (14_i32.saturating_sub(digits).saturating_sub(digits_of_factor), 0)
        }
        QuantityFormat::BinarySi => return None,
        _ => (SAFE_DIGITS.saturating_sub(digits), exponent.wrapping_sub(length(parts.fraction))),
    };
    if room < 0 || scale < NANO {
        return None;
    }
    let mut unsigned: i64 = 0;
    for digit in parts.whole.bytes().chain(parts.fraction.bytes()) {
        unsigned = unsigned.checked_mul(10)?.checked_add(i64::from(digit & 15))?;
    }
    let (factor, canonical) = if format == QuantityFormat::BinarySi {
        (1_i64.checked_shl(u32::try_from(exponent).ok()?)?, unsigned & 7 != 0)
    } else {
        let mut backwards = parts.fraction.bytes().rev().chain(parts.whole.bytes().rev());
        let in_thousands = digits >= 3 && backwards.by_ref().take(3).all(|digit| digit == b'0');
        (1, scale.checked_rem(3) == Some(0) && !in_thousands && !parts.whole.starts_with('0'))
    };
    let value = unsigned.checked_mul(factor)?;
    let value = if parts.negative { value.wrapping_neg() } else { value };
    Some(Parsed { amount: Amount::Int { value, scale }, format, canonical: canonical || is_plain_zero })
}

/// Parses a number with many digits, or with a finer fraction than billionths.
fn large(parts: &Parts<'_>, exponent: i32, format: QuantityFormat) -> Result<Parsed, QuantityError> {
    if !parts.number.bytes().any(|byte| byte.is_ascii_digit()) {
        return Err(QuantityError::Numeric);
    }
    let mut format = format;
    let mut amount = if format == QuantityFormat::BinarySi {
        let (amount, below_one) = binary(parts, exponent);
        if below_one {
            format = QuantityFormat::DecimalSi;
        }
        amount
    } else {
        let digits = parts.whole.bytes().chain(parts.fraction.bytes()).map(|byte| byte & 15).collect();
        let scale = length(parts.fraction).wrapping_add(exponent.wrapping_neg());
        let exact = Decimal::new(digits, 0, scale);
        if exact.is_zero() { exact } else { exact.rounded_up(NANO.wrapping_neg()) }
    };
    if parts.negative {
        amount = amount.negated();
    }
    Ok(Parsed { amount: Amount::Dec(amount), format, canonical: false })
}

/// A number times a power of two, rounded up to billionths, at most `i64::MAX`. The flag tells whether it is between -1 and 1.
fn binary(parts: &Parts<'_>, exponent: i32) -> (Decimal, bool) {
    const BILLION: u128 = 1_000_000_000;
    const CAP: u128 = i64::MAX as u128;
    let capped = || (Decimal::from_i64(i64::MAX, 0), false);
    let factor = 1_u128.checked_shl(exponent.unsigned_abs()).unwrap_or(1);
    let whole: Option<u128> = parts.whole.parse::<u64>().ok().map(u128::from);
    let Some(whole) = whole.and_then(|whole| whole.checked_mul(factor)).filter(|whole| *whole <= CAP) else {
        return capped();
    };
    // Long multiplication from the last digit: the carry is the whole part of the product, and a remainder rounds it up.
    let unit = factor.saturating_mul(BILLION);
    let (mut carried, mut left_over) = (0_u128, false);
    for digit in parts.fraction.bytes().rev() {
        let sum = u128::from(digit & 15).saturating_mul(unit).saturating_add(carried);
        left_over |= !sum.is_multiple_of(10);
        carried = sum.checked_div(10).unwrap_or_default();
    }
    let nanos = whole.saturating_mul(BILLION).saturating_add(carried).saturating_add(u128::from(left_over));
    if nanos > CAP.saturating_mul(BILLION) {
        return capped();
    }
    let scale = if nanos == 0 { length(parts.fraction) } else { NANO.wrapping_neg() };
    (Decimal::from_u128(nanos, scale), nanos > 0 && nanos < BILLION)
}
