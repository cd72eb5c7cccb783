// After a selection the panel is drawn when the picture that shows it is there: the panel is the greater part of the work
// of selecting, and the eye is on the drawing. All else in it is drawn at once, for whoever types must not be behind.
import { options } from '@bpmn-io/properties-panel/preact';

import { afterPicture } from './frames.js';

const BEFORE_THE_PANEL = 5000;

class LaterPanel {
  static $inject = ['eventBus'];

  constructor(eventBus) {
    let isSelecting = false;
    options.debounceRendering = (draw) => (isSelecting ? afterPicture : queueMicrotask)(draw);
    eventBus.on('selection.changed', BEFORE_THE_PANEL, () => {
      isSelecting = true;
      queueMicrotask(() => { isSelecting = false; });
    });
  }
}

export const LaterPanelModule = { __init__: ['yizhanLaterPanel'], yizhanLaterPanel: ['type', LaterPanel] };
