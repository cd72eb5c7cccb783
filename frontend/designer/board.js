// The board: the drawing with its parts around it, and what the buttons and keys do.
import { Checks } from './checks/checks.js';
import { Comments } from './frame/comments.js';
import { connect } from './drawing/connect.js';
import { check } from './keeping/checking.js';
import { ROOM, createDiagram, fit, open, showStart, write } from './diagram.js';
import { exchangeWords } from './words/dom-words.js';
import { button, el } from '../studio/dom.js';
import { foreignParts, showForeign } from './keeping/foreign.js';
import { Earlier } from './keeping/kept.js';
import { showMarks } from './drawing/marks.js';
import { Outline } from './frame/outline.js';
import { Palette } from './drawing/palette.js';
import { panelWords } from './words/panel-words.js';
import { downloadPng, downloadSvg } from './keeping/pictures.js';
import { listenToCanvas, listenToPage, nextRegion, showShortcuts } from './frame/shortcuts.js';
import { addSplitter } from './frame/splitter.js';
import * as store from './store.js';
import { createTabs } from './frame/tabs.js';
import { text } from './words/texts.js';
import { canTidy, tidy, withLayout } from './drawing/tidy.js';
import { createToolbar } from './frame/toolbar.js';

const MAX_UPLOAD_BYTES = 5_000_000;

export class Board {
  constructor(root, page, vocabulary, banner) {
    Object.assign(this, { root, page, shows: { minimap: false, grid: true, palette: true, panel: true } });
    this.isDirty = false;
    this.showShortcuts = showShortcuts;
    this.leave = (event) => this._leave(event);
    this.status = el('p', { class: 'dsg-status', role: 'status', 'data-testid': 'deploy-result' });
    this.canvas = el('section', { class: 'dsg-canvas', 'aria-label': text('canvas') });
    this.panel = el('section', { class: 'dsg-panel', 'aria-label': text('properties'), tabindex: -1 });
    this.side = el('aside', { class: 'dsg-palette', 'aria-label': text('palette') });
    this.foot = el('section', { class: 'dsg-foot', 'aria-label': text('footTabs') });
    this.tools = createToolbar(this);
    const middle = el('div', { class: 'dsg-middle' }, this.canvas, this.foot);
    this.main = el('div', { class: `dsg-main${page.readOnly ? ' dsg-view' : ''}` }, ...(page.readOnly ? [middle] : [this.side, middle, this.panel]));
    root.replaceChildren(this.tools.node, banner, this.main);
    this.diagram = createDiagram({ canvas: this.canvas, panel: this.panel, vocabulary, page, readOnly: page.readOnly });
    addSplitter(this.foot, () => this.diagram.get('canvas').resized());
    exchangeWords(this.panel, panelWords, '.bio-properties-panel');
    this._addParts(vocabulary);
    this._listen();
  }

  _addParts(vocabulary) {
    const { diagram, page } = this;
    const wanted = [
      page.readOnly ? null : { id: 'problems', label: text('problems') },
      { id: 'outline', label: text('outline') },
      page.draftUrl ? { id: 'comments', label: text('comments') } : null,
    ].filter(Boolean);
    this.tabs = createTabs(this.foot, text('footTabs'), wanted);
    const facts = showMarks(diagram, vocabulary);
    if (!page.readOnly) {
      this.checks = new Checks(diagram, this.tabs.panels.problems, page);
      this.palette = new Palette(diagram, this.side, vocabulary, (line) => this.say(line));
    }
    if (page.draftUrl) {
      this.comments = new Comments(diagram, this.tabs.panels.comments, page, {
        count: (n) => this.tabs.count('comments', n), say: (...line) => this.say(...line), open: () => this.tabs.show('comments'),
      });
    }
    this.outline = new Outline(diagram, this.tabs.panels.outline, {
      facts, comments: (id) => this.comments?.at(id) ?? 0, isShown: () => !this.tabs.panels.outline.hidden, goOn: () => this.focusCanvas(),
    });
    this.foot.addEventListener('dsg-tab', ({ detail }) => { if (detail === 'outline') this.outline.show(); });
  }

