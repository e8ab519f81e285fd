//! The sentences: one line each, short where that is possible.

use super::groups::{Group, Groups, Standing};

/// Longer warnings are allowed, but nobody's terminal likes them. Kubernetes advises this length.
pub(super) const ADVISED: usize = 120;

/// Longer than this no line becomes: the API server cuts warnings where there are many.
const MOST: usize = 250;

/// `runs on 41 of 44 nodes; not on gpu-1, gpu-2, gpu-3: taint nvidia.com/gpu is not tolerated`.
///
/// The most telling form that keeps to the advised length is taken: fewer names first, then fewer groups.
pub(super) fn kept(groups: &Groups, runs: usize, named_nodes: usize) -> String {
    let named = named_nodes.max(1);
    let all = groups.kept.len();
    let forms = (1..=named).rev().map(|named| (named, all)).chain((1..all).rev().map(|shown| (1, shown)));
    let mut line = String::new();
    for (named, shown) in forms {
        line = form(groups, runs, named, shown);
        if line.chars().count() <= ADVISED {
            break;
        }
    }
    cut(line)
}

fn form(groups: &Groups, runs: usize, named: usize, shown: usize) -> String {
    let nodes = groups.nodes;
    let doubt = match groups.unknown_nodes {
        0 => String::new(),
        unknown => format!(", unknown on {}", thousands(unknown)),
    };
    let noun = if nodes == 1 { "node" } else { "nodes" };
    let head = match (runs, groups.kept.as_slice()) {
        (0, [one]) if one.names.len() == nodes => return everywhere(one, nodes),
        (0, _) => format!("runs on none of {} {noun}{doubt}", thousands(nodes)),
        _ => format!("runs on {} of {} {noun}{doubt}", thousands(runs), thousands(nodes)),
    };
    let parts = groups.kept.iter().take(shown).map(|group| part(group, named));
    let left: usize = groups.kept.iter().skip(shown).map(|group| group.names.len()).sum();
    let mut parts: Vec<String> = std::iter::once(head).chain(parts).collect();
    match left {
        0 => {}
        1 => parts.push("1 more node for another reason".to_owned()),
        _ => parts.push(format!("{} more nodes for other reasons", thousands(left))),
    }
    parts.join("; ")
}

/// The same holds for all nodes, so none needs a name.
fn everywhere(group: &Group, nodes: usize) -> String {
    let reason = &group.reason;
    let all = if nodes == 1 { "the only node".to_owned() } else { format!("all {} nodes", thousands(nodes)) };
    match group.standing {
        Standing::Pending => format!("would be pending on {all}: {reason}"),
        Standing::NotWanted => format!("runs on no node: {reason}"),
        Standing::NotChosen => format!("runs on no node: none of {} matches {reason}", thousands(nodes)),
    }
}

fn part(group: &Group, named: usize) -> String {
    let reason = &group.reason;
    let count = group.names.len();
    match group.standing {
        // The author chose so: a number says it better than names.
        Standing::NotChosen if count == 1 => format!("1 does not match {reason}"),
        Standing::NotChosen => format!("{} do not match {reason}", thousands(count)),
        Standing::NotWanted => format!("not on {}: {reason}", names(&group.names, named)),
        Standing::Pending => format!("pending on {}: {reason}", names(&group.names, named)),
    }
}

/// `a, b, c` or `a, b, c and 12 others`.
pub(super) fn names(all: &[String], named: usize) -> String {
    let left = all.len().saturating_sub(named);
    let shown = all.get(..named).unwrap_or(all).join(", ");
    match left {
        0 => shown,
        1 => format!("{shown} and 1 other"),
        _ => format!("{shown} and {} others", thousands(left)),
    }
}

/// `placement is unknown on 3 of 44 nodes: persistentvolumeclaims are not known`.
pub(super) fn unknown(groups: &Groups) -> String {
    let lacking: Vec<&str> = groups.unknown.keys().map(String::as_str).collect();
    let on = if groups.unknown_nodes == groups.nodes {
        String::new()
    } else {
        format!(" on {} of {} nodes", thousands(groups.unknown_nodes), thousands(groups.nodes))
    };
    cut(clean(&format!("placement is unknown{on}: not read: {}", lacking.join(", "))))
}

/// In one line, whatever names and reasons hold.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn cut(line: String) -> String {
    if line.chars().count() <= MOST {
        return line;
    }
    let kept: String = line.chars().take(MOST.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// `5,000`.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && digits.len().saturating_sub(place).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}
