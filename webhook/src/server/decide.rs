//! Judges the body of a review, and sums up what metrics, log and trace record about it.

use std::panic::AssertUnwindSafe;

use axum::http::StatusCode;
use daemonset_validation::facts::Unknown;
use daemonset_validation::placement::Budget;
use k8s_openapi::api::apps::v1::DaemonSet;

use super::app::{App, Policy};
use super::refusal::Refusal;
use crate::config::Level;
use crate::metrics::{Malformed, Verdict};
use crate::placement::{self, Judgement, Old, Question};
use crate::review::{self, Context, Decision, Judged, PlacementJudge};

/// What is decided about a review: the answer, and what is recorded about it.
pub(super) type Decided = Result<(Vec<u8>, Summary), Refusal>;

impl App {
    /// Reads and judges a review. A panic is counted and answered with 500; other reviews are not affected.
    pub(super) fn decide(
        &self,
        body: &[u8],
        placement: Option<&dyn PlacementJudge>,
        budget: &Budget,
    ) -> Decided {
        let work = AssertUnwindSafe(|| self.decide_or_panic(body, placement, budget));
        std::panic::catch_unwind(work).unwrap_or_else(|_| Err(self.fault()))
    }

    /// Counts a fault of the webhook.
    pub(super) fn fault(&self) -> Refusal {
        self.metrics.panicked();
        Refusal::Fault
    }

    /// Judges a review without placement if nothing is wrong with it, which is little work. `None` if there may be a fault.
    pub(super) fn decide_at_once(&self, body: &[u8]) -> Option<Decided> {
        let work = AssertUnwindSafe(|| {
            let policy = self.policy.load();
            review::judge_faultless(body, &context(&policy, None, &Budget::unbounded())).map(summed_up)
        });
        std::panic::catch_unwind(work).unwrap_or_else(|_| Some(Err(self.fault())))
    }

    fn decide_or_panic(
        &self,
        body: &[u8],
        placement: Option<&dyn PlacementJudge>,
        budget: &Budget,
    ) -> Decided {
        let policy = self.policy.load();
        let judged = review::judge(body, &context(&policy, placement, budget));
        summed_up(judged.map_err(|error| Refusal::Client {
            code: StatusCode::BAD_REQUEST,
            reason: Malformed::Review,
            sentence: error.to_string(),
        })?)
    }
}

fn context<'c>(
    policy: &'c Policy,
    placement: Option<&'c dyn PlacementJudge>,
    budget: &'c Budget,
) -> Context<'c> {
    let Policy { levels, server, named_nodes, faultless } = policy;
    Context { levels, server: *server, faultless, placement, named_nodes: *named_nodes, budget }
}

fn summed_up(Judged { request, decision }: Judged<'_>) -> Decided {
    let answer = decision.answer.body(&request.uid).map_err(|_| Refusal::Fault)?;
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let summary = Summary {
        verdict: verdict(&decision),
        operation: request.operation.into_owned(),
        uid: request.uid.into_owned(),
        namespace: text(request.namespace.as_deref()),
        name: text(request.name.as_deref()),
        user: request.user_info.username.into_owned(),
        dry_run: request.dry_run.unwrap_or(false),
        findings: decision.findings,
        unknown: decision.unknown,
    };
    Ok((answer, summary))
}

/// The placement of a review for which there was no time to judge it.
pub(super) struct TooLate;

impl PlacementJudge for TooLate {
    fn judge(&self, _: &DaemonSet, old: &mut dyn FnMut() -> Old, question: &Question<'_>) -> Judgement {
        placement::too_late(old, question)
    }
}

/// What metrics, log and trace record about a review.
pub(super) struct Summary {
    pub(super) verdict: Verdict,
    pub(super) operation: String,
    pub(super) uid: String,
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) user: String,
    pub(super) dry_run: bool,
    pub(super) findings: Vec<(&'static str, Level, usize)>,
    pub(super) unknown: Option<Unknown>,
}

fn verdict(decision: &Decision) -> Verdict {
    match &decision.answer {
        _ if !decision.judged => Verdict::Unjudged,
        answer if !answer.allowed() => Verdict::Denied,
        answer if answer.warnings.is_empty() => Verdict::Allowed,
        _ => Verdict::Warned,
    }
}
