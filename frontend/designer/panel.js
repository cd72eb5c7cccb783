// The Yizhan section of the properties panel.
import { Group, ListGroup } from '@bpmn-io/properties-panel';
import { is, isAny } from 'bpmn-js/lib/util/ModelUtil.js';

import { attribute, choiceEntry, textEntry } from './entries.js';
import { text } from './texts.js';

const BELOW_GENERAL = 500;

export class YizhanPanel {
  static $inject = ['propertiesPanel', 'injector', 'yizhanVocabulary'];

  constructor(propertiesPanel, injector, vocabulary) {
    this._injector = injector;
    this._vocabulary = vocabulary;
    propertiesPanel.registerProvider(BELOW_GENERAL, this);
  }

  getGroups(element) {
    return (groups) => {
      const own = [
        this._meaning(element), this._condition(element), this._forEach(element),
        ...LISTS.map((list) => this._list(element, list)),
      ].filter(Boolean);
      const afterGeneral = groups.findIndex((group) => group.id === 'general') + 1;
      return [...groups.slice(0, afterGeneral), ...own, ...groups.slice(afterGeneral)];
    };
  }

  _meaning(element) {
    if (element.labelTarget) return null;
    const entries = attributesOf(element).map(({ name, label, hint, from, choices }) => choiceEntry(
      `yizhan-${name}`, text(label), choices ?? this._vocabulary[from] ?? [],
      attribute(`yizhan:${name}`, hint && text(hint))));
    if (is(element, 'bpmn:CallActivity')) {
      entries.splice(1, 0, textEntry('yizhan-calledElement', text('calledElement'), attribute('calledElement')));
    }
    return entries.length ? { id: 'yizhan', label: text('yizhan'), component: Group, entries, shouldOpen: true } : null;
  }

