//! The rounding of amounts.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Written;

use crate::quantity::Quantity;

/// Thousandths, as a power of ten.
const MILLI: i32 = -3;

/// Rounds the limits and the requests of a container or of a pod.
pub(super) fn set_resource_requirements(resources: &mut ResourceRequirements) {
    set_resource_list(resources.limits.as_mut());
    set_resource_list(resources.requests.as_mut());
}

/// No amount is finer than a thousandth: what is finer is rounded up.
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
            // An amount that is whole already may still lose its spelling: 1000000n is 1m afterwards. All others keep their text.
            if rounded != spelled {
                *text = rounded;
            }
        }
    }
}

/// Whether a glance at the text leaves it open that the amount is finer than a thousandth. Nearly all amounts need no closer look.
fn may_be_finer_than_milli(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b'.' | b'n' | b'u' | b'e' | b'E'))
}
