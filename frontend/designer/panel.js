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
        this._mapping(element, 'yizhan:Input', 'inputs'), this._mapping(element, 'yizhan:Output', 'outputs'),
      ].filter(Boolean);
      const afterGeneral = groups.findIndex((group) => group.id === 'general') + 1;
      return [...groups.slice(0, afterGeneral), ...own, ...groups.slice(afterGeneral)];
    };
  }

  _meaning(element) {
    if (element.labelTarget || !isAny(element, ['bpmn:FlowElement', 'bpmn:Process', 'bpmn:Participant', 'bpmn:Lane'])) return null;
    const entries = [textEntry('yizhan-nameEn', text('nameEn'), attribute('yizhan:nameEn'))];
    for (const [type, make] of Object.entries(MEANING)) {
      if (is(element, type)) entries.push(...make(this._vocabulary, element));
    }
    return { id: 'yizhan', label: text('yizhan'), component: Group, entries, shouldOpen: true };
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

  _mapping(element, type, key) {
    if (element.labelTarget || !isAny(element, ['bpmn:Activity', 'bpmn:CatchEvent', 'bpmn:ThrowEvent'])) return null;
    const factory = this._injector.get('bpmnFactory');
    const modeling = this._injector.get('modeling');
    const rows = valuesOf(element).filter((value) => is(value, type));
    const items = rows.map((row, index) => {
      const id = `${element.id}-${key}-${index}`;
      const field = (name, hint) => ({
        hint,
        get: () => row.get(name),
        set: (_, __, value) => modeling.updateModdleProperties(element, row, { [name]: value }),
      });
      return {
        id,
        label: row.get('name') || text('unnamed'),
        entries: [
          textEntry(`${id}-name`, text('variable'), field('name')),
          textEntry(`${id}-value`, text('expression'), field('value', key === 'outputs' ? text('outputHint') : undefined)),
        ],
        autoFocusEntry: `${id}-name`,
        remove: (event) => {
          event.stopPropagation();
          setValues(element, valuesOf(element).filter((value) => value !== row), { modeling, factory });
        },
      };
    });
    const add = (event) => {
      event.stopPropagation();
      setValues(element, [...valuesOf(element), factory.create(type, { name: '' })], { modeling, factory });
    };
    return { id: `yizhan-${key}`, label: text(key), component: ListGroup, items, add };
  }
}

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

// Which element has which settings of ours; `make(vocabulary, element)` gives its entries.
const MEANING = {
  'bpmn:Process': () => [
    textEntry('yizhan-promise', text('promiseEndsWith'), attribute('yizhan:promiseEndsWith')),
  ],
  'bpmn:ServiceTask': ({ operations }) => [
    choiceEntry('yizhan-operation', text('operation'), operations, attribute('yizhan:operation', text('operationHint'))),
    textEntry('yizhan-retry', text('retry'), attribute('yizhan:retry')),
  ],
  'bpmn:UserTask': ({ teams, forms }) => [
    choiceEntry('yizhan-team', text('team'), teams, attribute('yizhan:team')),
    textEntry('yizhan-skill', text('skill'), attribute('yizhan:skill')),
    choiceEntry('yizhan-form', text('form'), forms, attribute('yizhan:form')),
  ],
  'bpmn:BusinessRuleTask': ({ decisions }) => [
    choiceEntry('yizhan-decision', text('decision'), decisions, attribute('yizhan:decision')),
  ],
  'bpmn:CallActivity': () => [
    textEntry('yizhan-calledElement', text('calledElement'), attribute('calledElement')),
    textEntry('yizhan-calledExpression', text('calledExpression'), attribute('yizhan:calledExpression')),
    textEntry('yizhan-businessKey', text('businessKey'), attribute('yizhan:businessKey')),
  ],
  'bpmn:CatchEvent': (_, element) => (waitsForMessage(element) ? [messageKey()] : []),
  'bpmn:ReceiveTask': () => [messageKey()],
  'bpmn:Activity': ({ operations, work_orders: workOrders }, element) => [
    ...(isAny(element, ['bpmn:ServiceTask', 'bpmn:UserTask'])
      ? [choiceEntry('yizhan-undo', text('undoOperation'), operations, attribute('yizhan:undo', text('undoHint')))] : []),
    textEntry('yizhan-duration', text('duration'), attribute('yizhan:duration', text('durationHint'))),
    choiceEntry('yizhan-workOrder', text('workOrder'), workOrders, attribute('yizhan:workOrder', text('workOrderHint'))),
    choiceEntry('yizhan-pointOfNoReturn', text('pointOfNoReturn'), [
      { code: 'soft', name_zh: text('soft') }, { code: 'hard', name_zh: text('hard') },
    ], attribute('yizhan:pointOfNoReturn')),
    textEntry('yizhan-milestone', text('milestone'), attribute('yizhan:milestone')),
  ],
};

function messageKey() {
  return textEntry('yizhan-messageKey', text('messageKey'), attribute('yizhan:messageKey'));
}

function waitsForMessage(element) {
  return (element.businessObject.eventDefinitions ?? []).some((definition) => is(definition, 'bpmn:MessageEventDefinition'));
}

export const YizhanPanelModule = { __init__: ['yizhanPanel'], yizhanPanel: ['type', YizhanPanel] };
