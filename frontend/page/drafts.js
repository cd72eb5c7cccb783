// Forms with data-draft save themselves a moment after the last change, and before the page is left.

const WAIT_MS = 800;

for (const form of document.querySelectorAll('form[data-draft]')) {
  const said = form.querySelector('[data-draft-state]');
  let timer = 0;
  let changed = false;

  async function save() {
    clearTimeout(timer);
    if (!changed) return;
    changed = false;
    const body = new FormData(form);
    body.set('draft_title', form.dataset.draftTitle ?? '');
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
    try {
      const token = document.querySelector('meta[name="csrf-token"]').content;
      const answer = await fetch(form.dataset.draft, { method: 'POST', body: new URLSearchParams(body), headers: { 'X-CSRF-Token': token }, keepalive: true });
      if (said && answer.ok) said.textContent = await answer.text();
      changed ||= !answer.ok;
    } catch {
      changed = true; // no connection: what is typed is still in the page, the next change tries again
    }
  }

  form.addEventListener('input', () => {
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(save, WAIT_MS);
  });
  form.addEventListener('submit', () => {
    clearTimeout(timer);
    changed = false;
  });
  window.addEventListener('pagehide', save);
  document.addEventListener('yizhan:save', save);
}
