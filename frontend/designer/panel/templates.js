// An operation of the registry as a template of a step: its inputs, its names; changing it keeps what fits.
import { bilingual } from '../words/texts.js';
import { rowsOf, setValues, valuesOf } from './rows.js';

const COMMAND = 'yizhan.template';
/** What says something about the old operation only. */
const OF_THE_OLD = ['yizhan:undo', 'yizhan:retry', 'yizhan:change', 'yizhan:changes', 'yizhan:changeFree'];

/** The registered operation a step names, or undefined. */
export function operationOf(vocabulary, element) {
  const code = element.businessObject.get('yizhan:operation');
  return code ? vocabulary.operations.find((one) => one.code === code) : undefined;
}

/** The inputs of an operation as {name, required}, the obligatory ones first. */
export function inputsOf(operation) {
  return (operation?.inputs ?? []).map((one) => (typeof one === 'string' ? { name: one, required: true } : one))
    .sort((a, b) => Number(b.required !== false) - Number(a.required !== false));
}

/** The business refusals of an operation as choices, with their names. */
export function refusalsOf(operation, vocabulary) {
  return (operation?.failures ?? []).map((code) => vocabulary.refusals?.find((one) => one.code === code) ?? { code, name_zh: code, name_en: code });
}

/** What a value is called that an operation takes or gives: `Port · port`, or its name alone. */
export function valueLabel(vocabulary, name) {
  return labelOf(vocabulary.values?.find((one) => one.code === name) ?? { code: name });
}

/** What a step gives and its operation does not take, and the other way round: {missing, extra}, names. */
export function differences(operation, element) {
  const given = rowsOf(element, 'yizhan:Input').map((row) => row.get('name'));
  const taken = inputsOf(operation);
  return {
    missing: taken.filter((one) => one.required !== false && !given.includes(one.name)).map((one) => one.name),
    extra: taken.length ? given.filter((name) => !taken.some((one) => one.name === name)) : [],
  };
}

/** Makes a step one of this operation (undefined: of none), as one step of undo; inputs that fit keep their values. */
export function applyTemplate(diagram, element, operation, before) {
  diagram.get('commandStack').execute(COMMAND, { element, operation, before });
}

class TemplateHandler {
  static $inject = ['modeling', 'bpmnFactory'];

  constructor(modeling, factory) {
    this._tools = { modeling, factory };
  }

  preExecute({ element, operation, before }) {
    const { modeling } = this._tools;
    const changed = operation?.code !== before?.code;
    const attributes = { 'yizhan:operation': operation?.code };
    if (changed) for (const name of OF_THE_OLD) attributes[name] = undefined;
    const object = element.businessObject;
    if (operation && changed && (!object.name || object.name === before?.name_zh)) {
      attributes.name = operation.name_zh;
      attributes['yizhan:nameEn'] = operation.name_en;
    }
    modeling.updateProperties(element, attributes);
    if (operation && inputsOf(operation).length) this._fit(element, operation);
  }

  _fit(element, operation) {
    const { missing, extra } = differences(operation, element);
    if (!missing.length && !extra.length) return;
    const kept = valuesOf(element).filter((value) => !(value.$type === 'yizhan:Input' && extra.includes(value.get('name'))));
    const added = missing.map((name) => this._tools.factory.create('yizhan:Input', { name, value: '' }));
    setValues(element, [...kept, ...added], this._tools);
  }
}

/** `Reserve · resource.reserve`, or the code where nobody gave it a name. */
export function labelOf(choice) {
  const name = bilingual(choice);
  return name && name !== choice.code ? `${name} · ${choice.code}` : choice.code;
}

export const TemplatesModule = {
  __init__: [['commandStack', (commandStack) => commandStack.registerHandler(COMMAND, TemplateHandler)]],
};
