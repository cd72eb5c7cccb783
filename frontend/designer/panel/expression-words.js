// What may be written next in an expression: the names in reach, what is in them, and the functions.

const WORD = /[\p{L}_][\p{L}\p{N}_]*(?:(?:\.|\[\d+\]\.)[\p{L}_]?[\p{L}\p{N}_]*)*$/u;
const MOST = 40;

/**
 * Offers for the place of the caret: {from, items}, where an item {name, insert, field, known, fn} replaces what stands
 * between `from` and the caret. Nothing inside of quotes.
 */
export function offersAt(textBefore, names, functions) {
  if (isInQuotes(textBefore)) return { from: textBefore.length, items: [] };
  const word = WORD.exec(textBefore)?.[0] ?? '';
  const parts = word.replace(/\[\d+\]/g, '').split('.');
  const begun = parts.pop();
  const from = textBefore.length - (word.endsWith(begun) ? begun.length : 0);
  if (parts.length) return { from, items: insideOf(parts, names, begun) };
  const fits = (name) => name.toLowerCase().includes(begun.toLowerCase());
  const own = names.filter((row) => fits(row.field.name)).map((row) => ({ name: row.field.name, insert: row.field.name, field: row.field, known: row }));
  const called = begun ? functions.filter((fn) => fits(fn.code)).map((fn) => ({ name: fn.code, insert: `${fn.code}(`, fn })) : [];
  return { from, items: [...sorted(own, begun), ...sorted(called, begun)].slice(0, MOST) };
}

function insideOf(path, names, begun) {
  let fields = names.map((row) => row.field);
  for (const part of path) fields = fields.find((field) => field.name === part)?.fields ?? [];
  const fits = fields.filter((field) => field.name.toLowerCase().includes(begun.toLowerCase()));
  return sorted(fits.map((field) => ({ name: field.name, insert: field.name, field })), begun).slice(0, MOST);
}

/** What begins with the word comes before what only holds it. */
function sorted(items, begun) {
  const rank = (item) => (item.name.toLowerCase().startsWith(begun.toLowerCase()) ? 0 : 1);
  return items.map((item, at) => [item, at]).sort((a, b) => rank(a[0]) - rank(b[0]) || a[1] - b[1]).map(([item]) => item);
}

function isInQuotes(text) {
  let quote = '';
  for (const one of text) {
    if (quote) quote = one === quote ? '' : quote;
    else if (one === "'" || one === '"') quote = one;
  }
  return quote !== '';
}

/** Every path that holds a single value, as {path, field}; for the simple mode of conditions. */
export function pathsOf(names, deepest = 3) {
  const found = [];
  const add = (field, path, level) => {
    found.push({ path, field });
    if (field.kind === 'object' && level < deepest) for (const inner of field.fields) add(inner, `${path}.${inner.name}`, level + 1);
  };
  for (const row of names) if (row.field.name !== 'result') add(row.field, row.field.name, 1);
  return found;
}

const SIMPLE = [
  [/^([\p{L}_][\p{L}\p{N}_.]*)\s*(==|!=|>=|<=|>|<)\s*('[^']*'|"[^"]*"|-?\d+(?:\.\d+)?|true|false|True|False)$/u, ([, path, sign, value]) => ({ path, op: SIGNS[sign], value: unquoted(value) })],
  [/^('[^']*'|"[^"]*"|-?\d+(?:\.\d+)?)\s+in\s+([\p{L}_][\p{L}\p{N}_.]*)$/u, ([, value, path]) => ({ path, op: 'has', value: unquoted(value) })],
  [/^exists\(\s*['"]([\p{L}_][\p{L}\p{N}_.]*)['"]\s*\)$/u, ([, path]) => ({ path, op: 'there', value: '' })],
  [/^not\s+([\p{L}_][\p{L}\p{N}_.]*)$/u, ([, path]) => ({ path, op: 'false', value: '' })],
  [/^([\p{L}_][\p{L}\p{N}_.]*)$/u, ([, path]) => ({ path, op: 'true', value: '' })],
];
const SIGNS = { '==': 'eq', '!=': 'ne', '>': 'gt', '>=': 'ge', '<': 'lt', '<=': 'le' };
const WRITTEN = { eq: '==', ne: '!=', gt: '>', ge: '>=', lt: '<', le: '<=' };

/** A condition as {path, op, value}; null when it says more than that. */
export function readSimple(text) {
  const trimmed = (text ?? '').trim();
  if (!trimmed) return { path: '', op: 'eq', value: '' };
  for (const [pattern, made] of SIMPLE) {
    const match = pattern.exec(trimmed);
    if (match) return made(match);
  }
  return null;
}

/** The expression of a simple condition; '' while something is missing. */
export function writeSimple({ path, op, value }, kind) {
  if (!path) return '';
  if (op === 'there') return `exists('${path}')`;
  if (op === 'true') return path;
  if (op === 'false') return `not ${path}`;
  if (value === '') return '';
  const isBare = (kind === 'number' || ['gt', 'ge', 'lt', 'le'].includes(op)) && /^-?\d+(\.\d+)?$/.test(value);
  const said = isBare ? value : quoted(value);
  return op === 'has' ? `${said} in ${path}` : `${path} ${WRITTEN[op]} ${said}`;
}

function quoted(value) {
  return value.includes("'") ? `"${value.replaceAll('"', '')}"` : `'${value}'`;
}

function unquoted(value) {
  return /^['"]/.test(value) ? value.slice(1, -1) : value;
}
