// The designer: an island in a page of the server. See docs/designer.md for what the page must offer.
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import '@bpmn-io/properties-panel/assets/properties-panel.css';
import './designer.css';

import { Checks } from './checks.js';
import { inReadersLanguage } from '../diagram/names.js';
import { createDiagram, fit, open, write } from './diagram.js';
import { button, el } from './dom.js';
import { createOutline } from './outline.js';
import { Palette } from './palette.js';
import * as store from './store.js';
import { text } from './texts.js';

const MAX_UPLOAD_BYTES = 5_000_000;
const TOO_NARROW_TO_DRAW = '(max-width: 700px)';

class Designer {
  constructor(root, page, vocabulary) {
    this.page = page;
    this.isDirty = false;
    this.status = el('p', { class: 'dsg-status', role: 'status', 'data-testid': 'deploy-result' });
    this.canvas = el('section', { class: 'dsg-canvas', 'aria-label': text('canvas') });
    const panel = el('section', { class: 'dsg-panel', 'aria-label': text('properties') });
    const palette = el('aside', { class: 'dsg-palette', 'aria-label': text('palette') });
    const findings = el('section', { class: 'dsg-foot', 'aria-label': text('findings') });
    this.busyButtons = [];
    const middle = el('div', { class: 'dsg-middle' }, this.canvas, findings);
    const parts = page.readOnly ? [middle] : [palette, middle, panel];
    root.replaceChildren(
      this._toolbar(),
      el('div', { class: `dsg-main${page.readOnly ? ' dsg-view' : ''}` }, ...parts),
    );
    this.diagram = createDiagram({ canvas: this.canvas, panel, vocabulary, readOnly: page.readOnly });
    if (!page.readOnly) {
      this.checks = new Checks(this.diagram, findings);
      this.palette = new Palette(this.diagram, palette, vocabulary, (line) => this.say(line));
      this.diagram.get('eventBus').on('commandStack.changed', () => this._onChange());
      window.addEventListener('beforeunload', (event) => { if (this.isDirty) event.preventDefault(); });
    }
    createOutline(this.diagram, findings);
  }

  /** Shows one line of news; ``tone`` is '', 'good' or 'bad'. */
  say(line, tone = '', ...more) {
    this.status.className = `dsg-status${tone && ` dsg-${tone}`}`;
    this.status.replaceChildren(line, ...more);
  }

  async open(xml, name) {
    try {
      const lost = await open(this.diagram, this.page.readOnly ? inReadersLanguage(xml) : xml);
      this.source = xml;
      this.isDirty = false;
      const key = lost.length ? 'openedWithWarnings' : 'opened';
      this.say(text(key, { name, count: lost.length, first: lost[0] }), lost.length ? 'bad' : '');
      return true;
    } catch (problem) {
      const key = problem.message.includes('no diagram') || problem.message.includes('no process') ? 'noDiagram' : 'notReadable';
      this.say(text(key, { name, detail: problem.message.split('\n')[0] }), 'bad');
      return false;
    }
  }

  _toolbar() {
    const commands = () => this.diagram.get('commandStack');
    const zoom = (step) => this.diagram.get('zoomScroll').stepZoom(step);
    const { page } = this;
    const make = (label, what, attributes) => {
      const made = button(label, what, attributes);
      this.busyButtons.push(made);
      return made;
    };
    const picker = el('input', { type: 'file', accept: '.bpmn,.xml', hidden: true, onchange: () => this._upload(picker) });
    const editing = page.readOnly ? [] : [
      this.undo = button(text('undo'), () => commands().undo(), { disabled: true }),
      this.redo = button(text('redo'), () => commands().redo(), { disabled: true }),
    ];
    const files = [
      ...(page.readOnly ? [] : [button(text('upload'), () => picker.click()), picker]),
      button(text('download'), () => this._download()),
      page.checkUrl && !page.readOnly ? make(text('check'), () => this._check()) : null,
      page.deployUrl && !page.readOnly ? make(text('deploy'), () => this._askAndDeploy(), { class: 'dsg-button dsg-primary' }) : null,
    ];
    return el('div', { class: 'dsg-bar' },
      el('span', { class: 'dsg-file', title: text('file') }, page.fileName),
      ...editing,
      button('−', () => zoom(-1), { 'aria-label': text('zoomOut') }),
      button('+', () => zoom(1), { 'aria-label': text('zoomIn') }),
      button(text('zoomFit'), () => fit(this.diagram)),
      this.status,
      ...files);
  }

