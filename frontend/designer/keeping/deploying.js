// Asking the server what it thinks of the drawing, and deploying a drawing that is no draft.
import { openDialog } from '../frame/dialog.js';
import { button, el } from '../../studio/dom.js';
import * as store from '../store.js';
import { text } from '../words/texts.js';

/** Asks for findings and shows them. */
export async function check(board) {
  await talk(board, 'checking', async () => {
    const { checks, page } = board;
    const findings = checks.now ? await checks.now() : (await store.check(page, await board.files())).findings;
    const errors = checks.now ? findings.filter((one) => one.severity === 'error').length : checks.show(findings);
    board.tabs.show('problems');
    board.say(findings.length ? `${text('findings')} ${findings.length}` : text('clean'), errors ? 'bad' : 'good');
  });
}

/** Asks what has changed, and deploys. */
export function askAndDeploy(board) {
  const note = el('textarea', { rows: 3, maxlength: 500, name: 'note' });
  const dialog = openDialog(text('deployTitle'),
    el('form', { method: 'dialog', onsubmit: () => deploy(board, note.value.trim()) },
      el('p', {}, text('deployHint')),
      el('label', {}, text('note'), note),
      el('div', { class: 'dsg-choices' },
        button(text('cancel'), () => dialog.close()),
        el('button', { type: 'submit', class: 'dsg-button dsg-primary' }, text('deploy')))));
}

async function deploy(board, note) {
  await talk(board, 'deploying', async () => {
    const { deployed, findings } = await store.deploy(board.page, await board.files(), note);
    if (findings) {
      board.tabs.show('problems');
      board.say(text('refused', { count: board.checks.show(findings) }), 'bad');
      return;
    }
    board.isDirty = false;
    const done = board.page.doneUrl?.replace('{key}', deployed.key).replace('{version}', deployed.version);
    board.say(text('deployed', deployed), 'good', ...(done ? [' ', el('a', { href: done }, text('openDefinition'))] : []));
  });
}

/** Runs one exchange with the server: its buttons wait, problems are shown. */
async function talk(board, key, exchange) {
  board.say(text(key));
  for (const one of board.tools.busy) one.disabled = true;
  await board.attempt(exchange);
  for (const one of board.tools.busy) one.disabled = false;
}
