// The editor of decision tables: dmn-js, and around it what the server's own reader says of every cell, gaps, test rows.
import 'dmn-js/dist/assets/diagram-js.css';
import 'dmn-js/dist/assets/dmn-js-shared.css';
import 'dmn-js/dist/assets/dmn-js-drd.css';
import 'dmn-js/dist/assets/dmn-js-decision-table.css';
import 'dmn-js/dist/assets/dmn-js-decision-table-controls.css';
import 'dmn-js/dist/assets/dmn-js-literal-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression-controls.css';
import 'dmn-js/dist/assets/dmn-font/css/dmn.css';
import './decisions.css';

import { el } from '../studio/dom.js';
import { Keeping, post } from '../studio/keeping.js';
import { findings, later, news, readPage } from '../studio/page.js';
import { translate } from '../studio/speech.js';
import { inLanguage, language, text } from '../studio/words.js';
import { Columns, parted } from './columns.js';
import { Editor } from './editor.js';
import { Tests } from './tests.js';
import { WORDS } from './words.js';

const CHECK_MS = 700;
const LISTS = new Set(['COLLECT', 'RULE ORDER', 'OUTPUT ORDER']);

class Studio {
  constructor(root, { setting, source }) {
    Object.assign(this, { root, setting, source });
    this.news = news();
    this.findings = findings();
    this.canvas = el('section', { class: 'dmn-canvas', 'aria-label': text('table') });
    this.views = el('div', { class: 'dmn-views', role: 'group', 'aria-label': text('views') });
    this.editor = new Editor(this.canvas);
    this.columns = new Columns(this.editor);
    this.tests = new Tests(setting, { read: () => this.editor.text(), onHits: (rules) => this._markHits(rules) });
    this.keeping = new Keeping(setting, { read: () => this.editor.text(), say: this.news.say, lock: (only) => this.lock(only) });
    this.checkSoon = later(CHECK_MS, () => this.check());
    this.sheet = new CSSStyleSheet();
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.sheet];
    this.marks = { errors: [], warnings: [], hits: [] };
    this.acts = this._acts();
  }

  async open() {
    const panel = el('div', { class: 'panel dmn-board' }, this.views, this.canvas);
    this.root.replaceChildren(el('div', { class: 'studio-bar' }, ...this.acts, this.news.line), panel, this.findings.panel, this.columns.panel, this.tests.panel);
    this.editor.onViews((views, active) => this._showViews(views, active));
    try {
      await this.editor.open(this.source);
    } catch (problem) {
      this.root.replaceChildren(el('div', { class: 'banner bad', role: 'alert' }, text('notReadable', { detail: problem.message.split('\n')[0] })));
      return;
    }
    translate(this.canvas, (words) => (language === 'en' ? null : WORDS[words] ?? WORDS[words.trim()] ?? null), '.cell, .content-editable, .cm-editor, [contenteditable], .djs-visual');
    this.editor.onChange(() => {
      this._refresh();
      this.keeping.changed();
      this.checkSoon();
    });
    this._keys();
    this._refresh();
    await Promise.all([this.check(), this.keeping.start()]);
    const asked = new URLSearchParams(window.location.search).get('element');
    if (asked) this.go(asked);
    this.root.dataset.ready = 'true';
  }

  _acts() {
    const { editor } = this;
    const act = (key, what) => el('button', { type: 'button', class: 'btn', 'data-act': key, onclick: what }, text(key));
    return [
      act('undo', () => editor.undo()), act('redo', () => editor.redo()),
      act('ruleAdd', () => editor.addRule(this.rule < 0 ? Infinity : this.rule + 1)),
      act('ruleRemove', () => editor.removeRule(this.rule)),
      act('ruleUp', () => this._move(-1)), act('ruleDown', () => this._move(1)),
    ];
  }

  _move(step) {
    const to = this.rule + step;
    this.editor.moveRule(this.rule, step);
    if (to >= 0) this.rule = to;
  }

  _keys() {
    // The rule in which somebody is: dmn-js forgets it when a button takes the focus.
    this.canvas.addEventListener('focusin', () => { if (this.editor.table) this.rule = this.editor.rule; });
    this.rule = -1;
    document.addEventListener('keydown', (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key !== 's') return;
      event.preventDefault();
      document.activeElement?.blur();
      this.keeping.save();
    });
    document.querySelector('.head .acts')?.addEventListener('click', async (event) => {
      const link = event.target.closest('a[href]:not([download])');
      if (!link || !(this.keeping.isDirty || this.tests.isDirty)) return;
      event.preventDefault();
      await this.tests.keep();
      if (await this.keeping.save()) window.location.assign(link.href);
    });
  }

  lock(isReadOnly) {
    this.root.toggleAttribute('data-read-only', isReadOnly);
    for (const part of [this.canvas, this.columns.panel]) part.inert = isReadOnly;
    for (const one of this.acts) one.disabled = isReadOnly;
    if (!isReadOnly) this._refresh();
  }

  _showViews(views, active) {
    const name = ({ element }) => inLanguage(element.name, element.get?.('yizhan:nameEn')) || element.id || '';
    this.views.replaceChildren(...views.map((view) => el('button', {
      type: 'button', class: 'btn sm', 'aria-pressed': String(view === active || view.element === active?.element), onclick: () => this.editor.show(view),
    }, view.type === 'drd' ? text('drd') : name(view))));
    this._refresh();
    this._report();
  }

  _refresh() {
    const isTable = Boolean(this.editor.table);
    for (const one of this.acts) {
      const key = one.dataset.act;
      one.hidden = key.startsWith('rule') && !isTable;
      if (key === 'undo') one.disabled = !this.editor.canUndo;
      if (key === 'redo') one.disabled = !this.editor.canRedo;
    }
    this.columns.show();
  }

  async check() {
    this.asked?.abort();
    this.asked = new AbortController();
    const { status, body } = await post(this.setting.checkUrl, { text: await this.editor.text() }, this.asked.signal);
    if (status !== 200 && status !== 422) return;
    this.report = status === 200 ? body.decisions : null;
    if (status === 422) this.findings.show([{ severity: 'error', place: '', message: body.message ?? body.detail ?? '' }]);
    else this._report();
  }

  /** Shows what the server has said: cells with something wrong, overlaps, gaps; and the test rows of the table shown. */
  _report() {
    if (!this.report) return;
    const rows = [];
    this.marks = { ...this.marks, errors: [], warnings: [] };
    for (const one of this.report) {
      for (const problem of one.problems) {
        rows.push({ severity: problem.severity, place: inLanguage(one.name, one.name_en) || one.key, message: problem[language], go: () => this.go(problem.element, one.key) });
        this.marks[problem.severity === 'error' ? 'errors' : 'warnings'].push(problem.element);
      }
      for (const [first, second] of one.overlaps) rows.push({ severity: 'warning', place: text('ruleNo', { n: second }), message: text('overlap', { one: first, two: second }), go: () => this.go(one.rules[second - 1], one.key) });
      for (const n of one.unreached) rows.push({ severity: 'warning', place: text('ruleNo', { n }), message: text('unreached', { n }), go: () => this.go(one.rules[n - 1], one.key) });
      for (const gap of one.gaps) rows.push({ severity: 'note', place: inLanguage(one.name, one.name_en) || one.key, message: text('gap', { what: this._gap(one, gap) }), go: () => this.go(one.rules.at(-1), one.key) });
      if (one.unjudged.length) rows.push({ severity: 'note', place: inLanguage(one.name, one.name_en) || one.key, message: text('gapsUnknown', { rules: one.unjudged.slice(0, 12).join(language === 'en' ? ', ' : '、') }) });
    }
    this.findings.show(rows);
    this._paint();
    const shown = this.report.find((one) => one.key === this.editor.decision?.id);
    this.tests.show(shown ? { ...shown, isList: LISTS.has(shown.policy) } : null);
  }

  _gap(one, gap) {
    const parts = gap.map((cell, n) => {
      const [zh, en] = parted(one.columns[n]);
      return cell === '-' ? null : `${(language === 'en' ? en || zh : zh) || n + 1}: ${cell}`;
    });
    return parts.filter(Boolean).join(language === 'en' ? '; ' : '；') || text('anything');
  }

  /** Leads to a cell, a rule or a decision by its id. */
  async go(id, key) {
    const view = this.editor.modeler.getViews().find((one) => one.element.id === (key ?? id));
    if (view && view.element !== this.editor.decision) await this.editor.show(view);
    const cell = id && this.canvas.querySelector(`[data-element-id="${CSS.escape(id)}"], [data-row-id="${CSS.escape(id)}"]`);
    if (!cell) return;
    cell.scrollIntoView({ block: 'center', inline: 'center' });
    (cell.querySelector('[contenteditable], .content-editable, input, .cm-content') ?? cell).focus();
  }

  _markHits(rules) {
    const ids = this.report?.find((one) => one.key === this.editor.decision?.id)?.rules ?? [];
    this.marks = { ...this.marks, hits: rules.map((n) => ids[n - 1]).filter(Boolean) };
    this._paint();
    this.canvas.scrollIntoView({ block: 'nearest' });
  }

  _paint() {
    const rule = (ids, style) => ids.filter(Boolean).map((id) => `[data-element-id="${CSS.escape(id)}"],[data-row-id="${CSS.escape(id)}"] > td{${style}}`).join('');
    this.sheet.replaceSync(
      rule(this.marks.hits, 'background:var(--ok-bg,#e7f4ea) !important')
      + rule(this.marks.warnings, 'box-shadow:inset 0 0 0 2px var(--warn-fill,#d98200)')
      + rule(this.marks.errors, 'box-shadow:inset 0 0 0 2px var(--bad,#b42318)'));
  }
}

const root = document.getElementById('decision-editor');
if (root) new Studio(root, readPage()).open();
