//! Chooses where the certificate comes from, by the flags.

use std::future::Future;
use std::pin::{Pin, pin};

use daemonset_certs::rotation::Terms;
use daemonset_certs::{Served, files, managed};
use kube::Client;
use tokio::sync::watch;

use crate::args::Certificate;

use super::cluster;

/// Makes the future that keeps the certificate up to date. Can be called again if the future has panicked.
pub(super) type Updates = Box<dyn FnMut() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// The certificate that is served, and what keeps it up to date.
///
/// # Errors
///
/// A message, if the flags do not fit together or there is no cluster to store the certificate in.
pub(super) fn start(wanted: &Certificate, client: Option<&Client>) -> Result<(Served, Updates), String> {
    if let Some(folder) = &wanted.tls_dir {
        let folder = folder.clone();
        return Ok(relayed(move || files::watch(folder.clone())));
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
    let client = client.clone();
    Ok(relayed(move || managed::keep(client.clone(), options.clone())))
}

/// Passes the certificates of a source on. If the source has panicked, it is made again, and the last certificate stays in use meanwhile.
fn relayed<F: Future<Output = ()> + Send + 'static>(
    mut source: impl FnMut() -> (Served, F) + Send + 'static,
) -> (Served, Updates) {
    let made = source();
    let (sender, served) = watch::channel(made.0.borrow().clone());
    let mut first = Some(made);
    let updates: Updates = Box::new(move || {
        let (mut found, updates) = first.take().unwrap_or_else(&mut source);
        let sender = sender.clone();
        Box::pin(async move {
            let mut updates = pin!(updates);
            loop {
                if let Some(serving) = found.borrow_and_update().clone() {
                    sender.send_replace(Some(serving));
                }
                tokio::select! {
                    () = &mut updates => return,
                    changed = found.changed() => if changed.is_err() { return },
                }
            }
        })
    });
    (served, updates)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use super::*;
    use crate::metrics::{Metrics, Part};
    use crate::supervise::Supervisor;

    /// A certificate for loopback.
    fn certificate() -> Option<Arc<daemonset_certs::Serving>> {
        let folder = tempfile::tempdir().unwrap();
        daemonset_certs::dev::write(folder.path(), &["localhost".to_owned()]).unwrap();
        let (served, _) = files::watch(folder.path().to_owned());
        served.borrow().clone()
    }

    #[tokio::test]
    async fn a_source_that_panics_is_made_again_and_its_certificate_stays_in_use() {
        let certificates = [certificate(), None, certificate()];
        let serials = certificates.clone().map(|serving| serving.map(|serving| serving.serial.clone()));
        let left = Arc::new(Mutex::new(certificates.into_iter()));
        let (mut served, updates) = relayed(move || {
            let (sender, served) = watch::channel(left.lock().unwrap().next().unwrap());
            let last = left.lock().unwrap().len() == 0;
            (served, async move {
                tokio::task::yield_now().await;
                assert!(last, "injected");
                sender.closed().await;
            })
        });
        let now = |served: &Served| served.borrow().as_ref().map(|serving| serving.serial.clone());
        assert_eq!(now(&served), serials[0]);
        let supervisor = Supervisor::new(Arc::new(Metrics::new()));
        supervisor.keep(Part::Certificate, updates);
        let third = served.wait_for(|serving| {
            let serial = serving.as_ref().map(|serving| serving.serial.clone());
            assert!(serial == serials[0] || serial == serials[2], "the certificate is gone meanwhile");
            serial == serials[2]
        });
        tokio::time::timeout(Duration::from_secs(20), third).await.unwrap().unwrap();
    }
}
