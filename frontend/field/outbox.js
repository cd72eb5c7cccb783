// Reports on their way: kept first, sent then, each under a key of its own, so that the server counts it once.
import { all, get, put, remove } from './store.js';

const LONGEST_DAYS = 7;
const body = document.body;
export const login = body.dataset.login ?? '';
let csrf = document.querySelector('meta[name="csrf-token"]')?.content ?? '';
let last = 0;

// State of the way to the server: '' (good), 'offline', 'signed-out', 'other' (somebody else is signed in).
export let way = navigator.onLine ? '' : 'offline';

// Keys of what the server has taken since this page was opened.
export const accepted = new Set();

const listeners = [];
export const onChange = (listener) => listeners.push(listener);
const changed = async () => {
  const rows = await mine();
  for (const listener of listeners) listener(rows);
};

export async function mine() {
  const rows = (await all('outbox')).filter((row) => row.login === login);
  return rows.sort((a, b) => a.turn - b.turn);
}

// {kind: arrive|photo|result, number, title, href, fields, blob, name, field}; answers with the whole row.
export async function keep(row) {
  last = Math.max(Date.now(), last + 1);
  const whole = { key: crypto.randomUUID(), login, turn: last, at: new Date(last).toISOString(), state: 'waiting', ...row };
  await put('outbox', whole);
  await changed();
  return whole;
}

export async function drop(...keys) {
  for (const key of keys) await remove('outbox', key);
  await changed();
}

// Everything the phone has about a visit that is no longer ours.
export async function dropVisit(number) {
  await remove('drafts', number);
  await drop(...(await mine()).filter((row) => row.number === number).map((row) => row.key));
}

export const state = () => ask(body.dataset.state);

async function ask(address, options = {}) {
  const answer = await fetch(address, { ...options, headers: { Accept: 'application/json', ...options.headers } });
  return { status: answer.status, body: await answer.json().catch(() => ({})) };
}

// Sends what waits, in the order in which it was written. One page at a time, whatever is open.
export async function flush() {
  const send = async (lock) => {
    if (!lock) return;
    const rows = (await mine()).filter((row) => row.state === 'waiting');
    try {
      const me = await state();
      way = me.status === 401 ? 'signed-out' : me.status !== 200 ? 'offline' : me.body.login === login ? '' : 'other';
      csrf = me.body.csrf ?? csrf;
      if (!way) await sendAll(rows);
    } catch (problem) {
      if (!(problem instanceof TypeError)) throw problem;
      way = 'offline'; // what fetch says where there is no connection
    }
    await changed();
  };
  if (navigator.locks) await navigator.locks.request('yizhan-field-outbox', send);
  else await send(true);
}

async function sendAll(rows) {
  const stuck = new Set((await mine()).filter((row) => row.state === 'refused').map((row) => row.number));
  for (const row of rows) {
    if (!(await get('outbox', row.key))) continue; // thrown away meanwhile
    if (stuck.has(row.number)) continue; // what came before it was refused
    if (Date.now() - row.turn > LONGEST_DAYS * 86_400_000) {
      await remove('outbox', row.key);
      continue;
    }
    const answer = await sendOne(row);
    if (answer.status >= 200 && answer.status < 300) await taken(row, answer.body);
    else if (answer.status === 401) {
      way = 'signed-out';
      return;
    } else if (answer.status >= 500 || answer.status === 429 || answer.status === 408) {
      way = 'offline';
      return;
    } else {
      stuck.add(row.number);
      await put('outbox', { ...row, state: 'refused', status: answer.status, message: answer.body.message ?? '', faults: answer.body.fields ?? {} });
    }
  }
}

async function sendOne(row) {
  const form = new FormData();
  form.set('key', row.key);
  form.set('at', row.at);
  for (const [name, value] of row.fields ?? []) form.append(name, value);
  if (row.blob) {
    form.set('field', row.field);
    form.set('photo', row.blob, row.name);
  }
  return ask(row.href, { method: 'POST', body: form, headers: { 'X-CSRF-Token': csrf } });
}

async function taken(row, answer) {
  accepted.add(row.key);
  if (row.kind === 'photo') {
    // The picture itself is no longer needed here; that it is there is.
    await put('outbox', { ...row, blob: null, state: 'sent', name: answer.name });
    return;
  }
  await remove('outbox', row.key);
  if (row.kind !== 'result') return;
  await remove('drafts', row.number);
  for (const each of await mine()) if (each.number === row.number) await remove('outbox', each.key);
}

// ---- when: at once, when the connection or the page comes back, and now and then
let wait = 15_000;
async function turn() {
  const before = (await mine()).filter((row) => row.state === 'waiting').length;
  if (before && !document.hidden) {
    await flush();
    wait = way ? Math.min(wait * 2, 60_000) : 15_000;
  }
  setTimeout(turn, wait * (0.8 + Math.random() * 0.4));
}

export function start() {
  window.addEventListener('online', () => flush());
  window.addEventListener('offline', () => {
    way = 'offline';
    changed();
  });
  document.addEventListener('visibilitychange', () => document.hidden || flush());
  setTimeout(turn, wait);
  return flush();
}
