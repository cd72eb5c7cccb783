// What one question says, or the form itself, to be filled in: in both languages, with nothing to be worked out.
import { el } from '../studio/dom.js';
import { inLanguage, text } from '../studio/words.js';

let made = 0;

export class Side {
  constructor(builder, root, setting) {
    Object.assign(this, { builder, root, setting });
    this.refreshers = [];
    builder.onSelection((field) => this.show(field));
    builder.onChange(() => this.refresh());
    this.problems = new Map();
  }

  /** Shows a question, or the form when there is none. */
  show(field) {
    this.field = field;
    this.refreshers = [];
    const parts = field ? this._question(field) : this._form();
    this.root.replaceChildren(...parts.filter(Boolean));
    this.refresh();
  }

  /** Values as they are now, without taking the focus from whoever is typing. */
  refresh() {
    if (this.field && !this.builder.place(this.field)) {
      this.show(null);
      return;
    }
    for (const refresh of this.refreshers) refresh();
  }

  /** ``problems``: question -> sentences, shown above what it says. */
  tell(problems) {
    this.problems = problems;
    this.refresh();
  }

  _form() {
    const { builder } = this;
    const form = () => builder.schema;
    return [
      el('h2', {}, text('wholeForm')),
      this._told(() => this.problems.get('') ?? []),
      this._line(text('key'), { get: () => form().id, readonly: true, hint: text('formKeyHint') }),
      this._line(text('nameZh'), { get: () => form().name, set: (name) => builder.edit(form(), { name }) }),
      this._line(text('nameEn'), { get: () => form().nameEn, set: (nameEn) => builder.edit(form(), { nameEn }) }),
    ];
  }

  _question(field) {
    const kind = this.setting.kinds.find((one) => one.type === field.type);
    const has = new Set(kind?.has ?? []);
    const line = (label, name, more = {}) => this._line(label, { get: () => field[name], set: (value) => this._edit(name, value), ...more });
    const parts = [el('h2', {}, kind?.name ?? text('unknownType', { type: field.type })), this._told(() => this.problems.get(field) ?? [])];
    if (has.has('label')) parts.push(line(text('labelZh'), 'label'), line(text('labelEn'), 'labelEn'));
    if (has.has('text')) parts.push(line(text('textZh'), 'text', { rows: 3 }), line(text('textEn'), 'textEn', { rows: 3 }));
    if (has.has('key')) parts.push(line(text('key'), 'key', { hint: text('keyHint') }));
    if (has.has('description')) parts.push(line(text('hintZh'), 'description'), line(text('hintEn'), 'descriptionEn'));
    if (has.has('subtype')) parts.push(this._pick(text('subtype'), ['date', 'time', 'datetime'].map((one) => [one, text(one)]), { get: () => field.subtype ?? 'datetime', set: (value) => this._edit('subtype', value) }));
    if (has.has('required')) parts.push(this._check(field.type === 'checkbox' ? text('mustConfirm') : text('required'), { get: () => field.validate?.required, set: (on) => this._rule('required', on || undefined) }));
    if (has.has('disabled')) parts.push(this._check(text('disabled'), { get: () => field.disabled, set: (on) => this._edit('disabled', on || undefined) }));
    if (has.has('personal')) parts.push(this._check(text('personal'), { get: () => field.personal, set: (on) => this._edit('personal', on || undefined) }));
    if (has.has('prefill')) parts.push(line(text('prefill'), 'prefill', { list: this.setting.inputs }));
    parts.push(...this._rules(has));
    if (has.has('values')) parts.push(this._choices(field));
    if (has.has('showWhen')) parts.push(this._when(field));
    if (field.type !== 'group') parts.push(this._where(field));
    return parts;
  }

  _rules(has) {
    const rule = (label, name, number) => this._line(label, {
      get: () => this.field.validate?.[name], number, set: (value) => this._rule(name, value),
    });
    const own = (label, name, number) => this._line(label, { get: () => this.field[name], number, set: (value) => this._edit(name, value) });
    const parts = [];
    if (has.has('length')) parts.push(pairs(rule(text('minLength'), 'minLength', true), rule(text('maxLength'), 'maxLength', true)));
    if (has.has('pattern')) parts.push(rule(text('pattern'), 'pattern'));
    if (has.has('range')) parts.push(pairs(rule(text('min'), 'min', true), rule(text('max'), 'max', true)));
    if (has.has('decimals')) parts.push(own(text('decimals'), 'decimalDigits', true));
    if (has.has('unit')) parts.push(pairs(own(text('unit'), 'unit'), own(text('unitEn'), 'unitEn')));
    return parts.length ? [el('fieldset', {}, el('legend', {}, text('rules')), ...parts)] : [];
  }

  _choices(field) {
    const rows = el('div', { class: 'stack' });
    const list = () => (Array.isArray(field.values) ? field.values : []);
    let drawn = '';
    const draw = () => {
      const now = JSON.stringify(list());
      if (now === drawn) return;
      drawn = now;
      rows.replaceChildren(...list().map((one, n) => {
        const cell = (name, label) => el('input', {
          class: 'in', value: one?.[name] ?? '', 'aria-label': text('choiceNo', { n: n + 1, what: label }),
          onchange: (event) => change(list().map((other, at) => (at === n ? { ...other, [name]: event.target.value } : other))),
        });
        return el('div', { class: 'choice' }, cell('label', text('labelZh')), cell('labelEn', text('labelEn')), cell('value', text('choiceValue')),
          el('button', { type: 'button', class: 'btn quiet sm', 'aria-label': text('ofQuestion', { what: text('remove'), name: text('option', { n: n + 1 }) }), onclick: () => change(list().filter((_, at) => at !== n)) }, '×'));
      }));
    };
    const change = (values) => {
      // What has the focus keeps it, though the rows are drawn anew only when their number changes.
      if (values.length === list().length) drawn = JSON.stringify(values);
      this._edit('values', values);
    };
    const add = () => {
      const n = list().length + 1;
      change([...list(), { value: `option_${n}`, label: `选项 ${n}`, labelEn: `Option ${n}` }]);
    };
    this.refreshers.push(draw);
    return el('fieldset', {}, el('legend', {}, text('choices')), rows,
      el('div', {}, el('button', { type: 'button', class: 'btn sm', onclick: add }, text('addChoice'))));
  }

