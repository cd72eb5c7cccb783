// The walk-through: a token goes where one leads it. It knows nothing of data; trying a process is another page.
import WalkModule from 'bpmn-js-token-simulation/lib/modeler.js';

import { exchangeWords } from './dom-words.js';
import { walkWords } from './walk-words.js';

/** Names are text: the walk-through writes its log as HTML, so what it is given is made harmless first. */
class SafeWalk {
  static $inject = ['log', 'notifications', 'eventBus', 'canvas'];

  constructor(log, notifications, eventBus, canvas) {
    const [write, notify] = [log.log.bind(log), notifications.showNotification.bind(notifications)];
    log.log = (entry) => write({ ...entry, text: escaped(walkWords(entry.text)), isSafe: true });
    notifications.showNotification = (entry) => notify(entry.isSafe ? entry : { ...entry, text: escaped(walkWords(entry.text)) });
    let end;
    eventBus.on('tokenSimulation.toggleMode', ({ active }) => {
      end?.();
      end = active ? exchangeWords(canvas.getContainer(), walkWords, '[class*="bts-"]') : undefined;
    });
  }
}

function escaped(words) {
  return String(words).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

export const SafeWalkModule = {
  __depends__: [WalkModule],
  __init__: ['yizhanWalk'],
  yizhanWalk: ['type', SafeWalk],
};
