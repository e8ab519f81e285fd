//! Pod affinity terms that match no pods.

use k8s_openapi::api::core::v1::{PodAffinityTerm, PodSpec, WeightedPodAffinityTerm};

use super::list::Warnings;
use crate::path::Path;

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// A term without a label selector matches no pods.
pub(super) fn warn_about_null_selectors(spec: &PodSpec, path: &Path<'_>, warnings: &mut Warnings) {
    let Some(affinity) = &spec.affinity else { return };
    if let Some(affinity) = &affinity.pod_affinity {
        let path = path.field("affinity.podAffinity");
        let required = affinity.required_during_scheduling_ignored_during_execution.as_deref();
        warnings_for_pod_affinity_terms(required, &path.field(REQUIRED), warnings);
        let preferred = affinity.preferred_during_scheduling_ignored_during_execution.as_deref();
        warnings_for_weighted_pod_affinity_terms(preferred, &path.field(PREFERRED), warnings);
    }
    if let Some(affinity) = &affinity.pod_anti_affinity {
        let path = path.field("affinity.podAntiAffinity");
        let required = affinity.required_during_scheduling_ignored_during_execution.as_deref();
        warnings_for_pod_affinity_terms(required, &path.field(REQUIRED), warnings);
        let preferred = affinity.preferred_during_scheduling_ignored_during_execution.as_deref();
        warnings_for_weighted_pod_affinity_terms(preferred, &path.field(PREFERRED), warnings);
    }
}

/// Upstream: `api/pod.warningsForPodAffinityTerms`.
fn warnings_for_pod_affinity_terms(
    terms: Option<&[PodAffinityTerm]>,
    path: &Path<'_>,
    warnings: &mut Warnings,
) {
    for (index, term) in terms.into_iter().flatten().enumerate() {
        warn_about_null_selector(term, &path.index(index), warnings);
    }
}

/// Upstream: `api/pod.warningsForWeightedPodAffinityTerms`.
fn warnings_for_weighted_pod_affinity_terms(
    terms: Option<&[WeightedPodAffinityTerm]>,
    path: &Path<'_>,
    warnings: &mut Warnings,
) {
    for (index, term) in terms.into_iter().flatten().enumerate() {
        warn_about_null_selector(
            &term.pod_affinity_term,
            &path.index(index).field("podAffinityTerm"),
            warnings,
        );
    }
}

fn warn_about_null_selector(term: &PodAffinityTerm, path: &Path<'_>, warnings: &mut Warnings) {
    if term.label_selector.is_none() {
        let message = format_args!("a null labelSelector results in matching no pod");
        warnings.push(&path.field("labelSelector"), message);
    }
}
