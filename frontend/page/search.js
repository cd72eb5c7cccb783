// The search page: the arrows go from the field into what was found and back.
import { move, rows } from './rows.js';

document.addEventListener('keydown', (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const target = event.target;
  if (!step || !(target instanceof Element) || !document.getElementById('found')) return;
  const field = document.getElementById('sq');
  if (target === field) {
    const first = step > 0 && rows()[0];
    if (!first) return;
    for (const row of rows()) row.classList.remove('cur');
    first.classList.add('cur');
    first.querySelector('a').focus();
  } else if (target.closest('#found tr')) {
    if (step < 0 && target.closest('tr') === rows()[0]) field.focus();
    else move(step);
  } else return;
  event.preventDefault();
});
