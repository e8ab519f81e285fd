// The controls of the map: filter, toggles, joined nodes.

const find = document.getElementById("find");
const found = document.getElementById("found");
const problem = document.getElementById("problem");
const grouped = document.getElementById("grouped");
const toggles = document.getElementById("toggles");
const JOIN_FROM = 40;

const problemsOnly = document.getElementById("problems");

// The verdicts that are shown alone; none if all are shown.
const chosen = new Set();

function choose(index, adds) {
  const alone = chosen.size === 1 && chosen.has(index);
  if (adds) {
    if (!chosen.delete(index)) chosen.add(index);
  } else {
    chosen.clear();
    if (!alone) chosen.add(index);
  }
  off = new Set([0, 1, 2, 3].filter((verdict) => chosen.size && !chosen.has(verdict)));
  buttons.forEach((button, verdict) => {
    button.setAttribute("aria-pressed", String(chosen.has(verdict)));
    button.classList.toggle("away", off.has(verdict));
  });
  update();
}

const buttons = VERDICTS.slice(0, 4).map((verdict, index) => {
  const many = element("span", { class: "many" });
  const button = element("button", { type: "button", class: "toggle", "aria-pressed": "false",
    title: "Show only nodes with this verdict: " + verdict.word + ". Ctrl adds a verdict, a second click shows all." },
    badge(index), " ", verdict.word, " ", many);
  button.addEventListener("click", (event) => choose(index, event.ctrlKey || event.metaKey || event.shiftKey));
  return button;
});
toggles.append(...buttons);

function addToFilter(text) {
  const present = find.value.split(",").map((piece) => piece.trim()).filter(Boolean);
  if (!present.includes(text)) find.value = [...present, text].join(", ");
  update();
}

function update() {
  const { tests, problems } = parseFilter(find.value);
  const matching = tests.length ? inOrder.filter((node) => fits(node, tests)) : inOrder;
  let wanted = 0;
  for (let verdict = 0; verdict < 4; verdict++) if (!off.has(verdict)) wanted |= 1 << verdict;
  // If no DaemonSet has a preview, verdicts do not hide nodes.
  const hides = off.size > 0 && sets.some((set) => set.without === null);
  shownNodes = hides ? matching.filter((node) => verdictsOf[node] & wanted) : matching;
  if (problemsOnly.checked) shownNodes = shownNodes.filter((node) => sets.some((set) => isProblem(set, node)));
  const fine = problemsOnly.checked ? sets.flatMap((set, index) => (set.state === "fine" ? [index + 1] : [])) : [];
  hideColumns(new Set(fine));
  document.body.classList.toggle("problems-only", problemsOnly.checked);

  rows = [];
  if (grouped.checked) {
    const groups = new Map();
    for (const node of shownNodes) {
      const group = groupOf[node];
      if (!groups.has(group)) groups.set(group, []);
      groups.get(group).push(node);
    }
    for (const [group, nodes] of [...groups].sort((a, b) => b[1].length - a[1].length)) {
      rows.push({ nodes, group });
      if (nodes.length > 1 && expanded.has(group)) for (const node of nodes) rows.push({ nodes: [node], group, inside: true });
    }
  } else {
    for (const node of shownNodes) rows.push({ nodes: [node], group: groupOf[node] });
  }

  const squares = [0, 0, 0, 0];
  for (const set of sets) {
    if (set.without === null) count(set, matching).slice(0, 4).forEach((found, verdict) => { squares[verdict] += found; });
  }
  buttons.forEach((button, verdict) => {
    button.querySelector(".many").textContent = number(squares[verdict]);
    button.classList.toggle("none", squares[verdict] === 0);
  });
  const all = shownNodes.length === nodeCount;
  const kinds = grouped.checked ? new Set(shownNodes.map((node) => groupOf[node])).size : 0;
  found.textContent = (all ? counted(nodeCount, "node") : number(shownNodes.length) + " of " + counted(nodeCount, "node"))
    + (grouped.checked ? " of " + counted(kinds, "kind") : "");
  problem.hidden = problems.length === 0;
  problem.textContent = problems.length ? "Cannot be read yet: " + problems.join(", ") : "";
  find.setAttribute("aria-invalid", String(problems.length > 0));
  if (pinned) release(false);
  map.classList.toggle("nothing", rows.length === 0);
  tallies();
  redraw();
}

// Suggestions for the filter: label keys, and the values of keys with few values.
function offerLabels() {
  const values = new Map();
  for (const [key, value] of data.labels) {
    if (!values.has(key)) values.set(key, []);
    if (value !== null) values.get(key).push(value);
  }
  const offers = [];
  for (const [key, of] of [...values].sort((a, b) => byName.compare(a[0], b[0]))) {
    if (of.length === 0 || of.length > 12) offers.push(key);
    else for (const value of of.sort(byName.compare)) offers.push(value === "" ? key : key + "=" + value);
  }
  document.getElementById("known").append(...offers.slice(0, 200).map((value) => element("option", { value })));
}

// An example that finds something: a label that some nodes have and others do not.
function offerExample() {
  const telling = data.labels.map((_, label) => label)
    .filter((label) => bearers[label] > 0 && bearers[label] < nodeCount && data.labels[label][1])
    .sort((a, b) => rankOf(data.labels[a][0]) - rankOf(data.labels[b][0]) || bearers[b] - bearers[a] || a - b);
  const example = telling.length ? data.labels[telling[0]].join("=") : data.nodes[0];
  find.placeholder = "for example " + example;
}

const source = data.source === "file" ? "read from files" : "read from the cluster";
document.getElementById("facts").textContent = [counted(sets.length, "DaemonSet"), counted(nodeCount, "node"),
  "Kubernetes " + data.kubernetes, source].join(" · ");
document.getElementById("foot").textContent = "daemonset-lint " + data.version;

find.addEventListener("input", update);
find.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" && !find.value) {
    event.preventDefault();
    activate(0, active.column, true);
  }
});
grouped.addEventListener("change", update);
problemsOnly.addEventListener("change", () => {
  update();
  fitColumns();
});
grouped.checked = nodeCount >= JOIN_FROM;
active = { row: nodeCount ? 0 : -1, column: sets.length ? 1 : 0 };

if (sets.length) {
  hint();
  offerLabels();
  offerExample();
  fitColumns();
  update();
  writeOverview();
  writeSections();
  new ResizeObserver(fitColumns).observe(scroller);
  addEventListener("beforeprint", writePrintMap);
} else {
  document.getElementById("nothing").hidden = false;
  for (const id of ["overview", "mapping", "each-section"]) document.getElementById(id).hidden = true;
  writeSections();
}
performance.mark("drawn");
