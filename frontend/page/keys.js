// Keys. Single letters are off while somebody types, can be switched off for good, and are listed by "?".
import { openDialog } from './dialogs.js';
import { openPalette } from './palette.js';
import { choose, currentRow, move } from './rows.js';

const OFF = 'yizhan.keys-off'; // a comfort of this browser, nothing about anybody
let going = false; // "g" was typed, the next letter says where to
let letters = read() !== '1';

function read() {
  try {
    return localStorage.getItem(OFF);
  } catch {
    return null; // a browser that keeps nothing: the keys are on
  }
}

const box = document.querySelector('[data-keys-on]');
if (box) {
  box.checked = letters;
  box.addEventListener('change', () => {
    letters = box.checked;
    try {
      localStorage.setItem(OFF, letters ? '0' : '1');
    } catch {
      // It holds for this page only.
    }
  });
}

const TYPED = 'input:not([type=checkbox], [type=radio], [type=button], [type=submit]), select, textarea, [contenteditable]';

document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    openPalette();
    return;
  }
  const target = event.target instanceof Element ? event.target : document.body;
  const busy = target.matches(TYPED) || target.closest('dialog[open]') || document.querySelector('#designer:focus-within');
  if (busy || event.ctrlKey || event.metaKey || event.altKey) return;
  if (letters || event.key === '?') act(event);
});

function act(event) {
  const key = event.key;
  if (going) {
    going = false;
    click(event, `[data-go="${CSS.escape(key)}"]`);
  } else if (key === 'g') {
    going = true;
    setTimeout(() => (going = false), 1500);
  } else if (key === '?') {
    event.preventDefault();
    openDialog('keys');
  } else if (key === 'j') move(1);
  else if (key === 'k') move(-1);
  else if (key.toLowerCase() === 'x' && currentRow()) {
    event.preventDefault();
    choose(currentRow(), event.shiftKey);
  } else if (key === '[' || key === ']') click(event, `main [rel="${key === '[' ? 'prev' : 'next'}"]`);
  else click(event, `[data-key="${CSS.escape(key)}"]`);
}

function click(event, selector) {
  // A key of a row means the row one stands on; otherwise the first that is offered.
  const wanted = currentRow()?.querySelector(selector) ?? document.querySelector(selector);
  if (!wanted || wanted.disabled) return;
  event.preventDefault();
  if (wanted.matches('input:not([type=checkbox])')) wanted.focus();
  else wanted.click();
}
