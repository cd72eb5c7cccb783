// The walk-through: a token goes where one leads it. It knows nothing of data; trying a process is another page.
import WalkModule from 'bpmn-js-token-simulation/lib/modeler.js';

import { exchangeWords } from '../words/dom-words.js';
import { walkWords } from '../words/walk-words.js';

/** The package makes names harmless before it writes its log as HTML; here its own words become the reader's. */
class SpokenWalk {
  static $inject = ['log', 'notifications', 'eventBus', 'canvas'];

  constructor(log, notifications, eventBus, canvas) {
    const [write, notify] = [log.log.bind(log), notifications.showNotification.bind(notifications)];
    log.log = (entry) => write({ ...entry, text: walkWords(entry.text) });
    notifications.showNotification = (entry) => notify({ ...entry, text: walkWords(entry.text) });
    let end;
    eventBus.on('tokenSimulation.toggleMode', ({ active }) => {
      end?.();
      end = active ? exchangeWords(canvas.getContainer(), walkWords, '[class*="bts-"]') : undefined;
    });
  }
}

export const SpokenWalkModule = {
  __depends__: [WalkModule],
  __init__: ['yizhanWalk'],
  yizhanWalk: ['type', SpokenWalk],
};
