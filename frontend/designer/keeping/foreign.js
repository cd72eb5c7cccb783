// Parts of other tools in a file: kept on saving, and told about.
import { tell } from '../frame/dialog.js';
import { button, el } from '../../studio/dom.js';
import { text } from '../words/texts.js';

const OURS = ['yizhan', 'bpmn', 'bpmndi', 'dc', 'di', 'bioc', 'color', 'xmlns', 'xsi'];
const MOST_DEEP = 60;

/** What of other tools stands in the drawing: rows {id, name, parts}, parts such as 'camunda:topic'. */
export function foreignParts(diagram) {
  const found = new Map();
  const note = (owner, part) => {
    const id = owner.id ?? '';
    if (!found.has(id)) found.set(id, { id, name: owner.name ?? '', parts: new Set() });
    found.get(id).parts.add(part);
  };
  const walk = (node, owner, deep) => {
    if (!node || deep > MOST_DEEP) return;
    const near = node.id && node.$type?.startsWith('bpmn:') ? node : owner;
    for (const name of Object.keys(node.$attrs ?? {})) if (isForeign(name)) note(near, name);
    for (const part of node.extensionElements?.values ?? []) if (isForeign(part.$type)) note(near, part.$type);
    for (const property of node.$descriptor?.properties ?? []) {
      if (property.isReference || property.isAttr) continue;
      const value = node[property.ns.localName] ?? node[property.name];
      for (const one of Array.isArray(value) ? value : [value]) if (one && typeof one === 'object' && one.$type && one !== node.extensionElements) walk(one, near, deep + 1);
    }
  };
  const definitions = diagram.getDefinitions();
  walk(definitions, definitions, 0);
  return [...found.values()].map((row) => ({ ...row, parts: [...row.parts].sort() }));
}

function isForeign(name) {
  const [prefix, local] = String(name).split(':');
  return Boolean(local) && !OURS.includes(prefix);
}

/** Lists them, and what was ``lost``: messages about what nobody understood. ``select(id)`` goes to an element. */
export function showForeign(diagram, lost, select) {
  const rows = foreignParts(diagram);
  const registry = diagram.get('elementRegistry');
  const list = rows.map(({ id, name, parts }) => el('li', {},
    registry.get(id)?.parent
      ? button(name || id, () => { dialog.close(); select(id); }, { class: 'dsg-link' })
      : el('b', {}, name || id || text('wholeFile')),
    el('span', { class: 'dsg-code' }, parts.join(', '))));
  const gone = lost.length ? [el('p', { class: 'dsg-bad' }, text('foreignLost')), el('ul', {}, ...lost.map((line) => el('li', {}, line)))] : [];
  const dialog = tell(text('foreign'),
    el('p', {}, text(rows.length ? 'foreignHint' : 'foreignNone')), el('ul', { class: 'dsg-foreign' }, ...list), ...gone);
}
