//! Lifecycle hooks and the stop signal.

use k8s_openapi::api::core::v1::{Lifecycle, PodOS};

use crate::apiserver::error::Errors;
use crate::apiserver::handler::validate_handler;
use crate::path::Path;

/// The signals of Linux, in the order in which the server prints them.
///
/// Upstream: `core/validation.supportedStopSignalsLinux`.
const LINUX_SIGNALS: &[&str] = &[
    "SIGABRT",
    "SIGALRM",
    "SIGBUS",
    "SIGCHLD",
    "SIGCLD",
    "SIGCONT",
    "SIGFPE",
    "SIGHUP",
    "SIGILL",
    "SIGINT",
    "SIGIO",
    "SIGIOT",
    "SIGKILL",
    "SIGPIPE",
    "SIGPOLL",
    "SIGPROF",
    "SIGPWR",
    "SIGQUIT",
    "SIGRTMAX",
    "SIGRTMAX-1",
    "SIGRTMAX-10",
    "SIGRTMAX-11",
    "SIGRTMAX-12",
    "SIGRTMAX-13",
    "SIGRTMAX-14",
    "SIGRTMAX-2",
    "SIGRTMAX-3",
    "SIGRTMAX-4",
    "SIGRTMAX-5",
    "SIGRTMAX-6",
    "SIGRTMAX-7",
    "SIGRTMAX-8",
    "SIGRTMAX-9",
    "SIGRTMIN",
    "SIGRTMIN+1",
    "SIGRTMIN+10",
    "SIGRTMIN+11",
    "SIGRTMIN+12",
    "SIGRTMIN+13",
    "SIGRTMIN+14",
    "SIGRTMIN+15",
    "SIGRTMIN+2",
    "SIGRTMIN+3",
    "SIGRTMIN+4",
    "SIGRTMIN+5",
    "SIGRTMIN+6",
    "SIGRTMIN+7",
    "SIGRTMIN+8",
    "SIGRTMIN+9",
    "SIGSEGV",
    "SIGSTKFLT",
    "SIGSTOP",
    "SIGSYS",
    "SIGTERM",
    "SIGTRAP",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGURG",
    "SIGUSR1",
    "SIGUSR2",
    "SIGVTALRM",
    "SIGWINCH",
    "SIGXCPU",
    "SIGXFSZ",
];

/// The signals of Windows.
///
/// Upstream: `core/validation.supportedStopSignalsWindows`.
const WINDOWS_SIGNALS: &[&str] = &["SIGKILL", "SIGTERM"];

/// Hooks have exactly one action each, and the stop signal exists on the pod's operating system.
///
/// Upstream: `core/validation.validateLifecycle`.
pub(super) fn validate_lifecycle(
    lifecycle: &Lifecycle,
    grace_period: i64,
    path: &Path<'_>,
    pod_os: Option<&PodOS>,
    errors: &mut Errors,
) {
    if let Some(hook) = &lifecycle.post_start {
        validate_handler(hook.into(), grace_period, &path.field("postStart"), errors);
    }
    if let Some(hook) = &lifecycle.pre_stop {
        validate_handler(hook.into(), grace_period, &path.field("preStop"), errors);
    }
    if let Some(signal) = &lifecycle.stop_signal {
        validate_stop_signal(signal, &path.field("stopSignal"), pod_os, errors);
    }
}

/// A stop signal requires `spec.os.name`.
///
/// Upstream: `core/validation.validateStopSignal`.
fn validate_stop_signal(signal: &str, path: &Path<'_>, pod_os: Option<&PodOS>, errors: &mut Errors) {
    let Some(pod_os) = pod_os else {
        errors.forbidden(path, "may not be set for containers with empty `spec.os.name`");
        return;
    };
    let supported = match pod_os.name.as_str() {
        "windows" => WINDOWS_SIGNALS,
        "linux" => LINUX_SIGNALS,
        _ => return,
    };
    if !supported.contains(&signal) {
        errors.not_supported(path, signal, supported);
    }
}

#[cfg(test)]
mod tests {
    use super::{LINUX_SIGNALS, WINDOWS_SIGNALS};

    #[test]
    fn signals_are_printed_in_order() {
        assert!(LINUX_SIGNALS.is_sorted() && WINDOWS_SIGNALS.is_sorted());
        assert_eq!(LINUX_SIGNALS.len(), 65);
    }
}
