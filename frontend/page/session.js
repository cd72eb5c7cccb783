// The session ends when nobody clicks: it is said two minutes before, what is typed is saved, and one click goes on.
import { openDialog } from './dialogs.js';

const WARN_MS = 120_000;
const dialog = document.getElementById('session');
let endsAt = Infinity;
let timer = 0;

function lasts(seconds) {
  endsAt = Date.now() + seconds * 1000;
  look();
}

function look() {
  clearTimeout(timer);
  const left = endsAt - Date.now();
  if (left > WARN_MS) {
    if (dialog.open && !dialog.querySelector('[data-session-soon]').hidden) dialog.close();
    timer = setTimeout(look, Math.min(left - WARN_MS, 2 ** 30));
    return;
  }
  if (!dialog.open && openDialog('session')) document.dispatchEvent(new Event('yizhan:save'));
  if (left <= 0) {
    over();
    return;
  }
  const seconds = Math.ceil(left / 1000);
  dialog.querySelector('[data-session-left]').textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  timer = setTimeout(look, 1000);
}

function over() {
  dialog.querySelector('[data-session-soon]').hidden = true;
  dialog.querySelector('[data-session-over]').hidden = false;
  dialog.querySelector('[data-session-stay]').hidden = true;
  const link = dialog.querySelector('[data-session-login]');
  link.href = `${dialog.dataset.login}?next=${encodeURIComponent(location.pathname + location.search)}`;
  link.hidden = false;
  link.focus();
}

if (dialog && Number(dialog.dataset.left)) {
  lasts(Number(dialog.dataset.left));
  dialog.querySelector('[data-session-stay]').addEventListener('click', async () => {
    const token = document.querySelector('meta[name="csrf-token"]').content;
    try {
      const answer = await fetch(dialog.dataset.stay, { method: 'POST', headers: { 'X-CSRF-Token': token } });
      if (answer.ok) lasts(Number(answer.headers.get('X-Session-Left')));
      else over();
    } catch {
      // No connection: the dialog stays, and another click tries again.
    }
  });
  // Somebody may be at work in another window of the same browser.
  document.addEventListener('htmx:after:request', ({ detail }) => {
    const left = detail?.ctx?.response?.headers.get('X-Session-Left');
    if (left) lasts(Number(left));
  });
  // It ended elsewhere, or while this machine slept: the page stays, and says so.
  document.addEventListener('htmx:response:error', ({ detail }) => {
    if (detail?.ctx?.response?.status === 401) lasts(0);
  });
  document.addEventListener('visibilitychange', look);
}
