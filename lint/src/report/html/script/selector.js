// The filter: label selectors in kubectl's syntax, and words that match names and label keys.

// Splits at commas and spaces outside of parentheses, so `key in (a, b)` is one part.
function pieces(text) {
  const found = [];
  let depth = 0, piece = "";
  for (const character of text) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (character === "," && depth <= 0) {
      found.push(piece);
      piece = "";
    } else {
      piece += character;
    }
  }
  found.push(piece);
  return found.map((one) => one.trim()).filter((one) => one !== "");
}

// Returns tests `(name, labels) => boolean` and what could not be read.
function parseFilter(text) {
  const tests = [], problems = [];
  for (const piece of pieces(text)) {
    let match;
    if ((match = /^(\S+)\s+(in|notin)\s*\((.*)\)$/i.exec(piece))) {
      const [, key, operator, list] = match;
      const values = new Set(list.split(",").map((value) => value.trim()));
      const wanted = operator.toLowerCase() === "in";
      tests.push((_, labels) => (labels.has(key) ? values.has(labels.get(key)) === wanted : !wanted));
    } else if (/^\S+\s+(in|notin)\b/i.test(piece) || /[()]/.test(piece)) {
      problems.push(piece);
    } else if ((match = /^([^\s=!]+)\s*(==|=|!=)\s*([^\s=!]*)$/.exec(piece))) {
      const [, key, operator, value] = match;
      const wanted = operator !== "!=";
      tests.push((_, labels) => (labels.get(key) === value) === wanted);
    } else if ((match = /^([^\s<>]+)\s*([<>])\s*(-?\d+)$/.exec(piece))) {
      const [, key, operator, number] = match;
      const limit = Number(number);
      const fits = operator === "<" ? (value) => value < limit : (value) => value > limit;
      tests.push((_, labels) => /^-?\d+$/.test(labels.get(key) ?? "") && fits(Number(labels.get(key))));
    } else if ((match = /^!\s*([^\s=!]+)$/.exec(piece))) {
      const key = match[1];
      tests.push((_, labels) => !labels.has(key));
    } else if (/[=!<>]/.test(piece)) {
      problems.push(piece);
    } else {
      for (const word of piece.split(/\s+/)) {
        const lower = word.toLowerCase();
        tests.push((name, labels) => labels.has(word) || name.includes(lower));
      }
    }
  }
  return { tests, problems };
}

const lowerNames = data.nodes.map((name) => name.toLowerCase());
const labelMaps = new Map();

function labelMap(node) {
  let map = labelMaps.get(node);
  if (!map) labelMaps.set(node, (map = new Map(labelsOf(node))));
  return map;
}

const fits = (node, tests) => tests.every((test) => test(lowerNames[node], labelMap(node)));
