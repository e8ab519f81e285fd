// The page's data, and what is computed from it.

const data = JSON.parse(document.getElementById("data").textContent);

const VERDICTS = [
  { id: "runs", word: "runs", mark: "✓", meaning: "The controller creates a pod for the node, and the scheduler can place it." },
  { id: "refused", word: "refused", mark: "×", meaning: "The controller creates a pod for the node, and the API server does not store it." },
  { id: "pending", word: "pending", mark: "!", meaning: "The controller creates a pod for the node, and the scheduler cannot place it." },
  { id: "notWanted", word: "not wanted", mark: "–", meaning: "The controller creates no pod for the node." },
  { id: "unknown", word: "unknown", mark: "?", meaning: "The cluster's objects that were read are not enough to decide." },
  { id: "rejected", word: "rejected", mark: "×", meaning: "The API server rejects the manifest, so it runs nowhere." },
  { id: "unexplained", word: "not explained", mark: "×", meaning: "This DaemonSet has no preview." },
];
const RUNS = 0, REFUSED = 1, PENDING = 2, NOT_WANTED = 3, UNKNOWN = 4, REJECTED = 5, UNEXPLAINED = 6;

// What matters most about a DaemonSet; the worst is first. The mark is that of a verdict, or a cross.
const STATES = [
  { id: "rejected", mark: "×", look: "rejected", word: "rejected" },
  { id: "unexplained", mark: "×", look: "rejected", word: "no preview" },
  { id: "nowhere", mark: "×", look: "nowhere", word: "runs nowhere" },
  { id: "refused", mark: "×", look: "refused", word: "refused" },
  { id: "pending", mark: "!", look: "pending", word: "pending" },
  { id: "warned", mark: "!", look: "pending", word: "warning" },
  { id: "unknown", mark: "?", look: "unknown", word: "unknown" },
  { id: "keptOff", mark: "–", look: "notWanted", word: "kept off nodes" },
  { id: "fine", mark: "✓", look: "runs", word: "fine" },
];
const stateOf = (set) => STATES.find((state) => state.id === set.state);
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

// Whether the manifest itself leaves the node out, by outcome: that is no problem.
const leavesOut = data.outcomes.map(([verdict, reasons]) => verdict === "notWanted" && reasons.some((reason) => {
  const { filter } = data.sentences[data.reasons[reason][0]];
  return filter === "NodeAffinity" || filter === "NodeName";
}));

// Whether a square is a problem: no pod runs there, though the manifest selects the node.
function isProblem(set, node) {
  if (set.without !== null) return false;
  const verdict = set.verdicts[node];
  if (set.state === "nowhere") return verdict !== RUNS;
  return verdict === REFUSED || verdict === PENDING || verdict === UNKNOWN || (verdict === NOT_WANTED && !leavesOut[set.cells[node]]);
}

const worstFirst = sets.map((_, index) => index)
  .sort((a, b) => STATES.indexOf(stateOf(sets[a])) - STATES.indexOf(stateOf(sets[b])) || a - b);

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

// Of labels that tell nodes apart, pools are what people name nodes by; then roles, their own labels, and what Kubernetes says.
function rankOf(key) {
  const [domain, name] = key.includes("/") ? [key.slice(0, key.indexOf("/")), key.slice(key.indexOf("/") + 1)] : ["", key];
  if (domain.includes("beta.")) return 8;
  if (/pool|node-?group/i.test(name)) return 0;
  if (domain === "node-role.kubernetes.io" || name === "role") return 1;
  if (domain === "") return 2;
  return { "instance-type": 3, zone: 4, arch: 5, os: 5 }[name] ?? 7;
}

const labelWord = (label) => {
  const [key, value] = data.labels[label];
  return key.replace(/^.*\//, "") + (value ? "=" + value : "");
};

// What these nodes share, in words: labels that few other nodes have, the rarest first; or else the labels that people know them by,
// with how many nodes have the first of them.
function traits(nodes) {
  let shared = null;
  for (const set of new Set(nodes.map((node) => data.nodeLabels[node]))) {
    const own = data.labelSets[set];
    shared = shared === null ? own : shared.filter((label) => own.includes(label));
    if (shared.length === 0) return [];
  }
  const rank = (label) => rankOf(data.labels[label][0]);
  const telling = shared.filter((label) => data.labels[label][1] !== null && bearers[label] > 1 && bearers[label] < nodeCount);
  const rare = telling.filter((label) => bearers[label] <= 2 * nodes.length);
  if (rare.length) return rare.sort((a, b) => bearers[a] - bearers[b] || rank(a) - rank(b)).slice(0, 2).map(labelWord);
  const known = telling.sort((a, b) => rank(a) - rank(b) || bearers[a] - bearers[b]).slice(0, 2);
  return known.map((label, index) => labelWord(label) + (index === 0 ? " (" + nodes.length + " of " + bearers[label] + ")" : ""));
}

// How many of the nodes have each verdict.
function count(set, nodes) {
  const counts = VERDICTS.map(() => 0);
  for (const node of nodes) counts[set.verdicts[node]]++;
  return counts;
}
