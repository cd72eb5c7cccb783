// Rows of tables: move with j and k, choose with x, act on what is chosen. Choices survive a refresh.

const chosen = new Set(); // ids of rows
let lastBox = null;

export const rows = () => [...document.querySelectorAll('tr[data-href]')];
const boxes = (scope = document) => [...scope.querySelectorAll('input[data-choose]')];

export function currentRow() {
  const active = document.activeElement?.closest('tr[data-href]');
  return active ?? document.querySelector('tr.cur');
}

export function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(currentRow());
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  for (const each of all) each.classList.toggle('cur', each === next);
  next.querySelector('a')?.focus();
}

export function choose(row, range = false) {
  const box = row?.querySelector('input[data-choose]');
  if (!box) return;
  box.checked = !box.checked;
  if (range) chooseBetween(lastBox, box);
  lastBox = box;
  remember();
}

function chooseBetween(from, to) {
  const all = boxes();
  const ends = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b);
  if (ends[0] < 0) return;
  for (const box of all.slice(ends[0], ends[1] + 1)) box.checked = to.checked;
}

function remember() {
  chosen.clear();
  for (const box of boxes()) {
    const row = box.closest('tr');
    row.classList.toggle('on', box.checked);
    if (box.checked) chosen.add(row.id);
  }
  for (const bar of document.querySelectorAll('[data-bulk]')) {
    bar.hidden = chosen.size === 0;
    const count = bar.querySelector('[data-count]');
    if (count) count.textContent = String(chosen.size);
  }
  for (const all of document.querySelectorAll('input[data-choose-all]')) {
    const here = boxes(all.closest('table'));
    all.checked = here.length > 0 && here.every((box) => box.checked);
    all.indeterminate = !all.checked && here.some((box) => box.checked);
  }
}

document.addEventListener('click', (event) => {
  const box = event.target instanceof Element && event.target.closest('input[data-choose]');
  if (!box) return;
  if (event.shiftKey && lastBox) chooseBetween(lastBox, box);
  lastBox = box;
  remember();
});

document.addEventListener('change', (event) => {
  const all = event.target;
  if (!(all instanceof Element) || !all.matches('input[data-choose-all]')) return;
  for (const box of boxes(all.closest('table'))) box.checked = all.checked;
  remember();
});

document.addEventListener('click', (event) => {
  if (!(event.target instanceof Element) || !event.target.closest('[data-choose-none]')) return;
  for (const box of boxes()) box.checked = false;
  remember();
});

document.addEventListener('htmx:after:swap', () => {
  for (const box of boxes()) box.checked = chosen.has(box.closest('tr').id);
  if (boxes().length) remember();
});

// Bars for what is chosen are there without scripts; with them they come when something is.
if (boxes().length) remember();
