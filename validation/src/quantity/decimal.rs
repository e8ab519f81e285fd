//! Decimal numbers of any length.

use std::cmp::Ordering;
use std::fmt;

/// If the digits of two numbers are further apart than this, their sum is the larger number. The server would need minutes and
/// gigabytes for such a sum.
const WIDEST_SUM: i64 = 1 << 16;

/// A whole number divided by ten to the power of `scale`. The whole number consists of `digits`, followed by `zeros` zeros.
///
/// Upstream: `gopkg.in/inf.v0.Dec`, of which this keeps what can be seen from outside: also the scale, on which some
/// conversions depend.
#[derive(Clone, Debug, Default)]
pub(super) struct Decimal {
    negative: bool,
    /// Digits from 0 to 9, most significant first, without leading or trailing zeros. Empty for zero.
    digits: Vec<u8>,
    zeros: i64,
    scale: i32,
}

impl Decimal {
    /// Makes a number that is not negative.
    pub(super) fn new(mut digits: Vec<u8>, zeros: i64, scale: i32) -> Self {
        let mut zeros = zeros;
        while digits.last() == Some(&0) {
            digits.pop();
            zeros = zeros.saturating_add(1);
        }
        let leading = digits.iter().take_while(|digit| **digit == 0).count();
        digits.drain(..leading);
        if digits.is_empty() {
            zeros = 0;
        }
        Self { negative: false, digits, zeros, scale }
    }

    pub(super) fn from_u128(value: u128, scale: i32) -> Self {
        let digits = value.to_string().bytes().map(|byte| byte & 15).collect();
        Self::new(digits, 0, scale)
    }

    pub(super) fn from_i64(value: i64, scale: i32) -> Self {
        let unsigned = Self::from_u128(u128::from(value.unsigned_abs()), scale);
        Self { negative: value < 0, ..unsigned }
    }

    pub(super) const fn zeros(&self) -> i64 {
        self.zeros
    }

