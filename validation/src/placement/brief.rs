//! A reason in few words, without a node's or a pod's name, so that one line speaks of many nodes.

use super::amount;
use super::verdict::Reason;

/// A reason in few words.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Brief {
    /// The manifest chooses its nodes itself, and this is none of them; the words are what it chooses by: `nodeSelector disktype: ssd`.
    Choice(Vec<String>),
    /// A resource of which there is too little.
    Short {
        /// Its name.
        resource: Box<str>,
        /// How much more would be needed; `None` where the node has none at all.
        missing: Option<i64>,
    },
    /// A phrase: `taint nvidia.com/gpu is not tolerated`.
    Phrase(String),
}

/// An amount of a resource in the scheduler's units with its name: `500m CPU`, `3Gi memory`, `2 nvidia.com/gpu`.
pub fn amount_of(resource: &str, amount: i64) -> String {
    let name = if resource == "cpu" { "CPU" } else { resource };
    format!("{} {name}", amount::shown(resource, amount))
}

impl Reason {
    /// The reason in few words.
    pub fn brief(&self) -> Brief {
        if let Some(short) = &self.resource {
            let missing =
                short.requested.saturating_sub(short.allocatable.saturating_sub(short.used).max(0)).max(1);
            let missing = (short.allocatable > 0).then_some(missing);
            return Brief::Short { resource: short.name.clone(), missing };
        }
        let path = || self.path.to_string();
        match self.filter {
            "NodeName" => {
                Brief::Choice(named(&self.message).map(|name| format!("nodeName {name}")).collect())
            }
            "NodeAffinity" => self.choice(&path()),
            "TaintToleration" => {
                let mut keys: Vec<&str> =
                    named(&self.message).filter_map(|taint| taint.split(['=', ':']).next()).collect();
                keys.dedup();
                let (noun, verb) = if keys.len() == 1 { ("taint", "is") } else { ("taints", "are") };
                Brief::Phrase(format!("{noun} {} {verb} not tolerated", keys.join(", ")))
            }
            "NodePorts" => {
                let held = self.message.split(" by pod ").next();
                Brief::Phrase(held.unwrap_or_default().to_owned())
            }
            "PodTopologySpread" => {
                let key =
                    named(&self.message).find(|name| name.contains('/')).or(named(&self.message).next());
                Brief::Phrase(format!("topology spread over {} does not allow it", key.unwrap_or_default()))
            }
            "InterPodAffinity" if self.lacks.is_none() => Brief::Phrase(
                if path().contains("podAffinity") {
                    "no pod that its pod affinity wants is near"
                } else if path().contains("podAntiAffinity") {
                    "its pod anti-affinity meets another pod"
                } else {
                    "another pod's anti-affinity keeps it away"
                }
                .to_owned(),
            ),
            _ => Brief::Phrase(self.message.replace('`', "")),
        }
    }

    /// By what the manifest chooses its nodes.
    fn choice(&self, path: &str) -> Brief {
        let field = if path.contains("nodeSelector[") || path.ends_with("nodeSelector") {
            "nodeSelector"
        } else {
            "node affinity"
        };
        // What is wanted stands in quotes behind these words; what the node has stands in front of them.
        let wanted = ["the manifest wants `", "the manifest compares numbers: `"];
        let mut choices = Vec::new();
        for words in wanted {
            for rest in self.message.split(words).skip(1) {
                let one = rest.split('`').next().unwrap_or_default();
                choices.push(format!("{field} {one}"));
            }
        }
        if choices.is_empty() {
            choices.push(field.to_owned());
        }
        Brief::Choice(choices)
    }
}

/// What stands in backquotes.
fn named(message: &str) -> impl Iterator<Item = &str> {
    message.split('`').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::FieldPath;
    use crate::placement::filters::pod_path;
    use crate::placement::verdict::Insufficient;

    fn brief(filter: &'static str, message: &str, path: FieldPath) -> Brief {
        Reason::new(filter, message.to_owned(), path).brief()
    }

    fn phrase(text: &str) -> Brief {
        Brief::Phrase(text.to_owned())
    }

    #[test]
    fn few_words_name_no_node() {
        let path = pod_path(&["tolerations"]);
        assert_eq!(
            brief("TaintToleration", "taint `nvidia.com/gpu=true:NoSchedule` is not tolerated", path.clone()),
            phrase("taint nvidia.com/gpu is not tolerated")
        );
        assert_eq!(
            brief(
                "TaintToleration",
                "taints `a:NoSchedule`, `a:NoExecute`, `b=c:NoExecute` are not tolerated",
                path
            ),
            phrase("taints a, b are not tolerated")
        );
        let path = pod_path(&["nodeSelector"]).key("disktype");
        let message = "label `disktype` is `hdd`, the manifest wants `disktype: ssd`";
        assert_eq!(
            brief("NodeAffinity", message, path),
            Brief::Choice(vec!["nodeSelector disktype: ssd".to_owned()])
        );
        let path = pod_path(&["affinity", "nodeAffinity"]);
        let message = "label `zone` is `b`, the manifest wants `zone In [a]`; label `n` is `x`, the manifest compares numbers: `n Gt [3]`";
        assert_eq!(
            brief("NodeAffinity", message, path),
            Brief::Choice(vec!["node affinity zone In [a]".to_owned(), "node affinity n Gt [3]".to_owned()])
        );
        let message = "host port 9100/TCP is held by pod monitoring/node-exporter-x7";
        assert_eq!(
            brief("NodePorts", message, pod_path(&["containers"])),
            phrase("host port 9100/TCP is held")
        );
        let short = Insufficient { name: "cpu".into(), requested: 4000, used: 3000, allocatable: 5000 };
        let reason = Reason::new("NodeResourcesFit", String::new(), pod_path(&[])).about(short);
        assert_eq!(reason.brief(), Brief::Short { resource: "cpu".into(), missing: Some(2000) });
        assert_eq!(amount_of("cpu", 2000), "2 CPU");
    }
}
