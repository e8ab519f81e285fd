//! The answer to the API server: an AdmissionReview that it accepts, whatever the object contains.

use serde::Serialize;

use super::wire::{API_VERSION, KIND};

/// The answer to a review.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Why the request is denied; `None` if it is allowed.
    pub denial: Option<Denial>,
    /// The warnings, in their final form.
    pub warnings: Vec<String>,
    /// The audit annotation: each finding as `rule=level`.
    pub audit: Option<String>,
}

/// Why a request is denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The message that kubectl shows.
    pub message: String,
    /// The same for programs: `status.details.causes`.
    pub causes: Vec<Cause>,
}

/// One reason of a denial.
///
/// Upstream: `apimachinery/pkg/apis/meta/v1.StatusCause`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// The API server's own reason (`metav1.CauseType`), or the id of the rule.
    pub reason: String,
    /// The message.
    pub message: String,
    /// The path of the field.
    pub field: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Review<'a> {
    api_version: &'a str,
    kind: &'a str,
    response: Response<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    uid: &'a str,
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    warnings: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    audit_annotations: Option<AuditAnnotations<'a>>,
}

#[derive(Serialize)]
struct Status<'a> {
    status: &'a str,
    message: &'a str,
    reason: &'a str,
    code: u16,
    details: Details<'a>,
}

#[derive(Serialize)]
struct Details<'a> {
    causes: &'a [Cause],
}

#[derive(Serialize)]
struct AuditAnnotations<'a> {
    findings: &'a str,
}

impl Answer {
    /// Whether the request is allowed.
    pub const fn allowed(&self) -> bool {
        self.denial.is_none()
    }

    /// The body of the answer, as JSON.
    ///
    /// # Errors
    ///
    /// serde_json's error. None is known, because the answer holds only text. The server answers 500 then, and failurePolicy decides.
    pub fn body(&self, uid: &str) -> Result<Vec<u8>, serde_json::Error> {
        let status = self.denial.as_ref().map(|denial| Status {
            status: "Failure",
            message: &denial.message,
            // kubectl shows the name of the webhook with every reason except `Invalid`.
            reason: "Forbidden",
            code: 403,
            details: Details { causes: &denial.causes },
        });
        serde_json::to_vec(&Review {
            api_version: API_VERSION,
            kind: KIND,
            response: Response {
                uid,
                allowed: self.allowed(),
                status,
                warnings: &self.warnings,
                audit_annotations: self.audit.as_deref().map(|findings| AuditAnnotations { findings }),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_findings_is_small() {
        let body = Answer::default().body("u").unwrap();
        assert_eq!(
            String::from_utf8(body).unwrap(),
            r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"u","allowed":true}}"#
        );
    }

    #[test]
    fn a_denial_says_why_to_people_and_programs() {
        let cause = Cause { reason: "lands-nowhere".into(), message: "no node".into(), field: "spec".into() };
        let answer = Answer {
            denial: Some(Denial { message: "spec: no node (lands-nowhere)".into(), causes: vec![cause] }),
            warnings: vec!["w".into()],
            audit: Some("lands-nowhere=deny".into()),
        };
        let body: serde_json::Value = serde_json::from_slice(&answer.body("u").unwrap()).unwrap();
        assert_eq!(body["response"]["status"]["code"], 403);
        assert_eq!(body["response"]["status"]["details"]["causes"][0]["field"], "spec");
        assert_eq!(body["response"]["auditAnnotations"]["findings"], "lands-nowhere=deny");
    }
}
