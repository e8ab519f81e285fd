// The map: a grid in which only the visible rows have elements.

const scroller = document.getElementById("scroller");
const map = document.getElementById("map");
const ROW = 30;
const OVERSCAN = 8;

let rows = [];
let shownNodes = [];
let off = new Set();
let active = { row: -1, column: 0 }; // Row -1 is the header, column 0 the node's name.
const expanded = new Set();
let pointed = ""; // The square under the pointer.
const alive = new Map(); // Row number to its element.

const header = element("div", { class: "row head", role: "row", "aria-rowindex": "1" });
const body = element("div", { class: "rows", role: "rowgroup" });
map.append(element("div", { class: "head-group", role: "rowgroup" }, header), body);
map.setAttribute("aria-colcount", String(sets.length + 1));

// If all DaemonSets have the same namespace, the columns do not show it.
const oneNamespace = new Set(sets.map((set) => set.namespace || "default")).size === 1;
const columnTitle = (set) => element("span", { class: "column-title" },
  oneNamespace ? null : element("span", { class: "namespace" }, set.namespace || "default"),
  element("span", { class: "column-name" }, set.name || "(no name)"));

const headCells = [element("div", { role: "columnheader", class: "corner", tabindex: "-1", "aria-colindex": "1" }, "Node")];
sets.forEach((set, index) => {
  const tally = element("span", { class: "tally" });
  const cell = element("div", { role: "columnheader", class: "column", tabindex: "-1", "aria-colindex": String(index + 2), title: set.title },
    columnTitle(set), tally, element("span", { class: "bar" }));
  cell.dataset.column = String(index + 1);
  headCells.push(cell);
});
headCells[0].dataset.column = "0";
header.append(...headCells);
map.style.setProperty("--columns", String(sets.length));

// The columns that are hidden, by number. Column 0 never is.
let hiddenColumns = new Set();

function hideColumns(hidden) {
  hiddenColumns = hidden;
  headCells.forEach((cell, column) => { cell.hidden = hidden.has(column); });
  map.style.setProperty("--columns", String(sets.length - hidden.size));
  if (hidden.has(active.column)) active.column = 0;
}

// The next column in sight in this direction, or the same one.
function nextColumn(column, step) {
  let next = column + step;
  while (hiddenColumns.has(next)) next += step;
  return next < 0 || next > sets.length ? column : next;
}
const lastColumn = () => (hiddenColumns.has(sets.length) ? nextColumn(sets.length, -1) : sets.length);

function tallies() {
  sets.forEach((set, index) => {
    const cell = headCells[index + 1];
    const counts = count(set, shownNodes);
    const text = set.without === null ? number(counts[RUNS]) + " of " + number(shownNodes.length) : VERDICTS[set.without].word;
    const tally = cell.querySelector(".tally");
    tally.replaceChildren(...(set.without === null
      ? [element("b", {}, number(counts[RUNS])), element("span", { class: "whole" }, " of " + number(shownNodes.length)),
        element("b", { class: "percent" }, percent(counts[RUNS], shownNodes.length))]
      : [element("b", { class: "refused" }, VERDICTS[set.without].mark), element("span", { class: "whole refused" }, " " + text)]));
    cell.querySelector(".bar").replaceWith(bar(counts));
    const findings = set.findings.length ? ", " + counted(set.findings.length, "finding") : "";
    cell.setAttribute("aria-label", set.title + ": " + (set.without === null ? "runs on " + text + " nodes" : text) + findings);
  });
}

// What joined nodes share, before their names.
function named(nodes) {
  const shared = traits(nodes);
  return shared.length ? shared.map((trait) => element("code", {}, trait)) : ["no label in common: "];
}

