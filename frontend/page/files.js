// Files go up as soon as they are chosen, each under a key of its own: sent again over a bad line, it is one file.

const keys = new WeakMap(); // file -> its key

function keyOf(file) {
  if (!keys.has(file)) keys.set(file, [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, '0')).join(''));
  return keys.get(file);
}

async function send(address, fields) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  const token = document.querySelector('meta[name="csrf-token"]').content;
  return fetch(address, { method: 'POST', body, headers: { 'X-CSRF-Token': token, 'HX-Request': 'true' } });
}

function show(id, html) {
  const old = document.getElementById(id);
  const fresh = new DOMParser().parseFromString(html, 'text/html').getElementById(id);
  if (old && fresh) old.replaceWith(document.importNode(fresh, true));
}

document.addEventListener('change', async (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || !input.dataset.upload || !input.files.length) return;
  input.setAttribute('aria-busy', 'true');
  let all = true;
  for (const file of [...input.files]) {
    try {
      const answer = await send(input.dataset.upload, { field: input.dataset.field, key: keyOf(file), file });
      all &&= answer.ok;
      if (answer.ok) show(input.dataset.list, await answer.text());
    } catch {
      all = false; // no connection: the choice stays, and goes up with the form
    }
  }
  input.removeAttribute('aria-busy');
  if (all) input.value = '';
});

document.addEventListener('click', async (event) => {
  const button = event.target instanceof Element && event.target.closest('[data-remove-file]');
  if (!button) return;
  event.preventDefault();
  const list = button.closest('ul').id;
  const answer = await send(button.formAction, { field: button.dataset.field }).catch(() => null);
  if (answer?.ok) show(list, await answer.text());
  else button.form?.requestSubmit(button);
});

// Where this runs, choosing a file is enough: its label is the button, and nothing has to be sent by hand.
function tidy() {
  for (const button of document.querySelectorAll('[data-upload-now]')) button.hidden = true;
  for (const input of document.querySelectorAll('input[data-upload]')) input.classList.add('vh');
}
tidy();
document.addEventListener('htmx:after:swap', tidy);
