//! The host ports that a pod wants, by number, so that the ports of a node are each compared with few of them.

use std::collections::{BTreeMap, HashMap};

use super::host_port::{ANY, HostPort, TemplatePort};
use super::snapshot::PodIndex;

/// The host ports that a pod wants.
#[derive(Debug, Default)]
pub(super) struct WantedPorts {
    list: Vec<TemplatePort>,
    by_number: HashMap<i32, Vec<OfProtocol>>,
}

/// Those of one number and protocol, by their places in the list.
#[derive(Debug)]
struct OfProtocol {
    protocol: Box<str>,
    all: Vec<usize>,
    by_ip: HashMap<Box<str>, Vec<usize>>,
}

/// So many ports are compared one by one.
const FEW: usize = 6;

/// The ports that are held by others.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// The first ones, by place, each with the pod that holds it.
    pub(super) first: BTreeMap<usize, PodIndex>,
    /// How many more there are.
    pub(super) more: usize,
}

impl WantedPorts {
    /// Sorts ports by number.
    pub(super) fn new(list: Vec<TemplatePort>) -> Self {
        let mut wanted = Self { list, by_number: HashMap::new() };
        for (place, TemplatePort { port, .. }) in wanted.list.iter().enumerate() {
            let protocols = wanted.by_number.entry(port.port).or_default();
            let known = protocols.iter().position(|known| known.protocol == port.protocol);
            let known = known.unwrap_or_else(|| {
                let protocol = port.protocol.clone();
                protocols.push(OfProtocol { protocol, all: Vec::new(), by_ip: HashMap::new() });
                protocols.len().saturating_sub(1)
            });
            if let Some(known) = protocols.get_mut(known) {
                known.all.push(place);
                known.by_ip.entry(port.ip.clone()).or_default().push(place);
            }
        }
        wanted
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The port at a place.
    pub(super) fn get(&self, place: usize) -> Option<&TemplatePort> {
        self.list.get(place)
    }

    /// Those that are held, the first `most` of them. Of several that hold a port, the first one counts.
    pub(super) fn held<'h>(
        &self,
        held: impl Iterator<Item = (&'h HostPort, PodIndex)> + Clone,
        most: usize,
    ) -> Held {
        if self.list.len() <= FEW { self.held_of_few(held, most) } else { self.held_of_many(held, most) }
    }

    fn held_of_many<'h>(&self, held: impl Iterator<Item = (&'h HostPort, PodIndex)>, most: usize) -> Held {
        let mut found = Held::default();
        // For each number and protocol, the holders: most often there is one.
        let mut of_node: HashMap<(i32, &str), Vec<(&HostPort, PodIndex)>> = HashMap::new();
        for (port, pod) in held {
            if self.of(port).is_some() {
                of_node.entry((port.port, &port.protocol)).or_default().push((port, pod));
            }
        }
        let mut count = 0_usize;
        for holders in of_node.values() {
            let Some(of) = holders.first().and_then(|(port, _)| self.of(port)) else { continue };
            let mut ips: Vec<&str> = holders.iter().map(|(port, _)| &*port.ip).collect();
            ips.sort_unstable();
            ips.dedup();
            let lists: Vec<&[usize]> = if ips.contains(&ANY) {
                vec![&of.all]
            } else {
                ips.push(ANY);
                ips.iter().filter_map(|ip| of.by_ip.get(*ip)).map(Vec::as_slice).collect()
            };
            for list in lists {
                count = count.saturating_add(list.len());
                for place in list.iter().take(most) {
                    let Some(wanted) = self.list.get(*place) else { continue };
                    let holder = holders.iter().find(|(port, _)| port.conflicts_with(&wanted.port));
                    if let Some((_, pod)) = holder {
                        found.first.insert(*place, *pod);
                    }
                    if found.first.len() > most {
                        found.first.pop_last();
                    }
                }
            }
        }
        found.more = count.saturating_sub(found.first.len());
        found
    }

    /// The same, each compared with each.
    fn held_of_few<'h>(
        &self,
        held: impl Iterator<Item = (&'h HostPort, PodIndex)> + Clone,
        most: usize,
    ) -> Held {
        let mut found = Held::default();
        for (place, wanted) in self.list.iter().enumerate() {
            let holder = held.clone().find(|(port, _)| port.conflicts_with(&wanted.port));
            let Some((_, pod)) = holder else { continue };
            if found.first.len() < most {
                found.first.insert(place, pod);
            } else {
                found.more = found.more.saturating_add(1);
            }
        }
        found
    }

    fn of(&self, port: &HostPort) -> Option<&OfProtocol> {
        self.by_number.get(&port.port)?.iter().find(|known| known.protocol == port.protocol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::FieldPath;

    fn port(text: &str) -> HostPort {
        let (ip, rest) = text.split_once(':').unwrap_or((ANY, text));
        let (port, protocol) = rest.split_once('/').unwrap_or((rest, "TCP"));
        HostPort { ip: ip.into(), protocol: protocol.into(), port: port.parse().unwrap_or(0) }
    }

    /// All small combinations of wanted and held ports, compared pair by pair.
    #[test]
    fn what_is_held_is_what_conflicts() {
        let texts = ["80", "80/UDP", "1.1.1.1:80", "2.2.2.2:80", "81", "1.1.1.1:81", "80"];
        for wanted_bits in 0_u32..128 {
            let chosen = |bits: u32| {
                let of = texts.iter().enumerate().filter(move |(place, _)| bits & (1 << place) != 0);
                of.map(|(_, text)| port(text)).collect::<Vec<_>>()
            };
            let list: Vec<HostPort> = chosen(wanted_bits);
            let path = FieldPath::document();
            let all = list.iter().map(|port| TemplatePort { port: port.clone(), path: path.clone() });
            let wanted = WantedPorts::new(all.collect());
            for held_bits in 0_u32..128 {
                let held = chosen(held_bits);
                let pairs = || held.iter().zip(0_u32..);
                let plain: Vec<(usize, u32)> = list
                    .iter()
                    .enumerate()
                    .filter_map(|(place, one)| {
                        Some((place, pairs().find(|(held, _)| held.conflicts_with(one))?.1))
                    })
                    .collect();
                let found = wanted.held_of_many(pairs(), 100);
                let few = wanted.held_of_few(pairs(), 1);
                assert_eq!(found.first.into_iter().collect::<Vec<_>>(), plain, "{list:?} {held:?}");
                for cut in [wanted.held_of_many(pairs(), 1), few] {
                    assert_eq!(cut.first.into_iter().next(), plain.first().copied());
                    assert_eq!(cut.more, plain.len().saturating_sub(1));
                }
            }
        }
    }
}
