// The designer: an island in a page of the server. See docs/designer.md for what the page must offer.
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import '@bpmn-io/properties-panel/assets/properties-panel.css';
import 'bpmn-js-token-simulation/assets/css/bpmn-js-token-simulation.css';
import 'diagram-js-minimap/assets/diagram-js-minimap.css';
import './designer.css';
import './board.css';
import './large/minimap.css';

import { Board } from './board.js';
import { openDialog } from './frame/dialog.js';
import { button, el } from '../studio/dom.js';
import * as kept from './keeping/kept.js';
import { Lock } from './keeping/lock.js';
import { Saving } from './keeping/saving.js';
import * as store from './store.js';
import { text } from './words/texts.js';

const LISTENS_AFTER_MS = 150;
const TOO_NARROW_TO_DRAW = '(max-width: 700px)';

async function main() {
  const root = document.getElementById('designer');
  if (!root) return;
  root.classList.add('dsg');
  const page = store.readPage(root);
  page.readOnly ||= window.matchMedia(TOO_NARROW_TO_DRAW).matches;
  const fallback = [...root.childNodes];
  try {
    root.replaceChildren(el('p', { role: 'status' }, text('loading')));
    const banner = el('div', { class: 'dsg-banner', role: 'status', hidden: true });
    const lock = page.draftUrl && !page.readOnly ? new Lock(page, banner) : null;
    if (lock && !(await lock.begin())) page.readOnly = true;
    const [xml, vocabulary] = await Promise.all([store.loadSource(page), store.loadVocabulary(page)]);
    const board = new Board(root, page, vocabulary, banner);
    await board.open(xml, page.fileName);
    if (lock?.isMine) saveByItself(board, lock, xml);
    board.comments?.load();
    const wanted = new URLSearchParams(window.location.search).get('element');
    if (wanted) whenPanelListens(board, () => board.select(wanted));
    root.dataset.ready = 'true';
  } catch (problem) {
    if (!(problem instanceof store.StoreProblem)) throw problem;
    root.replaceChildren(el('p', { role: 'alert', class: 'dsg-bad' }, problem.message), ...fallback);
  }
}

/** The panel follows a selection only once it is there and has begun to listen. */
function whenPanelListens(board, run) {
  if (board.page.readOnly) return run();
  const look = () => {
    if (board.panel.querySelector('.bio-properties-panel-header')) setTimeout(run, LISTENS_AFTER_MS);
    else requestAnimationFrame(look);
  };
  return look();
}

/** A draft is saved while it is drawn, as long as this window holds its lock. */
function saveByItself(board, lock, xml) {
  const { page } = board;
  board.saving = new Saving({
    page,
    write: () => board.write(),
    show: (line, tone = '') => {
      board.tools.saved.className = `dsg-saved${tone && ` dsg-${tone}`}`;
      board.tools.saved.textContent = line;
    },
    saved: (saved) => board.earlier.saw(saved),
    lost: (problem) => {
      for (const part of [board.main, board.tools.node]) part.inert = true;
      lock.lose(problem);
    },
  });
  lock.onLost = (problem) => {
    // What is not saved yet is handed in once more; the server keeps it as a draft of its own.
    board.saving.isDirty ? board.saving.now() : board.saving.lost(problem);
  };
  lock.onGive = async () => { if (await board.saving.now()) await lock.give(); };
  board.earlier.opened(xml);
  board._onChange();
  restore(board, kept.unsaved(page.draftUrl));
}

/** Changes a crash or a lost connection kept from the server come back; not over what others have saved since. */
function restore(board, unsaved) {
  if (!unsaved) return;
  const use = async () => {
    if (await board.open(unsaved.text, board.page.fileName)) board.saving.changed();
    board.say(text('unsavedFound'), 'good');
  };
  if (unsaved.revision === board.page.revision) {
    use();
    return;
  }
  const dialog = openDialog(text('unsavedOld'), el('div', { class: 'dsg-choices' },
    button(text('dropMine'), () => { kept.forget(board.page.draftUrl); dialog.close(); }),
    button(text('restoreMine'), () => { dialog.close(); use(); }, { class: 'dsg-button dsg-primary' })));
}

main();