  _when(field) {
    const others = () => this.builder.rows().map((row) => row.field).filter((one) => one !== field && one.key && one.type !== 'group');
    const known = () => others().find((one) => one.key === field.showWhen?.key);
    const box = el('fieldset', {});
    let drawn = null;
    const draw = () => {
      const now = JSON.stringify([field.showWhen ?? null, others().map((one) => [one.key, one.label, one.type])]);
      if (now === drawn) return;
      const had = box.contains(document.activeElement) ? document.activeElement.name : '';
      drawn = now;
      const key = this._pick(text('whenKey'), [['', text('always')], ...others().map((one) => [one.key, inLanguage(one.label, one.labelEn) || one.key])], {
        name: 'when-key', value: field.showWhen?.key ?? '', set: (value) => this._edit('showWhen', value ? { key: value, equals: first(others().find((one) => one.key === value)) } : undefined),
      });
      const parts = [el('legend', {}, text('when')), key];
      if (field.showWhen) parts.push(this._equals(field, known()));
      box.replaceChildren(...parts);
      if (had) box.querySelector(`[name="${had}"]`)?.focus();
    };
    this.refreshers.push(draw);
    return box;
  }

  _equals(field, other) {
    const set = (equals) => this._edit('showWhen', { ...field.showWhen, equals });
    const value = field.showWhen.equals;
    const given = { name: 'when-equals', value: String(value ?? '') };
    if (other?.type === 'checkbox') return this._pick(text('whenEquals'), [['true', text('yes')], ['false', text('no')]], { ...given, set: (word) => set(word === 'true') });
    if (Array.isArray(other?.values)) return this._pick(text('whenEquals'), other.values.map((one) => [String(one.value), inLanguage(one.label, one.labelEn)]), { ...given, set });
    return this._line(text('whenEquals'), { ...given, set });
  }

  _where(field) {
    const groups = () => this.builder.rows().map((row) => row.field).filter((one) => one.type === 'group');
    if (!groups().length) return null;
    const targets = [this.builder.schema, ...groups()];
    const names = targets.map((one, n) => [String(n), n ? inLanguage(one.label, one.labelEn) : text('form')]);
    return this._pick(text('standsIn'), names, {
      get: () => String(targets.indexOf(this.builder.place(field)?.parent)), set: (n) => this.builder.put(field, targets[Number(n)]),
    });
  }

  _told(lines) {
    const box = el('ul', { class: 'studio-told' });
    this.refreshers.push(() => box.replaceChildren(...lines().map((one) => el('li', { class: 'err' }, one))));
    return box;
  }

  _edit(name, value) {
    this.builder.edit(this.field, { [name]: value === '' ? undefined : value });
  }

  _rule(name, value) {
    const rules = { ...this.field.validate, [name]: value === '' ? undefined : value };
    for (const key of Object.keys(rules)) if (rules[key] === undefined) delete rules[key];
    this.builder.edit(this.field, { validate: Object.keys(rules).length ? rules : undefined });
  }

  _line(label, { get, set, value, number, hint, readonly, rows, list, name }) {
    const id = `fb-${made += 1}`;
    const box = el(rows ? 'textarea' : 'input', { class: 'in', id, rows, name, readonly, inputmode: number ? 'decimal' : null, list: list?.length ? `${id}-l` : null, 'aria-describedby': hint ? `${id}-h` : null, autocomplete: 'off' });
    box.value = value ?? '';
    if (set) box.addEventListener('change', () => set(number ? asNumber(box.value) : box.value));
    if (get) this.refreshers.push(() => { if (document.activeElement !== box || readonly) box.value = String(get() ?? ''); });
    return el('div', { class: 'field' }, el('label', { for: id }, label), box,
      list?.length ? el('datalist', { id: `${id}-l` }, ...list.map((one) => el('option', { value: one }))) : null,
      hint ? el('span', { class: 'hint', id: `${id}-h` }, hint) : null);
  }

  _check(label, { get, set }) {
    const box = el('input', { type: 'checkbox', onchange: () => set(box.checked) });
    this.refreshers.push(() => { box.checked = Boolean(get()); });
    return el('label', { class: 'check' }, box, ` ${label}`);
  }

  _pick(label, options, { get, set, value, name }) {
    const id = `fb-${made += 1}`;
    const box = el('select', { class: 'in', id, name, onchange: () => set(box.value) }, ...options.map(([code, words]) => el('option', { value: code }, words)));
    if (value !== undefined) box.value = value;
    if (get) this.refreshers.push(() => { box.value = get() ?? ''; });
    return el('div', { class: 'field' }, el('label', { for: id }, label), box);
  }
}

function pairs(...parts) {
  return el('div', { class: 'pairs' }, ...parts);
}

/** A number where it is one; else what was typed, for the check to speak of. */
function asNumber(words) {
  const plain = words.trim();
  return plain === '' || Number.isNaN(Number(plain)) ? plain : Number(plain);
}

/** The answer a question is most likely waited for. */
function first(question) {
  if (question?.type === 'checkbox') return true;
  return question?.values?.[0]?.value ?? '';
}

