//! Amounts of bytes that are not whole.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Written;

use super::list::Warnings;
use crate::path::Path;
use crate::quantity::Quantity;

/// Nobody can have half a byte of `resource`.
pub(super) fn warn_of_fraction(
    amounts: Option<&BTreeMap<String, Written>>,
    resource: &str,
    path: &Path<'_>,
    warnings: &mut Warnings,
) {
    let Some(amount) = amounts.and_then(|amounts| amounts.get(resource)).map(Quantity::of) else { return };
    if amount.milli_value().checked_rem(1000).is_some_and(|rest| rest != 0) {
        let message = format_args!("fractional byte value \"{amount}\" is invalid, must be an integer");
        warnings.push(&path.key(resource), message);
    }
}
