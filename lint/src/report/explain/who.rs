//! Names for a group of nodes, by what the nodes share.

use daemonset_validation::placement::{Shared, Trait, Traits};
use daemonset_validation::words::count::thousands;
use daemonset_validation::words::names;

use super::groups::Group;
use super::layout::width;
use super::words::short_key;
use crate::shown::shown;

/// A few names together have at most this width.
const ROOM: usize = 48;

/// So many names may be said without a count.
const FEW: usize = 3;

/// The nodes of a group: a name, a few names, `6 nodes with pool=gpu`, `11 of the 17 nodes with zone=a`, or the first name and how
/// many more there are.
pub(super) fn who(group: &Group<'_>, traits: &Traits<'_>) -> String {
    let names = group.names();
    let count = names.len();
    if let [one] = names.as_slice() {
        return shown(one).into_owned();
    }
    let folded = names::folded(&names);
    if count <= FEW && width(&folded) <= ROOM {
        return shown(&folded).into_owned();
    }
    let text = match traits.shared(&group.places) {
        Some(shared) => by_traits(&shared, count),
        None => by_names(&names),
    };
    shown(&text).into_owned()
}

fn by_traits(shared: &Shared<'_>, count: usize) -> String {
    let traits: Vec<String> = shared.traits.iter().map(word).collect();
    let nodes = thousands(count);
    let of = if shared.bearers == count {
        format!("{nodes} nodes")
    } else {
        format!("{nodes} of the {} nodes", thousands(shared.bearers))
    };
    format!("{of} with {}", traits.join(" and "))
}

fn by_names(names: &[&str]) -> String {
    let count = names.len();
    let folded = names::fold(names);
    // Ranges say all names.
    if count > names::IN_FULL && !folded.iter().any(|word| word == "…") {
        let ranges = folded.get(..folded.len().saturating_sub(1)).unwrap_or_default();
        return format!("{} nodes {}", thousands(count), ranges.join(" "));
    }
    let mut sorted = names.to_vec();
    sorted.sort_by(|one, other| names::natural(one).cmp(&names::natural(other)));
    let (first, second) = (sorted.first().copied().unwrap_or_default(), sorted.get(1).copied());
    let both = second.map(|second| format!("{first}, {second}")).unwrap_or_default();
    if count > 2 && width(&both) <= ROOM {
        return format!("{both} and {} more nodes", thousands(count.saturating_sub(2)));
    }
    match count.saturating_sub(1) {
        1 => names::folded(&sorted),
        more => format!("{first} and {} more nodes", thousands(more)),
    }
}

/// A trait in a word: `pool=gpu`, `zone=eu-1a`. Of the labels that Kubernetes itself sets, the domain is left out.
fn word(one: &Trait<'_>) -> String {
    match one {
        Trait::Label(key, value) => {
            if let Some(role) = key.strip_prefix("node-role.kubernetes.io/") {
                return format!("role {role}");
            }
            let key = short_key(key);
            if value.is_empty() { format!("label {key}") } else { format!("{key}={value}") }
        }
        Trait::Taint(key, effect) => format!("taint {key}:{effect}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_bearers_is_said_as_one() {
        let shared = |bearers| Shared {
            traits: vec![
                Trait::Label("topology.kubernetes.io/zone", "eu-1a"),
                Trait::Taint("spot", "NoSchedule"),
            ],
            bearers,
        };
        assert_eq!(by_traits(&shared(6), 6), "6 nodes with zone=eu-1a and taint spot:NoSchedule");
        assert_eq!(
            by_traits(&shared(1_700), 1_100),
            "1,100 of the 1,700 nodes with zone=eu-1a and taint spot:NoSchedule"
        );
        assert_eq!(word(&Trait::Label("node-role.kubernetes.io/control-plane", "")), "role control-plane");
        assert_eq!(word(&Trait::Label("cloud.google.com/gke-nodepool", "web")), "gke-nodepool=web");
        assert_eq!(word(&Trait::Label("gpu", "")), "label gpu");
    }

    #[test]
    fn names_are_ranges_or_the_first_of_them() {
        let of = |names: &[String]| by_names(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let numbered: Vec<String> = (1..=12).map(|number| format!("gpu-{number}")).collect();
        assert_eq!(of(&numbered), "12 nodes gpu-[1-12]");
        let long: Vec<String> =
            (1..=23).map(|number| format!("ip-10-0-{number}-7.eu-west-1.compute.internal")).collect();
        assert_eq!(of(&long), "ip-10-0-1-7.eu-west-1.compute.internal and 22 more nodes");
        let short: Vec<String> = [7, 3, 11, 5].iter().map(|number| format!("n{number}.x")).collect();
        assert_eq!(of(&short), "n3.x, n5.x and 2 more nodes");
    }
}
