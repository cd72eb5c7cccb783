// Comforts of the pages. Every page works without this file; nothing here is needed to read or to send a form.

const html = document.documentElement;
let paused = false;

// ---- refreshing: not while paused, hidden, or while somebody types inside the part that would be replaced
document.addEventListener('htmx:before:request', (event) => {
  const part = event.target;
  if (!(part instanceof Element) || !part.hasAttribute('data-poll')) return;
  const typing = part.contains(document.activeElement) && document.activeElement.matches('input, select, textarea');
  if (paused || document.hidden || typing) event.preventDefault();
});

function showAge(stale) {
  const age = document.querySelector('[data-testid="live-asof"]');
  if (age) age.classList.toggle('stale', stale);
}
let missed = 0;
function miss() {
  missed += 1;
  if (missed >= 2) showAge(true);
}
document.addEventListener('htmx:response:error', miss);
document.addEventListener('htmx:error', miss);
document.addEventListener('htmx:after:request', (event) => {
  const response = event.detail && event.detail.ctx && event.detail.ctx.response;
  if (!response || response.status >= 400) return;
  missed = 0;
  showAge(false);
  const asof = response.headers.get('X-Data-As-Of');
  const time = document.getElementById('asof');
  if (asof && time) {
    const [iso, text] = asof.split('|');
    time.setAttribute('datetime', iso);
    time.textContent = text;
  }
});

for (const button of document.querySelectorAll('[data-pause]')) {
  button.hidden = false;
  button.addEventListener('click', () => {
    paused = !paused;
    button.setAttribute('aria-pressed', String(paused));
  });
}

// ---- forms: filters send themselves, demo accounts fill themselves in, Ctrl+Enter sends the work
for (const form of document.querySelectorAll('form[data-autosubmit]')) {
  form.addEventListener('change', (event) => {
    if (event.target.matches('select, input[type=checkbox]')) form.requestSubmit();
  });
}
for (const button of document.querySelectorAll('[data-fill-login]')) {
  button.addEventListener('click', () => {
    document.getElementById('u').value = button.dataset.fillLogin;
    document.getElementById('p').value = button.dataset.fillPassword;
    document.getElementById('p').form.querySelector('button[type=submit]').focus();
  });
}
for (const link of document.querySelectorAll('[data-opens]')) {
  link.addEventListener('click', () => open(link.dataset.opens));
}
function open(id) {
  const part = document.getElementById(id);
  if (!part) return;
  part.open = true;
  const first = part.querySelector('select, textarea, input:not([type=hidden])');
  if (first) setTimeout(() => first.focus(), 0);
}
document.addEventListener('click', (event) => {
  const link = event.target instanceof Element && event.target.closest('[data-opens]');
  if (link) open(link.dataset.opens);
});

// ---- questions that depend on an answer
function showAsked(form) {
  for (const field of form.querySelectorAll('[data-when]')) {
    const asked = form.elements[field.dataset.when];
    if (!asked) continue;
    const value = asked.type === 'checkbox' ? (asked.checked ? 'true' : '') : asked.value;
    field.hidden = value !== field.dataset.equals;
  }
}
for (const form of document.querySelectorAll('form')) {
  if (!form.querySelector('[data-when]')) continue;
  showAsked(form);
  form.addEventListener('change', () => showAsked(form));
}

// ---- keys: off while typing
const rows = () => [...document.querySelectorAll('tr[data-href]')];
let row = -1;
function move(step) {
  const all = rows();
  if (!all.length) return;
  row = Math.min(Math.max(row + step, 0), all.length - 1);
  for (const each of all) each.classList.toggle('cur', each === all[row]);
  const link = all[row].querySelector('a');
  if (link) link.focus();
}
document.addEventListener('keydown', (event) => {
  const typing = event.target instanceof Element && event.target.matches('input, select, textarea, [contenteditable]');
  if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') {
    const form = event.target instanceof Element && event.target.closest('form[data-submit-key]');
    const main = form || document.querySelector('form[data-submit-key]');
    if (main) main.requestSubmit(main.querySelector('button.primary'));
    return;
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey || html.querySelector('#designer:focus-within')) return;
  if (event.key === 'j') move(1);
  else if (event.key === 'k') move(-1);
  else {
    const wanted = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!wanted) return;
    event.preventDefault();
    if (wanted.matches('input')) wanted.focus();
    else wanted.click();
  }
});

// ---- after a refused form the summary of errors comes first
const summary = document.querySelector('.errsum');
if (summary) summary.focus();
