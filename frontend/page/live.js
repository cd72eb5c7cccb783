// Parts of a page that fetch themselves again (data-poll): when they do not, how old they are, and that no list jumps.

let paused = false;
let missed = 0;
const versions = new Map(); // id of a part -> the ETag of what it shows
const letThrough = new Set(); // ids of parts whose reader asked for everything that is new

const isPart = (part) => part instanceof Element && part.hasAttribute('data-poll');

// Not while paused, hidden, or while somebody types inside the part that would be replaced.
document.addEventListener('htmx:before:request', (event) => {
  const part = event.target;
  if (!isPart(part) || letThrough.has(part.id)) return;
  const typing = part.contains(document.activeElement) && document.activeElement.matches('input:not([type=checkbox]), select, textarea');
  const busy = part.querySelector('dialog[open], details.reveal[open]');
  if (paused || document.hidden || typing || busy) event.preventDefault();
});

// The server says 304 to a version we have, and nothing is drawn again.
document.addEventListener('htmx:config:request', (event) => {
  const known = isPart(event.target) && !letThrough.has(event.target.id) && versions.get(event.target.id);
  if (known) event.detail.ctx.request.headers['If-None-Match'] = known;
});

document.addEventListener('htmx:after:request', (event) => {
  const response = event.detail?.ctx?.response;
  if (!response || response.status >= 400) return;
  missed = 0;
  showAge(false);
  const etag = response.headers.get('ETag');
  if (isPart(event.target) && etag) versions.set(event.target.id, etag);
  // The bell says nothing about how old the page is.
  const asof = !event.target.hasAttribute?.('data-aside') && response.headers.get('X-Data-As-Of');
  const time = document.getElementById('asof');
  if (asof && time) {
    const [iso, text] = asof.split('|');
    time.setAttribute('datetime', iso);
    time.textContent = text;
  }
});

function miss() {
  missed += 1;
  if (missed >= 2) showAge(true);
}
document.addEventListener('htmx:response:error', miss);
document.addEventListener('htmx:error', miss);

function showAge(stale) {
  document.querySelector('[data-testid="live-asof"]')?.classList.toggle('stale', stale);
  const strip = document.getElementById('stale');
  if (strip) strip.hidden = !stale;
}

for (const button of document.querySelectorAll('[data-pause]')) {
  button.hidden = false;
  button.addEventListener('click', () => {
    paused = !paused;
    button.setAttribute('aria-pressed', String(paused));
  });
}

// ---- rows that come or go wait behind a button, so that nothing moves under the cursor
document.addEventListener('htmx:before:swap', (event) => {
  const part = event.target;
  if (!isPart(part) || !part.hasAttribute('data-holds-rows')) return;
  const fresh = event.detail.tasks?.[0]?.fragment;
  if (!fresh || letThrough.delete(part.id)) return;
  const old = part.querySelector('tbody');
  const body = fresh.querySelector('tbody');
  const button = fresh.querySelector('[data-show-rows]');
  if (!old || !body || !button) return;
  const shown = [...old.querySelectorAll(':scope > tr[id]')];
  const known = new Set(shown.map((row) => row.id));
  const coming = [...body.querySelectorAll(':scope > tr[id]')].filter((row) => !known.has(row.id));
  let going = 0;
  for (const row of coming) row.remove();
  for (const row of shown) {
    const now = body.querySelector(`:scope > tr[id="${CSS.escape(row.id)}"]`);
    const kept = now ?? row.cloneNode(true);
    if (!now) {
      kept.classList.add('gone');
      going += 1;
    }
    body.append(kept);
  }
  if (!coming.length && !going) return;
  button.hidden = false;
  button.querySelector('[data-n]').textContent = String(coming.length + going);
  // What is shown is not what the server has: the next answer has to be looked at again.
  versions.delete(part.id);
});

document.addEventListener('click', (event) => {
  const button = event.target instanceof Element && event.target.closest('[data-show-rows]');
  const part = button && button.closest('[data-poll]');
  if (!part) return;
  letThrough.add(part.id);
  part.dispatchEvent(new Event('show-rows'));
});
