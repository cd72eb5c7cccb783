// Test rows under a table: what goes in, what should come out, and what the server says comes out.
import { el } from '../studio/dom.js';
import { refusal, post } from '../studio/keeping.js';
import { inLanguage, language, text } from '../studio/words.js';
import { parted } from './columns.js';

let made = 0;

export class Tests {
  /** ``read`` gives the table as it is; ``onHits(ruleNumbers)`` marks the rules that fitted. */
  constructor(setting, { read, onHits }) {
    Object.assign(this, { setting, read, onHits });
    this.rows = [];
    this.gone = [];
    this.line = el('p', { class: 'say', role: 'status', 'data-testid': 'dryrun-result' });
    this.head = el('tr');
    this.body = el('tbody');
    this.panel = el('section', { class: 'panel compact', 'aria-labelledby': 'te-h' },
      el('header', {}, el('h2', { id: 'te-h' }, text('tests')), el('span', { class: 'muted small' }, text('testsHint'))),
      el('div', { class: 'tw', tabindex: '0', role: 'region', 'aria-labelledby': 'te-h' },
        el('table', { class: 'studio-grid' }, el('thead', {}, this.head), this.body)),
      el('div', { class: 'in-p studio-bar' },
        el('button', { type: 'button', class: 'btn', onclick: () => this.add() }, text('addRow')),
        el('button', { type: 'button', class: 'btn primary', onclick: () => this.run() }, text('runRows')), this.line),
      el('p', { class: 'in-p muted small' }, text('valueHint')));
  }

  /** ``decision``: ``{key, inputs, outputs, isList}``. The rows of another one are shown in its place. */
  show(decision) {
    this.panel.hidden = !decision;
    if (!decision) return;
    const isOther = decision.key !== this.decision?.key;
    const shape = JSON.stringify([decision.key, decision.inputs, decision.outputs, decision.isList, decision.labels]);
    if (!isOther && shape === this.shape) return;
    const texts = isOther ? null : this.rows.map((row) => row.texts());
    this.decision = decision;
    this.shape = shape;
    const heads = [
      [text('testName')], ...decision.inputs.map((name) => [this._label(name), name]),
      ...this._expected().map((name) => (name ? [text('expectedOf', { name: this._label(name) }), name] : [text('expected')])), [text('result')], [text('fitted')], [text('actions')],
    ];
    this.head.replaceChildren(...heads.map(([words, name]) => el('th', { scope: 'col' }, words, name && name !== words ? el('span', { class: 'sub code' }, name) : null)));
    const cases = isOther ? (this.setting.cases[decision.key] ?? []) : [];
    this.rows = [];
    this.body.replaceChildren();
    if (isOther) cases.forEach((one) => this._append(this._texts(one), one.id));
    else texts.forEach((one) => this._append(one, one.id));
  }

  add() {
    const row = this._append({ name: text('rowNo', { n: this.rows.length + 1 }), inputs: {}, expect: {} });
    row.node.querySelector('input').focus();
    this.isDirty = true;
  }

  /** Runs all rows on the table as it is now, and keeps them. */
  async run() {
    const rows = this.rows.map((row) => row.said());
    if (!rows.length) return;
    const answer = await post(this.setting.tryUrl, { text: await this.read(), decision: this.decision.key, rows });
    if (answer.status !== 200) {
      this._say(refusal(answer), 'bad');
      return;
    }
    const counts = { passed: 0, failed: 0, other: 0 };
    answer.body.rows.forEach((one, n) => {
      counts[one.passed === true ? 'passed' : one.passed === false ? 'failed' : 'other'] += 1;
      this.rows[n]?.tell(one);
    });
    this._say(text('ran', counts), counts.failed ? 'bad' : 'ok');
    await this.keep();
  }

  /** Stores what was changed with the draft, to be run again before every deployment. */
  async keep() {
    if (!this.isDirty || !this.setting.casesUrl) return;
    const rows = this.rows.map((row) => row.said());
    const answer = await post(this.setting.casesUrl, { decision: this.decision.key, rows });
    if (answer.status !== 200) {
      this._say(refusal(answer), 'bad');
      return;
    }
    this.isDirty = false;
    this._say(`${this.line.textContent} ${text('rowsKept')}`, this.line.dataset.tone);
  }

  _say(words, tone = '') {
    this.line.className = `say${tone && ` ${tone}`}`;
    this.line.dataset.tone = tone;
    this.line.textContent = words;
  }

  /** What a column is called in the reader's language; its name where the table says nothing. */
  _label(name) {
    const [zh, en] = parted(this.decision.labels?.[name]);
    return inLanguage(zh, en) || name;
  }

  /** The columns in which the expectation is written: the outputs, or one for lists and bare values. */
  _expected() {
    return this.decision.isList || !this.decision.outputs.length ? [''] : this.decision.outputs;
  }

