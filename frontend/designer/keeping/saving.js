// A draft saves itself: a moment after the last change, again when the server was away, and never over somebody else.
import * as kept from './kept.js';
import * as store from '../store.js';
import { text } from '../words/texts.js';

const IDLE_MS = 2500;
const AT_MOST_MS = 15_000;
const [AGAIN_FIRST_MS, AGAIN_MOST_MS] = [4000, 60_000];

export class Saving {
  /** ``show(line, tone)`` tells how things stand; ``lost(problem)`` is called once when somebody else writes now. */
  constructor({ page, write, show, lost, saved }) {
    Object.assign(this, { page, write, show, lost, saved });
    this.revision = page.revision;
    this.isDirty = false;
    this.isStopped = false;
    this._again = AGAIN_FIRST_MS;
  }

  /** Something in the drawing is different now. */
  changed() {
    if (this.isStopped) return;
    this._since ??= Date.now();
    this.isDirty = true;
    this.show(text('notSavedYet'));
    const wait = Math.max(0, Math.min(IDLE_MS, this._since + AT_MOST_MS - Date.now()));
    this._plan(wait);
  }

  _plan(wait) {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this.now(), wait);
  }

  /** Saves what is drawn; answers whether the server has it. */
  async now() {
    clearTimeout(this._timer);
    if (this.isStopped) return false;
    if (this._running) {
      await this._running;
      return this.isDirty ? this.now() : true;
    }
    if (!this.isDirty) return true;
    this._running = this._save();
    try {
      return await this._running;
    } finally {
      this._running = undefined;
      if (this.isDirty && !this.isStopped && !this._isWaiting) this._plan(IDLE_MS);
    }
  }

  async _save() {
    const xml = await this.write();
    [this.isDirty, this._since, this._isWaiting] = [false, undefined, false];
    kept.keep(this.page.draftUrl, { text: xml, revision: this.revision });
    this.show(text('saving'));
    try {
      const answer = await store.save(this.page, { text: xml, revision: this.revision, keep_mine: true });
      this.revision = answer.revision;
      this._again = AGAIN_FIRST_MS;
      kept.forget(this.page.draftUrl);
      this.saved(xml, answer);
      if (!this.isDirty) this.show(text('savedAt', { time: answer.saved }), 'good');
      return true;
    } catch (problem) {
      if (problem instanceof store.TakenProblem) {
        this.stop();
        kept.forget(this.page.draftUrl);
        this.lost(problem);
        return false;
      }
      if (!(problem instanceof store.StoreProblem)) throw problem;
      this._later(problem);
      return false;
    }
  }

  /** The text stays in this browser; the server is asked again, slower each time. */
  _later(problem) {
    this.isDirty = true;
    this._isWaiting = true;
    this.show(`${text('notSaved')} ${problem.message}`, 'bad');
    this._plan(this._again);
    this._again = Math.min(AGAIN_MOST_MS, this._again * 2);
  }

  stop() {
    this.isStopped = true;
    clearTimeout(this._timer);
  }
}
