//! Times, parsed as Go parses them.

use std::fmt::Write as _;

/// The layout that Go's error messages show.
const LAYOUT: &str = "2006-01-02T15:04:05Z07:00";

/// Checks that the decoder accepts `text` as a time. The error is the decoder's message.
///
/// The decoder accepts more than RFC 3339: an hour of one digit, a comma before the fraction, an offset of 24:60.
///
/// Upstream: `apimachinery/meta/v1.Time.UnmarshalJSON`, which is `time.Parse(time.RFC3339, text)`.
pub(crate) fn is_rfc3339(text: &str) -> Result<(), String> {
    match read(text) {
        Ok(()) => Ok(()),
        Err(Fault::Part { rest, wanted }) => {
            let (text, rest) = (quote(text), quote(rest));
            Err(format!("parsing time {text} as \"{LAYOUT}\": cannot parse {rest} as \"{wanted}\""))
        }
        Err(Fault::Range(what)) => Err(format!("parsing time {}: {what} out of range", quote(text))),
        Err(Fault::Extra(rest)) => Err(format!("parsing time {}: extra text: {}", quote(text), quote(rest))),
    }
}

enum Fault<'t> {
    /// The text does not match this part of the layout.
    Part { rest: &'t str, wanted: &'static str },
    /// The value of this part is out of range.
    Range(&'static str),
    /// There is extra text after the time.
    Extra(&'t str),
}

/// The text that is left to parse.
struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    const fn fault<T>(&self, wanted: &'static str) -> Result<T, Fault<'t>> {
        Err(Fault::Part { rest: self.rest, wanted })
    }

    fn literal(&mut self, wanted: &'static str) -> Result<(), Fault<'t>> {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None => self.fault(wanted),
        }
    }

    /// Parses exactly `digits` digits. `wanted` is the name of this part in the layout.
    fn number(&mut self, digits: usize, wanted: &'static str) -> Result<u32, Fault<'t>> {
        match self.rest.split_at_checked(digits) {
            Some((head, rest)) if head.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.rest = rest;
                Ok(head.parse().unwrap_or_default())
            }
            _ => self.fault(wanted),
        }
    }

    /// Parses a two-digit number with an upper limit.
    fn limited(&mut self, wanted: &'static str, limit: u32, what: &'static str) -> Result<u32, Fault<'t>> {
        let number = self.number(2, wanted)?;
        if number < limit { Ok(number) } else { Err(Fault::Range(what)) }
    }

    /// Skips a fraction of a second, which the layout does not have.
    fn skip_fraction(&mut self) {
        if let Some(fraction) = self.rest.strip_prefix(['.', ','])
            && fraction.starts_with(|character: char| character.is_ascii_digit())
        {
            self.rest = fraction.trim_start_matches(|character: char| character.is_ascii_digit());
        }
    }

    fn zone(&mut self) -> Result<(), Fault<'t>> {
        const WANTED: &str = "Z07:00";
        if let Some(rest) = self.rest.strip_prefix('Z') {
            self.rest = rest;
            return Ok(());
        }
        let [sign, hour @ .., b':', minute_tens, minute_ones] =
            self.rest.as_bytes().first_chunk::<6>().ok_or(Fault::Part { rest: self.rest, wanted: WANTED })?
        else {
            return self.fault(WANTED);
        };
        let hour = two_digits(*hour);
        let minute = hour.and_then(|_| two_digits([*minute_tens, *minute_ones]));
        if minute.is_some_and(|minute| minute > 60) {
            return Err(Fault::Range("time zone offset minute"));
        }
        if hour.is_some_and(|hour| hour > 24) {
            return Err(Fault::Range("time zone offset hour"));
        }
        match self.rest.get(6..) {
            Some(rest) if minute.is_some() && matches!(sign, b'+' | b'-') => {
                self.rest = rest;
                Ok(())
            }
            _ => self.fault(WANTED),
        }
    }
}

fn two_digits([tens, ones]: [u8; 2]) -> Option<u32> {
    (tens.is_ascii_digit() && ones.is_ascii_digit())
        .then(|| u32::from(tens & 15).saturating_mul(10).saturating_add(u32::from(ones & 15)))
}

fn read(text: &str) -> Result<(), Fault<'_>> {
    let mut reader = Reader { rest: text };
    let year = reader.number(4, "2006")?;
    reader.literal("-")?;
    let month = reader.number(2, "01")?;
    if !(1..=12).contains(&month) {
        return Err(Fault::Range("month"));
    }
    reader.literal("-")?;
    let day = reader.number(2, "02")?;
    reader.literal("T")?;
    if reader.rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit) {
        reader.limited("15", 24, "hour")?;
    } else {
        reader.number(1, "15")?;
    }
    reader.literal(":")?;
    reader.limited("04", 60, "minute")?;
    reader.literal(":")?;
    reader.limited("05", 60, "second")?;
    reader.skip_fraction();
    reader.zone()?;
    if !reader.rest.is_empty() {
        return Err(Fault::Extra(reader.rest));
    }
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if (1..=days).contains(&day) { Ok(()) } else { Err(Fault::Range("day")) }
}

/// Quotes text as Go's time package does, which differs from `%q`.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            ' '..='\u{7f}' => quoted.push(character),
            _ => {
                for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                    // Writing to a String cannot fail.
                    _ = write!(quoted, "\\x{byte:02x}");
                }
            }
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::is_rfc3339;

    #[test]
    fn as_go_does() {
        for good in [
            "2024-01-02T03:04:05Z",
            "2024-02-29T23:59:59.123456789+05:30",
            "0000-01-01T00:00:00,5-00:00",
            "2024-01-02T3:04:05+24:60",
        ] {
            assert_eq!(is_rfc3339(good), Ok(()), "{good}");
        }
        for (bad, sentence) in [
            ("", "parsing time \"\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"2006\""),
            (
                "2024-01-02",
                "parsing time \"2024-01-02\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"T\"",
            ),
            ("2023-02-29T00:00:00Z", "parsing time \"2023-02-29T00:00:00Z\": day out of range"),
            ("2024-01-02T24:00:00Z", "parsing time \"2024-01-02T24:00:00Z\": hour out of range"),
            ("2024-01-02T03:04:05Zx", "parsing time \"2024-01-02T03:04:05Zx\": extra text: \"x\""),
        ] {
            assert_eq!(is_rfc3339(bad), Err(sentence.to_owned()), "{bad}");
        }
    }
}
