//! A pod's volumes as folders, written as the kubelet writes them: the files in their own folder, a symbolic link `..data` to it that is
//! swapped in one step, and each file's name a link through `..data`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::api::ApiClient;

/// The files of a volume by their path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Where each of a pod's volumes is.
pub struct Volumes {
    /// The folder of all volumes.
    pub folder: PathBuf,
    written: BTreeMap<String, Files>,
    number: u64,
}

impl Volumes {
    /// No volume yet.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, written: BTreeMap::new(), number: 0 }
    }

    /// Writes all volumes of a pod; those that have changed are swapped. The number of swaps.
    pub async fn sync(&mut self, api: &ApiClient, pod: &Value, certificate: &Path) -> Result<usize, String> {
        let mut swaps = 0;
        for volume in pod["spec"]["volumes"].as_array().into_iter().flatten() {
            let name = volume["name"].as_str().unwrap_or_default();
            let folder = self.folder.join(name);
            std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
            if !volume["emptyDir"].is_null() {
                continue;
            }
            let files = files(api, pod, volume, certificate).await?;
            if self.written.get(name) != Some(&files) {
                // A token that is asked for again differs, and need not be written each time.
                let once = volume["projected"]["sources"].as_array().is_some_and(|sources| {
                    sources.iter().any(|source| !source["serviceAccountToken"].is_null())
                });
                if once && self.written.contains_key(name) {
                    continue;
                }
                self.number += 1;
                swap(&folder, &files, self.number).map_err(|error| error.to_string())?;
                self.written.insert(name.to_owned(), files);
                swaps += 1;
            }
        }
        Ok(swaps)
    }
}

/// Writes the files beside what is there and swaps `..data`, as the kubelet's AtomicWriter does.
fn swap(folder: &Path, files: &Files, number: u64) -> std::io::Result<()> {
    use std::os::unix::fs::symlink;
    let old = std::fs::read_link(folder.join("..data")).ok();
    let fresh = format!("..2026_11_26_00_00_{:02}.{number}", number % 60);
    for (name, bytes) in files {
        let path = folder.join(&fresh).join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, bytes)?;
    }
    std::fs::create_dir_all(folder.join(&fresh))?;
    symlink(&fresh, folder.join("..data_tmp"))?;
    std::fs::rename(folder.join("..data_tmp"), folder.join("..data"))?;
    let tops = files.keys().filter_map(|name| name.split('/').next());
    for name in tops {
        let link = folder.join(name);
        if link.symlink_metadata().is_err() {
            symlink(Path::new("..data").join(name), link)?;
        }
    }
    if let Some(old) = old {
        std::fs::remove_dir_all(folder.join(old))?;
    }
    Ok(())
}

async fn files(api: &ApiClient, pod: &Value, volume: &Value, certificate: &Path) -> Result<Files, String> {
    if let Some(name) = volume["secret"]["secretName"].as_str() {
        return source(api, pod, "secrets", name, &volume["secret"]).await;
    }
    if let Some(name) = volume["configMap"]["name"].as_str() {
        return source(api, pod, "configmaps", name, &volume["configMap"]).await;
    }
    let mut all = Files::new();
    for projected in volume["projected"]["sources"].as_array().into_iter().flatten() {
        if let Some(name) = projected["secret"]["name"].as_str() {
            all.extend(source(api, pod, "secrets", name, &projected["secret"]).await?);
        } else if projected["configMap"]["name"] == "kube-root-ca.crt" {
            // The controller that publishes it does not run; the API server's own certificate is what it would hold.
            all.insert("ca.crt".into(), std::fs::read(certificate).map_err(|error| error.to_string())?);
        } else if let Some(name) = projected["configMap"]["name"].as_str() {
            all.extend(source(api, pod, "configmaps", name, &projected["configMap"]).await?);
        } else if let Some(path) = projected["serviceAccountToken"]["path"].as_str() {
            all.insert(path.to_owned(), token(api, pod).await?.into_bytes());
        }
        for item in projected["downwardAPI"]["items"].as_array().into_iter().flatten() {
            let value = field(pod, item["fieldRef"]["fieldPath"].as_str().unwrap_or_default());
            all.insert(item["path"].as_str().unwrap_or_default().to_owned(), value.into_bytes());
        }
    }
    Ok(all)
}

async fn source(
    api: &ApiClient,
    pod: &Value,
    kind: &str,
    name: &str,
    source: &Value,
) -> Result<Files, String> {
    let namespace = pod["metadata"]["namespace"].as_str().unwrap_or_default();
    let found = api.get(&format!("/api/v1/namespaces/{namespace}/{kind}/{name}")).await?;
    let Some(object) = found else {
        let optional = source["optional"] == true;
        return if optional { Ok(Files::new()) } else { Err(format!("{kind} {name} is not there")) };
    };
    let mut all = Files::new();
    for (key, value) in object["data"].as_object().into_iter().flatten() {
        let text = value.as_str().unwrap_or_default();
        let bytes = if kind == "secrets" { base64(text) } else { text.as_bytes().to_vec() };
        all.insert(key.clone(), bytes);
    }
    let Some(items) = source["items"].as_array() else { return Ok(all) };
    let mut chosen = Files::new();
    for item in items {
        let (key, path) =
            (item["key"].as_str().unwrap_or_default(), item["path"].as_str().unwrap_or_default());
        match all.get(key) {
            Some(bytes) => _ = chosen.insert(path.to_owned(), bytes.clone()),
            None if source["optional"] == true => {}
            None => return Err(format!("{kind} {name} has no {key}")),
        }
    }
    Ok(chosen)
}

/// A token of the pod's own account, as the kubelet asks for one.
pub async fn token(api: &ApiClient, pod: &Value) -> Result<String, String> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (namespace, account) =
        (word(&pod["metadata"]["namespace"]), word(&pod["spec"]["serviceAccountName"]));
    let account = if account.is_empty() { "default".to_owned() } else { account };
    let request = json!({
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
        "spec": { "expirationSeconds": 3607, "boundObjectRef": {
            "apiVersion": "v1", "kind": "Pod", "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"],
        } },
    });
    let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token");
    Ok(word(&api.create(&path, &request).await?["status"]["token"]))
}

/// A field of the pod by its path in the downward API.
pub fn field(pod: &Value, path: &str) -> String {
    let value = match path {
        "status.podIP" | "status.podIPs" => &pod["status"]["podIP"],
        "spec.nodeName" => &pod["spec"]["nodeName"],
        "spec.serviceAccountName" => &pod["spec"]["serviceAccountName"],
        other => &pod["metadata"][other.trim_start_matches("metadata.")],
    };
    value.as_str().unwrap_or_default().to_owned()
}

/// Decodes base64 as Secrets hold it.
pub fn base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut held) = (0_u32, 0_u32);
    for character in text.bytes() {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.extend(u8::try_from((bits >> held) & 0xff));
            bits &= (1 << held) - 1;
        }
    }
    bytes
}

/// Encodes base64 as Secrets hold it.
pub fn to_base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let at = |index: usize| chunk.get(index).copied().map_or(0, u32::from);
        let bits = (at(0) << 16) | (at(1) << 8) | at(2);
        for index in 0..4_usize {
            let digit = (bits >> (18 - 6 * index)) & 63;
            text.push(if index <= chunk.len() { char::from(DIGITS[digit as usize]) } else { '=' });
        }
    }
    text
}
