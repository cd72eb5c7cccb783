// Dialogs and small menus of the board, made of what the browser has: <dialog> and popover.
import { button, el } from '../../studio/dom.js';
import { text } from '../words/texts.js';

const GAP_PX = 4;
let made = 0;

/** Opens a dialog with that heading; it goes when it is closed. Gives the dialog. */
export function openDialog(title, ...content) {
  const id = `dsg-dialog-${made += 1}`;
  const dialog = el('dialog', { class: 'dsg-dialog', 'aria-labelledby': id },
    el('h2', { id }, title), ...content);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** A dialog one only reads. */
export function tell(title, ...content) {
  const dialog = openDialog(title, ...content,
    el('div', { class: 'dsg-choices' }, button(text('close'), () => dialog.close(), { class: 'dsg-button dsg-primary', autofocus: true })));
  return dialog;
}

/** A button with a list of things to do below it; ``items`` are nodes or {label, key, run}. */
export function menuButton(label, items, attributes = {}) {
  const id = `dsg-menu-${made += 1}`;
  const list = el('div', { id, class: 'dsg-menu', popover: 'auto' });
  list.append(...items.filter(Boolean).map((item) => (item instanceof Node ? item : menuItem(item, list))));
  const opener = el('button', {
    type: 'button', class: 'dsg-button dsg-menu-button', popovertarget: id, 'aria-haspopup': 'true', 'aria-expanded': 'false', ...attributes,
  }, label);
  list.addEventListener('toggle', ({ newState }) => {
    opener.setAttribute('aria-expanded', String(newState === 'open'));
    if (newState !== 'open') return;
    const { left, bottom } = opener.getBoundingClientRect();
    list.style.left = `${Math.max(0, Math.min(left, window.innerWidth - list.offsetWidth - GAP_PX))}px`;
    list.style.top = `${bottom + GAP_PX}px`;
    list.querySelector('button')?.focus();
  });
  list.addEventListener('keydown', (event) => moveInList(event, list));
  return el('span', { class: 'dsg-menu-place' }, opener, list);
}

function menuItem({ label, key, run, pressed }, list) {
  const made = button(label, () => {
    list.hidePopover();
    run();
    if (pressed) made.setAttribute('aria-pressed', String(pressed()));
  }, { class: 'dsg-menu-item', 'aria-keyshortcuts': key });
  if (pressed) made.setAttribute('aria-pressed', String(pressed()));
  if (key) made.append(el('kbd', {}, key));
  return made;
}

function moveInList(event, list) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const all = [...list.querySelectorAll('button:not(:disabled)')];
  all[(all.indexOf(document.activeElement) + step + all.length) % all.length]?.focus();
  event.preventDefault();
}
