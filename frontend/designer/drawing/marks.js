// What cannot be taken back, and what can: seen at the steps, as shape and word, never as colour alone.
import { el } from '../../studio/dom.js';
import { text } from '../words/texts.js';

const OVERLAY = 'yizhan-undo';

/** What an element says about taking back: {soft|hard, undo, undoneBy}; ``operations`` are the rows of the vocabulary by code. */
export function takingBack(element, operations) {
  const words = element.businessObject;
  if (element.labelTarget || !words.get) return {};
  const given = (name) => (words.$descriptor.propertiesByName[`yizhan:${name}`] ? words.get(`yizhan:${name}`) : undefined);
  const own = operations.get(given('operation'));
  return { point: given('pointOfNoReturn'), undo: given('undo') || own?.undo || given('undoneBy') || '' };
}

/** The words for it, for lists and screen readers. */
export function takingBackWords({ point, undo }) {
  return [
    point && text(point === 'hard' ? 'pointHard' : 'pointSoft'),
    undo && text('canUndo'),
  ].filter(Boolean);
}

/** Keeps the marks of all elements right. */
export function showMarks(diagram, vocabulary) {
  const operations = new Map(vocabulary.operations.map((one) => [one.code, one]));
  const overlays = diagram.get('overlays');
  const shown = new Map();
  const update = (element) => {
    if (element.labelTarget || element.waypoints || !element.parent) return;
    const state = takingBack(element, operations);
    const key = `${state.point ?? ''} ${state.undo ?? ''}`.trim();
    if ((shown.get(element.id) ?? '') === key) return;
    overlays.remove({ element, type: OVERLAY });
    shown.set(element.id, key);
    if (key) overlays.add(element, OVERLAY, { position: { bottom: 10, left: 4 }, html: mark(state) });
  };
  const bus = diagram.get('eventBus');
  const all = () => diagram.get('elementRegistry').forEach(update);
  bus.on('import.done', () => { shown.clear(); all(); });
  bus.on('elements.changed', ({ elements }) => elements.forEach(update));
  bus.on('shape.added', ({ element }) => setTimeout(() => { if (diagram.get('elementRegistry').get(element.id)) update(element); }));
  bus.on('shape.removed', ({ element }) => shown.delete(element.id));
  return (element) => takingBack(element, operations);
}

function mark(state) {
  const said = takingBackWords(state).join('；');
  const signs = [
    state.point ? el('span', { class: `dsg-point dsg-point-${state.point}` }, state.point === 'hard' ? '⏹' : '◫') : null,
    state.undo ? el('span', { class: 'dsg-back' }, '↶') : null,
  ];
  return el('div', { class: 'dsg-undo-mark', role: 'img', 'aria-label': said, title: said }, ...signs);
}
