// The strip that says whether there is a connection and how much waits, and what was refused.
import { drop, dropVisit, flush, onChange, way } from './outbox.js';
import { word } from './words.js';

const strip = document.querySelector('[data-net]');
const text = document.querySelector('[data-net-text]');
const send = document.querySelector('[data-net-send]');
const login = document.querySelector('[data-net-login]');
const refusals = document.querySelector('[data-refusals]');

function show(rows) {
  const n = rows.filter((row) => row.state === 'waiting').length;
  const names = { '': 'unsent', offline: n ? 'offlineUnsent' : 'offline', 'signed-out': 'signedOut', other: 'other' };
  const hidden = !n && (way === '' || way === 'other');
  const sentence = word(names[way], { n });
  if (text.textContent !== sentence && !hidden) text.textContent = sentence;
  strip.hidden = hidden;
  strip.dataset.n = String(n);
  strip.dataset.way = way;
  send.hidden = way !== '' || !n;
  login.hidden = way !== 'signed-out';
  for (const button of document.querySelectorAll('form[data-online] button')) button.disabled = way === 'offline';
  for (const line of document.querySelectorAll('[data-visit]')) {
    line.classList.toggle('waits', rows.some((row) => row.number === line.dataset.visit && row.kind === 'result' && row.state === 'waiting'));
  }
  showRefused(rows.filter((row) => row.state === 'refused'));
}

function showRefused(rows) {
  const here = document.querySelector('[data-here]')?.dataset.here;
  // What came after a refused report waits behind it; one sentence per visit is enough.
  const shown = rows.filter((row) => !(row.number === here && row.kind === 'result' && Object.keys(row.faults).length));
  refusals.replaceChildren(...shown.map((row) => banner(row, row.number === here)));
}

function banner(row, isHere) {
  const box = document.createElement('div');
  box.className = 'banner bad';
  const say = document.createElement('span');
  say.textContent = `${word('refused', { title: row.title })} ${row.message}`;
  box.append(say);
  const end = document.createElement('span');
  end.className = 'end';
  if (!isHere && row.kind !== 'photo') {
    const open = document.createElement('a');
    open.className = 'btn';
    open.href = `${document.body.dataset.home}/${encodeURIComponent(row.number)}`;
    open.textContent = word('open');
    end.append(open);
  }
  const away = document.createElement('button');
  away.type = 'button';
  away.className = 'btn';
  away.textContent = word('discard');
  away.addEventListener('click', async () => {
    if (row.kind === 'photo') await drop(row.key);
    else await dropVisit(row.number);
    if (isHere) location.reload();
  });
  end.append(away);
  box.append(end);
  return box;
}

onChange(show);
send.addEventListener('click', () => flush());
