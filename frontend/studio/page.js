// What the server has put into the page of a draft, the line that tells news, and the list of findings.
import { el } from './dom.js';
import { text } from './words.js';

/** What the script is told, and the draft's text. */
export function readPage() {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  return { setting: read('studio-setting'), source: read('studio-text') };
}

/** A line for news, and the function that fills it: ``say(line, '' | 'ok' | 'bad', ...more)``. */
export function news() {
  const line = el('p', { class: 'say', role: 'status' });
  const say = (words, tone = '', ...more) => {
    line.className = `say${tone && ` ${tone}`}`;
    line.replaceChildren(words, ...more.flatMap((one) => [' ', one]));
  };
  return { line, say };
}

/** The panel of findings: ``show([{severity, place, message, go}])``; ``go`` leads to where it is. */
export function findings() {
  const count = el('span', { 'data-testid': 'lint-count' });
  const list = el('div', {}, el('p', { class: 'muted' }, text('notChecked')));
  const panel = el('section', { class: 'panel', 'aria-labelledby': 'fi-h' },
    el('header', {}, el('h2', { id: 'fi-h' }, `${text('findings')} `, count)),
    el('div', { class: 'in-p' }, list));
  const show = (rows) => {
    count.textContent = String(rows.length);
    if (!rows.length) {
      list.replaceChildren(el('p', { class: 'muted' }, text('clean')));
      return;
    }
    const items = rows.map(({ severity, place, message, go }) => el('li', {},
      el('span', { class: `tag ${severity === 'error' ? 'bad' : severity === 'warning' ? 'warn' : ''}` }, text(severity)),
      go ? el('button', { type: 'button', class: 'link', onclick: go }, place || text('goTo')) : el('span', {}, place ?? ''),
      el('span', {}, message)));
    list.replaceChildren(el('ul', { class: 'studio-findings' }, ...items));
  };
  return { panel, show };
}

/** Runs ``what`` when nothing has called it for a while. */
export function later(ms, what) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => what(...given), ms);
  };
}
