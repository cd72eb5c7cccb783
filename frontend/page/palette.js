// Ctrl+K: go anywhere by typing. The entries are the links and buttons of the page itself, so it offers only what is allowed.
import { openDialog } from './dialogs.js';

const dialog = document.getElementById('palette');
const field = dialog?.querySelector('input');
const list = dialog?.querySelector('[role=listbox]');
let at = 0;

function entries() {
  const links = [...document.querySelectorAll('.rail a, .head .acts a, .head .acts button:not([disabled]), [data-palette]')];
  return links.map((link) => ({ text: (link.getAttribute('aria-label') || link.textContent).replace(/\s+/g, ' ').trim(), run: () => link.click() }));
}

function fits(text, typed) {
  // Every typed letter in order, near enough for people who type "tsk" for "task list".
  let from = 0;
  const low = text.toLowerCase();
  for (const letter of typed.toLowerCase().replace(/\s+/g, '')) {
    from = low.indexOf(letter, from) + 1;
    if (!from) return false;
  }
  return true;
}

function draw() {
  const typed = field.value.trim();
  const found = entries().filter((entry) => fits(entry.text, typed));
  const search = document.querySelector('form.find');
  if (typed && search) {
    found.push({
      text: dialog.dataset.searchText.replace('{q}', typed),
      run: () => {
        // By post, as from the bar: what is searched for stands in no address.
        search.elements.q.value = typed;
        search.requestSubmit();
      },
    });
  }
  at = 0;
  list.replaceChildren(
    ...found.slice(0, 12).map((entry, index) => {
      const option = document.createElement('li');
      option.setAttribute('role', 'option');
      option.id = `palette-${index}`;
      option.textContent = entry.text;
      option.addEventListener('click', () => go(entry));
      option.run = () => go(entry);
      return option;
    }),
  );
  mark();
}

function mark() {
  [...list.children].forEach((option, index) => option.setAttribute('aria-selected', String(index === at)));
  field.setAttribute('aria-activedescendant', list.children[at]?.id ?? '');
  list.children[at]?.scrollIntoView({ block: 'nearest' });
}

function go(entry) {
  dialog.close();
  entry.run();
}

export function openPalette() {
  if (!dialog || !openDialog('palette')) return;
  field.value = '';
  draw();
  field.focus();
}

if (dialog) {
  field.addEventListener('input', draw);
  field.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      at = Math.min(Math.max(at + step, 0), list.children.length - 1);
      mark();
    } else if (event.key === 'Enter') {
      event.preventDefault();
      list.children[at]?.run();
    }
  });
}
