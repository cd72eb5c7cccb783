// Sections for what a step hands over and what it writes: by the template of its operation, or as a list.
import { Group, ListGroup } from '@bpmn-io/properties-panel';
import { is, isAny } from 'bpmn-js/lib/util/ModelUtil.js';

import { textEntry } from './entries.js';
import { expressionEntry } from './expressions.js';
import { rowsOf, setRow, setValues, valuesOf } from './rows.js';
import { inputsOf, operationOf, valueLabel } from './templates.js';
import { text } from '../words/texts.js';

const NAME = { name: 'name', label: 'variable' };
export const LISTS = [
  { key: 'inputs', type: 'yizhan:Input', fields: [NAME, { name: 'value', label: 'expression', isExpression: true }],
    on: ['bpmn:Activity', 'bpmn:EndEvent', 'bpmn:IntermediateThrowEvent'] },
  { key: 'outputs', type: 'yizhan:Output', fields: [NAME, { name: 'value', label: 'expression', hint: 'outputHint', isExpression: true }],
    on: ['bpmn:Activity', 'bpmn:CatchEvent'] },
  { key: 'startData', type: 'yizhan:Data', on: ['bpmn:Process'],
    fields: [NAME, { name: 'note', label: 'note_zh' }, { name: 'noteEn', label: 'note_en' }] },
];

/** The inputs of an operation as fields, each with its name; null for a step without a known operation. */
export function inputsOfOperation(element, tools) {
  if (!element.labelTarget && is(element, 'bpmn:CallActivity')) return inputsOfCall(element, tools);
  const wanted = element.labelTarget ? [] : inputsOf(operationOf(tools.vocabulary, element));
  if (!wanted.length) return null;
  const extra = rowsOf(element, 'yizhan:Input').map((row) => row.get('name')).filter((name) => !wanted.some((one) => one.name === name));
  const entries = [...wanted, ...extra.map((name) => ({ name, required: false }))].map(({ name, required }) => (
    inputEntry(name, required !== false, tools, undefined, valueLabel(tools.vocabulary, name))));
  return { id: 'yizhan-inputs', label: text('inputs'), component: Group, shouldOpen: true, entries };
}

/** The declared data of the called process as fields: name, what it is, an example; null where nobody knows it. */
function inputsOfCall(element, tools) {
  const taken = takenOf(element, tools.get);
  if (!taken.length) return null;
  const entries = taken.map(({ field, needed }) => inputEntry(field.name, needed, tools, aboutField(field)));
  return { id: 'yizhan-inputs-called', label: text('inputsCalled'), component: Group, shouldOpen: true, entries };
}

function inputEntry(name, required, tools, hint, label = name) {
  const access = {
    get: (one) => rowsOf(one, 'yizhan:Input').find((row) => row.get('name') === name)?.get('value'),
    set: (_, one, value) => setRow(one, 'yizhan:Input', name, value, tools),
  };
  return { ...expressionEntry(inputId(name), label, { ...access, hint }), required };
}

function aboutField(field) {
  return [field.kind ? text(`kind_${field.kind}`) : '', field.example ? text('example', { value: field.example }) : ''].filter(Boolean).join(' · ') || undefined;
}

/** What the process takes that a call activity names; nothing for a computed one. */
function takenOf(element, get) {
  const key = is(element, 'bpmn:CallActivity') && !element.businessObject.get('yizhan:calledExpression') ? element.businessObject.get('calledElement') : '';
  return (key && get('yizhanWords').takenBy(key)) || [];
}

function inputId(name) {
  return `yizhan-input-${name}`;
}

/** A list of our elements; ``fields`` are their attributes, the first one their name. */
export function listGroup(element, { type, key, on, fields }, tools) {
  if (element.labelTarget || !isAny(element, on)) return null;
  if (key === 'inputs' && inputsOf(operationOf(tools.vocabulary, element)).length) return null;
  const { factory, modeling } = tools;
  const replace = (values) => setValues(element, values, tools);
  const shown = key === 'inputs' ? takenOf(element, tools.get).map((one) => one.field.name) : [];
  const items = rowsOf(element, type).map((row, index) => {
    const id = `${element.id}-${key}-${index}`;
    const entry = ({ name, label, hint, isExpression }) => (isExpression ? expressionEntry : textEntry)(`${id}-${name}`, text(label), {
      hint: hint && text(hint),
      get: () => row.get(name),
      set: (_, __, value) => modeling.updateModdleProperties(element, row, { [name]: value }),
    });
    return {
      id,
      label: row.get('name') || text('unnamed'),
      entries: fields.map(entry),
      autoFocusEntry: `${id}-name`,
      remove: (event) => {
        event.stopPropagation();
        replace(valuesOf(element).filter((value) => value !== row));
      },
    };
  }).filter((item) => !shown.includes(item.label));
  const add = (event) => {
    event.stopPropagation();
    replace([...valuesOf(element), factory.create(type, { name: '' })]);
  };
  return { id: `yizhan-${key}`, label: text(shown.length ? 'moreInputs' : key), component: ListGroup, items, add };
}

/** The entry that shows the field a finding names, for the element that is selected. */
export function entryAt(element, place, vocabulary, get) {
  const [kind, name] = place.split(/:(.*)/s);
  if (kind === 'input' && takenOf(element, get).some((one) => one.field.name === name)) return inputId(name);
  if (kind === 'input' && inputsOf(operationOf(vocabulary, element)).length) return inputId(name);
  if (kind === 'input' || kind === 'output') {
    const index = rowsOf(element, kind === 'input' ? 'yizhan:Input' : 'yizhan:Output').findIndex((row) => row.get('name') === name);
    return index < 0 ? null : `${element.id}-${kind}s-${index}-value`;
  }
  if (kind === 'yizhan') return `yizhan-${name}`;
  return PLACES[place] ?? null;
}

const PLACES = {
  name: 'name', calledElement: 'yizhan-calledElement', condition: 'yizhan-condition-body', collection: 'yizhan-collection',
  cardinality: 'yizhan-cardinality', until: 'yizhan-until', timer: 'yizhan-timer',
};
