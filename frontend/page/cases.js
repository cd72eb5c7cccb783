// All cases of a process, a few at a time, so that one sees how far it is. Without it they all run in one request.
const AT_ONCE = 4;

document.addEventListener('submit', (event) => {
  const form = event.target.closest?.('form[data-run-cases]');
  if (!form) return;
  event.preventDefault();
  runAll(form).catch(() => form.submit());
});

async function runAll(form) {
  const button = form.querySelector('button');
  const state = document.getElementById('cases-state');
  const rows = [...document.querySelectorAll('#cases tr[id^="case-"]')].map((row) => row.id);
  button.disabled = true;
  for (let at = 0; at < rows.length; at += AT_ONCE) {
    state.textContent = form.dataset.progress.replace('%n', at).replace('%m', rows.length);
    const said = new FormData(form);
    for (const id of rows.slice(at, at + AT_ONCE)) said.append('case', id.slice('case-'.length));
    const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(said), headers: { 'HX-Request': 'true' } });
    if (!answer.ok) throw new Error(String(answer.status));
    take(new DOMParser().parseFromString(await answer.text(), 'text/html'), rows);
  }
  button.disabled = false;
  button.focus();
}

/** The rows, and how many passed, as the server has them now. */
function take(page, rows) {
  for (const id of [...rows, 'cases-state']) {
    const fresh = page.getElementById(id);
    if (fresh) document.getElementById(id)?.replaceWith(document.importNode(fresh, true));
  }
}