  _texts(one) {
    const inputs = Object.fromEntries(Object.entries(one.inputs ?? {}).map(([name, value]) => [name, written(value)]));
    const wanted = one.expect;
    const expect = this._expected()[0] === '' ? { '': wanted === undefined ? '' : JSON.stringify(wanted) }
      : wanted === null ? { null: 'null' } : Object.fromEntries(Object.entries(wanted ?? {}).map(([name, value]) => [name, written(value)]));
    return { id: one.id, name: one.name, now: one.now, inputs, expect };
  }

  _append(texts, id = texts.id) {
    const name = () => box.value || text('rowNo', { n: this.rows.indexOf(row) + 1 });
    const cell = (label, value, mark, more = {}) => {
      const input = el('input', { class: 'in', value: value ?? '', 'data-mark': mark, oninput: () => { this.isDirty = true; }, ...more });
      input.dataset.label = label;
      return input;
    };
    const box = cell(text('testName'), texts.name, 'name', { maxlength: 200 });
    const inputs = this.decision.inputs.map((one) => cell(this._label(one), texts.inputs[one], `in ${one}`));
    const nothing = texts.expect.null === 'null';
    const expect = this._expected().map((one) => cell(one ? text('expectedOf', { name: this._label(one) }) : text('expected'), nothing ? 'null' : texts.expect[one], `out ${one}`));
    const [result, hits] = [el('td', { class: 'wrap' }, el('span', { class: 'muted' }, text('notRun'))), el('td')];
    const remove = el('button', { type: 'button', class: 'btn quiet sm', onclick: () => this._remove(row) }, '×');
    const row = {
      id,
      node: el('tr', { id: `tr-${made += 1}` }, el('th', { scope: 'row' }, box), ...[...inputs, ...expect].map((one) => el('td', {}, one)), result, hits, el('td', { class: 'num acts' }, remove)),
      texts: () => ({ id, name: box.value, now: texts.now, inputs: Object.fromEntries(inputs.map((one, n) => [this._names[n], one.value])), expect: Object.fromEntries(expect.map((one, n) => [this._wanted[n], one.value])) }),
      said: () => this._said(row, box, inputs, expect, texts.now),
      tell: (one) => tell(result, hits, one, (rules) => this.onHits(rules)),
    };
    this._names = this.decision.inputs;
    this._wanted = this._expected();
    this.rows.push(row);
    this.body.append(row.node);
    for (const one of [box, ...inputs, ...expect]) one.setAttribute('aria-label', text('cellOf', { column: one.dataset.label, n: this.rows.length }));
    remove.setAttribute('aria-label', text('ofQuestion', { what: text('remove'), name: name() }));
    return row;
  }

  _said(row, box, inputs, expect, now) {
    const said = { name: box.value.trim() || text('rowNo', { n: this.rows.indexOf(row) + 1 }), inputs: {} };
    if (now) said.now = now;
    inputs.forEach((one, n) => { if (one.value.trim() !== '') said.inputs[this.decision.inputs[n]] = value(one.value); else said.inputs[this.decision.inputs[n]] = null; });
    const wanted = this._expected();
    const filled = expect.filter((one) => one.value.trim() !== '');
    if (!filled.length) return said;
    if (wanted[0] === '') said.expect = value(expect[0].value);
    else if (filled.every((one) => one.value.trim() === 'null')) said.expect = null;
    else said.expect = Object.fromEntries(wanted.map((name, n) => [name, expect[n].value.trim() === '' ? null : value(expect[n].value)]));
    return said;
  }

  _remove(row) {
    const at = this.rows.indexOf(row);
    this.rows.splice(at, 1);
    row.node.remove();
    this.isDirty = true;
    (this.rows[at] ?? this.rows[at - 1])?.node.querySelector('button')?.focus();
  }
}

function tell(result, hits, one, onHits) {
  const words = one.error ? inLanguage(one.error[0], one.error[1]) : one.result === null ? text('nothing') : plain(one.result);
  const tag = one.passed === null ? [] : [el('span', { class: `tag ${one.passed ? 'ok' : 'bad'}` }, text(one.passed ? 'passed' : 'failed')), ' '];
  result.replaceChildren(...tag, words);
  hits.replaceChildren(one.rules.length
    ? el('button', { type: 'button', class: 'link btn quiet sm', onclick: () => onHits(one.rules) }, one.rules.join(language === 'en' ? ', ' : '、'))
    : '–');
}

function plain(result) {
  if (Array.isArray(result) || typeof result !== 'object') return JSON.stringify(result);
  return Object.entries(result).map(([name, said]) => `${name} = ${written(said)}`).join('; ');
}

/** What somebody typed as a value: JSON where it is that, else text. */
function value(words) {
  const typed = words.trim();
  if (/^(-?\d|true$|false$|null$|["[{])/.test(typed)) {
    try {
      return JSON.parse(typed);
    } catch {
      return typed;
    }
  }
  return typed;
}

/** A value as it is typed. */
function written(said) {
  if (typeof said !== 'string') return said === null || said === undefined ? '' : JSON.stringify(said);
  return value(said) === said ? said : JSON.stringify(said);
}
