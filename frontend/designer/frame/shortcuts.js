// Keys of the board, and the list of them. Single letters act only while the canvas has the keyboard.
import { tell } from './dialog.js';
import { el } from '../../studio/dom.js';
import { text } from '../words/texts.js';

const LIST = [
  ['Ctrl+S', 'keySave'], ['Ctrl+Shift+D', 'keyReport'], ['F5', 'keyTry'], ['F6', 'keyRegions'], ['Ctrl+F', 'keyFind'],
  ['N', 'keyCreate'], ['A', 'keyAppend'], ['R', 'keyReplace'], ['E', 'keyName'], ['K', 'keyConnect'], ['T', 'keyWalk'],
  ['arrows', 'keyMove'], ['Tab', 'keyPad'], ['Ctrl+arrows', 'keyPan'], ['Ctrl + / − / 0 / 9', 'keyZoom'],
  ['Delete', 'keyDelete'], ['Ctrl+Z / Ctrl+Y', 'keyUndo'], ['Ctrl+C / Ctrl+V', 'keyCopy'], ['?', 'keyHelp'],
];

export function showShortcuts() {
  const rows = LIST.map(([key, words]) => el('tr', {},
    el('th', { scope: 'row' }, el('kbd', {}, key.replace('arrows', text('arrows')))), el('td', {}, text(words))));
  tell(text('shortcuts'), el('table', { class: 'dsg-keys' }, el('tbody', {}, ...rows)));
}

/** Keys of the whole page, by their name such as 'Ctrl+S'; what a function answers false for is left to the browser. */
export function listenToPage(keys) {
  window.addEventListener('keydown', (event) => {
    if (document.querySelector('dialog[open]')) return;
    const name = `${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${event.shiftKey ? 'Shift+' : ''}${event.key.length === 1 ? event.key.toUpperCase() : event.key}`;
    if (keys[name] && keys[name]() !== false) event.preventDefault();
  });
}

/** Keys of the canvas. */
export function listenToCanvas(diagram, keys) {
  diagram.get('keyboard').addListener(1500, ({ keyEvent }) => {
    if (keyEvent.ctrlKey || keyEvent.metaKey || keyEvent.altKey) return undefined;
    const run = keys[keyEvent.key.toUpperCase()];
    if (!run) return undefined;
    run();
    return true;
  });
}

/** F6 leads from one part of the board to the next. */
export function nextRegion(regions) {
  const now = regions.findIndex(({ node }) => node.contains(document.activeElement));
  for (let step = 1; step <= regions.length; step += 1) {
    const region = regions[(now + step + regions.length) % regions.length];
    if (!region.node.hidden && region.node.isConnected) return region.focus();
  }
  return undefined;
}
