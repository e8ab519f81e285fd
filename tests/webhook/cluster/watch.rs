//! Lists and watches a kind, and keeps the current objects.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use kube::api::{Api, ApiResource, DynamicObject, ListParams, WatchEvent, WatchParams};
use kube::core::GroupVersionKind;
use serde_json::Value;
use tokio::sync::watch;

use crate::api::ApiClient;

/// All objects of a kind, by uid.
pub type Objects = BTreeMap<String, Value>;

/// Watches a kind in all namespaces until the receiver is gone. Every change sends the whole map.
pub fn watch(api: &ApiClient, version: &str, kind: &str) -> watch::Receiver<Objects> {
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
    let api: Api<DynamicObject> = Api::all_with(api.client.clone(), &resource);
    let (sender, receiver) = watch::channel(Objects::new());
    tokio::spawn(async move {
        while !sender.is_closed() {
            // An error ends one watch; the next one begins with a new list, a moment later.
            if follow(&api, &sender).await.is_err() {
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
        }
    });
    receiver
}

/// One list and the watch that continues it, until the server closes the watch or the receiver is gone.
async fn follow(api: &Api<DynamicObject>, sender: &watch::Sender<Objects>) -> kube::Result<()> {
    let list = api.list(&ListParams::default()).await?;
    sender.send_replace(list.items.iter().map(entry).collect());
    let version = list.metadata.resource_version.unwrap_or_default();
    let mut events = api.watch(&WatchParams::default(), &version).await?.boxed();
    while let Some(event) = events.next().await {
        match event? {
            WatchEvent::Added(object) | WatchEvent::Modified(object) => sender.send_modify(|all| {
                let (uid, value) = entry(&object);
                all.insert(uid, value);
            }),
            WatchEvent::Deleted(object) => sender.send_modify(|all| {
                all.remove(&entry(&object).0);
            }),
            WatchEvent::Bookmark(_) => {}
            WatchEvent::Error(status) => return Err(kube::Error::Api(status)),
        }
        if sender.is_closed() {
            break;
        }
    }
    Ok(())
}

fn entry(object: &DynamicObject) -> (String, Value) {
    let uid = object.metadata.uid.clone().unwrap_or_default();
    (uid, serde_json::to_value(object).unwrap_or_default())
}
