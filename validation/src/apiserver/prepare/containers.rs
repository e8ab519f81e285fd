//! Gated fields of containers.

use k8s_openapi::api::core::v1::{HTTPGetAction, Lifecycle, PodSpec, Probe, VolumeMount};

/// Runs the same code for each container of all three lists, which have two types with the same fields.
macro_rules! each_container {
    ($spec:expr, $container:ident => $body:expr) => {
        for $container in $spec.init_containers.iter_mut().flatten() {
            $body
        }
        for $container in &mut $spec.containers {
            $body
        }
        for $container in $spec.ephemeral_containers.iter_mut().flatten() {
            $body
        }
    };
}

/// Upstream: `api/pod.dropDisabledGRPCContainerProbeTLS`, `api/pod.dropProbeGRPCTLS`, `api/pod.grpcProbeModeInUse`,
/// `api/pod.probeHasGRPCMode`.
pub(super) fn clear_grpc_modes(spec: &mut PodSpec) -> bool {
    let mut found = false;
    let mut clear = |probe: &mut Option<Probe>| {
        let grpc = probe.as_mut().and_then(|probe| probe.grpc.as_mut());
        found |= grpc.is_some_and(|grpc| grpc.mode.take().is_some());
    };
    each_container!(spec, container => {
        clear(&mut container.liveness_probe);
        clear(&mut container.readiness_probe);
        clear(&mut container.startup_probe);
    });
    found
}

/// Upstream: `api/pod.dropHTTPProbeProtocol`, `api/pod.httpProbeProtocolInUse`.
pub(super) fn clear_http_protocols(spec: &mut PodSpec) -> bool {
    let mut found = false;
    let mut clear = |action: Option<&mut HTTPGetAction>| {
        found |= action.is_some_and(|action| action.protocol.take().is_some());
    };
    each_container!(spec, container => {
        let probes = [&mut container.liveness_probe, &mut container.readiness_probe, &mut container.startup_probe];
        for probe in probes.into_iter().flatten() {
            clear(probe.http_get.as_mut());
        }
        if let Some(lifecycle) = &mut container.lifecycle {
            for handler in [&mut lifecycle.post_start, &mut lifecycle.pre_stop].into_iter().flatten() {
                clear(handler.http_get.as_mut());
            }
        }
    });
    found
}

/// Without its stop signal, an otherwise empty `lifecycle` is removed.
///
/// Upstream: `api/pod.dropContainerStopSignals`, `api/pod.containerStopSignalsInUse`.
pub(super) fn clear_stop_signals(spec: &mut PodSpec) -> bool {
    let mut found = false;
    let mut clear = |lifecycle: &mut Option<Lifecycle>| {
        if lifecycle.as_mut().is_some_and(|lifecycle| lifecycle.stop_signal.take().is_some()) {
            found = true;
            lifecycle.take_if(|lifecycle| *lifecycle == Lifecycle::default());
        }
    };
    each_container!(spec, container => clear(&mut container.lifecycle));
    found
}

/// Upstream: `api/pod.bindMountOptionsInUse`.
pub(super) fn clear_bind_mount_options(spec: &mut PodSpec) -> bool {
    let mut found = false;
    let mut clear = |mounts: &mut Option<Vec<VolumeMount>>| {
        for mount in mounts.iter_mut().flatten() {
            found |= mount.bind_mount_options.take().is_some_and(|options| !options.is_empty());
        }
    };
    each_container!(spec, container => clear(&mut container.volume_mounts));
    found
}
