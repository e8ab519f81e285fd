//! The certificate that the API server shows to webhooks, and the files that tell it to.

use std::path::{Path, PathBuf};

use crate::authority::Authority;
use crate::world::{NAMESPACE, RELEASE};

/// The name in the certificate.
pub const NAME: &str = "kube-apiserver-webhook-client";

/// Writes the certificate with this name and its key. kube-apiserver reads them again for each new connection.
pub fn show(folder: &Path, authority: &Authority, name: &str) -> Result<(), String> {
    let (certificate, key) = authority.client(name)?;
    for (file, text) in [("client.key", key), ("client.crt", certificate)] {
        let fresh = folder.join(format!("{file}.new"));
        std::fs::write(&fresh, text).map_err(|error| error.to_string())?;
        std::fs::rename(&fresh, folder.join(file)).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Writes the admission configuration of docs/mutual-tls.md and what it names. Returns its path, for `--admission-control-config-file`.
pub fn configure(folder: &Path) -> Result<PathBuf, String> {
    show(folder, &Authority::make()?, NAME)?;
    let at = |file: &str| folder.join(file);
    let kubeconfig = format!(
        "apiVersion: v1\nkind: Config\nusers:\n  - name: {RELEASE}.{NAMESPACE}.svc\n    user:\n      client-certificate: {}\n      client-key: {}\n",
        at("client.crt").display(),
        at("client.key").display()
    );
    let configuration = format!(
        "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n  - name: ValidatingAdmissionWebhook\n    configuration:\n      apiVersion: apiserver.config.k8s.io/v1\n      kind: WebhookAdmissionConfiguration\n      kubeConfigFile: {}\n",
        at("webhooks.kubeconfig").display()
    );
    std::fs::write(at("webhooks.kubeconfig"), kubeconfig).map_err(|error| error.to_string())?;
    std::fs::write(at("admission.yaml"), configuration).map_err(|error| error.to_string())?;
    Ok(at("admission.yaml"))
}
