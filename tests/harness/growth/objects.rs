//! DaemonSets in which one list or one map is long.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::api::{Api, Holds, Place};

/// What a long list or map is filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Filling {
    /// What a server accepts, where we know it: each item is another one.
    Valid,
    /// Each item has all its scalars, with names that no server accepts.
    Named,
    /// All items are the same one.
    Same,
    /// Items without anything: `{}`, `""`, `0`.
    Empty,
    /// Items of a wrong type.
    Wrong,
    /// Items with a field that the API does not have, or keys that it does not accept.
    Unknown,
    /// Items with one key twice; of a map the same key each time.
    Repeated,
    /// Items that hold long lists themselves: as many items as each has items.
    Nested,
    /// Few items with long strings.
    Long,
}

/// All fillings.
pub const FILLINGS: [Filling; 9] = [
    Filling::Valid,
    Filling::Named,
    Filling::Same,
    Filling::Empty,
    Filling::Wrong,
    Filling::Unknown,
    Filling::Repeated,
    Filling::Nested,
    Filling::Long,
];

/// The objects of a long list or map.
#[derive(Debug)]
pub struct Shape<'a> {
    /// The API.
    pub api: &'a Api,
    /// The list or map.
    pub place: &'a Place,
    /// What it is filled with.
    pub filling: Filling,
}

/// Where the items stand in the text.
const HERE: &str = "\"@items\"";

impl Shape<'_> {
    /// The shape in a few words.
    pub fn name(&self) -> String {
        let path = self.place.name();
        let short = path.strip_prefix("spec.template.spec.").unwrap_or(&path);
        format!("{short} {:?}", self.filling)
    }

    /// An object with so many items, the first of which has the number `from`; in reverse order if asked for.
    pub fn object(&self, count: usize, from: usize, reversed: bool) -> String {
        let numbers: Vec<usize> = match reversed {
            false => (from..from + count).collect(),
            true => (from..from + count).rev().collect(),
        };
        self.with(&self.items(&numbers))
    }

    /// An object with this text as the list or the map.
    pub fn with(&self, items: &str) -> String {
        let mut object = base();
        let mut node = &mut object;
        for (position, (name, holds)) in self.place.path.iter().enumerate() {
            let last = position + 1 == self.place.path.len();
            node = step(self.api, node, name, holds, last);
        }
        *node = json!("@items");
        object.to_string().replacen(HERE, items, 1)
    }

    fn items(&self, numbers: &[usize]) -> String {
        let Some(item) = self.place.item() else { return "null".to_owned() };
        let count = numbers.len();
        let side = count.isqrt().max(1);
        let few = match self.filling {
            Filling::Nested => numbers.get(..side.min(count)).unwrap_or_default(),
            Filling::Long => numbers.get(..4.min(count)).unwrap_or_default(),
            _ => numbers,
        };
        let long = "x".repeat(count * 4);
        let mut text = String::from(if self.place.is_map() { "{" } else { "[" });
        for (position, number) in few.iter().enumerate() {
            if position > 0 {
                text.push(',');
            }
            if self.place.is_map() {
                let key = match self.filling {
                    Filling::Valid | Filling::Wrong | Filling::Empty => format!("k{number}"),
                    Filling::Same => format!("k{number}/x"),
                    Filling::Repeated => "k".to_owned(),
                    Filling::Long => format!("k{number}{long}"),
                    Filling::Named | Filling::Unknown | Filling::Nested => format!("!{number}"),
                };
                let _ = write!(text, "\"{key}\":");
            }
            text.push_str(&self.item(item, *number, side, &long));
        }
        text.push(if self.place.is_map() { '}' } else { ']' });
        text
    }

    fn item(&self, item: &Holds, number: usize, side: usize, long: &str) -> String {
        let named = |holds: &Holds, number: usize| self.named(holds, &format!("!{number}"), number);
        match self.filling {
            Filling::Valid => valid(self.api, item, number, 0).to_string(),
            Filling::Named => named(item, number).to_string(),
            Filling::Same => named(item, 7).to_string(),
            Filling::Empty => empty(item).to_string(),
            Filling::Wrong => match item {
                Holds::Scalar(kind) if kind.starts_with("int") => "\"x\"".to_owned(),
                Holds::Scalar(_) => "[]".to_owned(),
                _ => number.to_string(),
            },
            Filling::Unknown => match item {
                Holds::Struct(_) => format!("{{\"unknown{number}\":{number}}}"),
                _ => named(item, number).to_string(),
            },
            Filling::Repeated => match item {
                Holds::Struct(name) => {
                    let field = self.api.fields(name).first().map(|(field, _)| field.as_str());
                    let field = field.unwrap_or("name");
                    format!("{{\"{field}\":null,\"{field}\":null,\"x{number}\":1,\"x{number}\":1}}")
                }
                _ => named(item, number).to_string(),
            },
            Filling::Nested => {
                let mut outer = valid(self.api, item, number, 0);
                let Holds::Struct(name) = item else { return outer.to_string() };
                for (field, holds) in self.api.fields(name) {
                    let inner: Value = match holds {
                        Holds::List(inner) => {
                            (0..side).map(|inside| valid(self.api, inner, inside, 1)).collect()
                        }
                        Holds::Map(inner) => {
                            let pairs = (0..side)
                                .map(|inside| (format!("k{inside}"), valid(self.api, inner, inside, 1)));
                            Value::Object(pairs.collect())
                        }
                        _ => continue,
                    };
                    if let Some(outer) = outer.as_object_mut() {
                        outer.insert(field.clone(), inner);
                    }
                }
                outer.to_string()
            }
            Filling::Long => self.named(item, long, number).to_string(),
        }
    }

    /// An item with all scalars, and structs of two levels.
    fn named(&self, holds: &Holds, name: &str, number: usize) -> Value {
        self.named_to(holds, name, number, 2)
    }

    fn named_to(&self, holds: &Holds, name: &str, number: usize, depth: usize) -> Value {
        match holds {
            Holds::Scalar(kind) => match kind.as_str() {
                "bool" => json!(true),
                "int32" | "int64" => json!(number % 100_000),
                "quantity" => json!(number.to_string()),
                "time" => json!("2026-01-01T00:00:00Z"),
                "raw" => json!({ name: number }),
                _ => json!(name),
            },
            Holds::Struct(_) if depth == 0 => json!({}),
            Holds::Struct(of) => {
                let fields = self
                    .api
                    .fields(of)
                    .iter()
                    .filter(|(_, holds)| depth > 1 || !matches!(holds, Holds::Struct(_)));
                let fields = fields
                    .map(|(field, holds)| (field.clone(), self.named_to(holds, name, number, depth - 1)));
                Value::Object(fields.collect())
            }
            Holds::List(item) if depth > 0 => json!([self.named_to(item, name, number, depth - 1)]),
            Holds::Map(item) if depth > 0 => json!({ name: self.named_to(item, name, number, depth - 1) }),
            _ => Value::Null,
        }
    }
}

