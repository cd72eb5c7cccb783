// Columns and hit policy of a table as a list: names in both languages, expressions, types, values; for the keyboard too.
import { el } from '../studio/dom.js';
import { text } from '../studio/words.js';
import { TYPES } from './editor.js';

const POLICIES = ['UNIQUE', 'FIRST', 'ANY', 'PRIORITY', 'COLLECT', 'COLLECT SUM', 'COLLECT MIN', 'COLLECT MAX', 'COLLECT COUNT', 'RULE ORDER', 'OUTPUT ORDER'];
const BETWEEN = ' / ';

export class Columns {
  constructor(editor) {
    this.editor = editor;
    this.fillers = [];
    this.body = el('tbody');
    this.policy = el('select', { class: 'in pick', id: 'hit-policy', onchange: () => this._policy() }, ...POLICIES.map((one) => el('option', { value: one }, text(one))));
    const heads = ['column', 'columnZh', 'columnEn', 'columnExpression', 'columnType', 'columnValues', 'actions'];
    this.panel = el('section', { class: 'panel compact', 'aria-labelledby': 'co-h' },
      el('header', {}, el('h2', { id: 'co-h' }, text('columns'))),
      el('div', { class: 'in-p tools2' }, el('label', { for: 'hit-policy' }, text('hitPolicy')), this.policy,
        el('button', { type: 'button', class: 'btn sm', onclick: () => editor.addInput() }, text('inputAdd')),
        el('button', { type: 'button', class: 'btn sm', onclick: () => editor.addOutput() }, text('outputAdd'))),
      el('div', { class: 'tw', tabindex: '0', role: 'region', 'aria-labelledby': 'co-h' },
        el('table', { class: 'studio-grid' }, el('thead', {}, el('tr', {}, ...heads.map((key) => el('th', { scope: 'col' }, text(key))))), this.body)));
  }

  /** Fills in what the table says; rows are drawn anew only when there are others, so that nobody loses the place. */
  show() {
    const { table } = this.editor;
    this.panel.hidden = !table;
    if (!table) return;
    const policy = [table.hitPolicy ?? 'UNIQUE', table.aggregation].filter(Boolean).join(' ');
    this.policy.value = POLICIES.includes(policy) ? policy : '';
    const columns = [...table.get('input'), ...table.get('output')];
    const shape = JSON.stringify([table.id, table.get('input').length, columns.map((one) => one.id)]);
    if (shape !== this.shape) {
      this.shape = shape;
      const spot = this.body.contains(document.activeElement) ? document.activeElement.dataset.spot : '';
      this.fillers = [];
      this.body.replaceChildren(...columns.map((column, n) => this._row(column, n, table)));
      if (spot) this.body.querySelector(`[data-spot="${CSS.escape(spot)}"]`)?.focus();
    }
    for (const fill of this.fillers) fill();
  }

  _row(column, n, table) {
    const inputs = table.get('input').length;
    const isInput = n < inputs;
    const title = isInput ? text('input', { n: n + 1 }) : text('output', { n: n - inputs + 1 });
    const cell = (key, get, set, more = {}) => {
      const box = el('input', { class: 'in', 'aria-label': text('ofQuestion', { what: text(key), name: title }), 'data-spot': `${n}-${key}`, onchange: () => set(box.value.trim()), ...more });
      this.fillers.push(() => { if (box !== document.activeElement) box.value = get() ?? ''; });
      return el('td', {}, box);
    };
    const holder = () => (isInput ? column.inputExpression : column);
    const values = () => (isInput ? column.inputValues : column.outputValues)?.text;
    const label = (at, value) => this._label(column, ...parted(column.label).map((old, place) => (place === at ? value : old)));
    return el('tr', {},
      el('th', { scope: 'row' }, title),
      cell('columnZh', () => parted(column.label)[0], (value) => label(0, value), { lang: 'zh-CN' }),
      cell('columnEn', () => parted(column.label)[1], (value) => label(1, value), { lang: 'en' }),
      cell('columnExpression', () => (isInput ? holder()?.text : column.name), (value) => this.editor.edit(holder(), isInput ? { text: value } : { name: value }), { class: 'in code' }),
      el('td', {}, this._type(holder, n, title)),
      cell('columnValues', values, (value) => this.editor.values(column, value), { class: 'in code' }),
      el('td', { class: 'num acts' }, el('button', {
        type: 'button', class: 'btn quiet sm', 'aria-label': text('ofQuestion', { what: text('remove'), name: title }), disabled: (isInput ? inputs : table.get('output').length) < 2, onclick: () => this.editor.removeColumn(n),
      }, '×')));
  }

  _type(holder, n, title) {
    const box = el('select', { class: 'in', 'data-spot': `${n}-type`, 'aria-label': text('ofQuestion', { what: text('columnType'), name: title }), onchange: () => this.editor.edit(holder(), { typeRef: box.value || 'string' }) },
      ...TYPES.map((one) => el('option', { value: one }, text(`type${one ? one[0].toUpperCase() + one.slice(1) : 'Any'}`))));
    this.fillers.push(() => {
      const known = holder()?.typeRef === 'string' ? '' : holder()?.typeRef ?? '';
      if (![...box.options].some((one) => one.value === known)) box.append(el('option', { value: known }, known));
      box.value = known;
    });
    return box;
  }

  _label(column, zh, en) {
    this.editor.edit(column, { label: [zh, en].filter(Boolean).join(BETWEEN) || undefined });
  }

  _policy() {
    const [policy, aggregation] = this.policy.value.startsWith('COLLECT ') ? this.policy.value.split(' ') : [this.policy.value, undefined];
    this.editor.hitPolicy(policy, aggregation);
  }
}

/** A name in both languages as it stands in the file: ``中文 / English``. */
export function parted(label) {
  const [zh, ...en] = (label ?? '').split(BETWEEN);
  return [zh, en.join(BETWEEN)];
}
