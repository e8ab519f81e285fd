//! Two tolerations of 300 s for pods that tolerate neither `not-ready` nor `unreachable`.

use k8s_openapi::api::core::v1::{PodSpec, Toleration};

use super::pod::exists;

/// The taints of a node that is lost, in the order in which the plugin adds tolerations of them.
const LOST: [&str; 2] = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

const NO_EXECUTE: &str = "NoExecute";

/// How many seconds a pod stays on such a node.
const SECONDS: i64 = 300;

/// Adds the tolerations that are missing. Daemon pods have both of them from their controller.
///
/// Upstream: `plugin/admission/defaulttolerationseconds.Plugin.Admit`.
pub(super) fn admit(spec: &mut PodSpec) {
    let known = spec.tolerations.as_deref().unwrap_or_default();
    let missing = LOST.map(|key| !known.iter().any(|toleration| concerns(toleration, key)));
    let added = LOST.into_iter().zip(missing).filter(|(_, missing)| *missing);
    let added: Vec<Toleration> = added.map(|(key, _)| exists(key, NO_EXECUTE, Some(SECONDS))).collect();
    if !added.is_empty() {
        spec.tolerations.get_or_insert_default().extend(added);
    }
}

/// Whether a toleration is of this key or all keys, and of this effect or all effects. Its value does not matter.
fn concerns(toleration: &Toleration, key: &str) -> bool {
    let is = |text: &Option<String>, wanted: &str| {
        let text = text.as_deref().unwrap_or_default();
        text.is_empty() || text == wanted
    };
    is(&toleration.key, key) && is(&toleration.effect, NO_EXECUTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_added_once() {
        let mut spec = PodSpec::default();
        admit(&mut spec);
        let both = spec.clone();
        let tolerations = spec.tolerations.as_deref().unwrap_or_default();
        assert!(tolerations.iter().map(|one| one.key.as_deref()).eq(LOST.map(Some)));
        assert!(tolerations.iter().all(|one| one.toleration_seconds == Some(300)));
        admit(&mut spec);
        assert_eq!(spec, both);
    }

    #[test]
    fn one_that_concerns_the_taint_keeps_it_out() {
        let of = |key: Option<&str>, effect: Option<&str>| Toleration {
            key: key.map(str::to_owned),
            effect: effect.map(str::to_owned),
            ..Toleration::default()
        };
        for (known, added) in [
            (of(None, None), 0),
            (of(None, Some(NO_EXECUTE)), 0),
            (of(Some(LOST[0]), None), 1),
            (of(Some(LOST[1]), Some(NO_EXECUTE)), 1),
            (of(Some(LOST[1]), Some("NoSchedule")), 2),
            (of(Some("other"), None), 2),
        ] {
            let mut spec = PodSpec { tolerations: Some(vec![known.clone()]), ..PodSpec::default() };
            admit(&mut spec);
            assert_eq!(spec.tolerations.map(|all| all.len()), Some(1 + added), "{known:?}");
        }
    }
}
