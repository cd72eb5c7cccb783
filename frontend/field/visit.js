// One visit: arriving, the steps, the form. What is handed in is kept on the phone first and sent then.
import { accepted, drop, flush, keep, login, mine, onChange } from './outbox.js';
import { get, put } from './store.js';
import { word } from './words.js';

const here = document.querySelector('[data-here]');
const form = document.querySelector('form[data-result]');
const arrival = document.querySelector('form[data-arrive]');
const waiting = document.querySelector('[data-waiting]');
const goOn = document.querySelector('[data-go-on]');
const about = here ? { number: here.dataset.here, title: here.dataset.title } : {};
const OWN = new Set(['csrf_token', 'key']);
// Optional things do not hold a step back, but a step in which nothing was done yet is still the next one.
const touched = new Set();
let arrived = !arrival;
let typed = false;
form?.addEventListener('input', () => {
  typed = true;
});
let kept = false;

const fields = () => [...new FormData(form)].filter(([name, value]) => !OWN.has(name) && !(value instanceof File));

// ---- what is typed is there again after a reload, with or without a connection
async function saveDraft() {
  await put('drafts', { number: about.number, login, fields: fields(), arrived, touched: [...touched] });
}

async function restoreDraft() {
  const draft = await get('drafts', about.number);
  if (draft?.login !== login) return;
  if (draft.arrived) arrived = true;
  for (const part of draft.touched) touched.add(part);
  if (!typed) fill(draft.fields);
}

function fill(pairs) {
  if (!pairs.length) return;
  const values = new Map();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
  for (const control of form.elements) {
    if (!control.name || OWN.has(control.name) || control.type === 'file') continue;
    const given = values.get(control.name) ?? [];
    if (control.type === 'checkbox' || control.type === 'radio') control.checked = given.includes(control.value);
    else if (given.length) control.value = given[0];
  }
  form.dispatchEvent(new Event('change')); // questions that depend on answers
}

// ---- steps: what is done, what is next
const asked = (field) => !field.hidden && !field.closest('[hidden]');
const isFilled = (field) => {
  const controls = [...field.querySelectorAll('input, select, textarea')].filter((one) => one.type !== 'file');
  return controls.some((one) => (['checkbox', 'radio'].includes(one.type) ? one.checked : one.value.trim()));
};
const missing = (part) => [...part.querySelectorAll('.field[data-must]')].filter((field) => asked(field) && !isFilled(field));

function showSteps() {
  let next = null;
  for (const step of document.querySelectorAll('[data-step]')) {
    const part = document.querySelector(`[data-part="${step.dataset.step}"]`);
    const done = part ? arrived && isDone(part) : arrived;
    step.classList.toggle('done', done || kept);
    step.classList.toggle('now', !done && !next && !kept);
    if (!done && !next) next = step;
  }
  if (!goOn) return;
  const part = next && document.querySelector(`[data-part="${next.dataset.step}"]`);
  const onward = part && part !== lastPart() && !kept;
  goOn.textContent = onward ? word('next', { step: next.querySelector('span').textContent }) : word('finish');
  goOn.dataset.part = onward ? part.id : '';
  goOn.disabled = kept || !arrived || !form?.dataset.ready;
}

const lastPart = () => [...document.querySelectorAll('[data-part]')].at(-1);

function isDone(part) {
  if (missing(part).length) return false;
  return touched.has(part.id) || part.querySelector('.field[data-must]') !== null;
}

function open() {
  const all = form?.querySelector('.fall');
  if (all) all.disabled = !arrived || kept || !form.dataset.ready;
  if (arrival) arrival.hidden = arrived;
  if (waiting) waiting.hidden = !kept;
  showSteps();
}