/// A DaemonSet without faults.
fn base() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": { "name": "agent", "namespace": "default" },
        "spec": {
            "selector": { "matchLabels": { "app": "agent" } },
            "template": {
                "metadata": { "labels": { "app": "agent" } },
                "spec": { "containers": [{ "name": "agent", "image": "agent:1" }] },
            },
        },
    })
}

/// The value of a field, or of the first item of a list, made if it is absent.
fn step<'v>(api: &Api, node: &'v mut Value, name: &str, holds: &Holds, last: bool) -> &'v mut Value {
    if !node.is_object() {
        *node = Value::Object(Map::new());
    }
    let made = match holds {
        Holds::List(item) => json!([valid(api, item, 0, 0)]),
        Holds::Map(item) => json!({ "k": valid(api, item, 0, 0) }),
        Holds::Struct(_) => json!({}),
        Holds::Scalar(_) => Value::Null,
    };
    let Some(fields) = node.as_object_mut() else { unreachable!("it was made an object") };
    let field = fields.entry(name).or_insert(made);
    match holds {
        Holds::List(_) if !last => &mut field[0],
        Holds::Map(_) if !last => &mut field["k"],
        _ => field,
    }
}

/// Nothing, of the right type.
fn empty(holds: &Holds) -> Value {
    match holds {
        Holds::Scalar(kind) => match kind.as_str() {
            "int32" | "int64" => json!(0),
            "bool" => json!(false),
            _ => json!(""),
        },
        Holds::List(_) => json!([]),
        _ => json!({}),
    }
}

