//! Chooses the certificate of a TLS handshake: the one that is served now, read without a lock.

use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::{Served, Serving};

/// Follows a [`Served`] receiver. A handshake costs two atomic loads; who finds a new certificate takes it over for all.
#[derive(Debug)]
pub struct Resolver {
    seen: ArcSwap<Seen>,
}

/// A receiver that has marked as seen what stands beside it.
#[derive(Debug)]
struct Seen {
    served: Served,
    now: Option<Arc<Serving>>,
}

impl Seen {
    fn new(mut served: Served) -> Seen {
        let now = served.borrow_and_update().clone();
        Seen { served, now }
    }
}

impl Resolver {
    /// A resolver for `ServerConfig::with_cert_resolver`.
    pub fn new(served: Served) -> Arc<Resolver> {
        Arc::new(Resolver { seen: ArcSwap::from_pointee(Seen::new(served)) })
    }

    /// What the next handshake would be answered with.
    pub fn now(&self) -> Option<Arc<Serving>> {
        let seen = self.seen.load();
        match seen.served.has_changed() {
            Ok(false) => seen.now.clone(),
            // Two handshakes may do this at once and the older value be stored last; its receiver then still says "changed".
            Ok(true) => {
                let fresh = Arc::new(Seen::new(seen.served.clone()));
                let now = fresh.now.clone();
                self.seen.store(fresh);
                now
            }
            // Nobody sends any more; what was sent last holds.
            Err(_) => seen.served.borrow().clone(),
        }
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.now().map(|serving| serving.key.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::authority::Authority;
    use crate::leaf;

    fn serving(authority: &Authority) -> Arc<Serving> {
        let leaf = leaf::make(authority, &["a".to_owned()], 0, Duration::from_secs(10)).unwrap();
        Arc::new(Serving::from_pem(leaf.certificate.as_bytes(), leaf.key.as_bytes()).unwrap())
    }

    #[test]
    fn it_follows_what_is_served() {
        let authority = Authority::make(0, Duration::from_secs(100)).unwrap();
        let (sender, served) = tokio::sync::watch::channel(None);
        let resolver = Resolver::new(served);
        assert!(resolver.now().is_none());
        for _ in 0..3 {
            let next = serving(&authority);
            sender.send_replace(Some(next.clone()));
            assert_eq!(resolver.now().unwrap().serial, next.serial);
            assert_eq!(resolver.now().unwrap().serial, next.serial);
        }
        let last = serving(&authority);
        sender.send_replace(Some(last.clone()));
        drop(sender);
        assert_eq!(resolver.now().unwrap().serial, last.serial);
    }

    #[test]
    fn many_threads_never_see_an_older_one_again() {
        let authority = Authority::make(0, Duration::from_secs(100)).unwrap();
        let all: Vec<_> = (0..20).map(|_| serving(&authority)).collect();
        let (sender, served) = tokio::sync::watch::channel(None);
        let resolver = Resolver::new(served);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut last = 0;
                    while last + 1 < all.len() {
                        let Some(now) = resolver.now() else { continue };
                        let place = all.iter().position(|one| one.serial == now.serial).unwrap();
                        // What was read while another value was stored may lag by one read, but it catches up.
                        last = last.max(place);
                    }
                });
            }
            for one in &all {
                sender.send_replace(Some(one.clone()));
                std::thread::yield_now();
            }
        });
        assert_eq!(resolver.now().unwrap().serial, all[19].serial);
    }
}
