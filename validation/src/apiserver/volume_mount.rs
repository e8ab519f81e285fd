//! Volume mounts and volume devices of a container.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{VolumeDevice, VolumeMount};

use crate::apiserver::any_container::AnyContainer;
use crate::apiserver::content::{local_descending_path, path_no_backsteps, report};
use crate::apiserver::error::{BadValue, Errors};
use crate::apiserver::volume_map::VolumeMap;
use crate::path::Path;

/// The volumes of a container's mounts or devices, by name. Of equal names the last one counts.
#[derive(Debug, Default)]
pub(super) struct Mounted<'c> {
    by_name: BTreeMap<&'c str, &'c str>,
    paths: BTreeSet<&'c str>,
}

impl<'c> Mounted<'c> {
    fn of(pairs: impl Iterator<Item = (&'c str, &'c str)>) -> Self {
        let by_name: BTreeMap<_, _> = pairs.collect();
        let paths = by_name.values().copied().collect();
        Self { by_name, paths }
    }

    /// The volumes and paths of the mounts.
    ///
    /// Upstream: `core/validation.GetVolumeMountMap`.
    pub(super) fn of_mounts(mounts: &'c [VolumeMount]) -> Self {
        Self::of(mounts.iter().map(|mount| (mount.name.as_str(), mount.mount_path.as_str())))
    }

    /// The volumes and paths of the devices.
    ///
    /// Upstream: `core/validation.GetVolumeDeviceMap`.
    pub(super) fn of_devices(devices: &'c [VolumeDevice]) -> Self {
        Self::of(devices.iter().map(|device| (device.name.as_str(), device.device_path.as_str())))
    }

