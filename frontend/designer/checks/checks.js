// The server's check while one draws: asked a moment after each change, shown as marks at the elements and as a list.
import { ROOM, write } from '../diagram.js';
import { button, el } from '../../studio/dom.js';
import { applyFix, canFix } from './fixes.js';
import { afterPicture } from '../large/frames.js';
import * as store from '../store.js';
import { bilingual, language, text } from '../words/texts.js';
import { typeName } from '../words/translate.js';

const OVERLAY = 'yizhan-finding';
const AFTER_MS = 700;
const SEVERITIES = ['error', 'warning', 'note'];

export class Checks {
  /** Shows findings in `place`; asks the server at `page.checkUrl` by itself. */
  constructor(modeler, place, page) {
    this._modeler = modeler;
    this._page = page;
    this._findings = [];
    this._wanted = '';
    this._count = el('span', { class: 'dsg-count', 'data-testid': 'lint-count' });
    this._message = el('p', { class: 'dsg-muted', role: 'status' }, text('notChecked'));
    this._filters = el('div', { class: 'dsg-filters', role: 'group', 'aria-label': text('findings') });
    this._list = el('ul', { class: 'dsg-findings' });
    place.append(el('div', { class: 'dsg-found' }, this._count, this._message, this._filters), this._list);
    const bus = modeler.get('eventBus');
    bus.on(['commandStack.changed', 'import.done'], () => this._later());
    bus.on('yizhan.fix', ({ fix }) => this.mend(fix));
    bus.on('diagram.destroy', () => this._stop());
  }

  /** Asks now; gives the findings; when a later question has taken over, those known so far. Throws StoreProblem. */
  async now() {
    this._stop();
    const asking = new AbortController();
    this._asking = asking;
    this._message.textContent = text('checking');
    try {
      const files = { [this._page.fileName]: await write(this._modeler) };
      const { findings } = await store.check(this._page, files, asking.signal);
      if (asking.signal.aborted) return this._findings;
      this.show(findings);
      return findings;
    } catch (problem) {
      if (problem.name === 'AbortError') return this._findings;
      this._message.textContent = text('cannotCheck', { detail: problem.message });
      throw problem;
    }
  }

  /** Shows these findings (fields of the check: rule, severity, file, element_id, message_zh ...). */
  show(findings) {
    this._findings = findings;
    const overlays = this._modeler.get('overlays');
    overlays.remove({ type: OVERLAY });
    // A note says what was made of something: it is listed, and no mark on the drawing asks for anything.
    const told = findings.filter((finding) => finding.severity !== 'note');
    for (const [id, those] of byElement(told)) this._mark(overlays, id, those);
    const errors = told.filter((finding) => finding.severity === 'error').length;
    this._count.textContent = String(findings.length);
    this._count.classList.toggle('dsg-bad', errors > 0);
    const when = new Date().toLocaleTimeString(language === 'en' ? 'en-GB' : 'zh-CN', { hour: '2-digit', minute: '2-digit' });
    this._message.textContent = `${findings.length ? `${text('errors')} ${errors} · ${text('warnings')} ${told.length - errors}` : text('clean')} · ${text('checkedAt', { when })}`;
    this._draw();
    this._modeler.get('eventBus').fire('yizhan.checked', { findings, byElement: byElement(findings), errors, warnings: told.length - errors });
    return errors;
  }

  /** Does what a fix says, as one step of undo, and leads to what became of it. */
  mend(fix) {
    if (!canFix(this._modeler, fix)) return;
    const element = applyFix(this._modeler, fix);
    if (element && this._modeler.get('elementRegistry').get(element.id)) goTo(this._modeler, element);
    this._message.textContent = text('mended', { what: bilingual(fix, 'label') });
  }

  _later() {
    if (!this._page?.checkUrl || this._page.readOnly) return;
    if (this._findings.length || this._asking) this._message.textContent = text('stale');
    this._stop();
    this._timer = setTimeout(() => this.now().catch((problem) => {
      if (!(problem instanceof store.StoreProblem)) throw problem;
    }), AFTER_MS);
  }

