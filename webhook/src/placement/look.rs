//! One look at a snapshot: both objects of an update, each explained once.

use daemonset_validation::Finding;
use daemonset_validation::facts::{Facts, NodeState};
use daemonset_validation::peers::{Peer, Peers};
use daemonset_validation::placement::rollout::Before;
use daemonset_validation::placement::{Budget, OverBudget, Preview, Snapshot, explain_within};
use daemonset_validation::rules::Previewed;
use daemonset_validation::rules::update::Placed;
use daemonset_validation::words::one_line::one_line;
use k8s_openapi::api::apps::v1::DaemonSet;

use super::question::{Judgement, Old, Question};
use super::unknown;
use crate::config::Level;
use crate::ratchet;

/// The findings about a DaemonSet on a snapshot, and which of them the request introduces.
pub fn judge_on(
    daemon_set: &DaemonSet,
    old: &mut dyn FnMut() -> Old,
    snapshot: &Snapshot,
    question: &Question<'_>,
) -> Judgement {
    let preview = match explain(daemon_set, snapshot, question) {
        Ok(preview) => preview,
        Err(over) => return over_budget(over, old, snapshot, question),
    };
    let Question { server, named_nodes, .. } = *question;
    let levels = question.levels.engine();
    let peer = Peer::new(daemon_set, Some(&preview));
    // The others of the cluster cost work of their own.
    let budget = own(question);
    let peers = Peers::on_cluster_within(vec![&peer], snapshot, server, named_nodes, &budget);
    let new = Placed::new(Previewed::new(daemon_set, &preview, snapshot, named_nodes), &peers, levels);
    let all = || -> Vec<Finding> {
        let over = budget.check().err().map(unknown::over);
        new.findings().iter().cloned().chain(over).collect()
    };
    // Rules about peers may end the budget, so they are asked first.
    let denies = new.findings().iter().any(|finding| is_denied(finding, question))
        || budget.check().is_err_and(|over| is_denied(&unknown::over(over), question));
    let judged = match if denies { old() } else { Old::None } {
        Old::None => Judgement { introduced: all(), kept: Vec::new() },
        Old::Unknown => Judgement { introduced: Vec::new(), kept: all() },
        Old::Object(old) => match explain(&old, snapshot, question) {
            // Where nothing is known of one of them, nothing is known to be worse.
            Err(_) => Judgement { introduced: Vec::new(), kept: all() },
            Ok(preview) => {
                let (peer, of_old) = (Peer::new(&old, Some(&preview)), own(question));
                let peers = peers.with(&peer, &of_old);
                let previewed = Previewed::new(&old, &preview, snapshot, named_nodes);
                let old = Placed::new(previewed, &peers, levels);
                let mut judged = ratchet::introduced_placement(&new, &old);
                if let Err(over) = budget.check() {
                    // The stored version may take too much as well.
                    old.findings();
                    let is_known = of_old.check().is_ok() && over == OverBudget::Work;
                    let findings = if is_known { &mut judged.introduced } else { &mut judged.kept };
                    findings.push(unknown::over(over));
                }
                if of_old.check().is_err() {
                    keep_peers(&mut judged);
                }
                judged
            }
        },
    };
    on_one_line(judged)
}

/// The one finding where nothing is known: an update is not known to be worse than what it replaces.
pub(super) fn nothing_known(
    finding: Finding,
    old: &mut dyn FnMut() -> Old,
    question: &Question<'_>,
) -> Judgement {
    let old = if is_denied(&finding, question) { old() } else { Old::None };
    match old {
        Old::None => Judgement { introduced: vec![finding], kept: Vec::new() },
        Old::Unknown | Old::Object(_) => Judgement { introduced: Vec::new(), kept: vec![finding] },
    }
}

/// The object is over its budget. An update introduces that if the stored object is not.
fn over_budget(
    over: OverBudget,
    old: &mut dyn FnMut() -> Old,
    snapshot: &Snapshot,
    question: &Question<'_>,
) -> Judgement {
    let finding = unknown::over(over);
    let old = if is_denied(&finding, question) { old() } else { Old::None };
    let is_known = |old: &DaemonSet| explain(old, snapshot, question).is_ok();
    match old {
        Old::None => Judgement { introduced: vec![finding], kept: Vec::new() },
        Old::Object(old) if is_known(&old) => Judgement { introduced: vec![finding], kept: Vec::new() },
        Old::Unknown | Old::Object(_) => Judgement { introduced: Vec::new(), kept: vec![finding] },
    }
}

/// What becomes of the pods, within a budget of the object's own.
fn explain(
    daemon_set: &DaemonSet,
    snapshot: &Snapshot,
    question: &Question<'_>,
) -> Result<Preview, OverBudget> {
    explain_within(daemon_set, Before::Snapshot, snapshot, question.server, &own(question))
}

/// A budget of its own.
fn own(question: &Question<'_>) -> Budget {
    question.budget.of_same_time(question.budget.left())
}

/// What is said of other DaemonSets is not known to be new.
fn keep_peers(judged: &mut Judgement) {
    let is_about_peers = |finding: &Finding| {
        matches!(finding.facts.as_deref(), Some(Facts::Peers(..) | Facts::Nodes(NodeState::Uncovered, _)))
    };
    let introduced = std::mem::take(&mut judged.introduced);
    let (peers, others): (Vec<Finding>, Vec<Finding>) = introduced.into_iter().partition(is_about_peers);
    judged.introduced = others;
    judged.kept.extend(peers);
}

fn is_denied(finding: &Finding, question: &Question<'_>) -> bool {
    question.levels.of(finding.rule) == Level::Deny
}

/// Names of the cluster's objects may hold anything.
fn on_one_line(mut judged: Judgement) -> Judgement {
    let all = judged.introduced.iter_mut().chain(&mut judged.kept);
    for finding in all.filter(|finding| finding.message.contains(char::is_control)) {
        finding.message = one_line(&finding.message).into();
    }
    judged
}
