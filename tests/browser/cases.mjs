// Clusters and DaemonSets to make pages of, written as JSON, which is YAML too.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const padded = (number, width) => String(number).padStart(width, "0");

function node(name, labels, { taints, cpu = "4", memory = "16Gi", unschedulable } = {}) {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64", ...labels } },
    spec: { ...(taints && { taints }), ...(unschedulable && { unschedulable }) },
    status: { allocatable: { cpu, memory, pods: "110", "ephemeral-storage": "100Gi" } },
  };
}

function pod(namespace, name, nodeName, { requests, hostPort, priority } = {}) {
  const ports = hostPort && [{ containerPort: hostPort, hostPort }];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, name },
    spec: { nodeName, ...(priority !== undefined && { priority }), containers: [{ name: "main", image: "main", resources: { requests }, ...(ports && { ports }) }] },
    status: { phase: "Running" },
  };
}

export function daemonSet(namespace, name, spec = {}, container = {}) {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "registry.example/" + name, ...container }], ...spec } },
    },
  };
}

const needs = (...expressions) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: expressions }] } } },
});

const EVERYWHERE = { tolerations: [{ operator: "Exists" }] };
const CONTROL_PLANE = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" };
const GPU = { key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" };

// 24 nodes and six DaemonSets: one of each thing that can be said of a node.
function small() {
  const nodes = [], pods = [];
  const zone = (index) => ({ "topology.kubernetes.io/zone": "eu-1" + "abc"[index % 3] });
  for (let i = 1; i <= 3; i++) nodes.push(node("control-" + i, { ...zone(i), "node-role.kubernetes.io/control-plane": "" }, { taints: [CONTROL_PLANE] }));
  for (let i = 1; i <= 14; i++) {
    nodes.push(node("worker-" + i, { ...zone(i), disk: i % 3 ? "ssd" : "hdd" }, { memory: i > 9 ? "8Gi" : "16Gi", unschedulable: i === 14 }));
    pods.push(pod("shop", "basket-" + i, "worker-" + i, { requests: { cpu: "500m", memory: (4 + (i % 4)) + "Gi" }, priority: 0 }));
  }
  for (const i of [4, 5]) pods.push(pod("web", "proxy-" + i, "worker-" + i, { hostPort: 9100 }));
  for (let i = 1; i <= 5; i++) nodes.push(node("gpu-" + i, { ...zone(i), gpu: i < 4 ? "a100" : "l4", disk: "ssd" }, { taints: [GPU], cpu: "32", memory: "256Gi" }));
  for (let i = 1; i <= 2; i++) nodes.push(node("edge-" + i, { "topology.kubernetes.io/zone": "edge", disk: "hdd" }, { cpu: "1", memory: "1Gi" }));
  const objects = [
    daemonSet("logging", "fluent-bit", EVERYWHERE, { resources: { requests: { cpu: "50m", memory: "64Mi" } } }),
    daemonSet("monitoring", "node-exporter", { ...EVERYWHERE, hostNetwork: true }, { ports: [{ containerPort: 9100, hostPort: 9100 }] }),
    daemonSet("gpu-operator", "device-plugin", { ...needs({ key: "gpu", operator: "In", values: ["a100", "h100"] }), tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }] }),
    daemonSet("storage", "ssd-cache", needs({ key: "disk", operator: "In", values: ["ssd"] }), { resources: { requests: { memory: "3Gi", cpu: "1" } } }),
    daemonSet("default", "audit", { nodeSelector: { "node-role.kubernetes.io/control-plane": "" }, tolerations: [CONTROL_PLANE].map(({ key }) => ({ key, operator: "Exists" })) }),
  ];
  const rejected = daemonSet("default", "metrics-with-a-mistake");
  rejected.spec.replicas = 3;
  return { nodes: [...nodes, ...pods], objects: [...objects, rejected] };
}

// Thousands of nodes of a few kinds, with numbers that differ from node to node.
function large(nodeCount, setCount) {
  const nodes = [], pods = [];
  for (let i = 0; i < nodeCount; i++) {
    const pool = i % 10;
    const labels = {
      "topology.kubernetes.io/region": "eu-1",
      "topology.kubernetes.io/zone": "eu-1" + "abc"[i % 3],
      "node.kubernetes.io/instance-type": ["m6.large", "m6.xlarge", "c6.2xlarge"][i % 3],
      pool: "pool-" + pool,
      rack: "rack-" + (i % 40),
      ...(pool === 7 && { gpu: "a100" }),
    };
    const taints = pool === 7 ? [GPU] : pool === 8 ? [{ key: "spot", value: "true", effect: "NoSchedule" }] : undefined;
    nodes.push(node("worker-" + padded(i + 1, 4), labels, { taints, cpu: String(2 + (i % 7)), memory: 4 + (i % 13) + "Gi" }));
    // What is free differs from node to node, so hardly a sentence about it is the same twice.
    pods.push(pod("shop", "basket-" + i, "worker-" + padded(i + 1, 4), { requests: { cpu: "100m", memory: 100 + ((i * 7919) % 3000) + "Mi" } }));
  }
  const kinds = [
    () => [EVERYWHERE, {}],
    () => [{}, {}],
    () => [{ ...needs({ key: "gpu", operator: "Exists" }), ...EVERYWHERE }, {}],
    (i) => [{ ...EVERYWHERE, ...needs({ key: "pool", operator: "NotIn", values: ["pool-" + (i % 10)] }) }, {}],
    (i) => [EVERYWHERE, { resources: { requests: { memory: 4 + (i % 9) + "Gi" } } }],
  ];
  const objects = [];
  for (let i = 0; i < setCount; i++) {
    const [spec, container] = kinds[i % kinds.length](i);
    objects.push(daemonSet("platform", ["log-shipper", "node-agent", "gpu-exporter", "mesh-cni", "image-cache"][i % 5] + "-" + (i + 1), spec, container));
  }
  return { nodes: [...nodes, ...pods], objects };
}

// Names and values that try to be markup, script or a way out of the data.
const EVIL = "</script><script>window.harmed=1</script><img src=x onerror=window.harmed=2>";
function hostile() {
  const nodes = [
    node("plain", { [EVIL]: EVIL, "line\u2028separator": "\u2029" }, { taints: [{ key: EVIL, value: "<!--<script>", effect: "NoSchedule" }] }),
    node(EVIL, { __proto__: null, constructor: "x", toString: "y" }),
    node("\u0001\u0002{{data}}{{script}}&lt;b&gt;", { "a": "`b`" }),
  ];
  const objects = [daemonSet("default", EVIL), daemonSet("default", "agent", { nodeSelector: { color: "red" } }), daemonSet("{{script}}", "__proto__")];
  return { nodes, objects };
}

const SIZE = Number(process.env.NODES || 5000);

export function writeCases(folder) {
  const cases = { small: small(), large: large(SIZE, 10), wide: large(SIZE, 20), hostile: hostile() };
  for (const [name, { nodes, objects }] of Object.entries(cases)) {
    const place = join(folder, name);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "cluster.json"), JSON.stringify({ apiVersion: "v1", kind: "List", items: nodes }));
    // A person would write YAML with a few lines for each field; the numbers of lines are seen on the page.
    writeFileSync(join(place, "agents.json"), JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }, null, 2));
  }
  return SIZE;
}
