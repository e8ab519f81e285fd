//! Long lists of a pod's spec, for each filter that reads them.

use serde_json::{Map, Value, json};

/// The pod's spec with a list of so many items.
type List = fn(usize) -> Value;

/// The lists, by the filter that reads them and by what they are filled with.
pub(super) const ALL: &[(&str, List)] = &[
    ("NodeAffinity: terms, no value matches", |count| {
        terms(count, |i| json!([requirement("pool", "In", &[format!("x{i}")])]))
    }),
    ("NodeAffinity: terms, no key exists", |count| {
        terms(count, |i| json!([requirement(&format!("k{i}"), "Exists", &[])]))
    }),
    ("NodeAffinity: terms, of one node each", |count| {
        terms(count, |i| {
            json!([
                requirement("kubernetes.io/hostname", "In", &[format!("node-{i}")]),
                requirement("no", "Exists", &[])
            ])
        })
    }),
    ("NodeAffinity: terms, all but one node each", |count| {
        terms(count, |i| {
            json!([
                requirement("kubernetes.io/hostname", "NotIn", &[format!("node-{i}")]),
                requirement("no", "Exists", &[])
            ])
        })
    }),
    ("NodeAffinity: terms, the last matches", |count| {
        terms(count, |i| {
            let value = if i + 1 == count { "linux" } else { "plan9" };
            json!([requirement("kubernetes.io/os", "In", &[value.to_owned()])])
        })
    }),
    ("NodeAffinity: terms, all match", |count| {
        terms(count, |i| json!([requirement("pool", "NotIn", &[format!("x{i}")])]))
    }),
    ("NodeAffinity: terms, numbers", |count| {
        terms(count, |i| json!([requirement("cores", "Gt", &[(i + 10).to_string()])]))
    }),
    ("NodeAffinity: terms, all match half", |count| {
        terms(count, |i| {
            json!([
                requirement("kubernetes.io/os", "Exists", &[]),
                requirement(&format!("k{i}"), "Exists", &[])
            ])
        })
    }),
    ("NodeAffinity: matchFields", |count| {
        let term =
            |i: usize| json!({ "matchFields": [requirement("metadata.name", "In", &[format!("no-{i}")])] });
        affinity("nodeAffinity", json!({ "nodeSelectorTerms": (0..count).map(term).collect::<Vec<_>>() }))
    }),
    ("NodeAffinity: expressions, none is met", |count| {
        terms(1, |_| (0..count).map(|i| requirement(&format!("k{i}"), "Exists", &[])).collect())
    }),
    ("NodeAffinity: expressions, all but the last are met", |count| {
        terms(1, |_| {
            let operator = |i: usize| if i + 1 == count { "Exists" } else { "DoesNotExist" };
            (0..count).map(|i| requirement(&format!("k{i}"), operator(i), &[])).collect()
        })
    }),
    ("NodeAffinity: values, none is a node's", |count| {
        terms(4, |i| json!([requirement("pool", "In", &texts(count / 4, &format!("x{i}-")))]))
    }),
    ("NodeAffinity: values, each is a node's", |count| {
        terms(4, |_| json!([requirement("kubernetes.io/hostname", "NotIn", &texts(count / 4, "node-"))]))
    }),
    (
        "NodeAffinity: nodeSelector",
        |count| json!({ "nodeSelector": map(count, |i| (format!("k{i}"), json!("v"))) }),
    ),
    ("TaintToleration: tolerations of one key", |count| {
        let one = |i: usize| json!({ "key": "dedicated", "operator": "Equal", "value": format!("x{i}"), "effect": "NoSchedule" });
        json!({ "tolerations": (0..count).map(one).collect::<Vec<_>>() })
    }),
    ("TaintToleration: tolerations of many keys", |count| {
        let one = |i: usize| json!({ "key": format!("k{i}"), "operator": "Exists" });
        json!({ "tolerations": (0..count).map(one).collect::<Vec<_>>() })
    }),
    ("NodePorts: ports, all free", |count| {
        ports(count, |i| json!({ "containerPort": 1, "hostPort": 9000 + i }))
    }),
    ("NodePorts: ports, all held", |count| {
        ports(
            count,
            |i| json!({ "containerPort": 1, "hostPort": 8000, "hostIP": format!("10.{}.{}.1", i / 250, i % 250) }),
        )
    }),
    ("NodeResourcesFit: resources that no node has", |count| {
        let list = map(count, |i| (format!("example.com/r{i}"), json!("1")));
        json!({ "containers": [{ "name": "main", "image": "agent:1", "resources": { "requests": list, "limits": list } }] })
    }),
    ("NodeResourcesFit: containers", |count| {
        let one = |i: usize| json!({ "name": format!("c{i}"), "image": "agent:1", "resources": { "requests": { "cpu": "1", "memory": "1Gi" } } });
        json!({ "containers": (0..count).map(one).collect::<Vec<_>>() })
    }),
    ("NodeResourcesFit: containers with a resource each", |count| {
        let one = |i: usize| {
            let list = json!({ format!("example.com/r{i}"): "1" });
            json!({ "name": format!("c{i}"), "image": "agent:1", "resources": { "requests": list, "limits": list } })
        };
        json!({ "containers": (0..count).map(one).collect::<Vec<_>>() })
    }),
    ("NodeResourcesFit: staying init containers with a resource each", |count| {
        init_containers(count, Some("Always"))
    }),
    ("NodeResourcesFit: init containers with a resource each", |count| init_containers(count, None)),
    ("VolumeRestrictions: disks that nobody has", |count| disks(count, |i| format!("vol-none-{i}"))),
    ("VolumeRestrictions: disks, one is held", |count| disks(count, |i| format!("vol-{i}"))),
    ("VolumeRestrictions: disks, all are held", |count| disks(count, |_| "vol-0".to_owned())),
    ("VolumeRestrictions: monitors", |count| {
        let rbd = json!({ "monitors": texts(count, "m"), "image": "i" });
        json!({ "volumes": [{ "name": "v", "rbd": rbd }] })
    }),
    ("VolumeBinding: claims that do not exist", |count| claims(count, "absent-")),
    ("VolumeBinding: claims of other zones", |count| claims(count, "claim-")),
    ("VolumeBinding: volumes that are provisioned", |count| ephemeral(count, "late")),
    ("VolumeBinding: volumes that are provisioned elsewhere", |count| ephemeral(count, "zonal")),
    ("PodTopologySpread: keys that no node has", |count| {
        let one = |i: usize| constraint(&format!("k{i}"), &json!({ "matchLabels": { "app": "new" } }));
        json!({ "topologySpreadConstraints": (0..count).map(one).collect::<Vec<_>>() })
    }),
    ("PodTopologySpread: labels of a selector", |count| {
        let selector = json!({ "matchLabels": map(count, |i| (format!("k{i}"), json!("v"))) });
        json!({ "topologySpreadConstraints": [constraint("pool", &selector)] })
    }),
    ("PodTopologySpread: values of a selector", |count| {
        let selector = json!({ "matchExpressions": [requirement("app", "In", &texts(count, "no-"))] });
        json!({ "topologySpreadConstraints": [constraint("pool", &selector)] })
    }),
    ("InterPodAffinity: anti-affinity to nobody", |count| {
        pods("podAntiAffinity", count, "kubernetes.io/hostname", nobody)
    }),
    ("InterPodAffinity: anti-affinity to all", |count| {
        pods("podAntiAffinity", count, "kubernetes.io/hostname", all)
    }),
    ("InterPodAffinity: anti-affinity to all within zones", |count| {
        pods("podAntiAffinity", count, "topology.kubernetes.io/zone", all)
    }),
    ("InterPodAffinity: anti-affinity to some each", |count| {
        pods("podAntiAffinity", count, "kubernetes.io/hostname", some)
    }),
    ("InterPodAffinity: anti-affinity by keys that no node has", |count| {
        let term = |i: usize| json!({ "topologyKey": format!("k{i}"), "labelSelector": { "matchLabels": { "app": "app-1" } } });
        affinity("podAntiAffinity", (0..count).map(term).collect())
    }),
    ("InterPodAffinity: affinity to nobody", |count| {
        pods("podAffinity", count, "kubernetes.io/hostname", nobody)
    }),
    ("InterPodAffinity: affinity to all", |count| pods("podAffinity", count, "kubernetes.io/hostname", all)),
    ("InterPodAffinity: affinity by keys that no node has", |count| {
        let term = |i: usize| json!({ "topologyKey": format!("k{i}"), "labelSelector": {} });
        affinity("podAffinity", (0..count).map(term).collect())
    }),
    ("InterPodAffinity: namespaces", |count| {
        affinity(
            "podAntiAffinity",
            json!([{ "topologyKey": "pool", "labelSelector": {}, "namespaces": texts(count, "n") }]),
        )
    }),
    ("InterPodAffinity: values of a selector", |count| {
        let selector = json!({ "matchExpressions": [requirement("app", "NotIn", &texts(count, "app-"))] });
        affinity("podAntiAffinity", json!([{ "topologyKey": "pool", "labelSelector": selector }]))
    }),
    ("InterPodAffinity: labels of a selector", |count| {
        let selector = json!({ "matchLabels": map(count, |i| (format!("k{i}"), json!("v"))) });
        affinity("podAffinity", json!([{ "topologyKey": "pool", "labelSelector": selector }]))
    }),
    ("InterPodAffinity: matchLabelKeys", |count| {
        let mut keys = texts(count, "k");
        keys.push("tier".to_owned());
        affinity(
            "podAntiAffinity",
            json!([{ "topologyKey": "pool", "labelSelector": {}, "matchLabelKeys": keys }]),
        )
    }),
    (
        "SchedulingGates",
        |count| json!({ "schedulingGates": (0..count).map(|i| json!({ "name": format!("g{i}") })).collect::<Vec<_>>() }),
    ),
    ("DynamicResources", |count| {
        let one = |i: usize| json!({ "name": format!("c{i}"), "resourceClaimName": "x" });
        json!({ "resourceClaims": (0..count).map(one).collect::<Vec<_>>() })
    }),
];

