//! The claims of the pod that the controller makes, looked up once for all nodes.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use k8s_openapi::api::core::v1;
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::budget::Budget;
use super::cause::{Cause, ClaimCause, ClaimName, ClaimProblem};
use super::context::Context;
use super::daemon_pod::DaemonPod;
use super::filter::Filter;
use super::kind::Kind;
use super::paths::volume_path;
use super::reach::Reach;
use super::reason::Reason;
use super::snapshot::{
    self, PersistentVolume, PersistentVolumeClaim, PodIndex, Snapshot, VolumeShape, Wanted,
};
use super::volume::PodVolume;
use crate::matching::prepared_selector::PreparedSelector;
use crate::path::FieldPath;
use crate::quantity::Quantity;

const DEFAULT_CLASS: [&str; 2] =
    ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

/// When a claim is bound to a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binding {
    /// It has one.
    Bound,
    /// When the scheduler has chosen a node for its pod.
    Delayed,
    /// Before the scheduler chooses a node.
    Immediate,
    /// The storage classes were not read.
    Unknown,
}

/// A claim that the pod uses.
#[derive(Debug)]
pub(super) struct PodClaim<'c> {
    /// The volume's place in `volumes`.
    pub(super) place: usize,
    /// How the pod names it.
    pub(super) name: ClaimName,
    /// Whether each pod gets one of its own.
    pub(super) ephemeral: bool,
    /// The claim; `None` where there is none, or claims were not read.
    pub(super) object: Option<Cow<'c, PersistentVolumeClaim>>,
    /// Its class; empty where it has none.
    pub(super) class: Box<str>,
    /// When it is bound.
    pub(super) binding: Binding,
    /// The volumes that it may be bound to, in the order in which the scheduler prefers them; `None` where its selector cannot be
    /// read. Only where binding is delayed.
    pub(super) candidates: Option<Vec<Candidate<'c>>>,
    /// The storage that it requests; only where binding is delayed.
    pub(super) size: Quantity,
}

/// A volume that a claim may be bound to.
#[derive(Clone, Debug)]
pub(super) struct Candidate<'c> {
    /// The volume.
    pub(super) volume: &'c PersistentVolume,
    /// Whether the volume is reserved for this claim.
    pub(super) reserved: bool,
}

impl PodClaim<'_> {
    /// A reason about the claim.
    pub(super) fn reason(&self, filter: Filter, problem: ClaimProblem) -> Reason {
        let cause = Cause::Claim(Box::new(ClaimCause { claim: self.name.clone(), problem }));
        Reason::new(filter, cause, self.path())
    }

    /// The volume's place in the manifest.
    pub(super) fn path(&self) -> FieldPath {
        let path = volume_path(self.place);
        if self.ephemeral {
            path.field("ephemeral")
        } else {
            path.field("persistentVolumeClaim").field("claimName")
        }
    }

    /// The name of its volume, empty where it has none yet.
    pub(super) fn volume_name(&self) -> &str {
        self.object.as_ref().map(|claim| &*claim.volume_name).unwrap_or_default()
    }
}

/// The claims of the pod.
#[derive(Debug, Default)]
pub(super) struct Claims<'c> {
    /// The claims, in the order of `volumes`.
    pub(super) all: Vec<PodClaim<'c>>,
    /// The names of those that only one pod of the cluster may use.
    pub(super) single: HashSet<Box<str>>,
    /// Another pod that uses one of those.
    pub(super) holder: Option<PodIndex>,
    /// How many of those are in use.
    pub(super) in_use: usize,
    /// The claims that are bound, by their places in `all`: those whose volumes differ in nothing but their names together.
    pub(super) bound: Vec<(&'c PersistentVolume, Vec<usize>)>,
    /// The claims that are bound later, by their places in `all`, the smallest first.
    pub(super) delayed: Vec<usize>,
    /// Which volumes can be used where.
    pub(super) reach: Reach<'c>,
    /// The first of those, by its place in `all`.
    pub(super) first_single: Option<usize>,
    /// Whether a pod of the DaemonSet itself uses them already.
    pub(super) placed: bool,
}

