// The sections below the map: each DaemonSet with its counts, notes, findings, and the reasons of the nodes that do not run it.

const SHAPES = 12;

function summaryOf(set, counts, total) {
  if (set.without !== null) {
    return [element("p", { class: "verdict" }, badge(set.without), " ", element("strong", {}, VERDICTS[set.without].word), " ",
      element("span", { class: "of" }, VERDICTS[set.without].meaning))];
  }
  const parts = counts
    .map((part, verdict) => [part, verdict])
    .filter(([part, verdict]) => part > 0 && verdict !== RUNS)
    .map(([part, verdict]) => element("span", { class: "count" }, badge(verdict), " ", VERDICTS[verdict].word + " on " + number(part)));
  return [
    element("p", { class: "counts" }, element("span", { class: "count" }, badge(RUNS), " ",
      element("strong", {}, "runs on " + number(counts[RUNS]) + " of " + counted(total, "node"))), ...parts),
    bar(counts),
  ];
}

function shapesOf(set) {
  const shapes = new Map();
  inOrder.forEach((node) => {
    const outcome = set.cells[node];
    if (data.outcomes[outcome][1].length === 0) return;
    const shape = shapeOf[outcome];
    if (!shapes.has(shape)) shapes.set(shape, []);
    shapes.get(shape).push(node);
  });
  const rank = (nodes) => verdictAt(set, nodes[0]);
  return [...shapes.values()].sort((a, b) => rank(a) - rank(b) || b.length - a.length);
}

function reasonsTable(set) {
  const shapes = shapesOf(set);
  if (shapes.length === 0) return null;
  const lines = shapes.slice(0, SHAPES).map((nodes) => {
    const verdict = verdictAt(set, nodes[0]);
    return element("li", { class: "shape" },
      element("div", { class: "who" }, badge(verdict), element("div", {},
        element("strong", {}, VERDICTS[verdict].word + " on " + counted(nodes.length, "node")),
        element("p", { class: "names" }, fold(nodes)))),
      element("div", {},
        element("ul", { class: "plain" }, ...reasonsOf(set, nodes).map((reason) => reasonItem(set, reason))),
        ...[preemptionOf(set, nodes)].filter(Boolean).map((preemption) => element("p", { class: "reason" }, preemption))));
  });
  const more = shapes.slice(SHAPES);
  if (more.length) {
    const nodes = more.reduce((sum, shape) => sum + shape.length, 0);
    lines.push(element("li", { class: "says" }, "and " + counted(nodes, "node") + " more, for " + counted(more.length, "other reason") + ": see the map."));
  }
  return element("ul", { class: "plain shapes" }, ...lines);
}

function section(set, index) {
  const all = data.nodes.map((_, node) => node);
  const findings = set.findings.map(findingItem);
  const notes = set.notes.map((note) => element("li", {}, ...prose(note)));
  const block = (title, list) => (list && list.length ? [element("h4", {}, title), element("ul", { class: "plain" }, ...list)] : []);
  return element("article", { class: "set", id: "ds-" + index, "aria-label": set.title },
    element("header", {}, element("h3", {}, set.title), element("code", { class: "place" }, set.line ? set.path + ":" + set.line : set.path)),
    ...summaryOf(set, set.without === null ? count(set, all) : [], all.length),
    set.rollout ? element("p", { class: "rollout" }, element("span", {}, "Rollout"), " ", ...prose(set.rollout)) : null,
    ...block("Notes", notes),
    ...(set.status ? [element("h4", {}, "Status and pods"), element("pre", {}, set.status.replace(/^\n+/, ""))] : []),
    ...block(counted(findings.length, "finding"), findings),
    set.without === null ? reasonsTable(set) : null);
}

function writeSections() {
  document.getElementById("sections").append(...sets.map(section));
  if (data.findings.length) {
    document.getElementById("other").hidden = false;
    document.getElementById("other-findings").append(element("ul", { class: "plain set" }, ...data.findings.map(findingItem)));
  }
}