    pub(super) const fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    pub(super) const fn sign(&self) -> i32 {
        match (self.is_zero(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    #[must_use]
    pub(super) fn negated(self) -> Self {
        Self { negative: !self.negative && !self.is_zero(), ..self }
    }

    fn count(&self) -> i64 {
        i64::try_from(self.digits.len()).unwrap_or(i64::MAX)
    }

    /// The power of ten of the last digit.
    fn exponent(&self) -> i64 {
        self.zeros.saturating_sub(i64::from(self.scale))
    }

    /// The number at another scale, rounded away from zero if it does not fit.
    ///
    /// Upstream: `gopkg.in/inf.v0.Dec.Round` with `RoundUp`.
    pub(super) fn rounded_up(&self, scale: i32) -> Self {
        let zeros = self.exponent().saturating_add(i64::from(scale));
        if zeros >= 0 || self.is_zero() {
            return Self { zeros: zeros.max(0), scale, ..self.clone() };
        }
        let dropped = usize::try_from(zeros.unsigned_abs()).unwrap_or(usize::MAX);
        let kept = self.digits.len().saturating_sub(dropped);
        let mut digits: Vec<u8> = self.digits.iter().copied().take(kept).collect();
        // The last digit is never zero, so dropping any digit leaves a remainder.
        increment(&mut digits);
        Self { negative: self.negative, ..Self::new(digits, 0, scale) }
    }

    /// The low 64 bits of the whole number. The server uses them if the number does not fit an `i64`.
    fn low_bits(&self) -> i64 {
        let digits =
            self.digits.iter().fold(0_u64, |sum, digit| sum.wrapping_mul(10).wrapping_add(u64::from(*digit)));
        // The low 64 bits of ten to the power of 64 or more are zero.
        let zeros = u32::try_from(self.zeros).unwrap_or(64).min(64);
        let magnitude = digits.wrapping_mul(10_u64.wrapping_pow(zeros)).cast_signed();
        if self.negative { magnitude.wrapping_neg() } else { magnitude }
    }

    fn whole_is_below_max(&self) -> bool {
        let whole = Self { scale: 0, ..self.clone() };
        whole.compare(&Self::from_i64(i64::MAX, 0)) == Ordering::Less
    }

    /// The number in units of another scale, rounded up. Beyond an `i64` it returns what the server's arithmetic returns.
    ///
    /// Upstream: `apimachinery/api/resource.scaledValue`.
    pub(super) fn scaled_value(&self, wanted: i32) -> i64 {
        let difference = self.scale.wrapping_sub(wanted);
        let factor = || 10_i64.checked_pow(difference.unsigned_abs());
        match difference {
            0 => self.low_bits(),
            // The server computes this factor as a float, and one that is too large becomes the smallest integer.
            i32::MIN..0 => self.low_bits().wrapping_mul(factor().unwrap_or(i64::MIN)),
            1..19 if self.whole_is_below_max() => {
                let (low, factor) = (self.low_bits(), factor().unwrap_or(1));
                let quotient = low.checked_div(factor).unwrap_or_default();
                let exact = low.checked_rem(factor) == Some(0);
                if exact { quotient } else { quotient.wrapping_add(1) }
            }
            _ => {
                let dropped = i64::from(difference).saturating_sub(self.zeros).max(0);
                let kept = self.digits.len().saturating_sub(usize::try_from(dropped).unwrap_or(usize::MAX));
                let quotient = Self {
                    digits: self.digits.iter().copied().take(kept).collect(),
                    zeros: self.zeros.saturating_sub(i64::from(difference)).max(0),
                    ..self.clone()
                };
                let rounds_up = !self.negative && dropped > 0 && !self.is_zero();
                quotient.low_bits().wrapping_add(i64::from(rounds_up))
            }
        }
    }

    /// The number of zeros to print after the digits, and the remaining exponent, which is a multiple of three.
    ///
    /// Upstream: `apimachinery/api/resource.int64Amount.AsCanonicalBytes`,
    /// `apimachinery/api/resource.infDecAmount.AsCanonicalBytes`.
    pub(super) fn in_thousands(&self) -> (i64, i64) {
        let exponent = self.exponent();
        let zeros = exponent.rem_euclid(3);
        (zeros, exponent.saturating_sub(zeros))
    }

    /// Prints the digits, followed by `zeros` zeros.
    pub(super) fn write_digits(&self, zeros: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negative {
            f.write_str("-")?;
        }
        for digit in &self.digits {
            write!(f, "{digit}")?;
        }
        for _ in 0..zeros {
            f.write_str("0")?;
        }
        Ok(())
    }

    /// Divides this whole number by 1024 as often as possible. Returns the quotient and the number of divisions.
    ///
    /// Upstream: `apimachinery/api/resource.removeInt64Factors`, `apimachinery/api/resource.removeBigIntFactors`.
    pub(super) fn without_factors_of_1024(&self) -> (Self, u32) {
        let mut digits = self.digits.clone();
        digits.extend((0..self.zeros.min(WIDEST_SUM)).map(|_| 0));
        let mut times = 0_u32;
        while let Some(quotient) = divided_by_1024(&digits) {
            digits = quotient;
            times = times.saturating_add(1);
        }
        (Self { negative: self.negative, ..Self::new(digits, 0, 0) }, times)
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        match self.sign().cmp(&other.sign()) {
            Ordering::Equal if self.negative => other.compare_magnitude(self),
            Ordering::Equal => self.compare_magnitude(other),
            unequal => unequal,
        }
    }

    /// Compares the absolute values.
    pub(super) fn compare_magnitude(&self, other: &Self) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (false, false) => {}
            (left, right) => return right.cmp(&left),
        }
        let top = |number: &Self| number.exponent().saturating_add(number.count());
        top(self).cmp(&top(other)).then_with(|| self.digits.cmp(&other.digits))
    }

    /// The sum, at the finer scale of the two.
    ///
    /// Upstream: `gopkg.in/inf.v0.Dec.Add`.
    pub(super) fn plus(&self, other: &Self) -> Self {
        let scale = self.scale.max(other.scale);
        if other.is_zero() {
            return self.rounded_up(scale);
        }
        if self.is_zero() {
            return other.rounded_up(scale);
        }
        let (larger, smaller) = match self.compare_magnitude(other) {
            Ordering::Less => (other, self),
            _ => (self, other),
        };
        let bottom = larger.exponent().min(smaller.exponent());
        let width = larger.exponent().saturating_add(larger.count()).saturating_sub(bottom);
        if width > WIDEST_SUM {
            return larger.rounded_up(scale);
        }
        let digits = if larger.negative == smaller.negative {
            combine(&larger.down_to(bottom), &smaller.down_to(bottom), 1)
        } else {
            combine(&larger.down_to(bottom), &smaller.down_to(bottom), -1)
        };
        let zeros = bottom.saturating_add(i64::from(scale));
        let sum = Self::new(digits, zeros, scale);
        Self { negative: larger.negative && !sum.is_zero(), ..sum }
    }

    /// The digits down to the power of ten `exponent`, which is at most that of the last digit. Least significant digit first.
    fn down_to(&self, exponent: i64) -> Vec<u8> {
        let missing = usize::try_from(self.exponent().saturating_sub(exponent)).unwrap_or_default();
        std::iter::repeat_n(0, missing).chain(self.digits.iter().rev().copied()).collect()
    }
}

/// Adds one to the last digit.
fn increment(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit < 9 {
            *digit = digit.saturating_add(1);
            return;
        }
        *digit = 0;
    }
    digits.insert(0, 1);
}

/// `larger + sign * smaller`. Both have the least significant digit first, the result the most significant one.
fn combine(larger: &[u8], smaller: &[u8], sign: i8) -> Vec<u8> {
    let mut digits = Vec::with_capacity(larger.len().saturating_add(1));
    let mut carried = 0_i8;
    let digit_at = |list: &[u8], place: usize| list.get(place).copied().unwrap_or_default().cast_signed();
    for place in 0..larger.len() {
        let sum = digit_at(larger, place)
            .saturating_add(digit_at(smaller, place).saturating_mul(sign))
            .saturating_add(carried);
        digits.push(sum.rem_euclid(10).cast_unsigned());
        carried = sum.div_euclid(10);
    }
    if carried > 0 {
        digits.push(carried.cast_unsigned());
    }
    digits.reverse();
    digits
}

/// The quotient by 1024, if the digits are divisible and not zero.
fn divided_by_1024(digits: &[u8]) -> Option<Vec<u8>> {
    let mut remainder = 0_u32;
    let mut quotient: Vec<u8> = Vec::with_capacity(digits.len());
    for digit in digits {
        let part = remainder.saturating_mul(10).saturating_add(u32::from(*digit));
        quotient.push(u8::try_from(part >> 10).unwrap_or_default());
        remainder = part & 1023;
    }
    (remainder == 0 && quotient.iter().any(|digit| *digit != 0)).then_some(quotient)
}