  _onChange() {
    const stack = this.diagram.get('commandStack');
    this.isDirty = stack.canUndo();
    this.undo.disabled = !stack.canUndo();
    this.redo.disabled = !stack.canRedo();
  }

  async _files() {
    return { [this.page.fileName]: await write(this.diagram) };
  }

  async _download() {
    // What is only shown may be shown translated; the file is the one that came.
    store.download(this.page.fileName, this.page.readOnly ? this.source : await write(this.diagram));
  }

  async _upload(picker) {
    const [file] = picker.files;
    picker.value = '';
    if (!file) return;
    if (file.size > MAX_UPLOAD_BYTES) return this.say(text('tooLarge'), 'bad');
    if (this.isDirty && !window.confirm(text('replace'))) return;
    const [before, wasDirty] = [await write(this.diagram), this.isDirty];
    const isOpen = await this.open(await file.text(), file.name);
    // A file that cannot be read must not cost the drawing.
    if (!isOpen) await open(this.diagram, before);
    this.isDirty = isOpen || wasDirty;
  }

  async _check() {
    await this._talk('checking', async () => {
      const { findings } = await store.check(this.page, await this._files());
      const errors = this.checks.show(findings);
      this.say(findings.length ? text('findings') + ` ${findings.length}` : text('clean'), errors ? 'bad' : 'good');
    });
  }

  _askAndDeploy() {
    const note = el('textarea', { rows: 3, maxlength: 500, name: 'note' });
    const dialog = el('dialog', { class: 'dsg-dialog', 'aria-labelledby': 'dsg-dialog-title' },
      el('form', { method: 'dialog', onsubmit: () => this._deploy(note.value.trim()) },
        el('h2', { id: 'dsg-dialog-title' }, text('deployTitle')),
        el('p', {}, text('deployHint')),
        el('label', {}, text('note'), note),
        el('div', { class: 'dsg-choices' },
          button(text('cancel'), () => dialog.close()),
          el('button', { type: 'submit', class: 'dsg-button dsg-primary' }, text('deploy')))));
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  async _deploy(note) {
    await this._talk('deploying', async () => {
      const { deployed, findings } = await store.deploy(this.page, await this._files(), note);
      if (findings) {
        this.say(text('refused', { count: this.checks.show(findings) }), 'bad');
        return;
      }
      this.isDirty = false;
      const done = this.page.doneUrl?.replace('{key}', deployed.key).replace('{version}', deployed.version);
      const link = done ? [' ', el('a', { href: done }, text('openDefinition'))] : [];
      this.say(text('deployed', deployed), 'good', ...link);
    });
  }

  /** Runs one exchange with the server: its buttons wait, problems are shown. */
  async _talk(key, exchange) {
    this.say(text(key));
    for (const one of this.busyButtons) one.disabled = true;
    try {
      await exchange();
    } catch (problem) {
      if (!(problem instanceof store.StoreProblem)) throw problem;
      this.say(problem.message, 'bad');
    } finally {
      for (const one of this.busyButtons) one.disabled = false;
    }
  }
}

async function main() {
  const root = document.getElementById('designer');
  if (!root) return;
  root.classList.add('dsg');
  const page = store.readPage(root);
  page.readOnly ||= window.matchMedia(TOO_NARROW_TO_DRAW).matches;
  const fallback = [...root.childNodes];
  try {
    root.replaceChildren(el('p', { role: 'status' }, text('loading')));
    const [xml, vocabulary] = await Promise.all([store.loadSource(page), store.loadVocabulary(page)]);
    const designer = new Designer(root, page, vocabulary);
    await designer.open(xml, page.fileName);
    root.dataset.ready = 'true';
  } catch (problem) {
    if (!(problem instanceof store.StoreProblem)) throw problem;
    root.replaceChildren(el('p', { role: 'alert', class: 'dsg-bad' }, problem.message), ...fallback);
  }
}

main();
