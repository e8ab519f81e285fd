// The panel beside the map: the reasons for the square under the pointer, or for the pinned one.

const panel = document.getElementById("panel");
const detail = document.getElementById("detail");
const NAMES_AT_ONCE = 500;
let pinned = null;

function heading(row) {
  if (row.nodes.length === 1) return element("h3", {}, data.nodes[row.nodes[0]]);
  return element("h3", {}, number(row.nodes.length) + " nodes like this");
}

function labels(row) {
  let shared = labelsOf(row.nodes[0]);
  for (const node of row.nodes.slice(1)) {
    const own = labelMap(node);
    shared = shared.filter(([key, value]) => own.get(key) === value);
  }
  if (shared.length === 0) return null;
  const chips = shared.map(([key, value]) => {
    const text = value === "" ? key : key + "=" + value;
    const chip = element("button", { type: "button", class: "chip", title: "Filter by this label" }, text);
    chip.addEventListener("click", () => addToFilter(text));
    return chip;
  });
  const title = row.nodes.length === 1 ? "Labels" : "Labels of all of them";
  return element("div", { class: "block" }, element("h4", {}, title), element("div", { class: "chips" }, ...chips));
}

function members(row) {
  if (row.nodes.length === 1) return null;
  const list = element("p", { class: "names" });
  const all = element("details", {}, element("summary", {}, fold(row.nodes)), list);
  all.addEventListener("toggle", () => {
    if (!all.open || list.firstChild) return;
    const more = row.nodes.length - NAMES_AT_ONCE;
    list.textContent = row.nodes.slice(0, NAMES_AT_ONCE).map((node) => data.nodes[node]).join(", ")
      + (more > 0 ? " and " + number(more) + " more" : "");
  });
  return element("div", { class: "block" }, element("h4", {}, "Nodes"), all);
}

function ofCell(row, set) {
  const verdict = verdictAt(set, row.nodes[0]);
  const body = [];
  if (set.without !== null) {
    if (set.findings.length) body.push(element("ul", { class: "plain" }, ...set.findings.map(findingItem)));
  } else {
    const reasons = reasonsOf(set, row.nodes);
    if (reasons.length) body.push(element("ul", { class: "plain" }, ...reasons.map((reason) => reasonItem(set, reason))));
    const preemption = preemptionOf(set, row.nodes);
    if (preemption) body.push(element("p", { class: "reason" }, preemption));
  }
  return [
    heading(row),
    element("p", { class: "verdict" }, badge(verdict), " ", element("strong", {}, VERDICTS[verdict].word), " ",
      element("span", { class: "of" }, set.title)),
    element("p", { class: "says" }, VERDICTS[verdict].meaning),
    ...body,
    members(row),
    labels(row),
  ];
}

function ofRow(row) {
  const lines = sets.map((set) => {
    const verdict = verdictAt(set, row.nodes[0]);
    const first = set.without === null ? reasonsOf(set, row.nodes)[0] : null;
    return element("li", {}, badge(verdict), element("span", {}, element("strong", {}, set.title), " ",
      VERDICTS[verdict].word, ...(first ? [element("span", { class: "why" }, first.filter + ": ", ...prose(first.message))] : [])));
  });
  return [heading(row), element("ul", { class: "verdicts" }, ...lines), members(row), labels(row)];
}

function ofSet(set, nodes) {
  const link = element("a", { href: "#ds-" + sets.indexOf(set) }, "All about it");
  return [element("h3", {}, set.title), ...summaryOf(set, count(set, nodes), nodes.length), element("p", {}, link)];
}

function show(content, key) {
  const closing = element("button", { type: "button", class: "close", "aria-label": "Close" }, "×");
  closing.addEventListener("click", () => release(true));
  detail.replaceChildren(...content.filter(Boolean));
  panel.replaceChildren(detail, closing);
  panel.classList.add("open");
  panel.classList.toggle("pinned", key !== null);
  panel.scrollTop = 0;
}

function hint() {
  const line = (key, what) => element("li", {}, element("kbd", {}, key), " ", what);
  detail.replaceChildren(
    element("h3", {}, "Reasons"),
    element("p", { class: "says" }, "Point at a square, or move to it with the arrow keys."),
    element("ul", { class: "keys" }, line("Enter", "pins the reasons; on the name of joined nodes, lists the nodes"),
      line("Esc", "unpins the reasons"), line("Home End", "first and last DaemonSet"), line("PgUp PgDn", "one screen up or down")),
    element("ul", { class: "legend" }, ...VERDICTS.slice(0, sets.some((set) => set.without !== null) ? 5 : 4).map((_, verdict) =>
      element("li", {}, badge(verdict), element("span", {}, element("strong", {}, VERDICTS[verdict].word), " ", VERDICTS[verdict].meaning)))),
  );
  panel.replaceChildren(detail);
  panel.classList.remove("open", "pinned");
}