function makeRow(index) {
  const row = rows[index];
  const many = row.nodes.length > 1;
  const made = element("div", { class: "row" + (row.inside ? " inside" : "") + (index % 2 ? " odd" : ""), role: "row", "aria-rowindex": String(index + 2) });
  made.dataset.row = String(index);
  made.style.transform = "translateY(" + index * ROW + "px)";
  const name = element("div", { role: "rowheader", class: "name", tabindex: "-1", "aria-colindex": "1" });
  name.dataset.column = "0";
  if (many) {
    const open = expanded.has(row.group);
    name.setAttribute("aria-expanded", String(open));
    name.append(element("span", { class: "twist", "aria-hidden": "true" }, open ? "▾" : "▸"),
      element("span", { class: "many" }, number(row.nodes.length)), element("span", { class: "names" },
        ...named(row.nodes), fold(row.nodes)));
    name.title = fold(row.nodes);
  } else {
    name.append(element("span", { class: "names" }, data.nodes[row.nodes[0]]));
    name.title = data.nodes[row.nodes[0]];
  }
  made.append(name);
  sets.forEach((set, column) => {
    const verdict = verdictAt(set, row.nodes[0]);
    const cell = element("div", { role: "gridcell", class: "cell", tabindex: "-1", "aria-colindex": String(column + 2) },
      element("span", { class: "mark v-" + VERDICTS[verdict].id + (off.has(verdict) ? " off" : ""), "aria-hidden": "true" }, VERDICTS[verdict].mark));
    cell.setAttribute("aria-label", set.title + ": " + VERDICTS[verdict].word);
    cell.dataset.column = String(column + 1);
    cell.hidden = hiddenColumns.has(column + 1);
    made.append(cell);
  });
  return made;
}

function cellAt(row, column) {
  if (row < 0) return headCells[column];
  const made = alive.get(row);
  return made ? made.children[column] : null;
}

// Adds the visible rows to the page, and keeps the row with the focus.
function draw() {
  const top = Math.max(0, scroller.scrollTop);
  const first = Math.max(0, Math.floor(top / ROW) - OVERSCAN);
  const last = Math.min(rows.length, Math.ceil((top + scroller.clientHeight) / ROW) + OVERSCAN);
  for (const [index, made] of alive) {
    if ((index < first || index >= last) && index !== active.row) {
      made.remove();
      alive.delete(index);
    }
  }
  const wanted = [];
  for (let index = first; index < last; index++) wanted.push(index);
  if (active.row >= 0 && active.row < rows.length && !(active.row >= first && active.row < last)) wanted.push(active.row);
  for (const index of wanted) {
    if (alive.has(index)) continue;
    const made = makeRow(index);
    alive.set(index, made);
    body.append(made);
    if (index === active.row) made.children[active.column]?.setAttribute("tabindex", "0");
    if (pinned && pinned.row === index) made.children[pinned.column]?.classList.add("pinned");
  }
}

function redraw() {
  const focused = map.contains(document.activeElement);
  for (const made of alive.values()) made.remove();
  alive.clear();
  body.style.height = rows.length * ROW + "px";
  map.setAttribute("aria-rowcount", String(rows.length + 1));
  if (active.row >= rows.length) active.row = rows.length - 1;
  draw();
  activate(active.row, active.column, focused);
}

// Makes one square the tab stop.
function activate(row, column, focus) {
  const before = cellAt(active.row, active.column);
  if (before) before.setAttribute("tabindex", "-1");
  active = { row: Math.min(Math.max(row, -1), rows.length - 1), column: Math.min(Math.max(column, 0), sets.length) };
  if (focus) reveal(active.row, active.column);
  draw();
  const cell = cellAt(active.row, active.column);
  if (!cell) return;
  cell.setAttribute("tabindex", "0");
  if (focus) {
    scroller.scrollIntoView({ block: "nearest" });
    cell.focus({ preventScroll: true });
  }
}

// Scrolls so that the square is in sight, not below the sticky header or the names.
function reveal(row, column) {
  if (row >= 0) {
    const room = scroller.clientHeight - header.offsetHeight;
    const top = row * ROW;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + ROW > scroller.scrollTop + room) scroller.scrollTop = top + ROW - room;
  }
  if (column > 0) {
    const cell = headCells[column];
    const left = cell.offsetLeft - headCells[0].offsetWidth;
    const right = cell.offsetLeft + cell.offsetWidth;
    if (left < scroller.scrollLeft) scroller.scrollLeft = left;
    else if (right > scroller.scrollLeft + scroller.clientWidth) scroller.scrollLeft = right - scroller.clientWidth;
  }
}

