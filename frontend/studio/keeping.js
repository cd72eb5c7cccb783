// A draft saves itself while somebody works on it, and knows who else does.
import { el } from './dom.js';
import { text } from './words.js';

const IDLE_MS = 2500;
const AGAIN_MS = 10_000;
const BEAT_MS = 60_000;

/** Sends JSON with the token of the page; the answer as {status, body}, status 0 where the server is out of reach. */
export async function post(url, body, signal) {
  try {
    const reply = await fetch(url, {
      method: 'POST',
      credentials: 'same-origin',
      signal,
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json',
        'X-CSRF-Token': document.querySelector('meta[name="csrf-token"]')?.content ?? '',
      },
      body: JSON.stringify(body),
    });
    return { status: reply.status, body: await reply.json().catch(() => ({})) };
  } catch (problem) {
    if (problem.name === 'AbortError') return { status: -1, body: {} };
    return { status: 0, body: {} };
  }
}

/** What to tell somebody whose request was not taken. */
export function refusal({ status, body }) {
  if (status === 0) return text('unreachable');
  if (status === 401) return text('signedOut');
  const detail = body.message || body.detail || body.reason || (status === 403 ? text('forbidden') : '');
  return text('serverSaid', { status, detail });
}

export class Keeping {
  /** ``read`` gives the text as it is now (a promise will do); ``say`` shows a line; ``lock`` is told whether to look only. */
  constructor(setting, { read, say, lock }) {
    Object.assign(this, { setting, read, say, lock });
    this.revision = setting.revision;
    this.mine = false;
    this.isDirty = false;
    window.addEventListener('beforeunload', (event) => { if (this.isDirty) event.preventDefault(); });
    window.addEventListener('pagehide', () => this._release());
    document.addEventListener('visibilitychange', () => { if (document.hidden && this.isDirty) this.save(); });
  }

  /** Takes the lock if it is free; from then on it is renewed as long as the page is open. */
  async start() {
    if (!this.setting.mayEdit) {
      this.lock(true);
      return;
    }
    await this._lock('keep');
    setInterval(() => { if (this.mine) this._lock('keep'); }, BEAT_MS);
  }

  /** Something was changed: it is saved when the hands rest. */
  changed() {
    if (!this.mine) return;
    this.isDirty = true;
    this.say(text('unsaved'));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), IDLE_MS);
  }

  /** Saves now; true when the server has it. */
  async save() {
    clearTimeout(this.timer);
    if (!this.isDirty || !this.mine) return !this.isDirty;
    if (this.saving) {
      await this.saving;
      return this.save();
    }
    this.isDirty = false;
    this.saving = this._send();
    const isKept = await this.saving;
    this.saving = null;
    return isKept;
  }

  async _send() {
    this.say(text('saving'));
    const answer = await post(this.setting.saveUrl, { text: await this.read(), revision: this.revision });
    if (answer.status === 200) {
      this.revision = answer.body.revision;
      this.say(text('saved', { time: answer.body.saved ?? '' }), 'ok');
      return true;
    }
    this.isDirty = true;
    if (answer.status === 409 || answer.status === 423) this._lost(answer.body);
    else this.say(refusal(answer), 'bad');
    if (answer.status === 0) this.timer = setTimeout(() => this.save(), AGAIN_MS);
    return false;
  }

  async _lock(what) {
    const answer = await post(this.setting.lockUrl, { do: what });
    if (answer.status === 200 && !answer.body.holder) {
      if (answer.body.revision > this.revision && !this.isDirty && !this.saving) {
        // Somebody else has written in between: what is shown would be an old text.
        window.location.reload();
        return;
      }
      if (!this.mine) this.lock(false);
      this.mine = true;
      if (what === 'take') this.say('');
      if (answer.body.asked_by) this.say(text('asked', { who: answer.body.asked_by }), '', this._act('handOver', 'release'));
    } else if (answer.status === 409 || answer.status === 423 || answer.body.holder) {
      this._lost(answer.body);
    } else this.say(refusal(answer), 'bad');
  }

  /** Somebody else writes now. What was typed here and came too late is a draft of its own. */
  _lost(body) {
    this.mine = false;
    this.isDirty = false;
    clearTimeout(this.timer);
    this.lock(true);
    const more = [this._act('askFor', 'ask'), this._act('takeOver', 'take')];
    if (body.draft_href) more.unshift(el('a', { class: 'btn sm', href: body.draft_href }, text('keptMine')));
    this.say(body.message || text('readOnly', { who: body.holder ?? '', since: body.since ?? '' }), 'bad', ...more);
  }

  _act(key, what) {
    return el('button', { type: 'button', class: 'btn sm', onclick: () => (what === 'release' ? this._handOver() : this._lock(what)) }, text(key));
  }

  async _handOver() {
    if (!(await this.save())) return;
    const answer = await post(this.setting.lockUrl, { do: 'release' });
    this.mine = false;
    this.lock(true);
    this.say(answer.status === 200 ? text('handedOver') : refusal(answer), answer.status === 200 ? '' : 'bad', this._act('takeOver', 'take'));
  }

  _release() {
    if (!this.mine) return;
    const form = new FormData();
    form.append('csrf_token', document.querySelector('meta[name="csrf-token"]')?.content ?? '');
    form.append('do', 'release');
    navigator.sendBeacon(this.setting.lockUrl, form);
  }
}
