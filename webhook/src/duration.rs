//! Lengths of time on the command line: `500ms`, `30s`, `5m`, `8760h`, `90d`.

use std::time::Duration;

/// Longer than this is a mistake: a hundred years, in seconds.
const LONGEST: u64 = 100 * 366 * 86_400;

/// Reads a length of time.
///
/// # Errors
///
/// A sentence that says what is read.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || {
        format!(
            "{text:?} is no length of time; write a whole number with ms, s, m, h or d, such as 30s or 90d"
        )
    };
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits).ok_or_else(wrong)?;
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let seconds = match unit {
        "ms" => return Ok(Duration::from_millis(number)).and_then(limited),
        "s" => Some(number),
        "m" => number.checked_mul(60),
        "h" => number.checked_mul(3_600),
        "d" => number.checked_mul(86_400),
        _ => return Err(wrong()),
    };
    limited(Duration::from_secs(seconds.unwrap_or(u64::MAX)))
}

fn limited(duration: Duration) -> Result<Duration, String> {
    if duration.as_secs() > LONGEST {
        return Err("longer than a hundred years".to_owned());
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_units() {
        for (text, expected) in [
            ("0s", 0),
            ("30s", 30_000),
            ("500ms", 500),
            ("5m", 300_000),
            ("1h", 3_600_000),
            ("90d", 7_776_000_000),
        ] {
            assert_eq!(parse(text).unwrap(), Duration::from_millis(expected), "{text}");
        }
        for text in [
            "",
            "s",
            "30",
            "-1s",
            "1.5h",
            "1y",
            "99999999999999999999s",
            "40000d",
            "18446744073709551615h",
            "é",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
