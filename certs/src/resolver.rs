//! Gives rustls the current certificate for each TLS handshake, without taking a lock.

use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::{Served, Serving};

/// Follows a [`Served`] receiver. A handshake costs two atomic loads. The first handshake after a change stores the new certificate
/// for all later ones.
#[derive(Debug)]
pub struct Resolver {
    current: ArcSwap<Current>,
}

/// A certificate, and the receiver that it was read from. The receiver has marked this value as seen, so it reports later changes only.
#[derive(Debug)]
struct Current {
    served: Served,
    serving: Option<Arc<Serving>>,
}

impl Current {
    fn new(mut served: Served) -> Current {
        let serving = served.borrow_and_update().clone();
        Current { served, serving }
    }
}

impl Resolver {
    /// A resolver for `ServerConfig::with_cert_resolver`.
    pub fn new(served: Served) -> Arc<Resolver> {
        Arc::new(Resolver { current: ArcSwap::from_pointee(Current::new(served)) })
    }

    /// The certificate for the next handshake.
    pub fn now(&self) -> Option<Arc<Serving>> {
        let current = self.current.load();
        match current.served.has_changed() {
            Ok(false) => current.serving.clone(),
            // Two handshakes may get here at the same time, and the one with the older value may store last. The receiver that it stores
            // then still reports a change, so the next handshake corrects it.
            Ok(true) => {
                let fresh = Arc::new(Current::new(current.served.clone()));
                let serving = fresh.serving.clone();
                self.current.store(fresh);
                serving
            }
            // The sender is gone; the last certificate stays in use.
            Err(_) => current.served.borrow().clone(),
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
        Arc::new(Serving::from_pem(leaf.certificate.as_bytes(), leaf.key.as_bytes(), None).unwrap())
    }

    #[test]
    fn it_follows_the_receiver() {
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
    fn concurrent_readers_end_with_the_latest_certificate() {
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
                        // A read that races with a store may return the previous value once; the next read catches up.
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
