// One person writes a draft, the others read: who writes, asking for it, taking over, giving back.
import { button, el } from '../../studio/dom.js';
import * as store from '../store.js';
import { text } from '../words/texts.js';

const HEARTBEAT_MS = 60_000;
const LOOK_MS = 15_000;

export class Lock {
  constructor(page, banner) {
    Object.assign(this, { page, banner });
    this.isMine = false;
  }

  /** Takes the free lock; answers whether this window may write. Others are told who does. */
  async begin() {
    try {
      this._held(await store.lock(this.page, 'keep'));
    } catch (problem) {
      if (!(problem instanceof store.TakenProblem)) throw problem;
      this._taken(problem.body);
    }
    return this.isMine;
  }

  /** Somebody else writes now; what was drawn here lies in a draft of its own if there was something. */
  lose({ message, body }) {
    this.isMine = false;
    clearInterval(this._timer);
    const link = body.draft_href ? el('a', { href: body.draft_href }, text('openMyCopy')) : null;
    this._show('bad', message, link, button(text('reload'), () => window.location.reload()));
  }

  _held(state) {
    this.isMine = true;
    this._asked(state);
    this._timer = setInterval(() => this._beat(), HEARTBEAT_MS);
    window.addEventListener('pagehide', () => { if (this.isMine) store.release(this.page); });
  }

  async _beat() {
    try {
      this._asked(await store.lock(this.page, 'keep'));
    } catch (problem) {
      if (problem instanceof store.TakenProblem) this.onLost?.(problem);
      else if (!(problem instanceof store.StoreProblem)) throw problem;
    }
  }

  _asked({ asked_by: name }) {
    if (!name) return this._hide();
    return this._show('warn', text('asksForIt', { name }), button(text('giveIt'), () => this.onGive?.()));
  }

  /** Lets go of it and goes on reading. */
  async give() {
    this.isMine = false;
    clearInterval(this._timer);
    await store.lock(this.page, 'release');
    window.location.reload();
  }

  _taken(state) {
    const name = state.holder || '';
    const wish = (what, done) => async () => {
      try {
        await store.lock(this.page, what);
        done();
      } catch (problem) {
        if (!(problem instanceof store.StoreProblem)) throw problem;
        this._says.textContent = problem.message;
      }
    };
    this._show('warn', text('somebodyWrites', { name, since: state.since || '' }),
      button(text('ask'), wish('ask', () => { this._says.textContent = text('asked', { name }); })),
      button(text('take'), wish('take', () => window.location.reload())));
    this._timer = setInterval(() => this._look(), LOOK_MS);
  }

  async _look() {
    if (document.hidden) return;
    try {
      const state = await store.lockState(this.page);
      if (state.holder) return;
      clearInterval(this._timer);
      this._show('good', text('isFree'), button(text('edit'), () => window.location.reload()));
    } catch (problem) {
      if (!(problem instanceof store.StoreProblem)) throw problem;
    }
  }

  _show(tone, line, ...more) {
    this._says = el('span', {}, line);
    this.banner.className = `dsg-banner dsg-banner-${tone}`;
    this.banner.replaceChildren(this._says, ...more.filter(Boolean));
    this.banner.hidden = false;
  }

  _hide() { this.banner.hidden = true; }
}
