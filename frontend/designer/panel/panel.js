// The Yizhan sections of the properties panel.
import { Group } from '@bpmn-io/properties-panel';
import { is } from 'bpmn-js/lib/util/ModelUtil.js';

import { attribute, choiceEntry } from './entries.js';
import { decisionEntries } from './decision.js';
import { expressionEntry } from './expressions.js';
import { FixesModule } from '../checks/fixes.js';
import { condition, forEach, refusal, timer } from './events.js';
import { findingsGroup, PanelFindings } from './findings.js';
import { inputsOfOperation, listGroup, LISTS } from './lists.js';
import { operationEntries } from './operation.js';
import { operationOf, TemplatesModule } from './templates.js';
import { timeEntries } from './times.js';
import { text } from '../words/texts.js';
import { WordsModule } from '../words/words.js';
import { workOrderEntry } from './work-order.js';
import './panel.css';

export { dataNamed } from './rows.js';

const BELOW_GENERAL = 500;
/** Groups of the general panel that ours say better. */
const REPLACED = ['multiInstance', 'timer'];

class YizhanPanel {
  static $inject = ['propertiesPanel', 'injector', 'yizhanVocabulary', 'yizhanFindings'];

  constructor(propertiesPanel, injector, vocabulary, findings) {
    this._findings = findings;
    this._vocabulary = vocabulary;
    this._tools = {
      vocabulary, get: (name) => injector.get(name), modeling: injector.get('modeling'), factory: injector.get('bpmnFactory'),
    };
    propertiesPanel.registerProvider(BELOW_GENERAL, this);
  }

  getGroups(element) {
    return (groups) => {
      const tools = this._tools;
      const own = [
        this._meaning(element), condition(element, tools), timer(element, tools), refusal(element, tools), forEach(element, tools),
        inputsOfOperation(element, tools), ...LISTS.map((list) => listGroup(element, list, tools)), this._plan(element),
      ].filter(Boolean);
      const kept = groups.filter((group) => !REPLACED.includes(group.id));
      const afterGeneral = kept.findIndex((group) => group.id === 'general') + 1;
      const found = findingsGroup(element, this._findings);
      return [...(found ? [found] : []), ...kept.slice(0, afterGeneral), ...own, ...kept.slice(afterGeneral)];
    };
  }

  _meaning(element) {
    if (element.labelTarget) return null;
    const entries = attributesOf(element).filter((row) => !row.isOfPlan).flatMap((row) => this._entries(element, row));
    if (is(element, 'bpmn:CallActivity')) {
      entries.splice(1, 0, choiceEntry('yizhan-calledElement', text('calledElement'), this._vocabulary.processes ?? [], attribute('calledElement')));
    }
    return entries.length ? { id: 'yizhan', label: text('yizhan'), component: Group, entries, shouldOpen: true } : null;
  }

  /** What makes the step a part of the plan: its work order, milestone, points of no return, how it is undone. */
  _plan(element) {
    if (element.labelTarget) return null;
    const entries = attributesOf(element).filter((row) => row.isOfPlan).flatMap((row) => this._entries(element, row));
    return entries.length ? { id: 'yizhan-plan', label: text('inThePlan'), component: Group, entries, shouldOpen: true } : null;
  }

  _entries(element, { name, label, hint, from, choices, isExpression }) {
    if (name === 'operation') return operationEntries(element, this._tools);
    if (name === 'decision') return decisionEntries(element, this._vocabulary);
    const access = attribute(`yizhan:${name}`, hint && text(hint));
    if (isExpression) return [expressionEntry(`yizhan-${name}`, text(label), access)];
    if (name === 'undo' && operationOf(this._vocabulary, element)?.effect === 'read') return [];
    if (name === 'duration') return timeEntries(element, this._tools);
    if (name === 'workOrder') return workOrderEntry(element, this._vocabulary);
    return [choiceEntry(`yizhan-${name}`, text(label), choices ?? this._vocabulary[from] ?? [], access)];
  }
}

// Our attributes in the order of the panel; an element shows those its vocabulary has. `from` names a list of choices.
const ATTRIBUTES = [
  { name: 'nameEn', label: 'nameEn' },
  { name: 'promiseEndsWith', label: 'promiseEndsWith' },
  { name: 'operation' },
  { name: 'team', label: 'team', from: 'teams' },
  { name: 'skill', label: 'skill', from: 'skills' },
  { name: 'form', label: 'form', from: 'forms' },
  { name: 'decision' },
  { name: 'calledExpression', label: 'calledExpression', isExpression: true },
  { name: 'businessKey', label: 'businessKey', isExpression: true },
  { name: 'messageKey', label: 'messageKey', when: waitsForMessage, isExpression: true },
  { name: 'workOrder', isOfPlan: true },
  { name: 'duration' },
  { name: 'milestone', isOfPlan: true, label: 'milestone' },
  { name: 'pointOfNoReturn', isOfPlan: true, label: 'pointOfNoReturn', choices: [
    { code: 'soft', name_zh: text('soft') }, { code: 'hard', name_zh: text('hard') }] },
  { name: 'undo', isOfPlan: true, label: 'undoOperation', hint: 'undoHint', from: 'operations' },
  { name: 'undoneBy', isOfPlan: true, label: 'undoneBy', hint: 'undoneByHint', from: 'processes' },
  { name: 'retry', isOfPlan: true, label: 'retry', from: 'policies' },
];

function attributesOf(element) {
  const known = element.businessObject.$descriptor.propertiesByName;
  return ATTRIBUTES.filter(({ name, when }) => known[`yizhan:${name}`] && (!when || when(element)));
}

function waitsForMessage(element) {
  return is(element, 'bpmn:ReceiveTask')
    || (element.businessObject.eventDefinitions ?? []).some((definition) => is(definition, 'bpmn:MessageEventDefinition'));
}

export const YizhanPanelModule = {
  __depends__: [FixesModule, TemplatesModule, WordsModule],
  __init__: ['yizhanPanel', 'yizhanFindings'],
  yizhanPanel: ['type', YizhanPanel],
  yizhanFindings: ['type', PanelFindings],
};