function contentAt(row, column) {
  if (row < 0) return column === 0 ? null : ofSet(sets[column - 1], shownNodes);
  const one = rows[row];
  return column === 0 ? ofRow(one) : ofCell(one, sets[column - 1]);
}

function preview(row, column) {
  if (pinned) return;
  const content = row < rows.length ? contentAt(row, column) : null;
  if (content) show(content, null);
  else hint();
}

function pin(row, column) {
  const content = contentAt(row, column);
  if (!content) return;
  unmark();
  pinned = { row, column };
  cellAt(row, column)?.classList.add("pinned");
  show(content, pinned);
}

function unmark() {
  for (const marked of map.querySelectorAll(".pinned")) marked.classList.remove("pinned");
}

function release(focus) {
  unmark();
  pinned = null;
  pointed = "";
  hint();
  if (focus) activate(active.row, active.column, true);
}

function toggleGroup(row) {
  const one = rows[row];
  if (!one || one.nodes.length < 2) return false;
  if (!expanded.delete(one.group)) expanded.add(one.group);
  update();
  return true;
}

function placeOf(target) {
  const cell = target instanceof Element ? target.closest("[data-column]") : null;
  if (!cell || !map.contains(cell)) return null;
  const row = cell.closest(".row").dataset.row;
  return { row: row === undefined ? -1 : Number(row), column: Number(cell.dataset.column) };
}

map.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch") return;
  const at = placeOf(event.target);
  const key = at ? at.row + "," + at.column : "";
  if (at && key !== pointed) preview(at.row, at.column);
  pointed = key;
});

map.addEventListener("click", (event) => {
  const at = placeOf(event.target);
  if (!at) return;
  activate(at.row, at.column, true);
  if (at.column === 0 && at.row >= 0) {
    if (!toggleGroup(at.row)) pin(at.row, at.column);
  } else if (pinned && pinned.row === at.row && pinned.column === at.column) {
    release(false);
    preview(at.row, at.column);
  } else {
    pin(at.row, at.column);
  }
});

map.addEventListener("focusin", (event) => {
  const at = placeOf(event.target);
  if (!at) return;
  if (at.row !== active.row || at.column !== active.column) activate(at.row, at.column, false);
  preview(at.row, at.column);
});

map.addEventListener("keydown", (event) => {
  if (event.altKey || event.metaKey) return;
  const page = Math.max(1, Math.floor((scroller.clientHeight - header.offsetHeight) / ROW) - 1);
  const far = event.ctrlKey;
  let { row, column } = active;
  switch (event.key) {
    case "ArrowUp": row = far ? 0 : row - 1; break;
    case "ArrowDown": row = far ? rows.length - 1 : row + 1; break;
    case "ArrowLeft": column = far ? 0 : nextColumn(column, -1); break;
    case "ArrowRight": column = far ? lastColumn() : nextColumn(column, 1); break;
    case "PageUp": row = Math.max(0, row - page); break;
    case "PageDown": row = row + page; break;
    case "Home": column = 0; if (far) row = 0; break;
    case "End": column = lastColumn(); if (far) row = rows.length - 1; break;
    case "Enter":
    case " ":
      event.preventDefault();
      if (!(column === 0 && toggleGroup(row))) pin(row, column);
      return;
    case "Escape":
      event.preventDefault();
      release(false);
      return;
    default: return;
  }
  event.preventDefault();
  activate(row, column, true);
});

panel.addEventListener("keydown", (event) => {
  if (event.key === "Escape") release(true);
});

scroller.addEventListener("scroll", draw, { passive: true });

// If the columns are too narrow for the names of the DaemonSets, the names are vertical.
function fitColumns() {
  const width = scroller.clientWidth;
  const least = Math.min(280, Math.max(112, width * 0.32));
  const columns = Math.max(1, sets.length - hiddenColumns.size);
  const room = Math.floor((width - least) / columns);
  const upright = room < 92;
  const cell = upright ? Math.min(60, Math.max(38, room)) : Math.min(150, room);
  const names = Math.min(520, Math.max(least, width - cell * columns));
  map.classList.toggle("upright", upright);
  map.classList.toggle("tight", upright && cell < 50);
  map.style.setProperty("--names", Math.floor(names) + "px");
  map.style.setProperty("--cell", cell + "px");
  draw();
}
