//! The three bounds of a limit range.

use std::borrow::Cow;
use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Written;

use super::violation::{Bound, Broken, Found};
use crate::quantity::Quantity;

/// The largest number of whole units that has an `i64` of thousandths.
///
/// Upstream: `apimachinery/api/resource.MaxMilliValue`.
const MAX_MILLI_VALUE: i64 = i64::MAX / 1000;

/// Resources with their amounts, as they are written.
pub(super) type ResourceList = BTreeMap<String, Written>;

/// Requests or limits by resource.
pub(super) type Parsed<'r> = BTreeMap<Cow<'r, str>, Quantity>;

/// What a container or a pod requests, and its limits.
#[derive(Debug)]
pub(super) struct Amounts<'r> {
    pub(super) requests: Parsed<'r>,
    pub(super) limits: Parsed<'r>,
}

impl<'r> Amounts<'r> {
    pub(super) fn of(resources: &'r ResourceRequirements) -> Self {
        Self { requests: parsed(resources.requests.as_ref()), limits: parsed(resources.limits.as_ref()) }
    }
}

pub(super) fn parsed(list: Option<&ResourceList>) -> Parsed<'_> {
    let list = list.into_iter().flatten();
    list.map(|(name, amount)| (Cow::Borrowed(name.as_str()), Quantity::of(amount))).collect()
}

/// A check of the bound that a range of this type (`Container`, `Pod`) has for a resource: the server's sentence, and the same as
/// data.
pub(super) type Check = fn(&str, &str, &Written, &Amounts<'_>) -> Option<(String, Broken)>;

/// A request and a limit beside a bound, in units in which they can be compared: thousandths if all of them fit.
///
/// Upstream: `plugin/admission/limitranger.requestLimitEnforcedValues`.
struct Compared {
    request: i64,
    limit: i64,
    bound: i64,
}

impl Compared {
    fn new(request: Option<&Quantity>, limit: Option<&Quantity>, bound: &Quantity) -> Self {
        let none = Quantity::default();
        let all = [request.unwrap_or(&none), limit.unwrap_or(&none), bound];
        let mut values = all.map(Quantity::value);
        if values.iter().all(|value| *value <= MAX_MILLI_VALUE) {
            values = all.map(Quantity::milli_value);
        }
        let [request, limit, bound] = values;
        Self { request, limit, bound }
    }
}

/// Upstream: `plugin/admission/limitranger.minConstraint`.
pub(super) fn minimum(
    kind: &str,
    resource: &str,
    bound: &Written,
    amounts: &Amounts<'_>,
) -> Option<(String, Broken)> {
    let (request, limit, bound) = of(resource, bound, amounts);
    let compared = Compared::new(request, limit, &bound);
    let begin = format!("minimum {resource} usage per {kind} is {bound}");
    let (sentence, found) = match (request, limit) {
        (None, _) => (format!("{begin}.  No request is specified"), Found::NoRequest),
        (Some(request), _) if compared.request < compared.bound => {
            (format!("{begin}, but request is {request}"), Found::Request(request.to_string()))
        }
        (_, Some(limit)) if compared.limit < compared.bound => {
            (format!("{begin}, but limit is {limit}"), Found::Limit(limit.to_string()))
        }
        _ => return None,
    };
    Some((sentence, broken(resource, Bound::Min, &bound, found)))
}

/// Upstream: `plugin/admission/limitranger.maxConstraint`.
pub(super) fn maximum(
    kind: &str,
    resource: &str,
    bound: &Written,
    amounts: &Amounts<'_>,
) -> Option<(String, Broken)> {
    let (request, limit, bound) = of(resource, bound, amounts);
    let compared = Compared::new(request, limit, &bound);
    let begin = format!("maximum {resource} usage per {kind} is {bound}");
    let (sentence, found) = match (request, limit) {
        (_, None) => (format!("{begin}.  No limit is specified"), Found::NoLimit),
        (_, Some(limit)) if compared.limit > compared.bound => {
            (format!("{begin}, but limit is {limit}"), Found::Limit(limit.to_string()))
        }
        (Some(request), _) if compared.request > compared.bound => {
            (format!("{begin}, but request is {request}"), Found::Request(request.to_string()))
        }
        _ => return None,
    };
    Some((sentence, broken(resource, Bound::Max, &bound, found)))
}

/// Upstream: `plugin/admission/limitranger.limitRequestRatioConstraint`.
pub(super) fn ratio(
    kind: &str,
    resource: &str,
    bound: &Written,
    amounts: &Amounts<'_>,
) -> Option<(String, Broken)> {
    let (request, limit, bound) = of(resource, bound, amounts);
    let compared = Compared::new(request, limit, &bound);
    let begin = format!("{resource} max limit to request ratio per {kind} is {bound}");
    let (sentence, found) = if request.is_none() || compared.request == 0 {
        (format!("{begin}, but no request is specified or request is 0"), Found::NoRequest)
    } else if limit.is_none() || compared.limit == 0 {
        (format!("{begin}, but no limit is specified or limit is 0"), Found::NoLimit)
    } else {
        let found = as_float(compared.limit) / as_float(compared.request);
        let in_thousandths = bound.value() <= MAX_MILLI_VALUE;
        let is_exceeded = if in_thousandths {
            found * 1000.0 > as_float(bound.milli_value())
        } else {
            found > as_float(bound.value())
        };
        if !is_exceeded {
            return None;
        }
        let found = format!("{found:.6}");
        (format!("{begin}, but provided ratio is {found}"), Found::Ratio(found))
    };
    Some((sentence, broken(resource, Bound::MaxRatio, &bound, found)))
}

fn of<'a>(
    resource: &str,
    bound: &Written,
    amounts: &'a Amounts<'_>,
) -> (Option<&'a Quantity>, Option<&'a Quantity>, Quantity) {
    (amounts.requests.get(resource), amounts.limits.get(resource), Quantity::of(bound))
}

fn broken(resource: &str, bound: Bound, allowed: &Quantity, found: Found) -> Broken {
    Broken { resource: resource.to_owned(), bound, allowed: allowed.to_string(), found }
}

/// The nearest number, as the server's own conversion gives it.
#[expect(clippy::cast_precision_loss, reason = "the server loses the same precision")]
const fn as_float(value: i64) -> f64 {
    value as f64
}
