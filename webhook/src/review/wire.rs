//! An AdmissionReview as kube-apiserver posts it, read without copying; what the webhook does not ask about is skipped.

use std::borrow::Cow;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;

use super::SELF_TEST;

/// The version of the contract.
pub const API_VERSION: &str = "admission.k8s.io/v1";

/// The kind that goes both ways.
pub const KIND: &str = "AdmissionReview";

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

/// What the API server asks. Each road reads the objects in its own way.
///
/// Upstream: `api/admission/v1.AdmissionRequest`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a, N: Deserialize<'de>, O: Deserialize<'de>"))]
pub struct Request<'a, N, O = N> {
    /// Names the question; the answer repeats it.
    #[serde(borrow, default)]
    pub uid: Cow<'a, str>,
    /// The object's type, as the webhook's rules matched it.
    #[serde(borrow, default)]
    pub kind: GroupVersionKind<'a>,
    /// `status` and the like; empty for the object itself.
    #[serde(borrow, default)]
    pub sub_resource: Option<Cow<'a, str>>,
    /// The object's name, where it has one already.
    #[serde(borrow, default)]
    pub name: Option<Cow<'a, str>>,
    /// The object's namespace.
    #[serde(borrow, default)]
    pub namespace: Option<Cow<'a, str>>,
    /// `CREATE`, `UPDATE`, `DELETE` or `CONNECT`.
    #[serde(borrow, default)]
    pub operation: Cow<'a, str>,
    /// Who asks.
    #[serde(borrow, default)]
    pub user_info: UserInfo<'a>,
    /// The object as it would be stored; absent when it is deleted.
    #[serde(default = "none")]
    pub object: Option<N>,
    /// The object as it is stored now.
    #[serde(default = "none")]
    pub old_object: Option<O>,
    /// Whether nothing will be stored whatever the answer is.
    #[serde(default)]
    pub dry_run: Option<bool>,
}

/// A type of objects.
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

/// Who asks.
#[derive(Debug, Default, Deserialize)]
pub struct UserInfo<'a> {
    /// The name that authentication found.
    #[serde(borrow, default)]
    pub username: Cow<'a, str>,
}

/// Why a body is not a review. None of these comes from an API server.
#[derive(Debug, thiserror::Error)]
pub enum Malformed {
    /// Not JSON, or a field of another type.
    #[error("the body is not an AdmissionReview: {0}")]
    Json(#[from] serde_json::Error),
    /// Not even text.
    #[error("the body is not an AdmissionReview: it is not UTF-8 after byte {0}")]
    Text(usize),
    /// JSON of something else.
    #[error("the body is {api_version:?} {kind:?}; this webhook answers {API_VERSION} {KIND}")]
    Kind {
        /// What `apiVersion` says.
        api_version: String,
        /// What `kind` says.
        kind: String,
    },
    /// An answer, or an empty shell.
    #[error("the AdmissionReview has no `request`")]
    NoRequest,
    /// Nobody could tell which question is answered.
    #[error("`request.uid` is empty")]
    NoUid,
    /// The longest that a server makes is 36.
    #[error("`request.uid` is longer than {LONGEST_UID} bytes")]
    LongUid,
    /// The object is not JSON in the first place, or deeper than JSON may be.
    #[error("`request.{field}` cannot be read: {error}")]
    Object {
        /// `object` or `oldObject`.
        field: &'static str,
        /// What the parser says.
        error: serde_json::Error,
    },
    /// The object is a list, a scalar, or of another type.
    #[error("`request.{field}` is not a DaemonSet of apps/v1, though `request.kind` says so")]
    NoDaemonSet {
        /// `object` or `oldObject`.
        field: &'static str,
    },
}

/// A uid has 36 bytes. It is sent back, so what somebody else puts there must stay small.
const LONGEST_UID: usize = 256;

/// Reads a review.
///
/// # Errors
///
/// [`Malformed`], for an answer of 400.
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

/// The beginning of a text that somebody else wrote, for an error message.
fn short(text: &str) -> String {
    text.chars().take(64).collect()
}

impl<'a, N, O> Request<'a, N, O> {
    /// The request without its objects, the object, and the one that is stored now.
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
    /// Whether the question is about a DaemonSet being created or updated: all that this webhook judges.
    pub(super) fn is_ours(&self) -> bool {
        self.kind.group == "apps"
            && self.kind.version == "v1"
            && self.kind.kind == "DaemonSet"
            && self.sub_resource.as_deref().unwrap_or_default().is_empty()
            && matches!(&*self.operation, "CREATE" | "UPDATE")
    }

    /// Whether an object is stored already.
    pub(super) fn is_update(&self) -> bool {
        self.operation == "UPDATE"
    }

    /// What a self-test is answered.
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
    fn a_review_is_read_without_its_objects_being_parsed() {
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
    fn what_is_no_review_is_told_so() {
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