/// An item that a server accepts, where we know one. `family` keeps the names of nested lists apart.
fn valid(api: &Api, holds: &Holds, number: usize, family: usize) -> Value {
    let name = format!("n{family}-{number}");
    let of = match holds {
        Holds::Struct(of) => of.as_str(),
        Holds::Scalar(kind) => {
            return match kind.as_str() {
                "int32" | "int64" => json!(1 + number % 200),
                "quantity" => json!(format!("{}", 1 + number)),
                "bool" => json!(true),
                _ => json!(name),
            };
        }
        Holds::List(item) => return json!([valid(api, item, number, family)]),
        Holds::Map(item) => return json!({ name: valid(api, item, number, family) }),
    };
    let key = format!("example.com/{name}");
    match of {
        "v1.Container" | "v1.EphemeralContainer" => json!({ "name": name, "image": "agent:1" }),
        "v1.ContainerPort" => {
            json!({ "containerPort": 1 + number % 65_535, "name": format!("p{}", number % 65_535) })
        }
        "v1.EnvVar" => json!({ "name": format!("E{number}"), "value": "x" }),
        "v1.EnvFromSource" => json!({ "configMapRef": { "name": name } }),
        "v1.Volume" => json!({ "name": name, "emptyDir": {} }),
        "v1.VolumeMount" => json!({ "name": name, "mountPath": format!("/{name}") }),
        "v1.VolumeDevice" => json!({ "name": name, "devicePath": format!("/{name}") }),
        "v1.VolumeProjection" => json!({ "configMap": { "name": name } }),
        "v1.KeyToPath" => json!({ "key": name, "path": name }),
        "v1.DownwardAPIVolumeFile" => json!({ "path": name, "fieldRef": { "fieldPath": "metadata.name" } }),
        "v1.Toleration" => json!({ "key": key, "operator": "Exists" }),
        "v1.HostAlias" => {
            json!({ "ip": format!("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255), "hostnames": [name] })
        }
        "v1.LocalObjectReference" => json!({ "name": name }),
        "v1.PodReadinessGate" => json!({ "conditionType": key }),
        "v1.PodSchedulingGate" => json!({ "name": key }),
        "v1.PodResourceClaim" => json!({ "name": name, "resourceClaimName": name }),
        "v1.ResourceClaim" => json!({ "name": name }),
        "v1.TopologySpreadConstraint" => {
            json!({ "maxSkew": 1, "topologyKey": key, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {} })
        }
        "v1.LabelSelectorRequirement" | "v1.NodeSelectorRequirement" => {
            json!({ "key": key, "operator": "Exists" })
        }
        "v1.NodeSelectorTerm" => json!({ "matchExpressions": [{ "key": key, "operator": "Exists" }] }),
        "v1.PreferredSchedulingTerm" => {
            json!({ "weight": 1, "preference": { "matchExpressions": [{ "key": key, "operator": "Exists" }] } })
        }
        "v1.PodAffinityTerm" => {
            json!({ "topologyKey": key, "labelSelector": { "matchLabels": { "k": name } } })
        }
        "v1.WeightedPodAffinityTerm" => {
            json!({ "weight": 1, "podAffinityTerm": { "topologyKey": key, "labelSelector": { "matchLabels": { "k": name } } } })
        }
        "v1.Sysctl" => json!({ "name": format!("net.s{number}"), "value": "1" }),
        "v1.PodDNSConfigOption" => json!({ "name": name }),
        "v1.HTTPHeader" => json!({ "name": name, "value": "x" }),
        "v1.ContainerResizePolicy" => json!({ "resourceName": "cpu", "restartPolicy": "NotRequired" }),
        "v1.ContainerRestartRule" => {
            json!({ "action": "Restart", "exitCodes": { "operator": "In", "values": [1 + number % 200] } })
        }
        "v1.OwnerReference" => json!({ "apiVersion": "v1", "kind": "Owner", "name": name, "uid": name }),
        "v1.EvictionResponder" => json!({ "name": key, "priority": 10_000 }),
        "v1.ManagedFieldsEntry" => {
            json!({ "manager": name, "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1", "fieldsV1": { "f:spec": {} } })
        }
        _ => {
            let fields = api.fields(of).iter().filter(|(_, holds)| matches!(holds, Holds::Scalar(_)));
            Value::Object(
                fields.map(|(field, holds)| (field.clone(), valid(api, holds, number, family))).collect(),
            )
        }
    }
}
