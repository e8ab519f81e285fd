// The map on paper: tables with every row and every column, as many columns beside one another as a page of A4 has room for.

const COLUMNS_OF_A_PAGE = 12;

function printTable(from, columns) {
  const head = element("tr", {}, element("th", { scope: "col" }, "Node"), ...columns.map((index) =>
    element("th", { scope: "col", class: "upright-name" }, element("span", {}, oneNamespace ? sets[index].name || "(no name)" : sets[index].title))));
  const lines = rows.filter((row) => !row.inside).map((row) => {
    const many = row.nodes.length > 1;
    const shared = many ? traits(row.nodes) : [];
    const name = many
      ? number(row.nodes.length) + " nodes: " + [...(shared.length ? shared : ["no label in common"]), fold(row.nodes)].join(", ")
      : data.nodes[row.nodes[0]];
    return element("tr", {}, element("th", { scope: "row" }, name),
      ...columns.map((index) => element("td", {}, badge(verdictAt(sets[index], row.nodes[0])))));
  });
  const range = columns.length === sets.length ? null
    : element("caption", {}, "DaemonSets " + (from + 1) + " to " + (from + columns.length) + " of " + sets.length);
  return element("table", {}, range, element("thead", {}, head), element("tbody", {}, ...lines));
}

function writePrintMap() {
  const shown = sets.map((_, index) => index).filter((index) => !hiddenColumns.has(index + 1));
  const tables = [];
  for (let from = 0; from < shown.length; from += COLUMNS_OF_A_PAGE) {
    tables.push(printTable(from, shown.slice(from, from + COLUMNS_OF_A_PAGE)));
  }
  const legend = element("p", { class: "print-legend" }, ...VERDICTS.slice(0, 4).flatMap((verdict, index) => [badge(index), " " + verdict.word + "  "]));
  document.getElementById("print-map").replaceChildren(element("h2", {}, "Map"), legend, ...tables);
}
