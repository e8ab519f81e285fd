//! Times, as Go reads them.

use super::quote;

/// Whether `text` is a time that the decoder takes; else the decoder's sentence.
///
/// Upstream: `metav1.Time.UnmarshalJSON`, which is `time.Parse(time.RFC3339, text)`.
pub fn is_rfc3339(text: &str) -> Result<(), String> {
    let fault = |rest: &str, wanted: &str| {
        let (text, rest, wanted) = (quote(text), quote(rest), quote(wanted));
        format!("parsing time {text} as \"2006-01-02T15:04:05Z07:00\": cannot parse {rest} as {wanted}")
    };
    let out_of_range = |what: &str| format!("parsing time {}: {what} out of range", quote(text));
    let mut rest = text;
    let number = |digits: usize, wanted: &str, rest: &mut &str| -> Result<u32, String> {
        match rest.split_at_checked(digits) {
            Some((head, tail)) if head.bytes().all(|byte| byte.is_ascii_digit()) => {
                *rest = tail;
                Ok(head
                    .bytes()
                    .fold(0_u32, |sum, digit| sum.wrapping_mul(10).wrapping_add(u32::from(digit & 15))))
            }
            _ => Err(fault(rest, wanted)),
        }
    };
    let literal = |wanted: &str, rest: &mut &str| -> Result<(), String> {
        *rest = rest.strip_prefix(wanted).ok_or_else(|| fault(rest, wanted))?;
        Ok(())
    };
    let year = number(4, "2006", &mut rest)?;
    literal("-", &mut rest)?;
    let month = number(2, "01", &mut rest)?;
    literal("-", &mut rest)?;
    let day = number(2, "02", &mut rest)?;
    literal("T", &mut rest)?;
    let hour = number(2, "15", &mut rest)?;
    literal(":", &mut rest)?;
    let minute = number(2, "04", &mut rest)?;
    literal(":", &mut rest)?;
    let second = number(2, "05", &mut rest)?;
    if let Some(fraction) = rest.strip_prefix('.').or_else(|| rest.strip_prefix(',')) {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            rest = fraction.get(digits..).unwrap_or_default();
        }
    }
    let (mut zone_hour, mut zone_minute) = (0, 0);
    if let Some(tail) = rest.strip_prefix('Z') {
        rest = tail;
    } else {
        let zone = rest;
        rest = rest.strip_prefix(['+', '-']).ok_or_else(|| fault(zone, "Z07:00"))?;
        zone_hour = number(2, "Z07:00", &mut rest)?;
        literal(":", &mut rest).map_err(|_| fault(zone, "Z07:00"))?;
        zone_minute = number(2, "Z07:00", &mut rest)?;
    }
    if !rest.is_empty() {
        return Err(format!("parsing time {}: extra text: {}", quote(text), quote(rest)));
    }
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return Err(out_of_range("month")),
    };
    if day < 1 || day > days {
        return Err(out_of_range("day"));
    }
    for (value, limit, what) in [
        (hour, 24, "hour"),
        (minute, 60, "minute"),
        (second, 60, "second"),
        (zone_hour, 25, "time zone offset hour"),
    ] {
        if value >= limit {
            return Err(out_of_range(what));
        }
    }
    if zone_minute >= 60 { Err(out_of_range("time zone offset minute")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::is_rfc3339;

    #[test]
    fn as_go_does() {
        for good in
            ["2024-01-02T03:04:05Z", "2024-02-29T23:59:59.123456789+05:30", "0000-01-01T00:00:00,5-00:00"]
        {
            assert_eq!(is_rfc3339(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "2024-01-02",
            "2023-02-29T00:00:00Z",
            "2024-01-02T24:00:00Z",
            "2024-01-02T03:04:05",
            "2024-01-02T03:04:05Zx",
        ] {
            assert!(is_rfc3339(bad).is_err(), "{bad}");
        }
    }
}