  _listen() {
    const bus = this.diagram.get('eventBus');
    bus.on('canvas.viewbox.changed', ({ viewbox }) => { this.tools.zoom.textContent = `${Math.round(viewbox.scale * 100)}%`; });
    listenToPage({
      F6: () => nextRegion(this._regions()),
      F5: () => (this.page.tryUrl ? this._leaveTo(this.page.tryUrl) : false),
      'Ctrl+S': () => (this.page.readOnly ? false : this.saveNow()),
      'Ctrl+Shift+D': () => (this.page.readOnly || !this.page.reportUrl ? false : this._leaveTo(this.page.reportUrl)),
    });
    if (this.page.readOnly) return;
    this.earlier = this.page.draftUrl ? new Earlier(this.page.draftUrl) : null;
    bus.on('commandStack.changed', () => this._onChange());
    bus.on('yizhan.say', ({ line }) => this.say(line));
    bus.on('yizhan.connect', () => this.connect());
    bus.on('yizhan.checked', ({ errors, warnings, byElement }) => {
      const total = [...(byElement?.values() ?? [])].flat().filter((one) => one.severity !== 'note').length;
      this.tabs.count('problems', total, errors ? 'bad' : warnings ? 'warn' : '');
    });
    bus.on('tokenSimulation.toggleMode', ({ active }) => this._onWalk(active));
    listenToCanvas(this.diagram, { K: () => this.connect(), '?': showShortcuts });
    const actions = this.diagram.get('editorActions');
    for (const what of ['undo', 'redo']) {
      actions.unregister(what);
      actions.register(what, () => this[what]());
    }
    window.addEventListener('beforeunload', (event) => {
      if (!this.isDirty && !this.saving?.isDirty) return;
      this.saving?.now();
      event.preventDefault();
    });
  }

  _regions() {
    return [
      { node: this.side, focus: () => this.palette?.focus() }, { node: this.canvas, focus: () => this.focusCanvas() },
      { node: this.panel, focus: () => (this.panel.querySelector('input, select, textarea, button') ?? this.panel).focus() },
      { node: this.foot, focus: () => this.foot.querySelector('[role=tab][aria-selected=true]').focus() },
    ].filter(({ node }) => node.isConnected && node.offsetParent);
  }

  focusCanvas() { this.diagram.get('canvas').focus(); }

  /** Shows one line of news; ``tone`` is '', 'good' or 'bad'. */
  say(line, tone = '', ...more) {
    this.status.className = `dsg-status${tone && ` dsg-${tone}`}`;
    this.status.replaceChildren(line, ...more);
  }

  /** Opens BPMN text; answers whether it could be read. */
  async open(xml, name) {
    try {
      const { lost, hasLayout } = await open(this.diagram, xml);
      this.source = xml;
      this.lost = lost;
      this.isDirty = false;
      this._showMinimap();
      const foreign = foreignParts(this.diagram).length;
      const more = foreign || lost.length ? [' ', button(text('show'), () => this.showForeign(), { class: 'dsg-link' })] : [];
      if (lost.length) this.say(text('openedWithWarnings', { name, count: lost.length, first: lost[0] }), 'bad', ...more);
      else this.say([text(hasLayout ? 'opened' : 'laidOut', { name }), foreign ? text('foreignFound', { count: foreign }) : ''].join(' ').trim(), '', ...more);
      return true;
    } catch (problem) {
      const key = problem.message.includes('no diagram') || problem.message.includes('no process') ? 'noDiagram' : 'notReadable';
      this.say(text(key, { name, detail: problem.message.split('\n')[0] }), 'bad');
      return false;
    }
  }

  /** Selects an element by its id, if there is one. */
  select(id) {
    const element = this.diagram.get('elementRegistry').get(id);
    if (!element?.parent) return;
    this.diagram.get('canvas').scrollToElement(element, ROOM);
    this.diagram.get('selection').select(element);
  }

  _onChange() {
    const stack = this.diagram.get('commandStack');
    this.tools.undo.disabled = !stack.canUndo() && !this.earlier?.canUndo;
    this.tools.redo.disabled = !stack.canRedo() && !this.earlier?.canRedo;
    if (stack._stackIdx < 0 && !stack.canRedo()) return; // just opened
    if (stack.canUndo()) this.earlier?.changed();
    if (this.saving) this.saving.changed();
    else this.isDirty = stack.canUndo();
  }

  undo() { return this._goBack('undo', 'canUndo'); }

  redo() { return this._goBack('redo', 'canRedo'); }

  /** The list of this window first; behind its end the texts of before the page was opened. */
  async _goBack(what, can) {
    const stack = this.diagram.get('commandStack');
    if (stack[can]()) return stack[what]();
    if (!this.earlier?.[can]) return undefined;
    await open(this.diagram, this.earlier[what](await write(this.diagram)));
    this._onChange();
    return this.saving.changed();
  }

