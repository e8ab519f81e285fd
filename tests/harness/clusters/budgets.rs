//! Disruption budgets, which decide which pods preemption spares.

use serde_json::{Value, json};

use super::{Plan, words};

/// Budgets of some clusters. They come last, so that they change nothing else of a case.
pub(crate) fn budgets(plan: &mut Plan<'_>) -> Vec<Value> {
    if !plan.percent(20) {
        return Vec::new();
    }
    let count = 1 + plan.below(2);
    (0..count).map(|number| budget(plan, number)).collect()
}

fn budget(plan: &mut Plan<'_>, number: usize) -> Value {
    let labels = words::labels(plan, words::POD_LABELS, 40);
    let mut disrupted = json!({});
    if plan.percent(20) {
        let pod = format!("p{}", 1 + plan.below(8));
        disrupted[pod] = json!("2026-01-01T00:00:00Z");
    }
    let mut spec = json!({ "maxUnavailable": 1 });
    // Without a selector it guards nothing, and with an empty one neither.
    if plan.percent(90) {
        spec["selector"] = json!({ "matchLabels": labels });
    }
    json!({
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
        "metadata": { "name": format!("b{number}"), "namespace": plan.pick(words::NAMESPACES) },
        "spec": spec,
        "status": {
            "disruptionsAllowed": plan.pick(&[0, 0, 1, 2]), "disruptedPods": disrupted,
            "currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 1,
        },
    })
}
