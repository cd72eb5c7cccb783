// The rows we keep in an element's extension elements (inputs, outputs, data), and expressions by the name of their field.
import { is } from 'bpmn-js/lib/util/ModelUtil.js';

/** Everything in the extension elements of an element. */
export function valuesOf(element) {
  return element.businessObject.get('extensionElements')?.get('values') ?? [];
}

/** The rows of one type, for example `yizhan:Input`. */
export function rowsOf(element, type) {
  return valuesOf(element).filter((value) => is(value, type));
}

/** Replaces everything in the extension elements; without any the empty element goes, too. */
export function setValues(element, values, { modeling, factory }) {
  const { businessObject } = element;
  const existing = businessObject.get('extensionElements');
  if (existing && values.length) {
    for (const value of values) value.$parent = existing;
    modeling.updateModdleProperties(element, existing, { values });
    return;
  }
  const extensionElements = values.length ? factory.create('bpmn:ExtensionElements', { values }) : undefined;
  if (extensionElements) extensionElements.$parent = businessObject;
  for (const value of values) value.$parent = extensionElements;
  modeling.updateProperties(element, { extensionElements });
}

/** Writes the value of a named row, makes the row, or takes it out when `value` is undefined. */
export function setRow(element, type, name, value, tools) {
  const row = rowsOf(element, type).find((one) => one.get('name') === name);
  if (row && value !== undefined) tools.modeling.updateModdleProperties(element, row, { value });
  else if (row) setValues(element, valuesOf(element).filter((one) => one !== row), tools);
  else if (value !== undefined) setValues(element, [...valuesOf(element), tools.factory.create(type, { name, value })], tools);
}

/** A reference to data by name: the plan's data has no box in the diagram. */
export function dataNamed(factory, id) {
  return factory.create('bpmn:DataObject', { id });
}

/** What reads and writes the field a finding names as its place; null for a field that holds no text. */
export function fieldAt(element, place, tools) {
  const { modeling, factory } = tools;
  const object = element.businessObject;
  const [kind, name] = place.split(/:(.*)/s);
  if (kind === 'input' || kind === 'output') {
    const type = kind === 'input' ? 'yizhan:Input' : 'yizhan:Output';
    return {
      get: () => rowsOf(element, type).find((one) => one.get('name') === name)?.get('value'),
      set: (value) => setRow(element, type, name, value, tools),
    };
  }
  if (kind === 'condition') return expressionIn(element, object, 'conditionExpression', tools);
  if (kind === 'yizhan' || place === 'name') {
    return { get: () => object.get(place), set: (value) => modeling.updateProperties(element, { [place]: value }) };
  }
  const loop = object.loopCharacteristics;
  if (loop && place in LOOP_EXPRESSIONS) return expressionIn(element, loop, LOOP_EXPRESSIONS[place], tools);
  if (loop && place === 'collection') {
    return {
      get: () => loop.loopDataInputRef?.id,
      set: (id) => modeling.updateModdleProperties(element, loop, { loopDataInputRef: id ? dataNamed(factory, id) : undefined }),
    };
  }
  const definition = object.eventDefinitions?.[0];
  if (definition && place === 'conditional') return expressionIn(element, definition, 'condition', tools);
  if (definition && place === 'timer') return expressionIn(element, definition, timerKind(definition) ?? 'timeDuration', tools);
  if (place === 'activation') return expressionIn(element, object, 'activationCondition', tools);
  return null;
}

const LOOP_EXPRESSIONS = { until: 'completionCondition', cardinality: 'loopCardinality', while: 'loopCondition' };

/** Which of the three a timer has: `timeDuration`, `timeDate`, `timeCycle`. */
export function timerKind(definition) {
  return ['timeDuration', 'timeDate', 'timeCycle'].find((name) => definition.get(name));
}

/** Access to an expression element, such as the condition of a flow; empty text takes it away. */
export function expressionIn(element, owner, property, { modeling, factory }) {
  return {
    get: () => owner.get(property)?.body,
    set: (body) => {
      const made = body ? factory.create('bpmn:FormalExpression', { body }) : undefined;
      if (made) made.$parent = owner;
      modeling.updateModdleProperties(element, owner, { [property]: made });
    },
  };
}
