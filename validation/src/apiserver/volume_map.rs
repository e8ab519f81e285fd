//! The valid volumes of a pod by name.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Volume;

/// The valid volumes by name.
pub(super) type VolumeMap<'v> = BTreeMap<&'v str, &'v Volume>;
