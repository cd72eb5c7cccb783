// Where diagrams come from and go to: the server, and files of the user's machine. Plain fetch, no state.
import { text } from './words/texts.js';

/** Something went wrong that the user should read; the message is in the user's language. */
export class StoreProblem extends Error {}

/** Somebody else writes this draft, or has saved it since; ``body`` is what the server says about that. */
export class TakenProblem extends StoreProblem {
  constructor(message, body) {
    super(message);
    this.body = body;
  }
}

/** Reads what the page says about itself: the data attributes of its #designer element. */
export function readPage(root) {
  const { fileName, sourceUrl, operationsUrl, checkUrl, readOnly } = root.dataset;
  const { draftUrl, revision, savedAt, reportUrl, tryUrl, compareUrl } = root.dataset;
  const embedded = document.getElementById('designer-source');
  return {
    fileName: fileName || 'process.bpmn',
    embeddedXml: embedded ? JSON.parse(embedded.textContent).xml : null,
    sourceUrl, operationsUrl, checkUrl,
    draftUrl, savedAt, reportUrl, tryUrl, compareUrl,
    revision: Number(revision ?? 0),
    data: root.dataset,
    readOnly: readOnly === 'true',
  };
}

/** The BPMN text to open; null for a new process. */
export async function loadSource(page) {
  if (page.embeddedXml !== null) return page.embeddedXml;
  if (!page.sourceUrl) return null;
  const reply = await request(page.sourceUrl, { headers: { Accept: 'text/xml, application/xml' } });
  if (!reply.ok) throw await asProblem(reply);
  return reply.text();
}

/** What can be chosen in the panel: operations, teams, forms, work orders, decisions; empty lists when not offered. */
export async function loadVocabulary(page) {
  const empty = {
    operations: [], teams: [], skills: [], forms: [], work_orders: [], decisions: [], processes: [], policies: [], refusals: [], functions: [],
  };
  if (!page.operationsUrl) return empty;
  const reply = await request(page.operationsUrl, { headers: { Accept: 'application/json' } });
  if (!reply.ok) throw await asProblem(reply);
  return { ...empty, ...(await reply.json()) };
}

/** Asks the server about the files; answers {findings, ok}. */
export async function check(page, files, signal) {
  const reply = await post(page.checkUrl, { files }, signal);
  if (!reply.ok) throw await asProblem(reply);
  return reply.json();
}

/** The names an expression at an element can read: {names}. */
export async function names(page, files, element) {
  return helped(page, 'names', { files, element });
}

/** The data a deployed process takes from whoever calls it: {data}. */
export async function takenBy(page, key) {
  if (!page?.checkUrl) return {};
  const reply = await request(page.checkUrl.replace(/check$/, `${encodeURIComponent(key)}/takes`), { headers: { Accept: 'application/json' } });
  if (!reply.ok) throw await asProblem(reply);
  return reply.json();
}

/** What is wrong with an expression: {marks}; `names` are those it may read, left out when nobody knows. */
export async function marks(page, expression, names) {
  return helped(page, 'expression', { expression, names });
}

/** The help while one types stands beside the check. */
async function helped(page, what, body) {
  if (!page?.checkUrl) return {};
  const reply = await post(page.checkUrl.replace(/check$/, what), body);
  if (!reply.ok) throw await asProblem(reply);
  return reply.json();
}

/** Saves a draft; answers {revision, saved, errors, warnings}. Throws a TakenProblem when somebody else writes it. */
export async function save(page, body) {
  return taken(await post(`${page.draftUrl}/save`, body));
}

/** Does one thing with the lock of a draft (keep, ask, take, release); answers how it stands. */
export async function lock(page, what) {
  return taken(await post(`${page.draftUrl}/lock`, { do: what }));
}

/** How the lock of a draft stands. */
export async function lockState(page) {
  const reply = await request(`${page.draftUrl}/state`, { headers: { Accept: 'application/json' } });
  if (!reply.ok) throw await asProblem(reply);
  return reply.json();
}

/** Gives the lock back while the page goes away. */
export function release(page) {
  const form = new FormData();
  form.append('csrf_token', csrfToken());
  form.append('do', 'release');
  navigator.sendBeacon(`${page.draftUrl}/lock`, form);
}

/** The comments of a draft: {comments: [...]}; with a body one is written, answered or settled. */
export async function comments(page, what = '', body = undefined) {
  const url = `${page.draftUrl}/comments${what}`;
  const reply = body ? await post(url, body) : await request(url, { headers: { Accept: 'application/json' } });
  if (!reply.ok) throw await asProblem(reply);
  return reply.json();
}

async function taken(reply) {
  if (reply.ok) return reply.json();
  if (reply.status !== 409) throw await asProblem(reply);
  const body = await reply.json().catch(() => ({}));
  throw new TakenProblem(body.message || body.detail || text('somebodyElse'), body);
}

export function download(fileName, content, type = 'application/xml') {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(link.href);
}

function post(url, body, signal) {
  return request(url, {
    method: 'POST',
    signal,
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/json',
      'X-CSRF-Token': csrfToken(),
    },
    body: JSON.stringify(body),
  });
}

function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? '';
}

async function request(url, options) {
  try {
    return await fetch(url, { credentials: 'same-origin', ...options });
  } catch (problem) {
    if (problem.name === 'AbortError') throw problem;
    throw new StoreProblem(text('unreachable'));
  }
}

async function asProblem(reply) {
  if (reply.status === 401) return new StoreProblem(text('signedOut'));
  if (reply.status === 413) return new StoreProblem(text('tooLarge'));
  const body = await reply.json().catch(() => ({}));
  const detail = body.detail || body.message || body.reason || body.title || (reply.status === 403 ? text('forbidden') : '');
  return new StoreProblem(text('serverSaid', { status: reply.status, detail }));
}
