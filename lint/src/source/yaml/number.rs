//! Numbers: in the syntax of YAML 1.1, parsed as Go does, and written as JSON.

use std::borrow::Cow;

/// A number.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Number<'a> {
    /// An integer that fits into a signed 64-bit integer, in decimal.
    Int(Cow<'a, str>),
    /// A larger integer that fits into an unsigned 64-bit integer, in decimal.
    Unsigned(Cow<'a, str>),
    Float(f64),
}

/// Parses a text that starts with a digit or a sign. If it is not a number, the text is returned as the error.
pub(super) fn parse(text: Cow<'_, str>) -> Result<Number<'_>, Cow<'_, str>> {
    if is_plain_decimal(&text) {
        return Ok(Number::Int(text));
    }
    let digits: Cow<'_, str> =
        if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(&*text) };
    if let Some(value) = parse_signed(&digits, Base::Prefix) {
        return Ok(Number::Int(keep_or_write(text, value)));
    }
    if let Some(value) = parse_unsigned(&digits, Base::Prefix) {
        return Ok(Number::Unsigned(keep_or_write(text, value)));
    }
    if is_float(digits.as_bytes())
        && let Some(value) = digits.parse().ok().filter(|value: &f64| value.is_finite())
    {
        return Ok(Number::Float(value));
    }
    // For binary digits, go-yaml also accepts a sign after the prefix.
    let binary = match (digits.strip_prefix("0b"), digits.strip_prefix("-0b")) {
        (Some(rest), _) => parse_signed(rest, Base::Binary),
        (None, Some(rest)) => parse_signed(&format!("-{rest}"), Base::Binary),
        (None, None) => None,
    };
    match binary {
        Some(value) => Ok(Number::Int(Cow::Owned(value.to_string()))),
        None => Err(text),
    }
}

/// Parses a float that starts with a point. Unlike in other numbers, underscores are not removed; Go allows them between digits.
pub(super) fn parse_dotted(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let misplaced = bytes.iter().enumerate().any(|(position, byte)| {
        let is_digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
        // Two underscores in a row are invalid, because Go requires a digit after each.
        *byte == b'_' && !(is_digit(position.checked_sub(1)) && is_digit(position.checked_add(1)))
    });
    if misplaced {
        return None;
    }
    let digits = text.replace('_', "");
    if !is_float(digits.as_bytes()) {
        return None;
    }
    digits.parse().ok().filter(|value: &f64| value.is_finite())
}

/// The JSON text of a float, as Go's encoder writes it; `None` for infinities and NaN.
pub(super) fn float_to_json(value: f64) -> Option<String> {
    if !value.is_finite() {
        return None;
    }
    let size = value.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{value:e}");
        return Some(if size >= 1e21 { text.replace('e', "e+") } else { text });
    }
    Some(format!("{value}"))
}

/// The text of a float as a key: the shortest one that a 32-bit float needs, in Go's `%g` form.
pub(super) fn float_to_key(value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "upstream writes keys with the precision of 32 bits")]
    let value = value as f32;
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    match exponent.parse::<i32>() {
        Ok(exponent) if exponent < -4 => format!("{digits}e-{:02}", exponent.unsigned_abs()),
        Ok(exponent) if exponent >= 6 => format!("{digits}e+{exponent:02}"),
        _ => format!("{value}"),
    }
}

/// How the base of a number is determined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    /// Go's prefixes: `0x`, `0o`, `0b`, or just `0` for octal.
    Prefix,
    Binary,
}

/// Whether a text is up to 18 digits without a leading zero, with or without a minus sign: it is the same in JSON.
fn is_plain_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    match digits {
        [b'0'] => text.len() == 1,
        [b'1'..=b'9', rest @ ..] => rest.len() < 18 && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

fn keep_or_write(text: Cow<'_, str>, value: impl ToString) -> Cow<'_, str> {
    let written = value.to_string();
    if text == written { text } else { Cow::Owned(written) }
}

/// Go's `strconv.ParseInt` for 64 bits.
fn parse_signed(text: &str, base: Base) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let size = i128::from(parse_unsigned(digits, base)?);
    i64::try_from(if negative { size.checked_neg()? } else { size }).ok()
}

/// Go's `strconv.ParseUint` for 64 bits.
fn parse_unsigned(text: &str, base: Base) -> Option<u64> {
    let (radix, digits) = match (base, text.as_bytes()) {
        (Base::Binary, _) => (2, text),
        (Base::Prefix, [b'0', b'b' | b'B', _, ..]) => (2, text.get(2..)?),
        (Base::Prefix, [b'0', b'o' | b'O', _, ..]) => (8, text.get(2..)?),
        (Base::Prefix, [b'0', b'x' | b'X', _, ..]) => (16, text.get(2..)?),
        (Base::Prefix, [b'0']) => return Some(0),
        (Base::Prefix, [b'0', ..]) => (8, text.get(1..)?),
        (Base::Prefix, _) => (10, text),
    };
    // Rust would accept a plus sign here.
    if digits.starts_with('+') {
        return None;
    }
    u64::from_str_radix(digits, radix).ok()
}

/// `[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?`
fn is_float(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut rest = match text {
        [b'+' | b'-', rest @ ..] => rest,
        _ => text,
    };
    let whole = digits(rest);
    rest = rest.get(whole..).unwrap_or_default();
    if let [b'.', after @ ..] = rest {
        let fraction = digits(after);
        if whole == 0 && fraction == 0 {
            return false;
        }
        rest = after.get(fraction..).unwrap_or_default();
    } else if whole == 0 {
        return false;
    }
    if let [b'e' | b'E', after @ ..] = rest {
        let after = match after {
            [b'+' | b'-', after @ ..] => after,
            _ => after,
        };
        let exponent = digits(after);
        if exponent == 0 {
            return false;
        }
        rest = after.get(exponent..).unwrap_or_default();
    }
    rest.is_empty()
}
