//! One line for each finding, short where that is possible.

use crate::words::count::thousands;
use crate::words::names::listed;
use crate::words::one_line::one_line;

use super::groups::{Absence, Group, Groups};

/// The length that Kubernetes advises for a warning, in characters.
pub(super) const ADVISED: usize = 120;

/// The most characters of what an update loses, beside the rest of the line.
const LOST: usize = 180;

/// The most groups of which a line speaks.
const MOST_GROUPS: usize = 30;

/// The most characters of a line: the API server truncates longer warnings where there are many.
const MOST: usize = 250;

/// `runs on 41 of 44 nodes; not on gpu-1, gpu-2, gpu-3: taint nvidia.com/gpu is not tolerated`.
///
/// The longest form within the advised length is taken: first names are left out, then groups.
pub(super) fn without_pod(groups: &Groups<'_>, named_nodes: usize) -> String {
    shortest(groups, named_nodes, ADVISED, form)
}

/// What an update takes away: `with this update it no longer runs on a-1, a-2: they do not match nodeSelector zone: b; runs on 3 of 5 nodes`.
/// The nodes of `groups` are lost, and `all` says what is true of all nodes.
pub(super) fn lost(groups: &Groups<'_>, all: &Groups<'_>, named_nodes: usize) -> String {
    let (nodes, runs) = (thousands(all.nodes), thousands(all.runs));
    let noun = if all.nodes == 1 { "node" } else { "nodes" };
    // It is the reason of a denial, which may be longer than a warning.
    let line = shortest(groups, named_nodes, LOST, |groups, named, shown| {
        let mut parts: Vec<String> =
            groups.without_pod.iter().take(shown).map(|group| lost_part(group, named)).collect();
        parts.extend(left_out(groups, shown));
        parts.join("; ")
    });
    cut(format!("with this update it no longer runs on {line}; runs on {runs} of {nodes} {noun}"))
}

fn lost_part(group: &Group<'_>, named: usize) -> String {
    let (reason, names) = (&group.reason, listed(&group.names, named));
    let do_not = if group.names.len() == 1 { "it does not match" } else { "they do not match" };
    match group.absence {
        Absence::NotSelected => format!("{names}: {do_not} {reason}"),
        Absence::NotWanted => format!("{names}: {reason}"),
        Absence::Refused => format!("{names}: refused, {reason}"),
        Absence::Pending => format!("{names}: pending, {reason}"),
    }
}

/// `pending on a-1, a-2: needs 2 CPU more than is free`.
pub(super) fn pending(groups: &Groups<'_>, named_nodes: usize) -> String {
    shortest(groups, named_nodes, ADVISED, parts)
}

fn shortest(
    groups: &Groups<'_>,
    named_nodes: usize,
    limit: usize,
    form: impl Fn(&Groups<'_>, usize, usize) -> String,
) -> String {
    let named = named_nodes.max(1);
    let all = groups.without_pod.len();
    // A form of so many groups is too long in any case, so it is not tried.
    let most = all.min(MOST_GROUPS);
    let of_all = (1..=named).rev().filter(|_| all <= MOST_GROUPS).map(|named| (named, all));
    let of_some = (1..=most).rev().filter(|shown| *shown < all).map(|shown| (1, shown));
    let forms = of_all.chain(of_some);
    let mut line = String::new();
    for (named, shown) in forms {
        line = form(groups, named, shown);
        if line.chars().count() <= limit {
            break;
        }
    }
    cut(line)
}

fn form(groups: &Groups<'_>, named: usize, shown: usize) -> String {
    let (nodes, runs) = (groups.nodes, groups.runs);
    let unknown = match groups.unknown_nodes {
        0 => String::new(),
        count => format!(", unknown on {}", thousands(count)),
    };
    let noun = if nodes == 1 { "node" } else { "nodes" };
    let head = match (runs, groups.without_pod.as_slice()) {
        (0, [one]) if one.names.len() == nodes => return everywhere(one, nodes),
        (0, _) => format!("runs on none of {} {noun}{unknown}", thousands(nodes)),
        _ => format!("runs on {} of {} {noun}{unknown}", thousands(runs), thousands(nodes)),
    };
    format!("{head}; {}", parts(groups, named, shown))
}

/// What holds for each group, and how many nodes are left out of the line.
fn parts(groups: &Groups<'_>, named: usize, shown: usize) -> String {
    let mut parts: Vec<String> =
        groups.without_pod.iter().take(shown).map(|group| part(group, named)).collect();
    parts.extend(left_out(groups, shown));
    parts.join("; ")
}

/// How many nodes are not named.
fn left_out(groups: &Groups<'_>, shown: usize) -> Option<String> {
    let left: usize = groups.without_pod.iter().skip(shown).map(|group| group.names.len()).sum();
    match left {
        0 => None,
        1 => Some("1 more node for another reason".to_owned()),
        _ => Some(format!("{} more nodes for other reasons", thousands(left))),
    }
}

/// The line where the same holds for all nodes, so none is named.
fn everywhere(group: &Group<'_>, nodes: usize) -> String {
    let reason = &group.reason;
    let all = if nodes == 1 { "the only node".to_owned() } else { format!("all {} nodes", thousands(nodes)) };
    match group.absence {
        Absence::Refused => format!("would be refused on {all}: {reason}"),
        Absence::Pending => format!("would be pending on {all}: {reason}"),
        Absence::NotWanted => format!("runs on no node: {reason}"),
        Absence::NotSelected if nodes == 1 => {
            format!("runs on no node: the only one does not match {reason}")
        }
        Absence::NotSelected => format!("runs on no node: none of {} matches {reason}", thousands(nodes)),
    }
}

fn part(group: &Group<'_>, named: usize) -> String {
    let reason = &group.reason;
    let count = group.names.len();
    match group.absence {
        // The manifest leaves them out on purpose, so their number is enough.
        Absence::NotSelected if count == 1 => format!("1 does not match {reason}"),
        Absence::NotSelected => format!("{} do not match {reason}", thousands(count)),
        Absence::NotWanted => format!("not on {}: {reason}", listed(&group.names, named)),
        Absence::Refused => format!("refused on {}: {reason}", listed(&group.names, named)),
        Absence::Pending => format!("pending on {}: {reason}", listed(&group.names, named)),
    }
}

/// `placement is unknown on 3 of 44 nodes: persistentvolumeclaims are not known`.
pub(super) fn unknown(groups: &Groups<'_>) -> String {
    let missing: Vec<&str> = groups.missing.iter().map(|missing| missing.as_str()).collect();
    let on = if groups.unknown_nodes == groups.nodes {
        String::new()
    } else {
        format!(" on {} of {} nodes", thousands(groups.unknown_nodes), thousands(groups.nodes))
    };
    cut(one_line(&format!("placement is unknown{on}: not read: {}", missing.join(", "))))
}

fn cut(line: String) -> String {
    if line.chars().count() <= MOST {
        return line;
    }
    let kept: String = line.chars().take(MOST.saturating_sub(1)).collect();
    format!("{kept}…")
}
