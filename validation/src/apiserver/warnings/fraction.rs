//! Fractional amounts of bytes.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Written;

use super::list::Warnings;
use crate::path::Path;
use crate::quantity::Quantity;

/// Warns if the amount of `resource` is not a whole number of bytes.
pub(super) fn warn_about_fraction(
    amounts: Option<&BTreeMap<String, Written>>,
    resource: &str,
    path: &Path<'_>,
    warnings: &mut Warnings,
) {
    let Some(written) = amounts.and_then(|amounts| amounts.get(resource)) else { return };
    let amount = Quantity::of(written);
    if amount.milli_value().checked_rem(1000).is_some_and(|rest| rest != 0) {
        let message = format_args!("fractional byte value \"{amount}\" is invalid, must be an integer");
        warnings.push_of(&path.key(resource), &written.0, message);
    }
}
