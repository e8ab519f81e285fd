//! Where the certificate comes from, by the flags.

use std::future::Future;
use std::pin::Pin;

use daemonset_certs::rotation::Terms;
use daemonset_certs::{Served, files, managed};
use kube::Client;

use crate::args::Certificate;

use super::cluster;

/// What keeps a certificate up to date, for as long as it is polled.
pub(super) type Keeping = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Starts with the certificate that there is, if there is one yet.
pub(super) fn of(wanted: &Certificate, client: Option<&Client>) -> Result<(Served, Keeping), String> {
    if let Some(folder) = &wanted.tls_dir {
        let (served, keeping) = files::watch(folder.clone());
        return Ok((served, Box::pin(keeping)));
    }
    let (Some(secret), Some(service)) = (&wanted.tls_secret, &wanted.service) else {
        return Err("give --tls-dir FOLDER, or --tls-secret NAME with --service NAME".to_owned());
    };
    let client =
        client.ok_or("--tls-secret needs a cluster: the pod's service account, or --kubeconfig FILE")?;
    let namespace = wanted.namespace.clone().or_else(cluster::own_namespace);
    let namespace = namespace.ok_or("give --namespace NAME: this is no pod, so there is none of its own")?;
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
    let (served, keeping) = managed::keep(client.clone(), options);
    Ok((served, Box::pin(keeping)))
}