  _stop() {
    clearTimeout(this._timer);
    this._asking?.abort();
  }

  _draw() {
    const counts = SEVERITIES.map((severity) => [severity, this._findings.filter((one) => levelOf(one) === severity).length]);
    const filter = (severity, label) => button(label, () => { this._wanted = severity; this._draw(); },
      { class: 'dsg-filter', 'aria-pressed': String(this._wanted === severity) });
    this._filters.replaceChildren(...(this._findings.length ? [
      filter('', text('all')), ...counts.filter(([, count]) => count).map(([one, count]) => filter(one, `${text(severityWord(one))} ${count}`)),
    ] : []));
    const shown = this._findings.filter((one) => !this._wanted || levelOf(one) === this._wanted);
    shown.sort((a, b) => SEVERITIES.indexOf(levelOf(a)) - SEVERITIES.indexOf(levelOf(b)));
    this._list.replaceChildren(...shown.map((finding) => this._row(finding)));
  }

  _row(finding) {
    const element = this._modeler.get('elementRegistry').get(finding.element_id);
    const name = element ? nameOf(element) : finding.element_name || finding.element_id || finding.file;
    const hint = bilingual(finding, 'fix');
    const fixes = (finding.fixes ?? []).filter((fix) => canFix(this._modeler, fix));
    return el('li', { class: `dsg-${levelOf(finding)}` },
      el('span', { class: 'dsg-tag' }, text(severityWord(levelOf(finding)))),
      element ? button(name, () => goTo(this._modeler, element, finding.place), { class: 'dsg-link' }) : el('b', {}, name),
      el('span', {}, bilingual(finding, 'message'), hint ? el('span', { class: 'dsg-fix' }, text('howToFix') + hint) : null),
      el('span', { class: 'dsg-mends' }, ...fixes.map((fix) => {
        const label = bilingual(fix, 'label');
        return button(label, () => this.mend(fix), { class: 'dsg-button dsg-small', 'aria-label': `${label}：${name}` });
      })));
  }

  _mark(overlays, id, findings) {
    const element = this._modeler.get('elementRegistry').get(id);
    if (!element?.parent) return;
    const worst = findings.some((finding) => finding.severity === 'error') ? 'error' : 'warning';
    const said = findings.map((finding) => bilingual(finding, 'message')).join('\n');
    const html = el('div', { class: `dsg-mark dsg-${worst}`, title: said, role: 'img', 'aria-label': `${text(worst)}: ${said}` },
      worst === 'error' ? '!' : '?');
    overlays.add(id, OVERLAY, { position: { top: -12, left: -12 }, html });
  }
}

/** Selects an element, brings it into view, and puts the keyboard there, or into the field that is meant. */
export function goTo(modeler, element, place) {
  const canvas = modeler.get('canvas');
  if (element === canvas.getRootElement()) modeler.get('selection').select(null);
  else {
    canvas.scrollToElement(element, ROOM);
    modeler.get('selection').select(element);
  }
  canvas.focus();
  if (place) afterPicture(() => modeler.get('eventBus').fire('yizhan.showPlace', { element, place }));
}

function nameOf(element) {
  const object = element.businessObject;
  return bilingual({ name_zh: object.name, name_en: object.get('yizhan:nameEn') }) || typeName(element) || object.id;
}

function levelOf(finding) {
  return ['error', 'note'].includes(finding.severity) ? finding.severity : 'warning';
}

function severityWord(severity) {
  return severity === 'note' ? 'noted' : severity;
}

function byElement(findings) {
  const groups = new Map();
  for (const finding of findings) {
    if (!finding.element_id) continue;
    groups.set(finding.element_id, [...(groups.get(finding.element_id) ?? []), finding]);
  }
  return groups;
}
