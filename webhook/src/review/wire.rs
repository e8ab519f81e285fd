//! The AdmissionReview that kube-apiserver sends, read without copying. Fields that the webhook does not use are skipped.

use std::borrow::Cow;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;

/// The annotation by which a self-test asks for a warning that proves that its dry run reached this webhook.
pub(crate) const SELF_TEST: &str = "daemonset-webhook/self-test";

/// `apiVersion` of requests and answers.
pub(super) const API_VERSION: &str = "admission.k8s.io/v1";

/// `kind` of requests and answers.
pub(super) const KIND: &str = "AdmissionReview";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a, N: Deserialize<'de>, O: Deserialize<'de>"))]
struct Envelope<'a, N, O> {
    #[serde(borrow, default)]
    api_version: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    kind: Option<Cow<'a, str>>,
    #[serde(default = "none")]
    request: Option<Request<'a, N, O>>,
}

const fn none<T>() -> Option<T> {
    None
}

/// The request in a review. `N` and `O` are how the object and the old object are read: the fast path and the full check differ in that.
///
/// Upstream: `api/admission/v1.AdmissionRequest`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a, N: Deserialize<'de>, O: Deserialize<'de>"))]
pub struct Request<'a, N, O = N> {
    /// Identifies the request; the answer repeats it.
    #[serde(borrow, default)]
    pub uid: Cow<'a, str>,
    /// The type of the object, as the rules of the webhook configuration matched it.
    #[serde(borrow, default)]
    pub kind: GroupVersionKind<'a>,
    /// The subresource, such as `status`; empty for the object itself.
    #[serde(borrow, default)]
    pub sub_resource: Option<Cow<'a, str>>,
    /// The name of the object, if it has one already.
    #[serde(borrow, default)]
    pub name: Option<Cow<'a, str>>,
    /// The namespace of the object.
    #[serde(borrow, default)]
    pub namespace: Option<Cow<'a, str>>,
    /// `CREATE`, `UPDATE`, `DELETE` or `CONNECT`.
    #[serde(borrow, default)]
    pub operation: Cow<'a, str>,
    /// The user of the request.
    #[serde(borrow, default)]
    pub user_info: UserInfo<'a>,
    /// The object as it would be stored; absent for `DELETE`.
    #[serde(default = "none")]
    pub object: Option<N>,
    /// The object as it is stored now.
    #[serde(default = "none")]
    pub old_object: Option<O>,
    /// Whether this is a dry run.
    #[serde(default)]
    pub dry_run: Option<bool>,
}

/// The type of an object.
#[derive(Debug, Default, Deserialize)]
pub struct GroupVersionKind<'a> {
    /// `apps`.
    #[serde(borrow, default)]
    pub group: Cow<'a, str>,
    /// `v1`.
    #[serde(borrow, default)]
    pub version: Cow<'a, str>,
    /// `DaemonSet`.
    #[serde(borrow, default)]
    pub kind: Cow<'a, str>,
}

/// The user of a request.
#[derive(Debug, Default, Deserialize)]
pub struct UserInfo<'a> {
    /// The user name.
    #[serde(borrow, default)]
    pub username: Cow<'a, str>,
}

