//! The volumes that containers may refer to.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Volume;

/// The volumes that may be mounted, by name: those about which validation had nothing to say.
pub(super) type VolumeMap<'v> = BTreeMap<&'v str, &'v Volume>;
