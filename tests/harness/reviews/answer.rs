//! Whether kube-apiserver accepts an answer, and what the answer decides.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

/// What came back over HTTP.
#[derive(Debug, Default)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Seconds of a well-formed Retry-After.
    pub retry_after: Option<i64>,
    /// The content type.
    pub content_type: String,
    /// The whole body.
    pub body: Vec<u8>,
}

/// What an answer says of the admission.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Allowed, with so many warnings.
    Allowed(usize),
    /// Denied, with so many warnings.
    Denied(usize),
    /// The call failed: failurePolicy would decide.
    Failed(String),
}

#[derive(Deserialize)]
struct Review<'a> {
    #[serde(borrow, rename = "apiVersion", default)]
    api_version: Cow<'a, str>,
    #[serde(borrow, default)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    response: Option<Response<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    #[serde(borrow, default)]
    uid: Cow<'a, str>,
    allowed: bool,
    patch: Option<IgnoredAny>,
    patch_type: Option<IgnoredAny>,
    #[serde(default)]
    warnings: Vec<String>,
}

/// Mirrors what k8s.io/apiserver/pkg/admission/plugin/webhook/request.VerifyAdmissionResponse and the client before it
/// demand of a validating webhook's answer.
pub fn verdict(answer: &Answer, uid: &[u8]) -> Verdict {
    if !(200..300).contains(&answer.status) {
        return failed(&format!("status-{}", answer.status));
    }
    // Any well-formed media type will do: k8s.io/apiserver/pkg/util/webhook has one serializer for all of them.
    let media = answer.content_type.split(';').next().unwrap_or_default().trim();
    if media.contains(|letter: char| !letter.is_ascii_graphic() || "()<>@,:\\\"[]?=".contains(letter)) {
        return failed("content-type");
    }
    let review: Review<'_> = match serde_json::from_slice(&answer.body) {
        Ok(review) => review,
        Err(error) if error.to_string().starts_with("trailing characters") => {
            return failed("trailing-bytes");
        }
        Err(_) => return failed("not-json"),
    };
    if review.api_version != "admission.k8s.io/v1" || review.kind != "AdmissionReview" {
        return failed("wrong-kind");
    }
    let Some(response) = review.response else { return failed("no-response") };
    if response.uid.as_bytes() != uid {
        return failed("wrong-uid");
    }
    if response.patch.is_some() || response.patch_type.is_some() {
        return failed("patch");
    }
    if response.warnings.iter().any(|warning| warning.contains(['\n', '\t'])) {
        return failed("warning-that-is-dropped");
    }
    if response.allowed {
        Verdict::Allowed(response.warnings.len())
    } else {
        Verdict::Denied(response.warnings.len())
    }
}

fn failed(kind: &str) -> Verdict {
    Verdict::Failed(kind.to_owned())
}
