//! Actions of probes and lifecycle hooks: `exec`, `httpGet`, `tcpSocket`, `grpc` and `sleep`.

use k8s_openapi::api::core::v1::{
    ExecAction, GRPCAction, HTTPGetAction, LifecycleHandler, Probe, SleepAction, TCPSocketAction,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::apiserver::content::{is_http_header_name, is_valid_port_name, is_valid_port_num, report};
use crate::apiserver::error::Errors;
use crate::path::Path;

/// The actions of a probe or a lifecycle hook.
///
/// Upstream: `core/validation.commonHandler`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handler<'h> {
    exec: Option<&'h ExecAction>,
    http_get: Option<&'h HTTPGetAction>,
    tcp_socket: Option<&'h TCPSocketAction>,
    grpc: Option<&'h GRPCAction>,
    sleep: Option<&'h SleepAction>,
}

/// Upstream: `core/validation.handlerFromProbe`.
impl<'h> From<&'h Probe> for Handler<'h> {
    fn from(probe: &'h Probe) -> Self {
        Self {
            exec: probe.exec.as_ref(),
            http_get: probe.http_get.as_ref(),
            tcp_socket: probe.tcp_socket.as_ref(),
            grpc: probe.grpc.as_ref(),
            sleep: None,
        }
    }
}

/// Upstream: `core/validation.handlerFromLifecycle`.
impl<'h> From<&'h LifecycleHandler> for Handler<'h> {
    fn from(hook: &'h LifecycleHandler) -> Self {
        Self {
            exec: hook.exec.as_ref(),
            http_get: hook.http_get.as_ref(),
            tcp_socket: hook.tcp_socket.as_ref(),
            grpc: None,
            sleep: hook.sleep.as_ref(),
        }
    }
}

/// Exactly one action must be set. Only the first one in upstream's order is checked; the others are forbidden.
///
/// Upstream: `core/validation.validateHandler`.
pub(super) fn validate_handler(
    handler: Handler<'_>,
    grace_period: i64,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let mut found = false;
    let mut is_first = |name: &str, errors: &mut Errors| {
        if found {
            errors.forbidden(&path.field(name), "may not specify more than 1 handler type");
        }
        !std::mem::replace(&mut found, true)
    };
    if let Some(exec) = handler.exec
        && is_first("exec", errors)
    {
        validate_exec_action(exec, &path.field("exec"), errors);
    }
    if let Some(http_get) = handler.http_get
        && is_first("httpGet", errors)
    {
        validate_http_get_action(http_get, &path.field("httpGet"), errors);
    }
    if let Some(tcp_socket) = handler.tcp_socket
        && is_first("tcpSocket", errors)
    {
        validate_tcp_socket_action(tcp_socket, &path.field("tcpSocket"), errors);
    }
    if let Some(grpc) = handler.grpc
        && is_first("grpc", errors)
    {
        validate_grpc_action(grpc, &path.field("grpc"), errors);
    }
    if let Some(sleep) = handler.sleep
        && is_first("sleep", errors)
    {
        validate_sleep_action(sleep, grace_period, &path.field("sleep"), errors);
    }
    if !found {
        errors.required(path, "must specify a handler type");
    }
}

/// Upstream: `core/validation.validateExecAction`.
fn validate_exec_action(exec: &ExecAction, path: &Path<'_>, errors: &mut Errors) {
    if exec.command.as_deref().unwrap_or_default().is_empty() {
        errors.required(&path.field("command"), "");
    }
}

/// `httpGet` has a path, a port and a scheme. HTTP/2 without TLS excludes the scheme HTTPS and a host.
///
/// The path of an invalid header name has no index.
///
/// Upstream: `core/validation.validateHTTPGetAction`.
fn validate_http_get_action(http: &HTTPGetAction, path: &Path<'_>, errors: &mut Errors) {
    if http.path.as_deref().unwrap_or_default().is_empty() {
        errors.required(&path.field("path"), "");
    }
    validate_port_num_or_name(&http.port, &path.field("port"), errors);
    let scheme = http.scheme.as_deref().unwrap_or_default();
    if !matches!(scheme, "HTTP" | "HTTPS") {
        errors.not_supported(&path.field("scheme"), scheme, &["HTTP", "HTTPS"]);
    }
    for header in http.http_headers.iter().flatten() {
        report(is_http_header_name(&header.name), &header.name, &path.field("httpHeaders"), errors);
    }
    let host = http.host.as_deref().unwrap_or_default();
    match http.protocol.as_deref() {
        None | Some("HTTP1") => {}
        Some(protocol @ "HTTP2") if scheme != "HTTP" => {
            errors.invalid(&path.field("protocol"), protocol, "is only supported with HTTP (H2C)");
        }
        Some("HTTP2") if !host.is_empty() => {
            errors.invalid(&path.field("host"), host, "must be empty when `protocol` is \"HTTP2\"");
        }
        Some("HTTP2") => {}
        Some(other) => errors.not_supported(&path.field("protocol"), other, &["HTTP1", "HTTP2"]),
    }
}

/// A port is a number or a port name.
///
/// Upstream: `core/validation.ValidatePortNumOrName`.
fn validate_port_num_or_name(port: &IntOrString, path: &Path<'_>, errors: &mut Errors) {
    match port {
        IntOrString::Int(number) => report(is_valid_port_num((*number).into()), *number, path, errors),
        IntOrString::String(name) => report(is_valid_port_name(name), name, path, errors),
    }
}

/// Upstream: `core/validation.validateTCPSocketAction`.
fn validate_tcp_socket_action(tcp: &TCPSocketAction, path: &Path<'_>, errors: &mut Errors) {
    validate_port_num_or_name(&tcp.port, &path.field("port"), errors);
}

/// Upstream: `core/validation.validateGRPCAction`.
fn validate_grpc_action(grpc: &GRPCAction, path: &Path<'_>, errors: &mut Errors) {
    report(is_valid_port_num(grpc.port.into()), grpc.port, &path.field("port"), errors);
    if let Some(mode) = grpc.mode.as_deref()
        && !matches!(mode, "Plaintext" | "TLS")
    {
        errors.not_supported(&path.field("mode"), mode, &["Plaintext", "TLS"]);
    }
}

/// A sleep takes at most the termination grace period. (The message says less than.)
///
/// The gate for a sleep of zero seconds is locked to on in every supported minor.
///
/// Upstream: `core/validation.validateSleepAction`.
fn validate_sleep_action(sleep: &SleepAction, grace_period: i64, path: &Path<'_>, errors: &mut Errors) {
    if sleep.seconds < 0 || sleep.seconds > grace_period {
        let detail =
            format!("must be non-negative and less than terminationGracePeriodSeconds ({grace_period})");
        errors.invalid(path, sleep.seconds, detail);
    }
}
