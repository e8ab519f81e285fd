//! The priority of a pod, from its class.

use k8s_openapi::api::core::v1::PodSpec;
use k8s_openapi::api::scheduling::v1::PriorityClass;

use super::plugin::Plugin;
use super::refusal::{Detail, Refusal};
use crate::path::FieldPath;

/// The classes that every server has, with their values.
const BUILT_IN: [(&str, i32); 2] =
    [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)];

const PREEMPTS: &str = "PreemptLowerPriority";

/// A pod's priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priority {
    /// The value; higher is more important.
    pub value: i32,
    /// Whether the scheduler may preempt pods of lower priority for it.
    pub preempts: bool,
}

/// What a class says.
#[derive(Clone, Copy)]
struct Class<'c> {
    /// Empty where no class is meant, and none is the global default.
    name: &'c str,
    value: i32,
    policy: &'c str,
}

impl<'c> Class<'c> {
    fn of(class: &'c PriorityClass) -> Self {
        Self {
            name: class.metadata.name.as_deref().unwrap_or_default(),
            value: class.value.unwrap_or_default(),
            // The server stores every class with a policy.
            policy: class.preemption_policy.as_deref().unwrap_or(PREEMPTS),
        }
    }

    fn known(&self) -> Option<String> {
        (!self.name.is_empty()).then(|| self.name.to_owned())
    }
}

/// Gives the pod its class, priority and preemption policy. `classes` are all of them, `None` where they are not known: then only the
/// classes that every server has decide something.
///
/// The result is `None` where the priority is not known.
///
/// # Errors
///
/// The refusal, where the class is absent or the pod says something else.
///
/// Upstream: `plugin/admission/priority.Plugin.admitPod`, `plugin/admission/priority.Plugin.establishPriority`.
pub(super) fn admit(
    spec: &mut PodSpec,
    classes: Option<&[&PriorityClass]>,
) -> Result<Option<Priority>, Refusal> {
    let name = spec.priority_class_name.as_deref().filter(|name| !name.is_empty());
    let class = match (name, classes) {
        (Some(name), _) => match find(name, classes.unwrap_or_default()) {
            Some(class) => class,
            None if classes.is_none() => return Ok(None),
            None => return Err(absent(name)),
        },
        (None, None) => return Ok(None),
        (None, Some(classes)) => global_default(classes),
    };
    if let Some(written) = spec.priority.filter(|written| *written != class.value) {
        return Err(other_value(written, &class));
    }
    if let Some(written) = spec.preemption_policy.as_deref().filter(|written| *written != class.policy) {
        return Err(other_policy(written, &class));
    }
    let admitted = Priority { value: class.value, preempts: class.policy != "Never" };
    let (name, policy) = (class.known(), class.policy.to_owned());
    spec.priority_class_name = name;
    spec.priority = Some(admitted.value);
    spec.preemption_policy = Some(policy);
    Ok(Some(admitted))
}

fn find<'c>(name: &'c str, classes: &[&'c PriorityClass]) -> Option<Class<'c>> {
    let named = classes.iter().find(|class| class.metadata.name.as_deref() == Some(name));
    named.map(|class| Class::of(class)).or_else(|| {
        let built_in = BUILT_IN.into_iter().find(|(known, _)| *known == name);
        built_in.map(|(name, value)| Class { name, value, policy: PREEMPTS })
    })
}

/// Of several global defaults the one with the lowest value counts. Which one of two with the same value does is chance on the server.
///
/// Upstream: `plugin/admission/priority.Plugin.getDefaultPriority`, `plugin/admission/priority.Plugin.getDefaultPriorityClass`.
fn global_default<'c>(classes: &[&'c PriorityClass]) -> Class<'c> {
    let defaults = classes.iter().filter(|class| class.global_default == Some(true));
    let lowest = defaults.min_by_key(|class| class.value.unwrap_or_default());
    lowest.map_or(Class { name: "", value: 0, policy: PREEMPTS }, |class| Class::of(class))
}

fn refusal(message: String, field: &'static str, detail: Detail) -> Refusal {
    let path = FieldPath::of(&["spec", "template", "spec"]).field(field);
    Refusal { plugin: Plugin::Priority, message, path, detail }
}

fn absent(name: &str) -> Refusal {
    let message = format!("no PriorityClass with name {name} was found");
    refusal(message, "priorityClassName", Detail::PriorityClassAbsent(name.to_owned()))
}

fn other_value(written: i32, class: &Class<'_>) -> Refusal {
    let computed = class.value;
    let message = format!(
        "the integer value of priority ({written}) must not be provided in pod spec; priority admission controller computed {computed} from the given PriorityClass name"
    );
    refusal(message, "priority", Detail::PriorityDiffers { written, computed, class: class.known() })
}

fn other_policy(written: &str, class: &Class<'_>) -> Refusal {
    let computed = class.policy;
    let message = format!(
        "the string value of PreemptionPolicy ({written}) must not be provided in pod spec; priority admission controller computed {computed} from the given PriorityClass name"
    );
    let (written, computed) = (written.into(), computed.into());
    let detail = Detail::PreemptionPolicyDiffers { written, computed, class: class.known() };
    refusal(message, "preemptionPolicy", detail)
}
