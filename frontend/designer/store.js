// Where diagrams come from and go to: the server, and files of the user's machine. Plain fetch, no state.
import { text } from './texts.js';

/** Something went wrong that the user should read; the message is in the user's language. */
export class StoreProblem extends Error {}

/** Reads what the page says about itself: the data attributes of its #designer element. */
export function readPage(root) {
  const { fileName, sourceUrl, operationsUrl, checkUrl, deployUrl, doneUrl, readOnly } = root.dataset;
  const embedded = document.getElementById('designer-source');
  return {
    fileName: fileName || 'process.bpmn',
    embeddedXml: embedded ? JSON.parse(embedded.textContent).xml : null,
    sourceUrl, operationsUrl, checkUrl, deployUrl, doneUrl,
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
  const empty = { operations: [], teams: [], forms: [], work_orders: [], decisions: [] };
  if (!page.operationsUrl) return empty;
  const reply = await request(page.operationsUrl, { headers: { Accept: 'application/json' } });
  if (!reply.ok) throw await asProblem(reply);
  return { ...empty, ...(await reply.json()) };
}

/** Asks the server about the files; answers {findings, ok}. */
export async function check(page, files) {
  const reply = await post(page.checkUrl, { files });
  if (!reply.ok) throw await asProblem(reply);
  return reply.json();
}

/** Deploys the files; answers {deployed: {key, version, definition_id}} or {findings}. */
export async function deploy(page, files, note) {
  const reply = await post(page.deployUrl, { files, note });
  if (reply.ok) return { deployed: await reply.json() };
  if (reply.status === 422) {
    const { findings } = await reply.clone().json().catch(() => ({}));
    if (findings) return { findings };
  }
  throw await asProblem(reply);
}

export function download(fileName, xml) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([xml], { type: 'application/xml' }));
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(link.href);
}

function post(url, body) {
  return request(url, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/json',
      'X-CSRF-Token': document.querySelector('meta[name="csrf-token"]')?.content ?? '',
    },
    body: JSON.stringify(body),
  });
}

async function request(url, options) {
  try {
    return await fetch(url, { credentials: 'same-origin', ...options });
  } catch {
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
