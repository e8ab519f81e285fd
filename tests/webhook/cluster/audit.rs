//! The API server's audit log: the requests of the release's accounts, and the webhook's annotations.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

/// All events until now.
pub fn events(log: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// What an account asked for: group, resource and verb, with how often it was allowed and how often not.
pub fn asked(events: &[Value], account: &str) -> BTreeMap<(String, String, String), (usize, usize)> {
    let mut asked: BTreeMap<_, (usize, usize)> = BTreeMap::new();
    for event in events.iter().filter(|event| event["user"]["username"] == account) {
        let object = &event["objectRef"];
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut resource = word(&object["resource"]);
        if let Some(part) = object["subresource"].as_str() {
            resource = format!("{resource}/{part}");
        }
        if resource.is_empty() {
            // Discovery, the version, health: everyone may.
            continue;
        }
        let count = asked.entry((word(&object["apiGroup"]), resource, word(&event["verb"]))).or_default();
        if event["responseStatus"]["code"] == 403 { count.1 += 1 } else { count.0 += 1 }
    }
    asked
}
