// The walk-through: a token goes where one leads it. It knows nothing of data; trying a process is another page.
import WalkModule from 'bpmn-js-token-simulation/lib/modeler.js';

import { walkWords } from './walk-words.js';

/** Names are text: the walk-through writes its log as HTML, so what it is given is made harmless first. */
class SafeWalk {
  static $inject = ['log', 'notifications', 'eventBus', 'canvas'];

  constructor(log, notifications, eventBus, canvas) {
    const [write, notify] = [log.log.bind(log), notifications.showNotification.bind(notifications)];
    log.log = (entry) => write({ ...entry, text: escaped(walkWords(entry.text)), isSafe: true });
    notifications.showNotification = (entry) => notify(entry.isSafe ? entry : { ...entry, text: escaped(walkWords(entry.text)) });
    let watch;
    eventBus.on('tokenSimulation.toggleMode', ({ active }) => {
      const place = canvas.getContainer();
      watch?.disconnect();
      if (!active) return;
      translateAll(place);
      watch = new MutationObserver((changes) => {
        for (const { addedNodes } of changes) for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) translateAll(node);
      });
      watch.observe(place, { childList: true, subtree: true });
    });
  }
}

/** The words of the walk-through are in its markup; they are exchanged where they appear. */
function translateAll(place) {
  for (const node of [place, ...place.querySelectorAll('*')]) {
    if (!node.closest('[class*="bts-"]')) continue;
    for (const name of ['title', 'aria-label']) {
      const said = node.getAttribute(name);
      if (said) setIfNew(said, walkWords(said), (words) => node.setAttribute(name, words));
    }
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE && child.data.trim()) setIfNew(child.data, walkWords(child.data.trim()), (words) => { child.data = words; });
    }
  }
}

function setIfNew(before, after, set) {
  if (before.trim() !== after) set(after);
}

function escaped(words) {
  return String(words).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

export const SafeWalkModule = {
  __depends__: [WalkModule],
  __init__: ['yizhanWalk'],
  yizhanWalk: ['type', SafeWalk],
};
