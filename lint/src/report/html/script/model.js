// The page's data, and what is computed from it.

const data = JSON.parse(document.getElementById("data").textContent);

const VERDICTS = [
  { id: "runs", word: "runs", mark: "✓", meaning: "The controller creates a pod for the node, and the scheduler can place it." },
  { id: "pending", word: "pending", mark: "!", meaning: "The controller creates a pod for the node, and the scheduler cannot place it." },
  { id: "notWanted", word: "not wanted", mark: "–", meaning: "The controller creates no pod for the node." },
  { id: "unknown", word: "unknown", mark: "?", meaning: "The cluster's objects that were read are not enough to decide." },
  { id: "rejected", word: "rejected", mark: "×", meaning: "The API server rejects the manifest, so it runs nowhere." },
  { id: "unexplained", word: "not explained", mark: "×", meaning: "This DaemonSet has no preview." },
];
const RUNS = 0, REJECTED = 4, UNEXPLAINED = 5;
const NODE = "\u0001", VALUE = "\u0002";

const nodeCount = data.nodes.length;
const sets = data.daemonSets;
const byName = new Intl.Collator("en", { numeric: true });

// An outcome is a verdict and reasons. Outcomes whose reasons differ only in values have the same shape.
const verdictOf = data.outcomes.map(([verdict]) => VERDICTS.findIndex((known) => known.id === verdict));
const shapeOf = (() => {
  const shapes = new Map();
  return data.outcomes.map(([verdict, reasons, victims]) => {
    const key = verdict + (victims ? "!" : ":") + reasons.map((reason) => data.reasons[reason][0]).join(",");
    if (!shapes.has(key)) shapes.set(key, shapes.size);
    return shapes.get(key);
  });
})();

for (const set of sets) {
  set.title = (set.namespace || "default") + "/" + (set.name || "(no name)");
  set.without = set.cells.length === nodeCount ? null : set.rejected ? REJECTED : UNEXPLAINED;
}

for (const set of sets) {
  set.verdicts = new Uint8Array(nodeCount).fill(set.without ?? RUNS);
  if (set.without === null) for (let node = 0; node < nodeCount; node++) set.verdicts[node] = verdictOf[set.cells[node]];
}

const verdictAt = (set, node) => set.verdicts[node];

// Nodes are joined if every DaemonSet's outcome on them has the same shape.
const groupOf = (() => {
  const explained = sets.filter((set) => set.without === null);
  const known = new Map();
  const groups = new Array(nodeCount);
  for (let node = 0; node < nodeCount; node++) {
    let key = "";
    for (const set of explained) key += shapeOf[set.cells[node]] + ",";
    let group = known.get(key);
    if (group === undefined) known.set(key, (group = known.size));
    groups[node] = group;
  }
  return groups;
})();

// The verdicts of a node, a bit each. The toggles show or hide nodes by them.
const verdictsOf = (() => {
  const bits = new Uint8Array(nodeCount);
  for (const set of sets) {
    if (set.without !== null) continue;
    for (let node = 0; node < nodeCount; node++) bits[node] |= 1 << set.verdicts[node];
  }
  return bits;
})();

const inOrder = data.nodes.map((_, node) => node).sort((a, b) => byName.compare(data.nodes[a], data.nodes[b]));

const labelsOf = (node) =>
  data.labelSets[data.nodeLabels[node]].map((label) => {
    const [key, value] = data.labels[label];
    return [key, value === null ? data.nodes[node] : value];
  });

// How many nodes of the cluster have each label.
const bearers = (() => {
  const counts = new Array(data.labels.length).fill(0);
  for (const set of data.nodeLabels) for (const label of data.labelSets[set]) counts[label]++;
  return counts;
})();

// Labels that distinguish these nodes: all of them have the label and few other nodes do. The rarest comes first.
function traits(nodes) {
  let shared = null;
  for (const set of new Set(nodes.map((node) => data.nodeLabels[node]))) {
    const own = data.labelSets[set];
    shared = shared === null ? own : shared.filter((label) => own.includes(label));
    if (shared.length === 0) return [];
  }
  return shared
    .filter((label) => data.labels[label][1] !== null && bearers[label] <= 2 * nodes.length && bearers[label] < nodeCount)
    .sort((a, b) => bearers[a] - bearers[b])
    .slice(0, 2)
    .map((label) => data.labels[label][0].replace(/^.*\//, "") + (data.labels[label][1] ? "=" + data.labels[label][1] : ""));
}

// How many of the nodes have each verdict.
function count(set, nodes) {
  const counts = VERDICTS.map(() => 0);
  for (const node of nodes) counts[set.verdicts[node]]++;
  return counts;
}
