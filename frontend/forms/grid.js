// All questions of the form below each other, Chinese beside English: for translating, and for the keyboard.
import { el } from '../studio/dom.js';
import { inLanguage, text } from '../studio/words.js';

const WORDS = [['label', 'labelZh', 'zh-CN'], ['labelEn', 'labelEn', 'en'], ['description', 'hintZh', 'zh-CN'], ['descriptionEn', 'hintEn', 'en']];

export class Grid {
  constructor(builder, setting, say, onEdit) {
    Object.assign(this, { builder, setting, say, onEdit });
    this.body = el('tbody');
    this.wrong = new Map();
    this.panel = el('section', { class: 'panel compact', 'aria-labelledby': 'gr-h' },
      el('header', {}, el('h2', { id: 'gr-h' }, text('grid'))),
      el('div', { class: 'tw', tabindex: '0', role: 'region', 'aria-labelledby': 'gr-h' },
        el('table', { class: 'studio-grid' }, el('thead', {}, el('tr', {}, ...['question', ...WORDS.map((one) => one[1]), 'actions'].map((key) => el('th', { scope: 'col' }, text(key))))), this.body)));
    builder.onChange(() => this.show());
    builder.onSelection(() => this._mark());
  }

  /** Draws the rows anew, unless only words have changed: who is typing in one keeps the place. */
  show() {
    const rows = this.builder.rows();
    const shape = rows.map(({ field, depth }) => `${field.id} ${depth} ${field.type}`).join();
    if (shape !== this.shape) {
      this.shape = shape;
      const had = this.body.contains(document.activeElement) ? document.activeElement.dataset.spot : '';
      this.body.replaceChildren(...rows.map((row) => this._row(row)));
      if (had) this.body.querySelector(`[data-spot="${CSS.escape(had)}"]`)?.focus();
    }
    rows.forEach(({ field, depth }, n) => this._fill(this.body.children[n], field, depth));
    this._mark();
  }

  /** ``wrong``: question -> sentences. */
  tell(wrong) {
    this.wrong = wrong;
    this._mark();
  }

  _row({ field }) {
    const act = (key, sign, what, more = {}) => el('button', { type: 'button', class: 'btn quiet sm', 'data-act': key, 'data-spot': `${field.id}-${key}`, onclick: what, ...more }, sign);
    return el('tr', { 'data-field': field.id },
      el('th', { scope: 'row' }),
      ...WORDS.map(([name,, lang]) => el('td', {}, el('input', {
        class: 'in', lang, 'data-name': name, 'data-spot': `${field.id}-${name}`,
        onchange: ({ target }) => this.builder.edit(field, { [this._name(field, name)]: target.value || undefined }),
      }))),
      el('td', { class: 'num acts' }, el('span', { class: 'rowacts' },
        act('edit', text('edit'), () => this.onEdit(field)),
        act('up', '↑', () => this.builder.shift(field, -1)),
        act('down', '↓', () => this.builder.shift(field, 1)),
        act('remove', '×', () => this._remove(field)))));
  }

  _fill(row, field, depth) {
    const kind = this.setting.kinds.find((one) => one.type === field.type)?.name ?? field.type;
    const name = inLanguage(field.label ?? field.text, field.labelEn ?? field.textEn) || field.key || kind;
    row.firstChild.replaceChildren(el('span', { class: `fb-deep-${Math.min(depth, 3)}` }, kind), el('span', { class: 'sub code' }, field.key ?? ''));
    for (const box of row.querySelectorAll('input')) {
      const word = WORDS.find((one) => one[0] === box.dataset.name);
      if (box !== document.activeElement) box.value = field[this._name(field, word[0])] ?? '';
      box.setAttribute('aria-label', text('ofQuestion', { what: text(word[1]), name }));
      // A paragraph has no hint, a frame neither.
      box.hidden = word[0].startsWith('description') && (field.type === 'text' || field.type === 'group');
    }
    for (const one of row.querySelectorAll('button')) one.setAttribute('aria-label', text('ofQuestion', { what: text(one.dataset.act), name }));
  }

  _name(field, name) {
    if (field.type !== 'text') return name;
    return { label: 'text', labelEn: 'textEn' }[name] ?? name;
  }

  _remove(field) {
    const name = inLanguage(field.label, field.labelEn) || field.key || field.type;
    const at = this.builder.rows().findIndex((row) => row.field === field);
    this.builder.remove(field);
    this.say(text('removed', { name }));
    this.body.children[Math.min(at, this.body.children.length - 1)]?.querySelector('[data-act=remove]')?.focus();
  }

  _mark() {
    const chosen = this.builder.chosen();
    this.builder.rows().forEach(({ field }, n) => {
      const row = this.body.children[n];
      row?.classList.toggle('cur', field === chosen);
      row?.classList.toggle('bad', this.wrong.has(field));
    });
  }
}
