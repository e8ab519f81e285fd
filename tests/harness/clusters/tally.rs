//! Counts each answer.

use std::collections::BTreeMap;

use super::answer::NodeAnswer;

/// Counts over many clusters.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Clusters that were asked about.
    pub clusters: u64,
    /// Nodes in them.
    pub nodes: u64,
    verdicts: BTreeMap<String, u64>,
    plugins: BTreeMap<String, u64>,
    reasons: BTreeMap<String, u64>,
    preempting: u64,
}

impl Tally {
    /// Counts an answer.
    pub fn add(&mut self, nodes: &[NodeAnswer]) {
        self.clusters += 1;
        for node in nodes {
            self.nodes += 1;
            *self.verdicts.entry(node.verdict.clone()).or_default() += 1;
            if node.verdict == "pending" {
                *self.plugins.entry(node.plugin.clone()).or_default() += 1;
                for reason in &node.reasons {
                    *self.reasons.entry(format!("{}: {reason}", node.plugin)).or_default() += 1;
                }
                self.preempting += u64::from(node.victims.is_some());
            }
        }
    }

    /// How many nodes are pending.
    pub fn pending(&self) -> u64 {
        self.verdicts.get("pending").copied().unwrap_or_default()
    }

    /// On how many nodes this filter is the first to object.
    pub fn of_plugin(&self, plugin: &str) -> u64 {
        self.plugins.get(plugin).copied().unwrap_or_default()
    }

    /// The counts, a line each.
    pub fn lines(&self) -> Vec<String> {
        let share = |count: u64, of: u64| {
            let share = if of == 0 { 0.0 } else { count as f64 * 100.0 / of as f64 };
            format!("{count:>9} {share:>5.1} %")
        };
        let mut lines = vec![format!("{} clusters, {} nodes", self.clusters, self.nodes)];
        for (verdict, count) in &self.verdicts {
            lines.push(format!("{}  {verdict}", share(*count, self.nodes)));
        }
        lines.push("first objection, of the pending nodes:".to_owned());
        for (plugin, count) in &self.plugins {
            lines.push(format!("{}  {plugin}", share(*count, self.pending())));
        }
        lines.push(format!("{}  would preempt", share(self.preempting, self.pending())));
        for (reason, count) in &self.reasons {
            lines.push(format!("{}    {reason}", share(*count, self.pending())));
        }
        lines
    }
}
