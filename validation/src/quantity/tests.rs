//! Unusual amounts, and how the server prints them.

use super::*;

fn parsed(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

#[test]
fn sums_are_exact() {
    for (left, right, sum) in [
        ("1", "500m", "1500m"),
        ("1Gi", "1Mi", "1025Mi"),
        ("1Gi", "-1Mi", "1023Mi"),
        ("0", "1Ki", "1Ki"),
        ("9223372036854775807", "1", "9223372036854775808"),
        ("1e30", "1n", "1000000000000000000000000000000000000001e-9"),
        ("1e30", "-1n", "999999999999999999999999999999999999999e-9"),
        ("-1", "1", "0"),
        ("8Ei", "8Ei", "18446744073709551614"),
    ] {
        let mut quantity = parsed(left);
        quantity.add(&parsed(right));
        assert_eq!(quantity.to_string(), sum, "{left} + {right}");
    }
}

#[test]
fn order_is_by_size() {
    let ascending = [
        "-1e30",
        "-1",
        "-1n",
        "0",
        "1n",
        "999m",
        "1",
        "1k",
        "1Ki",
        "1e30",
        "1000000000000000000000000000000000",
    ];
    for pair in ascending.windows(2) {
        assert!(parsed(pair[0]) < parsed(pair[1]), "{pair:?}");
    }
    for (left, right) in [("1", "1000m"), ("1Ki", "1024"), ("0", "0Gi"), ("1e3", "1k"), ("1.0", "1")] {
        assert_eq!(parsed(left), parsed(right));
    }
}

#[test]
fn rounding_up_drops_the_text() {
    let mut quantity = parsed("1.0001");
    assert!(!quantity.round_up(-3));
    assert_eq!(quantity.to_string(), "1001m");
    let mut quantity = parsed("1e3");
    assert!(quantity.round_up(-3));
    assert_eq!(quantity.to_string(), "1e3");
}
