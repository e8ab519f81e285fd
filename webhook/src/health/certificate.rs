//! Readiness: whether the API server would accept the certificate.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use daemonset_certs::{Fault, Serving, Validity};

use super::check::{Check, span};

/// The replica is unready this many seconds before the certificate expires, so that its endpoint is removed from every proxy in time.
const MARGIN_SECONDS: i64 = 60;

/// What readiness knows of the served certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// When it is valid.
    pub(crate) validity: Validity,
    /// Why the API server refuses it at any time, if it does.
    pub(crate) fault: Option<Fault>,
}

#[cfg(test)]
impl Certificate {
    /// One that has been valid for long, and expires then.
    pub(crate) fn until(not_after: i64) -> Certificate {
        Certificate { validity: Validity { not_before: 0, not_after }, fault: None }
    }
}

impl From<&Serving> for Certificate {
    fn from(serving: &Serving) -> Certificate {
        Certificate { validity: serving.validity, fault: serving.fault.clone() }
    }
}

/// The served certificate, if there is one. Set by the part that serves it, read by every probe.
#[derive(Debug, Default)]
pub(super) struct Certified(ArcSwapOption<Certificate>);

impl Certified {
    pub(super) fn set(&self, certificate: Option<Certificate>) {
        self.0.store(certificate.map(Arc::new));
    }

    /// The condition at `now`: Unix seconds, by the API server's clock if it is known.
    pub(super) fn check(&self, now: i64) -> Check {
        let (ok, why) = match &*self.0.load() {
            None => (false, "no certificate is loaded yet".to_owned()),
            Some(certificate) => judge(certificate, now),
        };
        Check { name: "certificate", ok, why }
    }
}

fn judge(certificate: &Certificate, now: i64) -> (bool, String) {
    let Validity { not_before, not_after } = certificate.validity;
    let left = not_after.saturating_sub(now);
    if let Some(fault) = &certificate.fault {
        (false, fault.to_string())
    } else if left <= 0 {
        (false, format!("the certificate expired {} ago and was not renewed", span(left.saturating_neg())))
    } else if now < not_before {
        (false, format!("the certificate is not valid for another {}", span(not_before.saturating_sub(now))))
    } else if left < MARGIN_SECONDS {
        (false, format!("the certificate expires in {} and was not renewed", span(left)))
    } else {
        (true, format!("the certificate is valid for {}", span(left)))
    }
}
