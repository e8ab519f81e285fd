//! No volume is a path of the host.
//!
//! Upstream: `pod-security-admission/policy.CheckHostPathVolumes`.

use crate::admission::pod_security::check::{Check, CheckVersion};
use crate::admission::pod_security::check_id::PodSecurityCheck;
use crate::admission::pod_security::level::PodSecurityLevel;
use crate::admission::pod_security::subject::Subject;
use crate::admission::pod_security::violation::{Forbidden, Wanted, change};
use crate::admission::pod_security::words::{join_quoted, plural};

pub(super) const CHECK: Check = Check {
    id: PodSecurityCheck::HostPathVolumes,
    level: PodSecurityLevel::Baseline,
    versions: &[CheckVersion { since: 0, run: since_0, overrides: None }],
};

fn since_0(pod: Subject<'_>) -> Option<Forbidden> {
    let (mut names, mut changes) = (Vec::new(), Vec::new());
    for (index, volume) in pod.spec.volumes.iter().flatten().enumerate() {
        if volume.host_path.is_some() {
            names.push(volume.name.as_str());
            let path = Subject::path().field("volumes").index(index).field("hostPath");
            changes.push(change(path, Wanted::AnotherVolumeSource));
        }
    }
    let word = plural(names.len(), "volume", "volumes");
    (!names.is_empty()).then(|| Forbidden {
        reason: "hostPath volumes",
        detail: format!("{word} {}", join_quoted(names)),
        changes,
    })
}
