//! Rounding of resource amounts.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Written;

use crate::quantity::Quantity;

/// Thousandths, as a power of ten.
const MILLI: i32 = -3;

/// Rounds limits and requests.
pub(super) fn set_resource_requirements(resources: &mut ResourceRequirements) {
    set_resource_list(resources.limits.as_mut());
    set_resource_list(resources.requests.as_mut());
}

/// Rounds amounts up to thousandths.
///
/// Upstream: `core/v1.SetDefaults_ResourceList`.
pub(super) fn set_resource_list(amounts: Option<&mut BTreeMap<String, Written>>) {
    for Written(text) in amounts.into_iter().flat_map(BTreeMap::values_mut) {
        if may_be_finer_than_milli(text)
            && let Ok(mut amount) = Quantity::decode(text)
        {
            let spelled = amount.to_string();
            amount.round_up(MILLI);
            let rounded = amount.to_string();
            // Even an exact amount may get another notation: 1000000n becomes 1m. All others keep their text.
            if rounded != spelled {
                *text = rounded;
            }
        }
    }
}

/// A quick test of the text. `false` means that the amount is not finer than thousandths, as nearly all are.
fn may_be_finer_than_milli(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b'.' | b'n' | b'u' | b'e' | b'E'))
}