  async files() { return { [this.page.fileName]: await write(this.diagram) }; }

  write() { return write(this.diagram); }

  /** The file: what is only shown is the one that came. */
  async download() { store.download(this.page.fileName, this.page.readOnly ? this.source : await this.write()); }

  async picture(kind) {
    await this.attempt(() => (kind === 'svg' ? downloadSvg : downloadPng)(this.diagram, this.page.fileName));
  }

  async upload(picker) {
    const [file] = picker.files;
    picker.value = '';
    if (!file) return undefined;
    if (file.size > MAX_UPLOAD_BYTES) return this.say(text('tooLarge'), 'bad');
    if (this.isDirty && !window.confirm(text('replace'))) return undefined;
    const [before, wasDirty] = [await this.write(), this.isDirty];
    const isOpen = await this.open(await file.text(), file.name);
    // A file that cannot be read must not cost the drawing.
    if (!isOpen) await open(this.diagram, before);
    else if (this.saving) {
      this.earlier.saw(before);
      this.saving.changed();
    }
    this.isDirty = !this.saving && (isOpen || wasDirty);
    return undefined;
  }

  showForeign() { showForeign(this.diagram, this.lost ?? [], (id) => this.select(id)); }

  stepZoom(step) { this.diagram.get('zoomScroll').stepZoom(step); }

  zoomTo(scale) { this.diagram.get('canvas').zoom(scale, 'auto'); }

  fit() { fit(this.diagram); }

  find() { this.diagram.get('searchPad').open(); }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen();
  }

  toggle(what) {
    this.shows[what] = !this.shows[what];
    if (what === 'minimap') this.diagram.get('minimap').toggle(this.shows.minimap);
    else if (what === 'grid') this.diagram.get('grid').toggle(this.shows.grid);
    else this.main.classList.toggle(`dsg-no-${what}`, !this.shows[what]);
    this.diagram.get('canvas').resized();
  }

  /** The minimap opens by itself where a drawing is larger than the view. */
  _showMinimap() {
    const { inner, width, height } = this.diagram.get('canvas').viewbox();
    if (!this.page.readOnly && !this.shows.minimap && (inner.width > width || inner.height > height)) this.toggle('minimap');
  }

  showNames(language) {
    this.diagram.get('yizhanSpoken').show(language);
    this.outline.plan();
  }

  openMenu(what) {
    const [selected] = this.diagram.get('selection').get();
    if (what === 'append' && !selected) return this.say(text('appendNeedsStep'), 'bad');
    this.focusCanvas();
    return this.diagram.get('editorActions').trigger(what === 'append' ? 'appendElement' : 'createElement', {});
  }

  connect() { return connect(this.diagram, (...line) => this.say(...line)); }

  async tidy() {
    if (!canTidy(this.diagram)) return this.say(text('tidyNot'), 'bad');
    const before = await this.write();
    let wanted;
    try {
      wanted = await withLayout(before);
    } catch {
      return this.say(text('tidyFailed'), 'bad'); // what the layouter cannot do it says by throwing
    }
    const moved = tidy(this.diagram, wanted);
    this.fit();
    return this.say(moved ? text('tidied', { count: moved }) : text('tidyNothing'));
  }

  walk() { this.diagram.get('toggleMode').toggleMode(); }

  _onWalk(isWalking) {
    this.tools.walk.setAttribute('aria-pressed', String(isWalking));
    this.main.classList.toggle('dsg-walking', isWalking);
    for (const part of [this.side, this.panel]) part.inert = isWalking;
    if (isWalking) showStart(this.diagram);
    this.say(text(isWalking ? 'walkHint' : 'walkEnds'));
  }

  saveNow() {
    if (this.saving) this.saving.now();
    else this.download();
  }

  check() { return check(this); }

  /** Report, trial and comparison are about what the server has: it is saved first. */
  async _leave(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // into another tab
    event.preventDefault();
    await this._leaveTo(event.currentTarget.href);
  }

  async _leaveTo(href) {
    if (!this.saving || (await this.saving.now())) window.location.assign(href);
  }

  /** Runs what may go wrong outside; problems are shown. */
  async attempt(exchange) {
    try {
      await exchange();
    } catch (problem) {
      if (!(problem instanceof store.StoreProblem)) throw problem;
      this.say(problem.message, 'bad');
    }
  }
}
