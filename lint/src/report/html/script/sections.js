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
    element("p", { class: "counts" }, element("span", { class: "count" }, stateBadge(set), " ",
      element("strong", {}, "runs on " + number(counts[RUNS]) + " of " + counted(total, "node"))), ...parts),
    bar(counts),
  ];
}

function shapesOf(set) {
  const shapes = new Map();
  inOrder.forEach((node) => {
    const outcome = set.cells[node];
    // Nodes that the manifest itself leaves out are counted in one line, unless it leaves out all.
    if (data.outcomes[outcome][1].length === 0 || (set.leftOut && leavesOut[outcome] && set.state !== "nowhere")) return;
    const shape = shapeOf[outcome];
    if (!shapes.has(shape)) shapes.set(shape, []);
    shapes.get(shape).push(node);
  });
  const rank = (nodes) => verdictAt(set, nodes[0]);
  return [...shapes.values()].sort((a, b) => rank(a) - rank(b) || b.length - a.length);
}

function reasonsTable(set) {
  const shapes = shapesOf(set);
  if (shapes.length === 0 && !set.leftOut) return null;
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
  if (set.leftOut) {
    lines.push(element("li", { class: "shape" },
      element("div", { class: "who" }, badge(NOT_WANTED), element("strong", {}, "left out by its own selector")), element("div", {}, ...prose(set.leftOut))));
  }
  return element("ul", { class: "plain shapes" }, ...lines);
}

function section(set, index) {
  const all = data.nodes.map((_, node) => node);
  const findings = set.findings.map(findingItem);
  const notes = set.notes.map((note) => element("li", {}, ...prose(note)));
  const block = (title, list) => (list && list.length ? [element("h4", {}, title), element("ul", { class: "plain" }, ...list)] : []);
  return element("article", { class: "set " + set.state, id: "ds-" + index, "aria-label": set.title },
    element("header", {}, element("h3", {}, set.title), element("code", { class: "place" }, set.line ? set.path + ":" + set.line : set.path)),
    ...summaryOf(set, set.without === null ? count(set, all) : [], all.length),
    set.rollout ? element("p", { class: "rollout" }, element("span", {}, "Rollout"), " ", ...prose(set.rollout)) : null,
    ...block("Notes", notes),
    ...(set.status ? [element("h4", {}, "Status and pods"), element("pre", {}, set.status.replace(/^\n+/, ""))] : []),
    ...block(counted(findings.length, "finding"), findings),
    set.without === null ? reasonsTable(set) : null);
}

// The overview: a row for each DaemonSet, the worst first.
function writeOverview() {
  const all = data.nodes.map((_, node) => node);
  const head = ["", "DaemonSet", "Runs", "Refused", "Pending", "Not wanted", "Unknown", "Why"];
  const rows = worstFirst.map((index) => {
    const set = sets[index];
    const counts = set.without === null ? count(set, all) : null;
    const cells = [RUNS, REFUSED, PENDING, NOT_WANTED, UNKNOWN].map((verdict) =>
      element("td", { class: "number" + (counts && counts[verdict] ? "" : " none") }, counts ? number(counts[verdict]) : "–"));
    return element("tr", { class: set.state },
      element("td", {}, stateBadge(set)),
      element("th", { scope: "row" }, element("a", { href: "#ds-" + index }, set.title)),
      ...cells, element("td", { class: "why-cell" }, ...prose(set.why)));
  });
  document.getElementById("overview-table").append(
    element("thead", {}, element("tr", {}, ...head.map((title, column) =>
      element("th", { scope: "col", class: column > 1 && column < 7 ? "number" : null }, title)))),
    element("tbody", {}, ...rows));
  document.getElementById("facts-of-all").append(...data.notes.map((note) => element("li", {}, ...prose(note))));
}

function writeSections() {
  document.getElementById("sections").append(...worstFirst.map((index) => section(sets[index], index)));
  if (data.findings.length) {
    document.getElementById("other").hidden = false;
    document.getElementById("other-findings").append(element("ul", { class: "plain set" }, ...data.findings.map(findingItem)));
  }
}
