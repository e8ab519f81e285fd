//! Chooses where the certificate comes from, by the flags.

use std::future::Future;
use std::pin::Pin;

use daemonset_certs::rotation::Terms;
use daemonset_certs::{Served, files, managed};
use kube::Client;

use crate::args::Certificate;

use super::cluster;

/// The future that keeps the certificate up to date.
pub(super) type Updates = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The certificate that is served, and the future that keeps it up to date.
///
/// # Errors
///
/// A message, if the flags do not fit together or there is no cluster to store the certificate in.
pub(super) fn start(wanted: &Certificate, client: Option<&Client>) -> Result<(Served, Updates), String> {
    if let Some(folder) = &wanted.tls_dir {
        let (served, updates) = files::watch(folder.clone());
        return Ok((served, Box::pin(updates)));
    }
    let (Some(secret), Some(service)) = (&wanted.tls_secret, &wanted.service) else {
        return Err("give --tls-dir FOLDER, or --tls-secret NAME with --service NAME".to_owned());
    };
    let client =
        client.ok_or("--tls-secret needs a cluster: the pod's service account, or --kubeconfig FILE")?;
    let namespace = wanted.namespace.clone().or_else(cluster::own_namespace);
    let namespace = namespace.ok_or(
        "give --namespace NAME: this process does not run in a pod, so it has no namespace of its own",
    )?;
    let terms =
        Terms::new(wanted.ca_lifetime, wanted.certificate_lifetime, wanted.renew_before, wanted.propagation);
    let mut options = managed::Options::new(namespace, secret, service);
    options.terms = terms.map_err(|error| error.to_string())?;
    options.webhook_configuration.clone_from(&wanted.webhook_configuration);
    if let Some(lease) = &wanted.lease {
        options.lease.clone_from(lease);
    }
    let quarter = wanted.propagation.checked_div(4).unwrap_or_default();
    options.poll = options.poll.min(quarter).max(std::time::Duration::from_millis(100));
    let (served, updates) = managed::keep(client.clone(), options);
    Ok((served, Box::pin(updates)))
}
