// What this browser keeps for a draft: the text the server has not got yet, and texts to undo to after a reload.
const [UNSAVED, EARLIER] = ['yizhan-unsaved:', 'yizhan-earlier:'];
const MOST_TEXTS = 20;
const MOST_CHARACTERS = 2_000_000;

/** Keeps {text, revision} until the server has it; a full storage is no reason to stop drawing. */
export function keep(draft, unsaved) {
  put(localStorage, UNSAVED + draft, unsaved);
}

export function forget(draft) {
  localStorage.removeItem(UNSAVED + draft);
}

/** What the server never got, {text, revision}; null if there is nothing. */
export function unsaved(draft) {
  return read(localStorage, UNSAVED + draft);
}

/**
 * The texts of a draft as this window saw them saved, oldest first. Those of before the page was opened are what undo
 * goes on with when its own list is at its end.
 */
export class Earlier {
  constructor(draft) {
    this._key = EARLIER + draft;
    this._before = read(sessionStorage, this._key) ?? [];
    this._since = [];
    this._after = [];
  }

  get canUndo() { return this._before.length > 0; }

  get canRedo() { return this._after.length > 0; }

  /** A text was saved: one may come back to it after a reload. */
  saw(text) {
    if ((this._since.at(-1) ?? this._before.at(-1)) === text) return;
    this._since.push(text);
    this._store();
  }

  /** The page was opened with this text: it is what there is, not something to go back to. */
  opened(text) {
    if (this._before.at(-1) === text) this._before.pop();
    this._since.push(text);
  }

  changed() { this._after = []; }

  /** Goes one text back from ``now``; gives that text. */
  undo(now) {
    this._after.push(now);
    this._since = [this._before.pop()];
    return this._since[0];
  }

  redo(now) {
    this._before.push(now);
    this._since = [this._after.pop()];
    return this._since[0];
  }

  _store() {
    const texts = [...this._before, ...this._since].slice(-MOST_TEXTS);
    while (texts.length > 1 && texts.reduce((sum, one) => sum + one.length, 0) > MOST_CHARACTERS) texts.shift();
    put(sessionStorage, this._key, texts);
  }
}

function put(storage, key, value) {
  try {
    storage.setItem(key, JSON.stringify(value));
  } catch (problem) {
    if (problem.name !== 'QuotaExceededError') throw problem;
  }
}

function read(storage, key) {
  const found = storage.getItem(key);
  return found === null ? null : JSON.parse(found);
}