    /// Upstream: `core/validation.mountNameAlreadyExists`, `core/validation.deviceNameAlreadyExists`.
    fn has_name(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Upstream: `core/validation.mountPathAlreadyExists`, `core/validation.devicePathAlreadyExists`.
    fn has_path(&self, path: &str) -> bool {
        self.paths.contains(path)
    }
}

/// A mount refers to a volume of the pod. Its path is unique among the mounts and differs from those of the devices.
///
/// Errors about sub-paths and mount propagation have the path of the list, without an index.
///
/// Upstream: `core/validation.ValidateVolumeMounts`, `core/validation.IsMatchedVolume`.
pub(super) fn validate_volume_mounts(
    mounts: &[VolumeMount],
    devices: &Mounted<'_>,
    volumes: &VolumeMap<'_>,
    container: Option<&AnyContainer<'_>>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let mut mount_points = BTreeSet::new();
    for (index, mount) in mounts.iter().enumerate() {
        let item = path.index(index);
        let (name, mount_path) = (mount.name.as_str(), mount.mount_path.as_str());
        if name.is_empty() {
            errors.required(&item.field("name"), "");
        }
        let volume = volumes.get(name);
        if volume.is_none() {
            errors.not_found(&item.field("name"), name);
        }
        if mount_path.is_empty() {
            errors.required(&item.field("mountPath"), "");
        }
        if !mount_points.insert(mount_path) {
            errors.invalid(&item.field("mountPath"), mount_path, "must be unique");
        }
        if devices.has_name(name) {
            errors.invalid(&item.field("name"), name, "must not already exist in volumeDevices");
        }
        if devices.has_path(mount_path) {
            let detail = "must not already exist as a path in volumeDevices";
            errors.invalid(&item.field("mountPath"), mount_path, detail);
        }
        validate_sub_paths(mount, &item, path, errors);
        validate_mount_propagation(
            mount.mount_propagation.as_deref(),
            container,
            &path.field("mountPropagation"),
            errors,
        );
        validate_mount_recursive_read_only(mount, &path.field("recursiveReadOnly"), errors);
        let options = mount.bind_mount_options.as_deref().unwrap_or_default();
        validate_bind_mount_options(options, &item.field("bindMountOptions"), errors);
        if !options.is_empty() && volume.is_some_and(|volume| volume.image.is_some()) {
            let detail = "bindMountOptions may not be used with image volumes";
            errors.invalid(&item.field("bindMountOptions"), BadValue::Omitted, detail);
        }
    }
}

/// `subPath` and `subPathExpr` are relative paths without `..`, and exclude each other.
fn validate_sub_paths(mount: &VolumeMount, item: &Path<'_>, path: &Path<'_>, errors: &mut Errors) {
    let sub_path = mount.sub_path.as_deref().unwrap_or_default();
    let sub_path_expr = mount.sub_path_expr.as_deref().unwrap_or_default();
    if !sub_path.is_empty() {
        report(local_descending_path(sub_path), sub_path, &path.field("subPath"), errors);
    }
    if !sub_path_expr.is_empty() {
        if !sub_path.is_empty() {
            let detail = "subPathExpr and subPath are mutually exclusive";
            errors.invalid(&item.field("subPathExpr"), sub_path_expr, detail);
        }
        report(local_descending_path(sub_path_expr), sub_path_expr, &path.field("subPathExpr"), errors);
    }
}

/// `mountPropagation` is one of three values. `Bidirectional` requires a privileged container.
///
/// Upstream: `core/validation.validateMountPropagation`.
fn validate_mount_propagation(
    propagation: Option<&str>,
    container: Option<&AnyContainer<'_>>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let Some(propagation) = propagation else { return };
    let supported = ["Bidirectional", "HostToContainer", "None"];
    if !supported.contains(&propagation) {
        errors.not_supported(path, propagation, &supported);
    }
    // Without a container this is checked later, when pods are created.
    let Some(container) = container else { return };
    let privileged = container.security_context.and_then(|context| context.privileged).unwrap_or(false);
    if propagation == "Bidirectional" && !privileged {
        errors.forbidden(path, "Bidirectional mount propagation is available only to privileged containers");
    }
}

/// `recursiveReadOnly` requires `readOnly: true` and no mount propagation.
///
/// Upstream: `core/validation.validateMountRecursiveReadOnly`.
fn validate_mount_recursive_read_only(mount: &VolumeMount, path: &Path<'_>, errors: &mut Errors) {
    match mount.recursive_read_only.as_deref() {
        None | Some("Disabled") => {}
        Some("Enabled" | "IfPossible") => {
            if !mount.read_only.unwrap_or(false) {
                errors.forbidden(path, "may only be specified when readOnly is true");
            }
            if mount.mount_propagation.as_deref().is_some_and(|propagation| propagation != "None") {
                let detail = "may only be specified when mountPropagation is None or not specified";
                errors.forbidden(path, detail);
            }
        }
        Some(other) => errors.not_supported(path, other, &["Disabled", "Enabled", "IfPossible"]),
    }
}

/// Bind mount options are one of three values, and unique.
///
/// Upstream: `core/validation.validateBindMountOptions`.
fn validate_bind_mount_options(options: &[String], path: &Path<'_>, errors: &mut Errors) {
    let mut seen = BTreeSet::new();
    for (index, option) in options.iter().enumerate() {
        let supported = ["nodev", "noexec", "nosuid"];
        if !supported.contains(&option.as_str()) {
            errors.not_supported(&path.index(index), option, &supported);
        }
        if !seen.insert(option) {
            errors.duplicate(&path.index(index), option);
        }
    }
}

/// A device refers to a PersistentVolumeClaim or ephemeral volume. Names and paths are unique among the devices and differ from
/// those of the mounts.
///
/// Upstream: `core/validation.ValidateVolumeDevices`, `core/validation.isMatchedDevice`.
pub(super) fn validate_volume_devices(
    devices: &[VolumeDevice],
    mounts: &Mounted<'_>,
    volumes: &VolumeMap<'_>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let mut device_paths = BTreeSet::new();
    let mut device_names = BTreeSet::new();
    for (index, device) in devices.iter().enumerate() {
        let item = path.index(index);
        let (name, device_path) = (device.name.as_str(), device.device_path.as_str());
        if name.is_empty() {
            errors.required(&item.field("name"), "");
        }
        // A missing name is reported above and is not a duplicate.
        if !name.is_empty() && !device_names.insert(name) {
            errors.invalid(&item.field("name"), name, "must be unique");
        }
        match volumes.get(name) {
            None => errors.not_found(&item.field("name"), name),
            Some(volume) if volume.persistent_volume_claim.is_none() && volume.ephemeral.is_none() => {
                let detail =
                    "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
                errors.invalid(&item.field("name"), name, detail);
            }
            Some(_) => {}
        }
        if device_path.is_empty() {
            errors.required(&item.field("devicePath"), "");
        }
        if device_paths.contains(device_path) {
            errors.invalid(&item.field("devicePath"), device_path, "must be unique");
        }
        if path_no_backsteps(device_path).is_empty() {
            device_paths.insert(device_path);
        } else {
            errors.invalid(&item.field("devicePath"), device_path, "can not contain backsteps ('..')");
        }
        if mounts.has_name(name) {
            errors.invalid(&item.field("name"), name, "must not already exist in volumeMounts");
        }
        if mounts.has_path(device_path) {
            let detail = "must not already exist as a path in volumeMounts";
            errors.invalid(&item.field("devicePath"), device_path, detail);
        }
    }
}