/// The same lists, short, on clusters that grow.
pub(super) const ON_GROWING_CLUSTERS: &[(&str, List)] = &[
    ("a plain pod", |_| json!({})),
    ("NodeAffinity", |count| {
        terms(count, |i| json!([requirement("kubernetes.io/hostname", "In", &[format!("node-{i}")])]))
    }),
    ("NodePorts", |count| ports(count, |i| json!({ "containerPort": 1, "hostPort": 8000 + i }))),
    ("VolumeRestrictions", |count| disks(count, |i| format!("vol-{i}"))),
    ("VolumeBinding", |count| claims(count, "claim-")),
    ("PodTopologySpread", |_| {
        json!({ "topologySpreadConstraints": [
            constraint("pool", &json!({ "matchLabels": { "app": "new" } })),
            constraint("kubernetes.io/hostname", &json!({ "matchLabels": { "tier": "web" } }))
        ] })
    }),
    (
        "PodTopologySpread, in many turns",
        |_| json!({ "topologySpreadConstraints": [constraint("half", &json!({ "matchLabels": { "app": "new" } }))] }),
    ),
    ("InterPodAffinity", |count| pods("podAntiAffinity", count, "kubernetes.io/hostname", some)),
    ("InterPodAffinity, to itself", |_| {
        affinity(
            "podAffinity",
            json!([{ "topologyKey": "half", "labelSelector": { "matchLabels": { "app": "new" } } }]),
        )
    }),
    ("preemption", |_| {
        let resources = json!({ "requests": { "cpu": "4" } });
        json!({ "priorityClassName": "high", "containers": [{ "name": "main", "image": "agent:1", "resources": resources }] })
    }),
    ("preemption with affinity", |count| {
        let mut spec = pods("podAntiAffinity", count, "kubernetes.io/hostname", some);
        spec["priorityClassName"] = json!("high");
        spec
    }),
];

