//! Lists every object in the API server, to see what an installation leaves behind.

use std::collections::BTreeSet;

use crate::api::ApiClient;

/// Kinds that come and go by themselves.
const FLEETING: &[&str] = &["events", "componentstatuses"];

/// Every object of every kind that can be listed: kind, namespace and name.
pub async fn inventory(api: &ApiClient) -> Result<BTreeSet<String>, String> {
    let mut versions = vec!["/api/v1".to_owned()];
    for group in api.get("/apis").await?.unwrap_or_default()["groups"].as_array().into_iter().flatten() {
        let version = group["preferredVersion"]["groupVersion"].as_str().unwrap_or_default();
        versions.push(format!("/apis/{version}"));
    }
    let mut all = BTreeSet::new();
    for version in versions {
        let resources = api.get(&version).await?.unwrap_or_default()["resources"].clone();
        for resource in resources.as_array().into_iter().flatten() {
            let name = resource["name"].as_str().unwrap_or_default();
            let lists =
                resource["verbs"].as_array().is_some_and(|verbs| verbs.iter().any(|verb| verb == "list"));
            if !lists || name.contains('/') || FLEETING.contains(&name) {
                continue;
            }
            for object in api.list(&format!("{version}/{name}")).await? {
                let word = |key: &str| object["metadata"][key].as_str().unwrap_or("-").to_owned();
                all.insert(format!("{name} {}/{}", word("namespace"), word("name")));
            }
        }
    }
    Ok(all)
}
