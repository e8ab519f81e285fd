//! API objects as far as placement reads them, and nothing else of them.
//!
//! They are read straight out of a page of JSON without copying, and written into a saved snapshot: what is no field here, such as
//! an environment variable's value, cannot get into one.

mod metadata;
mod named;
mod node;
mod pod;
mod resources;
mod text;

pub use metadata::{Metadata, OwnerReference};
pub use named::{Named, NamedMetadata};
pub use node::{Node, NodeCondition, NodeSpec, NodeStatus};
pub use pod::{
    Claim, Container, ContainerPort, ContainerStatus, CsiVolume, EbsVolume, Ephemeral, GceVolume,
    IscsiVolume, Pod, PodAffinities, PodCondition, PodSpec, PodStatus, RbdVolume, RequiredTerms, Volume,
};
pub use resources::{ResourceList, Resources};
pub use text::{Pairs, Text};
