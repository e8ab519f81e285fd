//! Where our answer differs from the oracle's.

use super::answer::NodeAnswer;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// What sort of difference it is: enough to tell cases of the same cause together.
    pub kind: String,
    /// The node.
    pub node: String,
    /// Their answer and ours.
    pub detail: String,
}

impl Difference {
    /// Whether it is about which pods would be preempted.
    pub fn is_about_victims(&self) -> bool {
        self.kind.starts_with(VICTIMS)
    }
}

const VICTIMS: &str = "victims";

/// The differences, node by node.
pub fn compare(theirs: &[NodeAnswer], ours: &[NodeAnswer]) -> Vec<Difference> {
    let mut differences = Vec::new();
    if theirs.len() != ours.len() {
        let detail = format!("{} nodes and {}", theirs.len(), ours.len());
        differences.push(Difference { kind: "number of nodes".to_owned(), node: String::new(), detail });
    }
    for (theirs, ours) in theirs.iter().zip(ours) {
        let kind = if theirs.name != ours.name {
            "order of nodes".to_owned()
        } else if theirs.verdict != ours.verdict {
            let plugin = if theirs.plugin.is_empty() { &ours.plugin } else { &theirs.plugin };
            format!("verdict: {} and we say {} ({plugin})", theirs.verdict, ours.verdict)
        } else if theirs.plugin != ours.plugin && theirs.verdict == "pending" {
            format!("plugin: {} and we say {}", theirs.plugin, ours.plugin)
        } else if theirs.plugin == "NodeResourcesFit" && sorted(theirs) != sorted(ours) {
            resources(theirs, ours)
        } else if theirs.victims != ours.victims {
            format!("{VICTIMS} ({})", theirs.plugin)
        } else {
            continue;
        };
        let detail = format!("theirs {theirs:?}\n  ours   {ours:?}");
        differences.push(Difference { kind, node: theirs.name.clone(), detail });
    }
    differences
}

/// Which resources one side names and the other does not, or whose numbers differ.
fn resources(theirs: &NodeAnswer, ours: &NodeAnswer) -> String {
    let names = |answer: &NodeAnswer| -> Vec<String> {
        sorted(answer).into_iter().map(|resource| resource.resource).collect()
    };
    let (theirs, ours) = (names(theirs), names(ours));
    if theirs == ours {
        return format!("resources: other numbers of {theirs:?}");
    }
    let missing: Vec<&String> = theirs.iter().filter(|name| !ours.contains(name)).collect();
    let invented: Vec<&String> = ours.iter().filter(|name| !theirs.contains(name)).collect();
    format!("resources: we lack {missing:?} and invent {invented:?}")
}

fn sorted(answer: &NodeAnswer) -> Vec<super::ResourceAnswer> {
    let mut resources = answer.resources.clone();
    resources.sort();
    resources
}
