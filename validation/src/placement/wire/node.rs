//! Nodes.

use k8s_openapi::api::core::v1::Taint;
use serde::{Deserialize, Serialize};

use super::{Metadata, ResourceList, Text};

/// A node.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Node<'a> {
    /// `metadata`.
    #[serde(borrow)]
    pub metadata: Metadata<'a>,
    /// `spec`.
    pub spec: Option<NodeSpec>,
    /// `status`.
    #[serde(borrow)]
    pub status: Option<NodeStatus<'a>>,
}

/// What is wanted of a node.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct NodeSpec {
    /// `taints`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taints: Option<Vec<Taint>>,
    /// `unschedulable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unschedulable: Option<bool>,
}

/// What a node has.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct NodeStatus<'a> {
    /// `allocatable`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub allocatable: Option<ResourceList<'a>>,
    /// `conditions`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Vec<NodeCondition<'a>>>,
    /// `declaredFeatures`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub declared_features: Option<Vec<Text<'a>>>,
}

/// A condition of a node.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct NodeCondition<'a> {
    /// `type`.
    #[serde(rename = "type", borrow)]
    pub kind: Text<'a>,
    /// `status`.
    #[serde(borrow)]
    pub status: Text<'a>,
}
