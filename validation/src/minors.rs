//! The Kubernetes minors that are supported, and sets of minors.
//!
//! With `gates.rs` and `generated/` the only place that names a minor. A set is written as the history of a feature (`from(36)`,
//! `from(34).until(37)`), so rows stay as they are when a minor is added to the list.

/// The oldest minor that fits into a [`Minors`], which has room for 16.
const FIRST: u8 = 30;

/// A supported minor of Kubernetes 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Minor {
    number: u8,
    name: &'static str,
}

impl Minor {
    /// The version, as `1.37`.
    pub(crate) const fn name(self) -> &'static str {
        self.name
    }

    /// The number behind the dot of the version.
    pub(crate) const fn number(self) -> u8 {
        self.number
    }

    /// The bit that stands for this minor in a [`Minors`] and in the generated tables.
    pub(crate) const fn bit(self) -> u16 {
        bit(self.number)
    }
}

macro_rules! minors {
    ($($number:literal)*) => {
        /// The supported minors, oldest first. The newest is the default.
        pub(crate) const SUPPORTED: [Minor; [$($number),*].len()] =
            [$(Minor { number: $number, name: concat!("1.", $number) }),*];

        /// The versions of [`SUPPORTED`].
        pub(crate) const NAMES: &[&str] = &[$(concat!("1.", $number)),*];

        const _: () = assert!($(bit($number) != 0)&&*, "a minor does not fit into the masks: move FIRST");
    };
}

minors! { 35 36 37 }

/// The newest supported minor.
pub(crate) const NEWEST: Minor = {
    let [.., newest] = SUPPORTED;
    newest
};

const fn bit(number: u8) -> u16 {
    match number.checked_sub(FIRST) {
        Some(position) => match 1_u16.checked_shl(position as u32) {
            Some(bit) => bit,
            None => 0,
        },
        None => 0,
    }
}

/// A set of minors, one bit each. It may contain minors that are not supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Minors(u16);

/// Every minor.
pub(crate) const ALWAYS: Minors = Minors(u16::MAX);

/// No minor.
pub(crate) const NEVER: Minors = Minors(0);

/// The minor with this number and all newer ones: `from(36)` is 1.36 and newer.
pub(crate) const fn from(number: u8) -> Minors {
    if number < FIRST {
        return ALWAYS;
    }
    // The bit of the minor and all higher bits. A number beyond the mask has no bit.
    Minors(match bit(number) {
        0 => 0,
        bit => !bit.wrapping_sub(1),
    })
}

impl Minors {
    /// The minors of this set that are older than the one with this number: `from(34).until(37)` is 1.34 to 1.36.
    // Not needed yet: no supported minor has lost a feature.
    #[cfg_attr(not(test), expect(dead_code))]
    pub(crate) const fn until(self, number: u8) -> Self {
        Self(self.0 & !from(number).0)
    }

    /// Whether this minor is in the set.
    pub(crate) const fn contains(self, minor: Minor) -> bool {
        self.0 & minor.bit() != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A minor that is not in the list today.
    const fn hypothetical(number: u8) -> Minor {
        Minor { number, name: "" }
    }

    #[test]
    fn names_match_numbers_and_the_list_is_sorted() {
        assert!(SUPPORTED.iter().zip(NAMES).all(|(minor, name)| minor.name == *name));
        assert!(SUPPORTED.iter().all(|minor| minor.name == format!("1.{}", minor.number)));
        assert!(SUPPORTED.is_sorted_by_key(|minor| minor.number));
        assert_eq!(Some(&NEWEST), SUPPORTED.last());
    }

    #[test]
    fn rows_cover_minors_that_are_not_in_the_list() {
        let rows: [(Minors, [bool; 5]); 7] = [
            (ALWAYS, [true, true, true, true, true]),
            (NEVER, [false, false, false, false, false]),
            (from(36), [false, false, true, true, true]),
            (from(38), [false, false, false, false, true]),
            (from(12), [true, true, true, true, true]),
            (from(35).until(37), [false, true, true, false, false]),
            (ALWAYS.until(35), [true, false, false, false, false]),
        ];
        for (row, expected) in rows {
            let found = [34, 35, 36, 37, 38].map(|number| row.contains(hypothetical(number)));
            assert_eq!(found, expected, "{row:?}");
        }
    }

    #[test]
    fn the_limits_of_the_mask() {
        let last = FIRST + 15;
        assert!(from(FIRST).contains(hypothetical(FIRST)) && from(FIRST) == ALWAYS);
        assert!(from(last).contains(hypothetical(last)) && !from(last).contains(hypothetical(last - 1)));
        assert_eq!(from(last + 1), NEVER);
        assert_eq!(from(u8::MAX), NEVER);
        assert_eq!(ALWAYS.until(u8::MAX), ALWAYS);
    }
}
