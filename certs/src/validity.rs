//! From when to when a certificate is valid.

/// The validity of a certificate, in Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Validity {
    /// `notBefore`: valid from this second on.
    pub not_before: i64,
    /// `notAfter`: valid until this second.
    pub not_after: i64,
}

impl Validity {
    /// Whether a certificate with this validity is valid at `now` (Unix seconds).
    pub fn contains(self, now: i64) -> bool {
        self.not_before <= now && now < self.not_after
    }

    /// When both are valid.
    #[must_use]
    pub fn both(self, other: Validity) -> Validity {
        Validity {
            not_before: self.not_before.max(other.not_before),
            not_after: self.not_after.min(other.not_after),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_with_its_first_second_and_ends_before_its_last() {
        let validity = Validity { not_before: 10, not_after: 20 };
        let valid: Vec<i64> = (0..30).filter(|now| validity.contains(*now)).collect();
        assert_eq!(valid, (10..20).collect::<Vec<_>>());
        let narrow = validity.both(Validity { not_before: 12, not_after: 40 });
        assert_eq!(narrow, Validity { not_before: 12, not_after: 20 });
    }
}
