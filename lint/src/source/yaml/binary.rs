//! The value of `!!binary`.

/// Decodes Base64 with padding, as Go's standard encoding does. Each byte that is not UTF-8 becomes a replacement character, as in Go's
/// JSON encoder.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut digits = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n'));
    while let Some(first) = digits.next() {
        let quad = [Some(first), digits.next(), digits.next(), digits.next()];
        let [Some(a), Some(b), Some(c), Some(d)] = quad else { return None };
        let length = match (c, d) {
            (b'=', b'=') => 1,
            (_, b'=') => 2,
            _ => 3,
        };
        let value = |digit| if digit == b'=' { Some(0) } else { sextet(digit) };
        let bits = [sextet(a)?, sextet(b)?, value(c)?, value(d)?]
            .into_iter()
            .fold(0_u32, |bits, digit| bits.wrapping_shl(6) | digit);
        if c == b'=' && d != b'=' {
            return None;
        }
        let [_, decoded @ ..] = bits.to_be_bytes();
        bytes.extend(decoded.into_iter().take(length));
        if length < 3 {
            break;
        }
    }
    digits.next().is_none().then(|| replace_invalid(&bytes))
}

fn sextet(digit: u8) -> Option<u32> {
    let (base, first) = match digit {
        b'A'..=b'Z' => (0, b'A'),
        b'a'..=b'z' => (26, b'a'),
        b'0'..=b'9' => (52, b'0'),
        b'+' => return Some(62),
        b'/' => return Some(63),
        _ => return None,
    };
    Some(u32::from(digit.saturating_sub(first)).saturating_add(base))
}

/// Bytes as text, with a replacement character for each byte that is not part of a character.
pub(in crate::source) fn replace_invalid(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text
}
