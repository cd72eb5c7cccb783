// What the server knows about names and expressions of this drawing; asked once for every state of the drawing.
import { write } from '../diagram.js';
import * as store from '../store.js';

export class Words {
  static $inject = ['injector', 'commandStack', 'yizhanVocabulary', 'yizhanPage'];

  constructor(injector, commandStack, vocabulary, page) {
    Object.assign(this, { _injector: injector, _stack: commandStack, _page: page, _known: new Map(), _taken: new Map() });
    this.functions = vocabulary.functions ?? [];
  }

  /** The names an expression of the element can read; null when the server cannot say. */
  async namesAt(element) {
    const key = `${element.id} ${this._stack._stackIdx} ${this._stack._stack.length}`;
    if (this._known.key !== this._stack._stackIdx) this._known.clear();
    this._known.key = this._stack._stackIdx;
    if (!this._known.has(key)) this._known.set(key, this._ask(element));
    return this._known.get(key);
  }

  async _ask(element) {
    const files = { [this._page.fileName]: await write(this._injector.get('bpmnjs')) };
    return quietly(async () => (await store.names(this._page, files, element.businessObject.id)).names ?? null);
  }

  /** The data a called process takes: [{field, needed}]; null while nobody knows. The panel is drawn anew once it is known. */
  takenBy(key) {
    if (!this._taken.has(key)) {
      this._taken.set(key, null);
      quietly(async () => (await store.takenBy(this._page, key)).data ?? null).then((data) => {
        this._taken.set(key, data);
        if (data?.length) this._injector.get('eventBus').fire('propertiesPanel.providersChanged');
      });
    }
    return this._taken.get(key);
  }

  /** What is wrong with an expression: [{start, end, zh, en, instead}]; null when the server cannot say. */
  marksIn(expression, names) {
    const known = names?.map((row) => row.field.name);
    return quietly(async () => (await store.marks(this._page, expression, known)).marks ?? null);
  }
}

/** Help that does not come is no reason to disturb anybody who types. */
async function quietly(ask) {
  try {
    return await ask();
  } catch (problem) {
    if (problem instanceof store.StoreProblem) return null;
    throw problem;
  }
}

export const WordsModule = { yizhanWords: ['type', Words] };
