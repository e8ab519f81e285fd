//! Counts in a sentence.

/// `1 file`, `2 files`.
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{} {noun}s", thousands(count)) }
}

/// `4,950`: a number with its thousands separated.
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len().saturating_mul(2));
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len().saturating_sub(index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_easy_to_read() {
        assert_eq!(
            [counted(0, "node"), counted(1, "node"), counted(2, "node")],
            ["0 nodes", "1 node", "2 nodes"]
        );
        assert_eq!([1, 950, 4_950, 1_000_000].map(thousands), ["1", "950", "4,950", "1,000,000"]);
    }
}
