//! Lists and watches a kind, and keeps what is there now.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use kube::api::{Api, ApiResource, DynamicObject};
use kube::core::GroupVersionKind;
use kube::runtime::watcher;
use serde_json::Value;
use tokio::sync::watch;

use crate::door::Door;

/// All objects of a kind, by uid.
pub type Objects = BTreeMap<String, Value>;

/// Watches a kind in all namespaces until the receiver is gone. Every change sends the whole map.
pub fn watch(door: &Door, version: &str, kind: &str) -> watch::Receiver<Objects> {
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
    let api: Api<DynamicObject> = Api::all_with(door.client.clone(), &resource);
    let (sender, receiver) = watch::channel(Objects::new());
    tokio::spawn(async move {
        let mut events = watcher(api, watcher::Config::default()).boxed();
        let mut fresh = Objects::new();
        while let Some(event) = events.next().await {
            match event {
                Ok(watcher::Event::Init) => fresh.clear(),
                Ok(watcher::Event::InitApply(object)) => {
                    let (uid, value) = entry(&object);
                    fresh.insert(uid, value);
                }
                Ok(watcher::Event::InitDone) => {
                    sender.send_replace(std::mem::take(&mut fresh));
                }
                Ok(watcher::Event::Apply(object)) => {
                    let (uid, value) = entry(&object);
                    sender.send_modify(|all| {
                        all.insert(uid, value);
                    });
                }
                Ok(watcher::Event::Delete(object)) => sender.send_modify(|all| {
                    all.remove(&entry(&object).0);
                }),
                // The stream lists again by itself, a moment later.
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(200)).await,
            }
            if sender.is_closed() {
                return;
            }
        }
    });
    receiver
}

fn entry(object: &DynamicObject) -> (String, Value) {
    let uid = object.metadata.uid.clone().unwrap_or_default();
    (uid, serde_json::to_value(object).unwrap_or_default())
}