fn texts(count: usize, prefix: &str) -> Vec<String> {
    (0..count).map(|i| format!("{prefix}{i}")).collect()
}

fn map(count: usize, entry: impl Fn(usize) -> (String, Value)) -> Map<String, Value> {
    (0..count).map(entry).collect()
}

fn requirement(key: &str, operator: &str, values: &[String]) -> Value {
    json!({ "key": key, "operator": operator, "values": values })
}

fn affinity(kind: &str, required: Value) -> Value {
    json!({ "affinity": { kind: { "requiredDuringSchedulingIgnoredDuringExecution": required } } })
}

fn terms(count: usize, expressions: impl Fn(usize) -> Value) -> Value {
    let terms: Vec<Value> = (0..count).map(|i| json!({ "matchExpressions": expressions(i) })).collect();
    affinity("nodeAffinity", json!({ "nodeSelectorTerms": terms }))
}

fn ports(count: usize, port: impl Fn(usize) -> Value) -> Value {
    json!({ "containers": [{ "name": "main", "image": "agent:1", "ports": (0..count).map(port).collect::<Vec<_>>() }] })
}

fn init_containers(count: usize, restart_policy: Option<&str>) -> Value {
    let one = |i: usize| {
        let list = json!({ format!("example.com/r{i}"): "1" });
        json!({ "name": format!("i{i}"), "image": "agent:1", "restartPolicy": restart_policy, "resources": { "requests": list, "limits": list } })
    };
    json!({ "containers": [{ "name": "main", "image": "agent:1" }], "initContainers": (0..count).map(one).collect::<Vec<_>>() })
}

