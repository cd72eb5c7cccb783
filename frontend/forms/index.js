// The builder of a form: form-js in the middle, what a question says beside it, all questions in both languages below.
import '@bpmn-io/form-js-viewer/dist/assets/form-js-base.css';
import '@bpmn-io/form-js-editor/dist/assets/form-js-editor-base.css';
import '@bpmn-io/form-js-editor/dist/assets/dragula.css';
import './forms.css';

import { el } from '../studio/dom.js';
import { Keeping, post } from '../studio/keeping.js';
import { findings, later, news, readPage } from '../studio/page.js';
import { translate } from '../studio/speech.js';
import { inLanguage, language, text } from '../studio/words.js';
import { Builder } from './builder.js';
import { Grid } from './grid.js';
import { Side } from './side.js';
import { said } from './speech.js';

const CHECK_MS = 700;

class Studio {
  constructor(root, { setting, source }) {
    Object.assign(this, { root, setting, source });
    this.news = news();
    this.findings = findings();
    this.canvas = el('section', { class: 'studio-canvas', 'aria-label': text('canvas') });
    this.sideBox = el('section', { class: 'studio-side stack', 'aria-label': text('properties') });
    this.undo = el('button', { type: 'button', class: 'btn', disabled: true, onclick: () => this.builder.undo() }, text('undo'));
    this.redo = el('button', { type: 'button', class: 'btn', disabled: true, onclick: () => this.builder.redo() }, text('redo'));
    this.builder = new Builder(this.canvas, setting.kinds);
    this.side = new Side(this.builder, this.sideBox, setting);
    this.grid = new Grid(this.builder, setting, this.news.say, (field) => this.go(field));
    this.keeping = new Keeping(setting, { read: () => this.builder.text(), say: this.news.say, lock: (only) => this.lock(only) });
    this.checkSoon = later(CHECK_MS, () => this.check());
  }

  async open() {
    let body;
    try {
      body = JSON.parse(this.source);
      if (!body || typeof body !== 'object' || Array.isArray(body)) throw new Error('{}');
      await this.builder.open(body);
    } catch (problem) {
      this.root.prepend(el('div', { class: 'banner bad', role: 'alert' }, text('notReadable', { detail: problem.message.split('\n')[0] })));
      return;
    }
    this.board = el('div', { class: 'panel studio-board' }, this.canvas, this.sideBox);
    this.root.replaceChildren(
      el('div', { class: 'studio-bar' }, this.undo, this.redo, this.news.line),
      this.board, this.findings.panel, this.grid.panel);
    translate(this.canvas, said, '.fb-field, .fb-group > .fb-label');
    this.canvas.querySelector('.fjs-palette-search')?.setAttribute('aria-label', text('findType'));
    this._listen();
    this.side.show(null);
    this.grid.show();
    this._preview();
    await Promise.all([this.check(), this.keeping.start()]);
    const asked = new URLSearchParams(window.location.search).get('element');
    const wanted = asked && this._paths().get(asked);
    if (wanted) this.go(wanted);
    this.root.dataset.ready = 'true';
  }

  _listen() {
    const { builder, canvas } = this;
    builder.onChange(() => {
      this.undo.disabled = !builder.canUndo;
      this.redo.disabled = !builder.canRedo;
      this.keeping.changed();
      this.checkSoon();
    });
    // Keys and clicks of the palette come here, so that Enter, the space bar and the mouse do the same.
    canvas.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && event.target.closest('.fjs-palette-field')) event.stopPropagation();
    }, true);
    canvas.addEventListener('click', ({ target }) => {
      const type = target.closest('.fjs-palette-field')?.dataset.fieldType;
      if (!type || this.isReadOnly) return;
      const field = builder.add(type);
      this.news.say(text('added', { name: inLanguage(field.label ?? field.text, field.labelEn ?? field.textEn) }));
    });
    this.root.addEventListener('keydown', (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.target.matches('input, textarea, select')) return;
      if (event.key === 'z') builder.undo();
      else if (event.key === 'y') builder.redo();
      else return;
      event.preventDefault();
    });
    document.addEventListener('keydown', (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === 's') {
        event.preventDefault();
        document.activeElement?.blur();
        this.keeping.save();
      }
    });
    // Whoever goes on to the report takes along what was typed last.
    document.querySelector('.head .acts')?.addEventListener('click', async (event) => {
      const link = event.target.closest('a[href]:not([download])');
      if (!link || !this.keeping.isDirty) return;
      event.preventDefault();
      if (await this.keeping.save()) window.location.assign(link.href);
    });
  }

  lock(isReadOnly) {
    this.isReadOnly = isReadOnly;
    this.root.toggleAttribute('data-read-only', isReadOnly);
    this.canvas.inert = isReadOnly;
    for (const box of this.root.querySelectorAll('.studio-side, .studio-grid')) box.inert = isReadOnly;
  }

  /** Leads to a question: it is chosen, and what it says has the focus. */
  go(field) {
    this.builder.choose(field);
    this.side.show(field);
    this.sideBox.querySelector('input, select, textarea')?.focus();
    this.sideBox.scrollIntoView({ block: 'nearest' });
  }

  async check() {
    this.asked?.abort();
    this.asked = new AbortController();
    const { status, body } = await post(this.setting.checkUrl, { text: this.builder.text() }, this.asked.signal);
    if (status !== 200) return;
    const paths = this._paths();
    const wrong = new Map();
    for (const one of body.problems) {
      const field = paths.get(one.path);
      const said = one[language];
      const holder = field ?? '';
      wrong.set(holder, [...(wrong.get(holder) ?? []), said]);
    }
    this.side.tell(wrong);
    this.grid.tell(new Map([...wrong].filter(([field]) => field)));
    this.findings.show(body.problems.map((one) => {
      const field = paths.get(one.path);
      return { severity: 'error', place: field ? inLanguage(field.label, field.labelEn) || one.path : one.path, message: one[language], go: () => this.go(field ?? null) };
    }));
  }

  /** Where the check says something is, as the server counts: the key, or the place. */
  _paths() {
    const found = new Map();
    const look = (components, path) => components.forEach((field, n) => {
      const here = field.key ? String(field.key) : `${path}components[${n}]`;
      found.set(here, field);
      if (field.components) look(field.components, `${here}.`);
    });
    look(this.builder.schema.components ?? [], '');
    return found;
  }

  _preview() {
    const panel = document.getElementById('preview-panel');
    const form = document.getElementById('preview-form');
    if (!panel || !form) return;
    panel.hidden = false;
    const show = () => {
      form.elements.schema.value = this.builder.text();
      form.submit();
    };
    form.addEventListener('submit', () => { form.elements.schema.value = this.builder.text(); });
    form.querySelector('#pv-in').addEventListener('change', show);
    form.querySelector('[data-preview-width]').addEventListener('change', ({ target }) => { panel.querySelector('.preview-frame').dataset.width = target.value; });
    this.builder.onChange(later(1200, show));
    show();
  }
}

const root = document.getElementById('form-builder');
if (root) new Studio(root, readPage()).open();
