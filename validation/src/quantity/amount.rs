//! Amounts: an `i64` scaled by a power of ten, or a decimal number of any length.

use std::cmp::Ordering;

use super::decimal::Decimal;
use super::format::Scale;

/// An amount. The server uses the `Int` form as long as it can, and the two forms behave differently beyond an `i64`.
#[derive(Clone, Debug)]
pub(super) enum Amount {
    /// `value` times ten to the `scale`.
    Int {
        /// The digits.
        value: i64,
        /// The power of ten.
        scale: Scale,
    },
    /// Any amount.
    Dec(Decimal),
}

impl Default for Amount {
    fn default() -> Self {
        Self::Int { value: 0, scale: 0 }
    }
}

/// Ten to the power of `exponent`, if it fits an `i64`.
fn power_of_ten(exponent: Scale) -> Option<i64> {
    10_i64.checked_pow(u32::try_from(exponent).ok()?)
}

/// `value` times ten to the power of `scale`; `None` if it does not fit an `i64`.
///
/// Upstream: `apimachinery/api/resource.positiveScaleInt64`.
fn scaled_up(value: i64, scale: Scale) -> Option<i64> {
    // A negative scale comes from a difference that wrapped around. The server's loop does nothing in that case.
    if scale <= 0 || value == 0 {
        return Some(value);
    }
    value.checked_mul(power_of_ten(scale)?)
}

/// Like [`scaled_up`], without the overflow check. On overflow the server's shortcuts for common powers keep the low 64 bits of the
/// product, and its loop returns zero.
fn overflowing_scaled_up(value: i64, scale: Scale) -> i64 {
    let lower_half = || match (scale, value) {
        (_, i64::MIN) => 0,
        (1 | 2 | 3 | 6 | 9, _) => value.wrapping_mul(power_of_ten(scale).unwrap_or(0)),
        _ => 0,
    };
    scaled_up(value, scale).unwrap_or_else(lower_half)
}

/// `value` divided by ten to the power of `scale`, rounded away from zero, and whether the division was exact.
///
/// Upstream: `apimachinery/api/resource.negativeScaleInt64`.
fn scaled_down(value: i64, scale: Scale) -> (i64, bool) {
    if scale <= 0 || value == 0 {
        return (value, true);
    }
    let Some(divisor) = power_of_ten(scale) else {
        return (value.signum(), false);
    };
    let quotient = value.checked_div(divisor).unwrap_or_default();
    if value.checked_rem(divisor) == Some(0) {
        (quotient, true)
    } else {
        (quotient.saturating_add(value.signum()), false)
    }
}

/// Compares `left` times ten to the power of `gap` with `right`.
///
/// Upstream: `apimachinery/api/resource.divideByScaleInt64`.
fn compare_scaled(left: i64, right: i64, gap: i64) -> Ordering {
    let power = u32::try_from(gap).ok().and_then(|gap| 10_i128.checked_pow(gap));
    match power.and_then(|power| i128::from(left).checked_mul(power)) {
        Some(left) => left.cmp(&i128::from(right)),
        // A product beyond an `i128` is larger than `right`, unless `left` is zero.
        None if left == 0 => 0.cmp(&right),
        None => left.cmp(&0),
    }
}

impl Amount {
    pub(super) fn to_decimal(&self) -> Decimal {
        match self {
            Self::Int { value, scale } => Decimal::from_i64(*value, scale.wrapping_neg()),
            Self::Dec(decimal) => decimal.clone(),
        }
    }

    pub(super) fn sign(&self) -> i32 {
        match self {
            Self::Int { value, .. } if *value > 0 => 1,
            Self::Int { value, .. } if *value < 0 => -1,
            Self::Int { .. } => 0,
            Self::Dec(decimal) => decimal.sign(),
        }
    }

    /// Upstream: `apimachinery/api/resource.int64Amount.AsScaledInt64`, `apimachinery/api/resource.scaledValue`.
    pub(super) fn scaled_value(&self, wanted: Scale) -> i64 {
        match self {
            Self::Int { value, scale } if *scale < wanted => {
                scaled_down(*value, wanted.wrapping_sub(*scale)).0
            }
            Self::Int { value, scale } => overflowing_scaled_up(*value, scale.wrapping_sub(wanted)),
            Self::Dec(decimal) => decimal.scaled_value(wanted.wrapping_neg()),
        }
    }

    /// Rounds the amount up to units of ten to the power of `wanted`, and tells whether it was exact.
    ///
    /// Upstream: `apimachinery/api/resource.int64Amount.AsScale`, `apimachinery/api/resource.infDecAmount.AsScale`.
    pub(super) fn as_scale(&self, wanted: Scale) -> (Self, bool) {
        match self {
            Self::Int { scale, .. } if *scale >= wanted => (self.clone(), true),
            Self::Int { value, scale } => {
                let (value, exact) = scaled_down(*value, wanted.wrapping_sub(*scale));
                (Self::Int { value, scale: wanted }, exact)
            }
            Self::Dec(decimal) => {
                let rounded = decimal.rounded_up(wanted.wrapping_neg());
                let exact = rounded.compare(decimal) == Ordering::Equal;
                (Self::Dec(rounded), exact)
            }
        }
    }

    /// The amount, if it is a whole number of at least 1024 or at most -1024. Only such amounts are printed with binary suffixes.
    pub(super) fn whole_above_1023(&self) -> Option<Decimal> {
        let decimal = self.to_decimal();
        let limit = Decimal::from_i64(1024, 0);
        if decimal.compare_magnitude(&limit) == Ordering::Less {
            return None;
        }
        let whole = decimal.rounded_up(0);
        (whole.compare(&decimal) == Ordering::Equal).then_some(whole)
    }

    /// Upstream: `apimachinery/api/resource.int64Amount.Add`.
    pub(super) fn plus(&self, other: &Self) -> Self {
        let small = match (self, other) {
            (_, Self::Int { value: 0, .. }) if matches!(self, Self::Int { .. }) => Some(self.clone()),
            (Self::Int { value: 0, .. }, Self::Int { .. }) => Some(other.clone()),
            (Self::Int { value, scale }, Self::Int { value: more, scale: other_scale }) => {
                let common = *scale.min(other_scale);
                let sum = scaled_up(*value, scale.wrapping_sub(common))
                    .and_then(|value| value.checked_add(scaled_up(*more, other_scale.wrapping_sub(common))?));
                sum.map(|value| Self::Int { value, scale: common })
            }
            _ => None,
        };
        small.unwrap_or_else(|| Self::Dec(self.to_decimal().plus(&other.to_decimal())))
    }

    /// The amount with the other sign.
    pub(super) fn negated(&self) -> Self {
        match self {
            Self::Int { value, scale } => match value.checked_neg() {
                Some(value) => Self::Int { value, scale: *scale },
                None => Self::Dec(self.to_decimal().negated()),
            },
            Self::Dec(decimal) => Self::Dec(decimal.clone().negated()),
        }
    }

    /// Compares by value, whatever the form.
    ///
    /// Upstream: `apimachinery/api/resource.int64Amount.Cmp`.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Int { value, scale }, Self::Int { value: right, scale: right_scale }) => {
                match i64::from(*scale).saturating_sub(i64::from(*right_scale)) {
                    gap @ 0.. => compare_scaled(*value, *right, gap),
                    gap => compare_scaled(*right, *value, gap.saturating_neg()).reverse(),
                }
            }
            _ => self.to_decimal().compare(&other.to_decimal()),
        }
    }
}