fn disks(count: usize, id: impl Fn(usize) -> String) -> Value {
    let one = |i: usize| json!({ "name": format!("v{i}"), "awsElasticBlockStore": { "volumeID": id(i) } });
    json!({ "volumes": (0..count).map(one).collect::<Vec<_>>() })
}

fn claims(count: usize, prefix: &str) -> Value {
    let one = |i: usize| json!({ "name": format!("v{i}"), "persistentVolumeClaim": { "claimName": format!("{prefix}{i}") } });
    json!({ "volumes": (0..count).map(one).collect::<Vec<_>>() })
}

fn ephemeral(count: usize, class: &str) -> Value {
    let claim = json!({ "storageClassName": class, "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "1Gi" } } });
    let one = |i: usize| json!({ "name": format!("v{i}"), "ephemeral": { "volumeClaimTemplate": { "spec": claim } } });
    json!({ "volumes": (0..count).map(one).collect::<Vec<_>>() })
}

fn constraint(key: &str, selector: &Value) -> Value {
    json!({ "maxSkew": 1, "topologyKey": key, "whenUnsatisfiable": "DoNotSchedule", "nodeAffinityPolicy": "Ignore", "labelSelector": selector })
}

fn pods(kind: &str, count: usize, topology: &str, selector: fn(usize) -> Value) -> Value {
    let term = |i: usize| json!({ "topologyKey": topology, "labelSelector": selector(i) });
    affinity(kind, (0..count).map(term).collect())
}

fn nobody(number: usize) -> Value {
    json!({ "matchLabels": { "app": format!("nobody-{number}") } })
}

fn all(number: usize) -> Value {
    json!({ "matchExpressions": [requirement("app", "NotIn", &[format!("nobody-{number}")])] })
}

fn some(number: usize) -> Value {
    json!({ "matchLabels": { "app": format!("app-{}", number % 100) } })
}
