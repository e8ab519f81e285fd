//! The rollout, for people and for programs.

use daemonset_validation::placement::NodeIndex;
use daemonset_validation::placement::rollout::{Course, Rollout};
use serde::Serialize;

use crate::engine::explain::ExplainedNode;

/// The rollout in one sentence.
pub(crate) fn sentence(rollout: &Rollout) -> String {
    let pods = if rollout.desired == 1 { "1 pod".to_owned() } else { format!("{} pods", rollout.desired) };
    match &rollout.course {
        Course::FirstInstall if rollout.desired == 0 => "nothing to roll out".to_owned(),
        Course::FirstInstall if rollout.existing > 0 => format!("no old pod stays, {pods} at once"),
        Course::FirstInstall => format!("first install, {pods} at once"),
        Course::Unchanged => "the template is unchanged, so no pod is replaced".to_owned(),
        Course::OnDelete => format!("{pods}, each replaced when its old pod is deleted (OnDelete)"),
        Course::Rolling { .. } if rollout.desired == 0 => {
            "no node wants a pod, so none is created".to_owned()
        }
        Course::Rolling { limit, written, step, waves: (fewest, most), left } => {
            let waves = match (fewest, most) {
                (1, 1) => "1 wave".to_owned(),
                (fewest, most) if fewest == most => format!("{fewest} waves"),
                (fewest, most) => format!("{fewest} to {most} waves"),
            };
            let stays = match left {
                (0, 0) => String::new(),
                (1, 1) => "; 1 old pod stays".to_owned(),
                (least, most) if least == most => format!("; {least} old pods stay"),
                (least, most) => format!("; {least} to {most} old pods stay"),
            };
            format!("{pods}, {step} at a time ({limit} {written}), {waves}{stays}")
        }
    }
}

/// Whether old pods stay because the rollout does not come to its end.
pub(crate) const fn hangs(rollout: &Rollout) -> bool {
    matches!(rollout.course, Course::Rolling { left: (_, most), .. } if most > 0)
}

/// Whether it says more than that the pods of a new DaemonSet are created.
pub(crate) const fn is_news(rollout: &Rollout) -> bool {
    !matches!(rollout.course, Course::FirstInstall)
}

/// A rollout that replaces pods, in a few words.
pub(crate) fn short(rollout: &Rollout) -> Option<String> {
    match &rollout.course {
        Course::Rolling { step, .. } => Some(format!("replaces {}, {step} at a time", rollout.existing)),
        _ => None,
    }
}

/// The rollout in the JSON report.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RolloutItem<'r> {
    course: &'static str,
    desired: usize,
    existing: usize,
    unavailable: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_a_time: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fewest_waves: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    most_waves: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_at_least: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_at_most: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ended: Vec<&'r str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lost: Vec<&'r str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suspended: Vec<&'r str>,
}

/// The rollout's part of the JSON report.
pub(crate) fn item<'r>(rollout: &'r Rollout, nodes: &'r [ExplainedNode]) -> RolloutItem<'r> {
    let names = |indices: &[NodeIndex]| {
        let nodes = indices.iter().filter_map(|node| nodes.get(*node as usize));
        nodes.map(|node| node.name.as_str()).collect()
    };
    let course = match rollout.course {
        Course::FirstInstall => "firstInstall",
        Course::Unchanged => "unchanged",
        Course::OnDelete => "onDelete",
        Course::Rolling { .. } => "rolling",
    };
    let rolling = match &rollout.course {
        Course::Rolling { limit, written, step, waves, left } => {
            Some((*limit, written.as_str(), *step, *waves, *left))
        }
        _ => None,
    };
    RolloutItem {
        course,
        desired: rollout.desired,
        existing: rollout.existing,
        unavailable: rollout.unavailable,
        limit: rolling.map(|(limit, ..)| limit),
        written: rolling.map(|(_, written, ..)| written),
        at_a_time: rolling.map(|(_, _, step, ..)| step),
        fewest_waves: rolling.map(|(_, _, _, waves, _)| waves.0),
        most_waves: rolling.map(|(_, _, _, waves, _)| waves.1),
        left_at_least: rolling.map(|(.., left)| left.0),
        left_at_most: rolling.map(|(.., left)| left.1),
        ended: names(&rollout.ended),
        lost: names(&rollout.lost),
        suspended: names(&rollout.suspended),
    }
}
