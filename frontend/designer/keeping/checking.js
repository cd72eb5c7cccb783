// Asking the server what it thinks of the drawing.
import { text } from '../words/texts.js';

/** Asks for findings and shows them; its button waits, problems are shown. */
export async function check(board) {
  board.say(text('checking'));
  for (const one of board.tools.busy) one.disabled = true;
  await board.attempt(async () => {
    const findings = await board.checks.now();
    board.tabs.show('problems');
    const isBad = findings.some((one) => one.severity === 'error');
    board.say(findings.length ? `${text('findings')} ${findings.length}` : text('clean'), isBad ? 'bad' : 'good');
  });
  for (const one of board.tools.busy) one.disabled = false;
}
