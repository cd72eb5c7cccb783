// The form-js editor with our types, without its panel of properties (side.js has ours), and our files in and out.
import { FormEditor } from '@bpmn-io/form-js-editor';

import { inLanguage, text } from '../studio/words.js';
import { OurFields } from './fields.js';

const NO_PANEL = { attachTo() {}, detach() {}, registerProvider() {} };

export class Builder {
  constructor(container, kinds) {
    this.editor = new FormEditor({
      container,
      kinds,
      nextKey: (type) => this._freeKey(type),
      asked: (when) => this._asked(when),
      additionalModules: [{
        formFields: ['type', OurFields],
        propertiesPanel: ['value', NO_PANEL],
        propertiesProvider: ['value', {}],
      }],
    });
    const bus = this.editor.get('eventBus');
    // Questions stand below each other on every screen: no rows of several.
    bus.on('commandStack.formField.move.preExecute', 2000, ({ context }) => { context.targetRow = null; });
    this.onChange = (what) => bus.on('commandStack.changed', what);
    this.onSelection = (what) => bus.on('selection.changed', ({ selection }) => what(selection?.type === 'default' ? null : selection));
  }

  /** Opens a form; what the file says beside its questions stays as it is. :throws Error: form-js cannot read it. */
  async open(body) {
    this.version = body.schemaVersion;
    this.kept = new Set();
    for (const one of walk(body.components)) if (one.id) this.kept.add(one.id);
    const components = cleaned(body.components);
    await this.editor.importSchema({ ...body, type: 'default', components });
  }

  /** The form as it is stored: without what only the editor needs. */
  body() {
    const found = this.editor.getSchema();
    if (this.version === undefined) delete found.schemaVersion;
    else found.schemaVersion = this.version;
    for (const one of walk(found.components)) {
      if (!this.kept.has(one.id)) delete one.id;
      delete one.layout;
      if (one.validate && !Object.keys(one.validate).length) delete one.validate;
    }
    return found;
  }

  text() {
    return `${JSON.stringify(this.body(), null, 2)}\n`;
  }

  get schema() {
    return this.editor._getState().schema;
  }

  /** Every component of the form with where it stands: ``{field, parent, index, depth}``. */
  rows() {
    const found = [];
    const look = (parent, depth) => (parent.components ?? []).forEach((field, index) => {
      found.push({ field, parent, index, depth });
      look(field, depth + 1);
    });
    look(this.schema, 0);
    return found;
  }

  place(field) {
    return this.rows().find((row) => row.field === field);
  }

  /** Changes properties of a question (or of the form); undefined takes one away. */
  edit(field, properties) {
    this.editor.get('modeling').editFormField(field, properties);
  }

  /** Puts a new question behind the chosen one, or into the chosen frame. */
  add(type) {
    const chosen = this.chosen();
    let [parent, index] = [this.schema, this.schema.components.length];
    if (chosen?.type === 'group' && type !== 'group') [parent, index] = [chosen, chosen.components.length];
    else if (chosen) {
      const at = this.place(chosen);
      [parent, index] = [at.parent, at.index + 1];
      if (type === 'group' && parent !== this.schema) {
        const outer = this.place(parent);
        [parent, index] = [outer.parent, outer.index + 1];
      }
    }
    return this.editor.get('modeling').addFormField({ type }, parent, index);
  }

  remove(field) {
    const { parent, index } = this.place(field);
    this.editor.get('modeling').removeFormField(field, parent, index);
  }

  /** Moves a question among its neighbours; ``step`` is -1 or 1. */
  shift(field, step) {
    const { parent, index } = this.place(field);
    if (index + step < 0 || index + step >= parent.components.length) return;
    // form-js counts places before the field is taken out.
    this._move(field, parent, parent, index, step > 0 ? index + 2 : index - 1);
  }

  /** Moves a question to the end of a frame, or of the form. */
  put(field, target) {
    const { parent, index } = this.place(field);
    if (parent !== target) this._move(field, parent, target, index, target.components.length);
  }

  _move(field, from, to, index, target) {
    this.editor.get('modeling').moveFormField(field, from, to, index, target, null, null);
  }

  chosen() {
    const found = this.editor.get('selection').get();
    return found && found.type !== 'default' ? found : null;
  }

  choose(field) {
    const selection = this.editor.get('selection');
    if (field) selection.set(field);
    else selection.clear();
  }

  undo() { this.editor.get('commandStack').undo(); }

  redo() { this.editor.get('commandStack').redo(); }

  get canUndo() { return this.editor.get('commandStack').canUndo(); }

  get canRedo() { return this.editor.get('commandStack').canRedo(); }

  /** When a question is asked, in words. */
  _asked({ key, equals }) {
    const other = this.rows().map((row) => row.field).find((one) => one.key === key);
    const choice = Array.isArray(other?.values) ? other.values.find((one) => String(one?.value) === String(equals)) : null;
    const value = choice ? inLanguage(choice.label, choice.labelEn) : typeof equals === 'boolean' ? text(equals ? 'yes' : 'no') : String(equals ?? '');
    return text('askedWhen', { key: inLanguage(other?.label, other?.labelEn) || key, value });
  }

  _freeKey(type) {
    const taken = new Set(this.rows().map(({ field }) => field.key));
    let n = 1;
    while (taken.has(`${type}_${n}`)) n += 1;
    return `${type}_${n}`;
  }
}

function* walk(components) {
  for (const one of Array.isArray(components) ? components : []) {
    if (!one || typeof one !== 'object') continue;
    yield one;
    yield* walk(one.components);
  }
}

/** Components that form-js can read: objects, each with a type, frames with a list. */
function cleaned(components) {
  return (Array.isArray(components) ? components : []).filter((one) => one && typeof one === 'object').map((one) => {
    const made = { ...one, type: String(one.type ?? 'textfield') };
    if (made.type === 'group' || Array.isArray(one.components)) made.components = cleaned(one.components);
    return made;
  });
}