// ---- arriving
arrival?.addEventListener('submit', async (event) => {
  event.preventDefault();
  arrived = true;
  form.dataset.ready = '1';
  const row = await keep({ kind: 'arrive', ...about, href: arrival.getAttribute('action') });
  await saveDraft();
  open();
  document.querySelector('[data-part]')?.focus();
  await flush();
  // Whoever has a visit sees the whole address and phone: the page has them once the server knows.
  if (accepted.has(row.key)) location.reload();
});

// ---- handing in
async function handIn() {
  const lacking = [...document.querySelectorAll('[data-part]')].flatMap(missing);
  showFaults(lacking.map((field) => [nameOf(field), word('empty')]));
  if (lacking.length) return;
  await saveDraft();
  const row = await keep({ kind: 'result', ...about, href: form.getAttribute('action'), fields: fields() });
  await flush();
  if (accepted.has(row.key)) location.assign(`${document.body.dataset.home}?done=completed`);
}

const nameOf = (field) => field.querySelector('[name]')?.name ?? '';
const fieldOf = (name) => [...form.elements].find((one) => one.name === name)?.closest('.field');
const labelOf = (field) => field.querySelector('label, legend')?.firstChild?.textContent.trim() ?? '';

function showFaults(faults, message = '') {
  for (const old of form.querySelectorAll('.err')) old.remove();
  for (const old of form.querySelectorAll('[aria-invalid]')) old.removeAttribute('aria-invalid');
  const box = form.querySelector('[data-errors]');
  box.replaceChildren();
  if (!faults.length && !message) return;
  const summary = document.createElement('div');
  summary.className = 'errsum';
  summary.tabIndex = -1;
  summary.setAttribute('role', 'alert');
  summary.dataset.testid = 'error-summary';
  const title = document.createElement('h2');
  title.textContent = message || word('todo', { n: faults.length });
  const list = document.createElement('ul');
  for (const [name, text] of faults) list.append(fault(name, text));
  summary.append(title, list);
  box.append(summary);
  summary.focus();
}

function fault(name, text) {
  const line = document.createElement('li');
  const field = name && fieldOf(name);
  if (!field) {
    line.textContent = text;
    return line;
  }
  const control = field.querySelector('input, select, textarea');
  const label = labelOf(field);
  control.setAttribute('aria-invalid', 'true');
  const note = document.createElement('span');
  note.className = 'err';
  note.id = `${control.id}-e`;
  note.textContent = text;
  control.setAttribute('aria-describedby', note.id);
  field.append(note);
  const link = document.createElement('a');
  link.href = `#${control.id}`;
  link.textContent = text.startsWith(label) ? text : `${label}: ${text}`;
  line.append(link);
  return line;
}

async function showRows(rows) {
  const result = rows.find((row) => row.number === about.number && row.kind === 'result');
  kept = result?.state === 'waiting';
  open();
  if (result?.state !== 'refused' || !Object.keys(result.faults).length) return;
  // What has to be put right is said at its field; the next sending is a new one.
  await drop(result.key);
  showFaults(Object.entries(result.faults));
}

export async function start() {
  if (!here) return;
  if (form) {
    await restoreDraft();
    form.addEventListener('input', (event) => {
      const part = event.target.closest('[data-part]');
      if (part) touched.add(part.id);
      saveDraft();
      showSteps();
    });
    form.addEventListener('change', () => showSteps());
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      handIn();
    });
    goOn?.addEventListener('click', () => {
      const part = goOn.dataset.part && document.getElementById(goOn.dataset.part);
      if (!part) return form.requestSubmit();
      touched.add(part.id);
      saveDraft();
      part.scrollIntoView({ block: 'start' });
      const first = missing(part)[0]?.querySelector('input, select, textarea');
      (first ?? part).focus({ preventScroll: !first });
      return showSteps();
    });
    waiting.querySelector('[data-change]').addEventListener('click', async () => {
      const row = (await mine()).find((each) => each.number === about.number && each.kind === 'result');
      if (row) await drop(row.key);
    });
  }
  onChange(showRows);
  showRows(await mine());
}
