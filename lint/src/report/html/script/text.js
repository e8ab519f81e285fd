// Elements and texts. Text from the data is inserted only as text nodes.

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "class") made.className = value;
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const number = (value) => value.toLocaleString("en-US");
const counted = (value, word) => number(value) + " " + word + (value === 1 ? "" : "s");

// A sentence whose parts in backticks are code.
function prose(sentence) {
  return sentence.split("`").map((part, index) => (index % 2 ? element("code", {}, part) : part));
}

// A percentage. Only none is 0%, and only all is 100%.
function percent(part, whole) {
  if (part === 0) return "0%";
  return part * 100 < whole ? "<1%" : Math.floor((part * 100) / whole) + "%";
}

// A value of a node is a text, or a text and a number that can be compared.
const textOf = (value) => (Array.isArray(value) ? value[0] : value);

// One text for the values of many nodes in the same place: the value, a range of numbers, or the first few.
function merge(values) {
  const distinct = [...new Set(values.map(textOf))];
  if (distinct.length <= 1) return distinct[0] || "";
  if (values.every(Array.isArray)) {
    const sorted = values.slice().sort((a, b) => a[1] - b[1]);
    return sorted[0][0] + "–" + sorted[sorted.length - 1][0];
  }
  distinct.sort(byName.compare);
  const shown = distinct.length <= 3 ? distinct.length - 1 : 2;
  const last = distinct.length - shown === 1 ? distinct[shown] : number(distinct.length - shown) + " others";
  return distinct.slice(0, shown).join(", ") + " or " + last;
}

function fill(text, node, values) {
  let next = 0, filled = "";
  for (const character of text) {
    if (character === NODE) filled += node;
    else if (character === VALUE) filled += values[next++] ?? "";
    else filled += character;
  }
  return filled;
}

// The reasons of nodes of one shape: sentences with the merged values of the nodes.
function reasonsOf(set, nodes) {
  const of = (node) => data.outcomes[set.cells[node]][1].map((reason) => data.reasons[reason]);
  const merged = (index, part, length) =>
    Array.from({ length }, (_, value) => merge(nodes.map((node) => of(node)[index][part][value])));
  const name = nodes.length <= 3 ? nodes.map((node) => data.nodes[node]).join(" ") : "<node>";
  return of(nodes[0]).map(([sentence, values, more], index) => {
    const told = data.sentences[sentence];
    return {
      ...told,
      message: fill(told.message, name, merged(index, 1, values.length)),
      suggestion: told.suggestion && fill(told.suggestion, name, merged(index, 2, more.length)),
    };
  });
}

// The pods that the scheduler would preempt on nodes of one shape.
function preemptionOf(set, nodes) {
  const victims = nodes.map((node) => data.outcomes[set.cells[node]][2]).filter(Boolean);
  if (victims.length === 0) return null;
  const count = merge(victims.map(([pods]) => [String(pods), pods]));
  const pods = count === "1" ? "pod" : "pods";
  const [all, named] = victims[0];
  if (victims.length > 1) return "The scheduler would preempt " + count + " " + pods + " on each node.";
  return "The scheduler would preempt " + (all > named.length ? count + " pods" : pods) + ": " + named.join(", ")
    + (all > named.length ? " …" : ".");
}

// A short form of names: all names if they are few, ranges if the names are numbered, otherwise the first names.
function fold(nodes) {
  const names = nodes.map((node) => data.nodes[node]);
  if (names.length <= 4) return names.join(", ");
  const ranges = [];
  for (const name of names.slice().sort(byName.compare)) {
    const match = /^(.*?)(\d+)$/.exec(name);
    const last = ranges[ranges.length - 1];
    const follows = match && last && last.stem === match[1] && last.end.length <= match[2].length
      && (last.end.length === match[2].length || !/^0/.test(last.first)) && Number(match[2]) === Number(last.end) + 1;
    if (!match || (!follows && ranges.length === 3)) {
      return names.slice(0, 3).join(", ") + " and " + number(names.length - 3) + " more";
    }
    if (follows) last.end = match[2];
    else ranges.push({ stem: match[1], first: match[2], end: match[2] });
  }
  const shown = ({ stem, first, end }) => (first === end ? stem + first : stem + "[" + first + "-" + end + "]");
  return ranges.map(shown).join(", ");
}

// The mark of a verdict, in its colour.
const badge = (verdict) =>
  element("span", { class: "mark v-" + VERDICTS[verdict].id, "aria-hidden": "true" }, VERDICTS[verdict].mark);

// The mark of what matters most about a DaemonSet.
const stateBadge = (set) => {
  const state = stateOf(set);
  return element("span", { class: "mark v-" + state.look, title: state.word }, state.mark);
};

// A bar with the share of each verdict among the nodes of a DaemonSet.
function bar(counts) {
  const parts = counts
    .map((part, verdict) => [part, verdict])
    .filter(([part]) => part > 0)
    .map(([part, verdict]) => {
      const one = element("span", { class: "v-" + VERDICTS[verdict].id });
      one.style.flexGrow = String(part);
      return one;
    });
  return element("span", { class: "bar", "aria-hidden": "true" }, ...parts);
}

function reasonItem(set, reason) {
  // If there is no line, the manifest lacks the field.
  const place = reason.line && set.line ? { text: set.path + ":" + reason.line, title: reason.field } : { text: reason.field };
  return element("li", { class: "reason" },
    element("p", {}, element("strong", {}, reason.filter), " ", ...prose(reason.message)),
    place.text ? element("p", { class: "place" }, element("code", { title: place.title }, place.text)) : null,
    reason.suggestion ? element("p", { class: "mend" }, element("span", {}, "To run there"), " ",
      ...(reason.isCommand
        ? [element("code", { class: "command" }, reason.suggestion)] : prose(reason.suggestion))) : null);
}

function findingItem(finding) {
  return element("li", { class: "finding" },
    element("p", {}, element("strong", { class: "s-" + finding.severity }, finding.severity), " ",
      ...prose(finding.message)),
    finding.help ? element("p", { class: "mend" }, element("span", {}, "Help"), " ", ...prose(finding.help)) : null,
    element("p", { class: "place" }, element("code", {}, finding.at ? finding.path + ":" + finding.at : finding.path),
      " ", finding.rule));
}
