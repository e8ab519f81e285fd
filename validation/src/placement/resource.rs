//! Amounts of resources in the scheduler's units.

use super::wire::ResourceList;
use crate::content;
use crate::quantity::Quantity;

const CPU: &str = "cpu";
const MEMORY: &str = "memory";
const EPHEMERAL_STORAGE: &str = "ephemeral-storage";
const PODS: &str = "pods";

/// How much of each resource: milli-CPU, bytes, and counts.
///
/// Upstream: `scheduler/framework.Resource`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ResourceTotals {
    /// Thousandths of a CPU.
    pub milli_cpu: i64,
    /// Bytes.
    pub memory: i64,
    /// Bytes.
    pub ephemeral_storage: i64,
    /// How many pods a node takes; of a pod or of what is used this is 0.
    pub pods: i64,
    /// Extended resources, huge pages and attachable volumes, sorted by name.
    pub scalar: Vec<(Box<str>, i64)>,
}

impl ResourceTotals {
    /// Nothing.
    pub const NONE: Self =
        Self { milli_cpu: 0, memory: 0, ephemeral_storage: 0, pods: 0, scalar: Vec::new() };

    /// What a node has.
    ///
    /// Upstream: `scheduler/framework.NewResource`.
    pub fn of_node(list: &ResourceList<'_>) -> Self {
        let mut totals = Self::default();
        for (name, quantity) in &list.0 {
            match &**name {
                PODS => totals.pods = totals.pods.saturating_add(quantity.value()),
                name => totals.add_one(name, quantity),
            }
        }
        totals
    }

    /// What a pod requests, from sums of quantities.
    pub(super) fn of_pod<'q>(list: impl IntoIterator<Item = (&'q str, &'q Quantity)>) -> Self {
        let mut totals = Self::default();
        for (name, quantity) in list {
            if name != PODS {
                totals.add_one(name, quantity);
            }
        }
        totals
    }

    fn add_one(&mut self, name: &str, quantity: &Quantity) {
        match name {
            CPU => self.milli_cpu = self.milli_cpu.saturating_add(quantity.milli_value()),
            MEMORY => self.memory = self.memory.saturating_add(quantity.value()),
            EPHEMERAL_STORAGE => {
                self.ephemeral_storage = self.ephemeral_storage.saturating_add(quantity.value())
            }
            name if is_scalar_resource_name(name) => self.add_scalar(name, quantity.value()),
            _ => {}
        }
    }

    fn add_scalar(&mut self, name: &str, amount: i64) {
        match self.scalar.binary_search_by(|(known, _)| (**known).cmp(name)) {
            Ok(place) => {
                if let Some((_, sum)) = self.scalar.get_mut(place) {
                    *sum = sum.saturating_add(amount);
                }
            }
            Err(place) => self.scalar.insert(place, (Box::from(name), amount)),
        }
    }

    /// Adds what another pod requests.
    pub fn add(&mut self, other: &Self) {
        self.milli_cpu = self.milli_cpu.saturating_add(other.milli_cpu);
        self.memory = self.memory.saturating_add(other.memory);
        self.ephemeral_storage = self.ephemeral_storage.saturating_add(other.ephemeral_storage);
        for (name, amount) in &other.scalar {
            self.add_scalar(name, *amount);
        }
    }

    /// Takes away what a pod requests.
    pub fn subtract(&mut self, other: &Self) {
        self.milli_cpu = self.milli_cpu.saturating_sub(other.milli_cpu);
        self.memory = self.memory.saturating_sub(other.memory);
        self.ephemeral_storage = self.ephemeral_storage.saturating_sub(other.ephemeral_storage);
        for (name, amount) in &other.scalar {
            self.add_scalar(name, amount.saturating_neg());
        }
    }

    /// How much of a scalar resource.
    pub fn scalar(&self, name: &str) -> i64 {
        let place = self.scalar.binary_search_by(|(known, _)| (**known).cmp(name)).ok();
        place.and_then(|place| self.scalar.get(place)).map(|(_, amount)| *amount).unwrap_or(0)
    }
}

/// Whether the scheduler counts the resource besides CPU, memory and ephemeral storage.
///
/// Upstream: `scheduler/util.IsScalarResourceName`.
fn is_scalar_resource_name(name: &str) -> bool {
    name.starts_with("hugepages-")
        || name.contains("kubernetes.io/")
        || name.starts_with("attachable-volumes-")
        || is_extended_resource_name(name)
}

/// Upstream: `core/v1/helper.IsExtendedResourceName`.
pub(super) fn is_extended_resource_name(name: &str) -> bool {
    name.contains('/')
        && !name.contains("kubernetes.io/")
        && !name.starts_with("requests.")
        && content::is_qualified_name(&format!("requests.{name}")).is_empty()
}