  _condition(element) {
    const flow = element.businessObject;
    if (!is(element, 'bpmn:SequenceFlow') || !isAny(flow.sourceRef, ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway', 'bpmn:ComplexGateway', 'bpmn:Activity'])) return null;
    const factory = this._injector.get('bpmnFactory');
    const access = {
      hint: text('conditionHint'),
      get: () => flow.conditionExpression?.body,
      set: (modeling, _, body) => modeling.updateProperties(element, {
        conditionExpression: body ? factory.create('bpmn:FormalExpression', { body }) : undefined,
      }),
    };
    return { id: 'yizhan-condition', label: text('condition'), component: Group, shouldOpen: true,
      entries: [textEntry('yizhan-condition-body', text('condition'), access)] };
  }

  _forEach(element) {
    const loop = element.businessObject.loopCharacteristics;
    if (!loop || !is(loop, 'bpmn:MultiInstanceLoopCharacteristics')) return null;
    const factory = this._injector.get('bpmnFactory');
    const update = (modeling, values) => modeling.updateModdleProperties(element, loop, values);
    return { id: 'yizhan-each', label: text('forEach'), component: Group, shouldOpen: true, entries: [
      textEntry('yizhan-collection', text('collection'), {
        get: () => loop.loopDataInputRef?.id,
        set: (modeling, _, id) => update(modeling, { loopDataInputRef: id ? dataNamed(factory, id) : undefined }),
      }),
      textEntry('yizhan-item', text('item'), {
        get: () => loop.inputDataItem?.name ?? loop.inputDataItem?.id,
        set: (modeling, _, name) => update(modeling, {
          inputDataItem: name ? factory.create('bpmn:DataInput', { id: `${element.id}_item`, name }) : undefined,
        }),
      }),
    ] };
  }

  /** A list of our elements, for example the inputs; ``fields`` are their attributes, the first one their name. */
  _list(element, { type, key, on, fields }) {
    if (element.labelTarget || !isAny(element, on)) return null;
    const [factory, modeling] = [this._injector.get('bpmnFactory'), this._injector.get('modeling')];
    const replace = (values) => setValues(element, values, { modeling, factory });
    const items = valuesOf(element).filter((value) => is(value, type)).map((row, index) => {
      const id = `${element.id}-${key}-${index}`;
      const entry = ({ name, label, hint }) => textEntry(`${id}-${name}`, text(label), {
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
    });
    const add = (event) => {
      event.stopPropagation();
      replace([...valuesOf(element), factory.create(type, { name: '' })]);
    };
    return { id: `yizhan-${key}`, label: text(key), component: ListGroup, items, add };
  }
}

const NAME = { name: 'name', label: 'variable' };
const LISTS = [
  { key: 'inputs', type: 'yizhan:Input', fields: [NAME, { name: 'value', label: 'expression' }],
    on: ['bpmn:Activity', 'bpmn:EndEvent', 'bpmn:IntermediateThrowEvent'] },
  { key: 'outputs', type: 'yizhan:Output', fields: [NAME, { name: 'value', label: 'expression', hint: 'outputHint' }],
    on: ['bpmn:Activity', 'bpmn:CatchEvent'] },
  { key: 'startData', type: 'yizhan:Data', on: ['bpmn:Process'],
    fields: [NAME, { name: 'note', label: 'note_zh' }, { name: 'noteEn', label: 'note_en' }] },
];

/** A reference to data by name: the plan's data has no box in the diagram. */
export function dataNamed(factory, id) {
  return factory.create('bpmn:DataObject', { id });
}

function valuesOf(element) {
  return element.businessObject.get('extensionElements')?.get('values') ?? [];
}

function setValues(element, values, { modeling, factory }) {
  const { businessObject } = element;
  const existing = businessObject.get('extensionElements');
  for (const value of values) value.$parent = existing;
  if (existing) {
    modeling.updateModdleProperties(element, existing, { values });
    return;
  }
  const extensionElements = factory.create('bpmn:ExtensionElements', { values });
  extensionElements.$parent = businessObject;
  for (const value of values) value.$parent = extensionElements;
  modeling.updateProperties(element, { extensionElements });
}

// Our attributes in the order of the panel; an element shows those its vocabulary has. `from` names a list of choices.
const ATTRIBUTES = [
  { name: 'nameEn', label: 'nameEn' },
  { name: 'promiseEndsWith', label: 'promiseEndsWith' },
  { name: 'operation', label: 'operation', hint: 'operationHint', from: 'operations' },
  { name: 'team', label: 'team', from: 'teams' },
  { name: 'skill', label: 'skill' },
  { name: 'form', label: 'form', from: 'forms' },
  { name: 'decision', label: 'decision', from: 'decisions' },
  { name: 'calledExpression', label: 'calledExpression' },
  { name: 'businessKey', label: 'businessKey' },
  { name: 'messageKey', label: 'messageKey', when: waitsForMessage },
  { name: 'workOrder', label: 'workOrder', hint: 'workOrderHint', from: 'work_orders' },
  { name: 'duration', label: 'duration', hint: 'durationHint' },
  { name: 'milestone', label: 'milestone' },
  { name: 'pointOfNoReturn', label: 'pointOfNoReturn', choices: [
    { code: 'soft', name_zh: text('soft') }, { code: 'hard', name_zh: text('hard') }] },
  { name: 'undo', label: 'undoOperation', hint: 'undoHint', from: 'operations' },
  { name: 'undoneBy', label: 'undoneBy', hint: 'undoneByHint' },
  { name: 'retry', label: 'retry' },
];

function attributesOf(element) {
  const known = element.businessObject.$descriptor.propertiesByName;
  return ATTRIBUTES.filter(({ name, when }) => known[`yizhan:${name}`] && (!when || when(element)));
}

function waitsForMessage(element) {
  return is(element, 'bpmn:ReceiveTask')
    || (element.businessObject.eventDefinitions ?? []).some((definition) => is(definition, 'bpmn:MessageEventDefinition'));
}

export const YizhanPanelModule = { __init__: ['yizhanPanel'], yizhanPanel: ['type', YizhanPanel] };
