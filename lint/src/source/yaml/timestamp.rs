//! Checks the text of `!!timestamp`. A timestamp stays a string, so its value is not needed.

/// Whether a text is a date, or a date and a time, in one of the four forms of go-yaml.
pub(super) fn is_timestamp(text: &str) -> bool {
    let Some((year, rest)) = text.split_at_checked(4) else { return false };
    if !year.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    date(year, rest).is_some_and(|after| {
        after.is_empty()
            || after
                .strip_prefix(['T', 't'])
                .and_then(time)
                .and_then(zone)
                .or_else(|| after.starts_with(' ').then(|| after.trim_start_matches(' ')).and_then(time))
                .is_some_and(str::is_empty)
    })
}

/// Parses `-month-day`, and returns the rest.
fn date<'a>(year: &str, text: &'a str) -> Option<&'a str> {
    let (month, rest) = number(text.strip_prefix('-')?)?;
    let (day, rest) = number(rest.strip_prefix('-')?)?;
    let year: u32 = year.parse().ok()?;
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    (1..=days).contains(&day).then_some(rest)
}

/// Parses `hour:minute:second`, with or without a fraction, and returns the rest.
fn time(text: &str) -> Option<&str> {
    let (hour, rest) = number(text)?;
    let (minute, rest) = number(rest.strip_prefix(':')?)?;
    let (second, rest) = number(rest.strip_prefix(':')?)?;
    if hour >= 24 || minute >= 60 || second >= 60 {
        return None;
    }
    let fraction =
        rest.strip_prefix(['.', ',']).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    Some(fraction.map_or(rest, |fraction| fraction.trim_start_matches(|c: char| c.is_ascii_digit())))
}

/// Parses `Z` or `+hours:minutes`, and returns the rest.
fn zone(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix('Z') {
        return Some(rest);
    }
    let [b'+' | b'-', hours @ .., b':', _, _] = text.as_bytes().get(..6)? else { return None };
    let minutes = text.get(4..6)?;
    let two_digits = |digits: &[u8]| digits.len() == 2 && digits.iter().all(u8::is_ascii_digit);
    if !two_digits(hours) || !two_digits(minutes.as_bytes()) {
        return None;
    }
    (hours <= b"24".as_slice() && minutes <= "60").then(|| text.get(6..)).flatten()
}

/// Parses one or two digits, and returns the number and the rest.
fn number(text: &str) -> Option<(u32, &str)> {
    let digits = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(digits)?;
    Some((number.parse().ok()?, rest))
}
