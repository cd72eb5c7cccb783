// The tools beside a selected element by keyboard: Tab leads from the canvas to them, arrows go round, Enter does what
// one stands on, Escape leads back. To diagram-js they are pictures for the mouse.
import { text } from '../words/texts.js';

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

class PadKeys {
  static $inject = ['eventBus', 'canvas'];

  constructor(eventBus, canvas) {
    Object.assign(this, { _eventBus: eventBus, _canvas: canvas });
    eventBus.on('contextPad.open', ({ current }) => this._prepare(current.html));
  }

  _prepare(pad) {
    const entries = [...pad.querySelectorAll('.entry')];
    // What the eye finds beside the element, Tab finds right behind the drawing.
    const drawing = this._canvas.getContainer().querySelector(':scope > svg');
    if (drawing.nextElementSibling !== pad.parentElement) drawing.after(pad.parentElement);
    pad.setAttribute('role', 'toolbar');
    pad.setAttribute('aria-label', text('pad'));
    entries.forEach((entry, at) => {
      entry.setAttribute('role', 'button');
      entry.setAttribute('aria-label', entry.title);
      entry.tabIndex = at ? -1 : 0;
    });
    pad.addEventListener('keydown', (event) => this._onKey(event, entries));
  }

  _onKey(event, entries) {
    const at = entries.indexOf(event.target);
    const go = (to) => {
      for (const entry of entries) entry.tabIndex = -1;
      entries[to].tabIndex = 0;
      entries[to].focus();
    };
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (STEPS[event.key]) go((at + STEPS[event.key] + entries.length) % entries.length);
    else if (event.key === 'Home') go(0);
    else if (event.key === 'End') go(entries.length - 1);
    else if (event.key === 'Enter' || event.key === ' ') this._act(event.target);
    else if (event.key === 'Escape') this._canvas.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Drawing a line follows the mouse: by keyboard its end is chosen from a list. */
  _act(entry) {
    if (entry.dataset.action === 'connect') this._eventBus.fire('yizhan.connect');
    else entry.click();
    // What was done may have taken the tools away, and with them the place where one stood.
    if (!document.activeElement?.isConnected || document.activeElement === document.body) this._canvas.focus();
  }
}

export const PadKeysModule = { __init__: ['yizhanPad'], yizhanPad: ['type', PadKeys] };