impl<'c> Claims<'c> {
    /// The claims of a pod; pods of the DaemonSet that are there already count for nothing.
    pub(super) fn new(context: &Context<'c>) -> Self {
        let Context { pod, snapshot, own, budget, .. } = context;
        let mut claims = Self::default();
        for (place, volume) in pod.volumes {
            // A claim may be bound to any volume.
            if budget.spend(1).is_err() {
                return claims;
            }
            match volume {
                PodVolume::Claim(name) => {
                    let object = snapshot.claim(pod.namespace, name).map(Cow::Borrowed);
                    if object.as_ref().is_some_and(|claim| claim.single_pod) {
                        claims.single.insert(name.clone());
                        claims.first_single.get_or_insert(claims.all.len());
                    }
                    claims.all.push(look_up(*place, ClaimName::Named(name.clone()), object, context));
                }
                PodVolume::Ephemeral(name) => {
                    let volume = pod.spec.volumes.as_ref().and_then(|volumes| volumes.get(*place));
                    let template = volume
                        .and_then(|volume| volume.ephemeral.as_ref())
                        .and_then(|ephemeral| ephemeral.volume_claim_template.as_ref());
                    let object = template.map(|template| {
                        let metadata = ObjectMeta {
                            annotations: template
                                .metadata
                                .as_ref()
                                .and_then(|metadata| metadata.annotations.clone()),
                            ..ObjectMeta::default()
                        };
                        let spec = Some(template.spec.clone());
                        Cow::Owned(v1::PersistentVolumeClaim { metadata, spec, status: None }.into())
                    });
                    claims.all.push(look_up(*place, ClaimName::OfVolume(name.clone()), object, context));
                }
                _ => {}
            }
        }
        if !claims.single.is_empty() && budget.spend_for(snapshot.pods().len()).is_ok() {
            claims.find_holders(pod, snapshot, own);
        }
        claims.group(snapshot);
        claims
    }

    /// Brings together what is the same for several claims.
    fn group(&mut self, snapshot: &'c Snapshot) {
        let mut by_shape: HashMap<*const VolumeShape, usize> = HashMap::new();
        for (place, claim) in self.all.iter().enumerate() {
            match claim.binding {
                Binding::Bound => {
                    let Some(volume) = snapshot.persistent_volumes.get(claim.volume_name()) else { continue };
                    let next = self.bound.len();
                    let group = *by_shape.entry(&*volume.shape).or_insert(next);
                    if group == next {
                        self.bound.push((volume, Vec::new()));
                    }
                    if let Some((_, claims)) = self.bound.get_mut(group) {
                        claims.push(place);
                    }
                }
                Binding::Delayed => self.delayed.push(place),
                Binding::Immediate | Binding::Unknown => {}
            }
        }
        let all = &self.all;
        self.delayed.sort_by(|one, other| {
            let size = |place: &usize| all.get(*place).map(|claim| &claim.size);
            size(one).cmp(&size(other))
        });
    }

    fn find_holders(&mut self, pod: &DaemonPod<'_>, snapshot: &Snapshot, own: &[PodIndex]) {
        let mut used: HashSet<&str> = HashSet::new();
        for (index, other) in (0..).zip(snapshot.pods()) {
            let here = other.node.is_some() && *other.shape.namespace == *pod.namespace;
            if !here || other.shape.volumes.is_empty() || own.binary_search(&index).is_ok() {
                continue;
            }
            for volume in &other.shape.volumes {
                if let PodVolume::Claim(name) = volume
                    && self.single.contains(name)
                {
                    used.insert(name);
                    self.holder.get_or_insert(index);
                }
            }
        }
        self.in_use = used.len();
    }

    /// Counts a pod of the DaemonSet that was placed. Returns whether that may change the answer for other nodes.
    pub(super) fn place(&mut self) -> bool {
        self.placed = true;
        !self.single.is_empty()
    }
}

fn look_up<'c>(
    place: usize,
    name: ClaimName,
    object: Option<Cow<'c, PersistentVolumeClaim>>,
    context: &Context<'c>,
) -> PodClaim<'c> {
    let snapshot = context.snapshot;
    let ephemeral = matches!(name, ClaimName::OfVolume(_));
    let written = object.as_deref().and_then(|claim| claim.class.as_deref());
    // Admission sets the default class of new claims; existing claims have theirs.
    let default = || if ephemeral { default_class(snapshot) } else { None };
    let class = written.or_else(default).unwrap_or_default();
    let mut binding = object.as_deref().map_or(Binding::Unknown, |claim| binding(claim, class, snapshot));
    if ephemeral && written.is_none() && !snapshot.has(Kind::StorageClass) {
        binding = Binding::Unknown;
    }
    let wanted = object.as_deref().and_then(|claim| claim.wanted.as_ref());
    let size = wanted.map(|wanted| wanted.size.clone()).unwrap_or_default();
    let candidates = match (&object, binding) {
        (Some(claim), Binding::Delayed) => {
            let _ = context.budget.spend_for(snapshot.persistent_volumes.len());
            candidates(claim, class, snapshot, context.budget)
        }
        _ => Some(Vec::new()),
    };
    let class = Box::from(class);
    PodClaim { place, name, ephemeral, object, class, binding, candidates, size }
}

