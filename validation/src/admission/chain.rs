//! The way of a pod through the server, in the server's order.

use k8s_openapi::api::apps::v1::DaemonSet;

use super::pod::Pod;
use super::refusal::Refusal;
use super::surroundings::Surroundings;
use crate::server::Server;

/// A pod that the server would store.
#[derive(Clone, Debug, Default)]
pub struct Admitted {
    /// The pod as the server stores it.
    pub pod: Pod,
    /// How many pods like it the quotas take, and what refuses the next one. `None` where no quota limits them.
    pub room: Option<(usize, Refusal)>,
}

/// What the server does with the pods that the controller makes of a DaemonSet, which the server has stored.
///
/// # Errors
///
/// The refusal, if the server stores none of them.
pub fn admit(
    _daemon_set: &DaemonSet,
    _surroundings: &Surroundings<'_>,
    _server: &Server,
) -> Result<Admitted, Refusal> {
    Ok(Admitted::default())
}
