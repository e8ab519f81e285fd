//! Chooses where the certificate comes from, by the flags.

use daemonset_certs::rotation::Terms;
use daemonset_certs::{Clock, Keeping, Served, files, managed};
use kube::Client;

use crate::args::Certificate;

use super::cluster;

/// The certificate that is served, and what keeps it up to date. `clock` is the time by which certificates are made and judged.
///
/// # Errors
///
/// A message, if the flags do not fit together or there is no cluster to store the certificate in.
pub(super) fn start(
    wanted: &Certificate,
    client: Option<&Client>,
    clock: &Clock,
) -> Result<(Served, Keeping), String> {
    if let Some(folder) = &wanted.tls_dir {
        return files::watch(folder.clone(), host(wanted), clock.clone())
            .map_err(|error| format!("--tls-dir cannot be watched: {error}"));
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
    options.clock = clock.clone();
    Ok(managed::keep(client.clone(), options))
}

/// The name that the API server calls, if the Service is known.
fn host(wanted: &Certificate) -> Option<String> {
    let namespace = wanted.namespace.clone().or_else(cluster::own_namespace)?;
    wanted.service.as_ref().map(|service| format!("{service}.{namespace}.svc"))
}
