//! Conversion from the versioned to the internal type, between defaulting and validation.

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::apiserver::content::quote;
use crate::gates::Change;
use crate::server::Server;

/// The annotation for the former field `templateGeneration`.
pub(in crate::apiserver) const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

/// The annotations for init containers before they were fields.
pub(in crate::apiserver) const INIT_CONTAINER_ANNOTATIONS: [&str; 4] = [
    "pod.beta.kubernetes.io/init-containers",
    "pod.alpha.kubernetes.io/init-containers",
    "pod.beta.kubernetes.io/init-container-statuses",
    "pod.alpha.kubernetes.io/init-container-statuses",
];

/// An invalid template generation. The server rejects the request before validation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::apiserver) struct UnreadableGeneration {
    /// The server's message.
    pub(in crate::apiserver) message: String,
}

/// Removes from the object what the internal type does not keep, and returns the template generation, or 0.
///
/// Upstream: `apps/v1.Convert_v1_DaemonSet_To_apps_DaemonSet`.
pub(in crate::apiserver) fn convert_to_internal(
    daemon_set: &mut DaemonSet,
    server: &Server,
) -> Result<i64, UnreadableGeneration> {
    convert_template(&mut daemon_set.spec.template, server);
    take_template_generation(&mut daemon_set.metadata)
}

/// Removes from the template what the internal type does not keep.
///
/// Upstream: `core/v1.Convert_v1_PodTemplateSpec_To_core_PodTemplateSpec`, `core/v1.dropInitContainerAnnotations`,
/// `core/v1.Convert_v1_PodSpec_To_core_PodSpec`.
pub(in crate::apiserver) fn convert_template(template: &mut PodTemplateSpec, server: &Server) {
    if server.has(Change::KeepsInitContainerAnnotations) {
        return;
    }
    if let Some(annotations) = template.metadata.as_mut().and_then(|meta| meta.annotations.as_mut()) {
        for key in INIT_CONTAINER_ANNOTATIONS {
            annotations.remove(key);
        }
    }
}

/// Removes the template generation from the annotations and returns it, or 0.
pub(in crate::apiserver) fn take_template_generation(
    metadata: &mut ObjectMeta,
) -> Result<i64, UnreadableGeneration> {
    let annotations = metadata.annotations.as_mut();
    match annotations.and_then(|annotations| annotations.remove(TEMPLATE_GENERATION)) {
        Some(text) => parse_int(&text).map_err(|reason| UnreadableGeneration {
            message: format!("strconv.ParseInt: parsing {}: {reason}", quote(&text)),
        }),
        None => Ok(0),
    }
}

/// Parses a decimal number as Go's `strconv.ParseInt` does, with the error that Go finds first.
fn parse_int(text: &str) -> Result<i64, &'static str> {
    const SYNTAX: &str = "invalid syntax";
    const RANGE: &str = "value out of range";
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() {
        return Err(SYNTAX);
    }
    let mut magnitude = 0_u64;
    for byte in digits.bytes() {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10).ok_or(SYNTAX)?;
        magnitude =
            magnitude.checked_mul(10).and_then(|tens| tens.checked_add(u64::from(digit))).ok_or(RANGE)?;
    }
    let number = if negative { 0_i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() };
    number.ok_or(RANGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_go_reads_them() {
        for (text, expected) in [
            ("7", Ok(7)),
            ("+7", Ok(7)),
            ("-9223372036854775808", Ok(i64::MIN)),
            ("9223372036854775808", Err("value out of range")),
            ("9223372036854775808x", Err("invalid syntax")),
            ("99999999999999999999x", Err("value out of range")),
            ("", Err("invalid syntax")),
            ("+", Err("invalid syntax")),
            ("1_0", Err("invalid syntax")),
        ] {
            assert_eq!(parse_int(text), expected, "{text}");
        }
    }
}