/// Why a body is not a review of a DaemonSet. No API server sends such a body.
#[derive(Debug, thiserror::Error)]
pub enum Malformed {
    /// It is not JSON, or a field has the wrong type.
    #[error("the body is not an AdmissionReview: {0}")]
    Json(#[from] serde_json::Error),
    /// It is not UTF-8.
    #[error("the body is not an AdmissionReview: it is not UTF-8 after byte {0}")]
    Text(usize),
    /// It has another `apiVersion` or `kind`.
    #[error("the body is {api_version:?} {kind:?}; this webhook answers {API_VERSION} {KIND}")]
    Kind {
        /// `apiVersion` of the body.
        api_version: String,
        /// `kind` of the body.
        kind: String,
    },
    /// It has no request.
    #[error("the AdmissionReview has no `request`")]
    NoRequest,
    /// The uid is empty, so the answer could not be matched to the request.
    #[error("`request.uid` is empty")]
    NoUid,
    /// The uid is too long. API servers send 36 bytes.
    #[error("`request.uid` is longer than {LONGEST_UID} bytes")]
    LongUid,
    /// The object is not JSON, or it nests too deeply.
    #[error("`request.{field}` cannot be read: {error}")]
    Object {
        /// `object` or `oldObject`.
        field: &'static str,
        /// The error of the parser.
        error: serde_json::Error,
    },
    /// The object is not a DaemonSet of apps/v1.
    #[error("`request.{field}` is not a DaemonSet of apps/v1, though `request.kind` says so")]
    NoDaemonSet {
        /// `object` or `oldObject`.
        field: &'static str,
    },
}

/// Where the objects are in a request.
pub(super) const OBJECT: &str = "object";
pub(super) const OLD_OBJECT: &str = "oldObject";

/// The longest uid that is accepted, in bytes. The answer repeats the uid, so it must stay small.
const LONGEST_UID: usize = 256;

/// Reads a review.
///
/// # Errors
///
/// [`Malformed`] if the body is not a review.
pub(super) fn read<'a, N, O>(body: &'a str) -> Result<Request<'a, N, O>, Malformed>
where
    N: Deserialize<'a>,
    O: Deserialize<'a>,
{
    let Envelope { api_version, kind, request } = serde_json::from_str(body)?;
    let (api_version, kind) = (api_version.unwrap_or_default(), kind.unwrap_or_default());
    if api_version != API_VERSION || kind != KIND {
        return Err(Malformed::Kind { api_version: short(&api_version), kind: short(&kind) });
    }
    let request = request.ok_or(Malformed::NoRequest)?;
    if request.uid.is_empty() {
        return Err(Malformed::NoUid);
    }
    if request.uid.len() > LONGEST_UID {
        return Err(Malformed::LongUid);
    }
    Ok(request)
}

/// The beginning of a text from the body, for an error message.
fn short(text: &str) -> String {
    text.chars().take(64).collect()
}

impl<'a, N, O> Request<'a, N, O> {
    /// Splits off the objects: the request without them, the object, and the old object.
    pub(super) fn split(self) -> (Request<'a, ()>, Option<N>, Option<O>) {
        let request = Request {
            uid: self.uid,
            kind: self.kind,
            sub_resource: self.sub_resource,
            name: self.name,
            namespace: self.namespace,
            operation: self.operation,
            user_info: self.user_info,
            object: None,
            old_object: None,
            dry_run: self.dry_run,
        };
        (request, self.object, self.old_object)
    }
}

impl Request<'_, ()> {
    /// Whether the request creates or updates a DaemonSet. The webhook judges nothing else.
    pub(super) fn is_ours(&self) -> bool {
        self.kind.group == "apps"
            && self.kind.version == "v1"
            && self.kind.kind == "DaemonSet"
            && self.sub_resource.as_deref().unwrap_or_default().is_empty()
            && matches!(&*self.operation, "CREATE" | "UPDATE")
    }

    /// Whether the request updates a stored object.
    pub(super) fn is_update(&self) -> bool {
        self.operation == "UPDATE"
    }

    /// The warning that a self-test asks for.
    pub(super) fn echo(&self, metadata: &ObjectMeta) -> Option<String> {
        let nonce = metadata.annotations.as_ref()?.get(SELF_TEST).filter(|_| self.dry_run == Some(true))?;
        Some(format!("self-test {nonce}: reviewed by daemonset-webhook {}", env!("CARGO_PKG_VERSION")))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    fn text(of: &str) -> String {
        format!(r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{of}}}"#)
    }

    #[test]
    fn a_review_is_read_without_parsing_its_objects() {
        let body = text(
            r#"{"uid":"u-1","kind":{"group":"apps","version":"v1","kind":"DaemonSet"},"operation":"CREATE","object":{"a":[1,2]},"oldObject":null,"dryRun":true}"#,
        );
        let (request, object, old_object) = read::<&RawValue, &RawValue>(&body).unwrap().split();
        assert!(request.is_ours() && !request.is_update());
        assert_eq!(object.unwrap().get(), r#"{"a":[1,2]}"#);
        assert!(old_object.is_none());
        assert_eq!(request.dry_run, Some(true));
    }

    #[test]
    fn a_malformed_review_has_an_error() {
        for (body, words) in [
            ("{".to_owned(), "not an AdmissionReview"),
            ("{}".to_owned(), "this webhook answers"),
            (r#"{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview"}"#.to_owned(), "v1beta1"),
            (text("null"), "no `request`"),
            (text("{}"), "uid` is empty"),
            (text(r#"{"uid":7}"#), "not an AdmissionReview"),
            (text(&format!(r#"{{"uid":"{}"}}"#, "u".repeat(257))), "longer than"),
        ] {
            let error = read::<&RawValue, &RawValue>(&body).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
