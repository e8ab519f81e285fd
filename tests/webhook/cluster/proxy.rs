//! Acts as kube-proxy: listens on every Service's ClusterIP, which this control plane assigns on loopback, and forwards new connections
//! to the ready endpoints of the EndpointSlices, or to terminating ones that still serve if there are no others. Open connections stay
//! open. A Service without endpoints refuses connections.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use daemonset_tests::forward::forward;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::api::ApiClient;
use crate::watch::{Objects, watch};

/// The endpoints behind one address and port.
type Backends = Vec<SocketAddr>;

/// A running stand-in; it ends with the runtime.
pub struct Proxy {
    tables: watch::Receiver<BTreeMap<SocketAddr, Backends>>,
}

impl Proxy {
    /// Watches Services and EndpointSlices, and forwards.
    pub fn start(api: &ApiClient) -> Self {
        let mut services = watch(api, "v1", "Service");
        let mut slices = watch(api, "discovery.k8s.io/v1", "EndpointSlice");
        let (tables, receiver) = watch::channel(BTreeMap::new());
        tokio::spawn(async move {
            let mut listeners: BTreeMap<SocketAddr, watch::Sender<Backends>> = BTreeMap::new();
            loop {
                let table = table(&services.borrow_and_update(), &slices.borrow_and_update());
                for (address, backends) in &table {
                    let listener = listeners.entry(*address).or_insert_with(|| {
                        let (sender, receiver) = watch::channel(Vec::new());
                        tokio::spawn(listen(*address, receiver));
                        sender
                    });
                    listener.send_if_modified(|known| {
                        let changed = known != backends;
                        known.clone_from(backends);
                        changed
                    });
                }
                listeners.retain(|address, _| table.contains_key(address));
                tables.send_replace(table);
                tokio::select! {
                    changed = services.changed() => if changed.is_err() { return },
                    changed = slices.changed() => if changed.is_err() { return },
                }
            }
        });
        Self { tables: receiver }
    }

    /// How many endpoints an address has now.
    pub fn endpoints(&self, address: SocketAddr) -> usize {
        self.tables.borrow().get(&address).map_or(0, Vec::len)
    }
}

/// An address of the pods' range, `10.45.x.y`, as the one on loopback where the pod's process really listens: EndpointSlices may not hold
/// addresses of loopback.
pub fn on_loopback(pod: &str) -> String {
    pod.replacen("10.", "127.", 1)
}

fn table(services: &Objects, slices: &Objects) -> BTreeMap<SocketAddr, Backends> {
    let mut table = BTreeMap::new();
    for service in services.values() {
        let (name, namespace) = (&service["metadata"]["name"], &service["metadata"]["namespace"]);
        let own: Vec<&Value> = slices
            .values()
            .filter(|slice| {
                slice["metadata"]["namespace"] == *namespace
                    && slice["metadata"]["labels"]["kubernetes.io/service-name"] == *name
            })
            .collect();
        // The API server's own Service has endpoints that nobody forwards to here.
        if own.is_empty() && *name == "kubernetes" {
            continue;
        }
        let ip = service["spec"]["clusterIP"].as_str().unwrap_or_default();
        for port in service["spec"]["ports"].as_array().into_iter().flatten() {
            let Ok(address) = format!("{ip}:{}", port["port"]).parse::<SocketAddr>() else { continue };
            let mut backends = backends(&own, port, "ready");
            if backends.is_empty() {
                backends = self::backends(&own, port, "serving");
            }
            table.insert(address, backends);
        }
    }
    table
}

fn backends(slices: &[&Value], service_port: &Value, condition: &str) -> Backends {
    let mut found = Vec::new();
    for slice in slices {
        let ports = slice["ports"].as_array().into_iter().flatten();
        let name = |port: &Value| port["name"].as_str().unwrap_or_default().to_owned();
        for port in ports.filter(|port| name(port) == name(service_port)) {
            let endpoints = slice["endpoints"].as_array().into_iter().flatten();
            for endpoint in endpoints.filter(|endpoint| endpoint["conditions"][condition] == true) {
                let addresses = endpoint["addresses"].as_array().into_iter().flatten();
                found.extend(addresses.filter_map(Value::as_str).filter_map(|ip| {
                    format!("{}:{}", on_loopback(ip), port["port"]).parse::<SocketAddr>().ok()
                }));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Listens while there are endpoints; ends when the Service is gone.
async fn listen(address: SocketAddr, mut backends: watch::Receiver<Backends>) {
    let mut turn = 0_usize;
    loop {
        if backends.borrow_and_update().is_empty() {
            if backends.changed().await.is_err() {
                return;
            }
            continue;
        }
        let listener = match TcpListener::bind(address).await {
            Ok(listener) => listener,
            Err(error) => {
                eprintln!("cannot listen on {address}: {error}");
                return;
            }
        };
        loop {
            tokio::select! {
                changed = backends.changed() => {
                    if changed.is_err() { return }
                    if backends.borrow_and_update().is_empty() { break }
                }
                accepted = listener.accept() => {
                    let Ok((client, _)) = accepted else { continue };
                    turn = turn.wrapping_add(1);
                    let known = backends.borrow();
                    let Some(backend) = known.get(turn % known.len().max(1)).copied() else { continue };
                    tokio::spawn(forward(client, Some(backend)));
                }
            }
        }
    }
}
