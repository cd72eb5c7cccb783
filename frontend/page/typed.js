// Another language is another page: what is typed goes along, held for this one step only.

const KEY = 'yizhan.typed';
const KEPT_MS = 30_000;
const NOT_KEPT = '[type=hidden], [type=password], [type=file], [type=submit], [type=button]';

// Fields are told apart by their form, their name and the how-manieth of that name they are.
function* fields() {
  const seen = new Map();
  const forms = [...document.forms];
  for (const field of document.querySelectorAll('input, select, textarea')) {
    if (field.matches(NOT_KEPT) || !field.name) continue;
    const name = `${field.form ? new URL(field.form.action).pathname : ''} ${forms.indexOf(field.form)} ${field.name}`;
    const nth = seen.get(name) ?? 0;
    seen.set(name, nth + 1);
    yield [`${name} ${nth}`, field];
  }
}

const ticks = (field) => field.matches('[type=checkbox], [type=radio]');

function changed(field) {
  if (ticks(field)) return field.checked !== field.defaultChecked;
  if (field instanceof HTMLSelectElement) return [...field.options].some((one) => one.selected !== one.defaultSelected);
  return field.value !== field.defaultValue;
}

document.addEventListener('click', (event) => {
  const link = event.target instanceof Element && event.target.closest('[data-keeps-typed]');
  if (!link) return;
  document.dispatchEvent(new Event('yizhan:save'));
  const kept = [];
  for (const [name, field] of fields()) if (changed(field)) kept.push([name, ticks(field) ? field.checked : field.value]);
  try {
    if (kept.length) sessionStorage.setItem(KEY, JSON.stringify({ path: new URL(link.href).pathname, at: Date.now(), kept }));
  } catch {
    // A browser that keeps nothing: forms that save themselves are saved on the server.
  }
});

function restore() {
  const text = sessionStorage.getItem(KEY);
  if (!text) return;
  sessionStorage.removeItem(KEY);
  const { path, at, kept } = JSON.parse(text);
  if (path !== location.pathname || Date.now() - at > KEPT_MS) return;
  const known = new Map(fields());
  for (const [name, value] of kept) {
    const field = known.get(name);
    if (!field) continue;
    if (ticks(field)) field.checked = value;
    else field.value = value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.dispatchEvent(new Event('change', { bubbles: true }));
    field.closest('details')?.setAttribute('open', '');
  }
}

try {
  restore();
} catch {
  // Nothing is kept, or it cannot be read: the page is as it came.
}
