// The server's findings: marks at the elements, and a list that leads to them.
import { button, el } from './dom.js';
import { bilingual, text } from './texts.js';

const OVERLAY = 'yizhan-finding';

export class Checks {
  constructor(modeler, place) {
    this._overlays = modeler.get('overlays');
    this._registry = modeler.get('elementRegistry');
    this._goTo = (element) => goTo(modeler, element);
    this._place = place;
    this._count = el('span', { class: 'dsg-count', 'data-testid': 'lint-count' });
    this._list = el('ul', { class: 'dsg-findings' });
    this._message = el('p', { class: 'dsg-muted' }, text('notChecked'));
    place.append(el('h2', {}, text('findings'), ' ', this._count), this._message, this._list);
    this._hasResult = false;
    modeler.get('eventBus').on('elements.changed', () => this._markStale());
  }

  /** Shows these findings (fields of the check: rule, severity, file, element_id, message_zh ...). */
  show(findings) {
    this._overlays.remove({ type: OVERLAY });
    this._list.replaceChildren(...findings.map((finding) => this._row(finding)));
    // A note says what was made of something: it is listed, and no mark on the drawing asks for anything.
    const told = findings.filter((finding) => finding.severity !== 'note');
    for (const [id, those] of byElement(told)) this._mark(id, those);
    const errors = told.filter((finding) => finding.severity === 'error').length;
    this._count.textContent = String(findings.length);
    this._count.classList.toggle('dsg-bad', errors > 0);
    this._message.textContent = findings.length
      ? `${text('errors')} ${errors} · ${text('warnings')} ${told.length - errors}`
      : text('clean');
    this._hasResult = true;
    if (findings.length) this._place.scrollIntoView({ block: 'nearest' });
    return errors;
  }

  _row(finding) {
    const element = this._registry.get(finding.element_id);
    const severity = ['error', 'note'].includes(finding.severity) ? finding.severity : 'warning';
    const name = finding.element_name || finding.element_id || finding.file;
    const fix = bilingual(finding, 'fix');
    return el('li', { class: `dsg-${severity}` },
      el('span', { class: 'dsg-tag' }, text(severity === 'note' ? 'noted' : severity)),
      element ? button(name, () => this._goTo(element), { class: 'dsg-link' }) : el('b', {}, name),
      el('span', {}, bilingual(finding, 'message'), fix ? el('span', { class: 'dsg-fix' }, text('howToFix') + fix) : null));
  }

  _mark(id, findings) {
    if (!this._registry.get(id)) return;
    const worst = findings.some((finding) => finding.severity === 'error') ? 'error' : 'warning';
    const said = findings.map((finding) => bilingual(finding, 'message')).join('\n');
    const html = el('div', { class: `dsg-mark dsg-${worst}`, title: said, role: 'img', 'aria-label': `${text(worst)}: ${said}` },
      worst === 'error' ? '!' : '?');
    this._overlays.add(id, OVERLAY, { position: { top: -12, left: -12 }, html });
  }

  _markStale() {
    if (this._hasResult) this._message.textContent = text('stale');
  }
}

/** Selects an element, brings it into view and puts the keyboard there. */
export function goTo(modeler, element) {
  const canvas = modeler.get('canvas');
  if (element === canvas.getRootElement()) modeler.get('selection').select(null);
  else {
    canvas.scrollToElement(element, 80);
    modeler.get('selection').select(element);
  }
  canvas.focus();
}

function byElement(findings) {
  const groups = new Map();
  for (const finding of findings) {
    if (!finding.element_id) continue;
    groups.set(finding.element_id, [...(groups.get(finding.element_id) ?? []), finding]);
  }
  return groups;
}