/// Upstream: `component-helpers/storage/volume.IsDelayBindingMode`,
/// `scheduler/framework/plugins/volumebinding.isPVCFullyBound`.
fn binding(claim: &PersistentVolumeClaim, class: &str, snapshot: &Snapshot) -> Binding {
    if !claim.volume_name.is_empty() {
        return if claim.bind_completed { Binding::Bound } else { Binding::Immediate };
    }
    if class.is_empty() {
        return Binding::Immediate;
    }
    if !snapshot.has(Kind::StorageClass) {
        return Binding::Unknown;
    }
    let mode = snapshot.storage_classes.get(class).and_then(|class| class.volume_binding_mode.as_deref());
    if mode == Some("WaitForFirstConsumer") { Binding::Delayed } else { Binding::Immediate }
}

/// The class of claims that name none: of several the youngest, and of those the first by name.
///
/// Upstream: `volume/util.GetDefaultClass`.
fn default_class(snapshot: &Snapshot) -> Option<&str> {
    let is_default = |class: &&StorageClass| {
        DEFAULT_CLASS.iter().any(|name| snapshot::annotation(&class.metadata, name) == Some("true"))
    };
    let youngest = snapshot.storage_classes.values().filter(is_default).min_by(|one, other| {
        let made = |class: &StorageClass| class.metadata.creation_timestamp.as_ref().map(|time| time.0);
        made(other).cmp(&made(one)).then_with(|| one.metadata.name.cmp(&other.metadata.name))
    });
    youngest.and_then(|class| class.metadata.name.as_deref())
}

/// The volumes that a claim may be bound to, as far as that is the same for all nodes: reserved ones first, then by size.
///
/// Upstream: `component-helpers/storage/volume.FindMatchingVolume`.
fn candidates<'c>(
    claim: &PersistentVolumeClaim,
    class: &str,
    snapshot: &'c Snapshot,
    budget: &Budget,
) -> Option<Vec<Candidate<'c>>> {
    // A budget that is over makes the answer void.
    if budget.check().is_err() {
        return Some(Vec::new());
    }
    let wanted = claim.wanted.as_deref()?;
    let selector = match &wanted.selector {
        None => None,
        Some(selector) => Some(PreparedSelector::new(Some(selector)).ok()?),
    };
    let mut found = Vec::new();
    for (name, volume) in snapshot.persistent_volumes.iter() {
        let shape = &volume.shape;
        let reserved = is_reserved(volume, claim, wanted);
        let fits = *shape.class == *class
            && (reserved || volume.claim_ref.is_none())
            && shape.capacity >= wanted.size
            && wanted.volume_mode == shape.volume_mode
            && wanted.attributes_class == shape.attributes_class
            && !volume.terminating;
        if !fits {
            continue;
        }
        let free = volume.available
            && selector.as_ref().is_none_or(|selector| selector.matches(&shape.labels))
            && wanted.access_modes.iter().all(|mode| shape.access_modes.contains(mode));
        if reserved || free {
            found.push((Candidate { volume, reserved }, name));
        }
    }
    found.sort_by(|(one, name), (other, other_name)| {
        let order = other.reserved.cmp(&one.reserved);
        let order = order.then_with(|| Ord::cmp(&one.volume.shape.capacity, &other.volume.shape.capacity));
        order.then_with(|| name.cmp(other_name))
    });
    Some(found.into_iter().map(|(candidate, _)| candidate).collect())
}

/// Upstream: `component-helpers/storage/volume.IsVolumeBoundToClaim`.
fn is_reserved(volume: &PersistentVolume, claim: &PersistentVolumeClaim, wanted: &Wanted) -> bool {
    let Some(reference) = &volume.claim_ref else { return false };
    claim.name.is_some()
        && reference.name == claim.name
        && reference.namespace == claim.namespace
        && (reference.uid.is_empty() || Some(&reference.uid) == wanted.uid.as_ref())
}
