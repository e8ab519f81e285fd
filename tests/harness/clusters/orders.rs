//! The order of disruption budgets, which some servers do not fix.

use daemonset_validation::{Change, Server};

use super::{Case, Difference, NodeAnswer, compare, ours};

/// Where we differ from the oracle.
///
/// From a minor on, a budget counts no pod that a budget before it guards in vain, and the scheduler takes budgets in the order of a Go
/// map. So the victims on a node are right if they are those of any order.
///
/// # Errors
///
/// Where an object cannot be read.
pub fn differences(case: &Case, theirs: &[NodeAnswer], server: &Server) -> Result<Vec<Difference>, String> {
    let mut found = compare(theirs, &ours(case, server)?);
    if !server.has(Change::PreemptionStopsAtViolatedBudget) {
        return Ok(found);
    }
    let places: Vec<usize> = (0..case.objects.len())
        .filter(|place| case.objects[*place]["kind"] == "PodDisruptionBudget")
        .collect();
    for order in orders(places.len()).into_iter().skip(1) {
        if !found.iter().any(Difference::is_about_victims) {
            break;
        }
        let mut other = case.clone();
        for (place, from) in places.iter().zip(order) {
            other.objects[*place] = case.objects[places[from]].clone();
        }
        let again = compare(theirs, &ours(&other, server)?);
        found.retain(|one| !one.is_about_victims() || again.iter().any(|two| two.node == one.node));
    }
    Ok(found)
}

/// The orders of so many things, the given one first.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let mut orders = vec![Vec::new()];
    for next in 0..count {
        let with = |order: &Vec<usize>| {
            (0..=order.len())
                .rev()
                .map(|at| {
                    let mut longer = order.clone();
                    longer.insert(at, next);
                    longer
                })
                .collect::<Vec<_>>()
        };
        orders = orders.iter().flat_map(with).collect();
    }
    orders
}
