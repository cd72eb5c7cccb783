// Sections for flows with a condition, timers, errors and repetition, without anybody typing XML.
import { Group } from '@bpmn-io/properties-panel';
import { is, isAny } from 'bpmn-js/lib/util/ModelUtil.js';

import { conditionEntry } from './conditions.js';
import { spanEntries, readSpan } from './durations.js';
import { choiceEntry, textEntry } from './entries.js';
import { expressionEntry } from './expressions.js';
import { dataNamed, expressionIn, timerKind } from './rows.js';
import { operationOf, refusalsOf } from './templates.js';
import { text } from '../words/texts.js';

const DECIDING = ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway', 'bpmn:ComplexGateway', 'bpmn:Activity'];
const KINDS = ['timeDuration', 'timeDate', 'timeCycle'];
const FIRST = { timeDuration: 'PT4H', timeDate: '2026-12-01T09:00:00+08:00', timeCycle: 'R3/PT10M' };

export function condition(element, tools) {
  const flow = element.businessObject;
  if (!is(element, 'bpmn:SequenceFlow') || !isAny(flow.sourceRef, DECIDING)) return null;
  const access = { hint: text('conditionHint'), ...toElement(expressionIn(element, flow, 'conditionExpression', tools)) };
  return { id: 'yizhan-condition', label: text('condition'), component: Group, shouldOpen: true, entries: [
    conditionEntry('yizhan-condition-simple', text('simple'), access),
    expressionEntry('yizhan-condition-body', text('condition'), access)] };
}

export function timer(element, tools) {
  const definition = (element.businessObject.eventDefinitions ?? []).find((one) => is(one, 'bpmn:TimerEventDefinition'));
  if (!definition || element.labelTarget) return null;
  const kind = timerKind(definition);
  const choices = KINDS.map((code) => ({ code, name_zh: text(code), name_en: text(code) }));
  const setKind = (_, __, wanted) => {
    const made = wanted ? tools.factory.create('bpmn:FormalExpression', { body: FIRST[wanted] }) : undefined;
    if (made) made.$parent = definition;
    const values = Object.fromEntries(KINDS.map((name) => [name, name === wanted ? made : undefined]));
    tools.modeling.updateModdleProperties(element, definition, values);
  };
  const entries = [choiceEntry('yizhan-timer-kind', text('timerWhen'), choices, { get: () => kind, set: setKind })];
  if (kind) {
    const access = toElement(expressionIn(element, definition, kind, tools));
    const isSpan = kind === 'timeDuration' && (readSpan(access.get()) || !access.get());
    entries.push(...(isSpan ? spanEntries('yizhan-timer', text('timerText'), access)(element) : [expressionEntry('yizhan-timer', text('timerText'), access)]));
  }
  return { id: 'yizhan-timer-group', label: text('timerGroup'), component: Group, shouldOpen: true, entries };
}

/** At an error event on the edge of a step: which of the refusals of its operation it catches. */
export function refusal(element, tools) {
  const definition = (element.businessObject.eventDefinitions ?? []).find((one) => is(one, 'bpmn:ErrorEventDefinition'));
  const operation = element.host && operationOf(tools.vocabulary, element.host);
  if (!definition || !operation?.failures?.length || element.labelTarget) return null;
  const choices = refusalsOf(operation, tools.vocabulary);
  const set = (_, __, code) => tools.modeling.updateModdleProperties(element, definition, {
    errorRef: code ? errorWithCode(element, code, tools) : undefined,
  });
  const entry = choiceEntry('yizhan-refusal', text('refusal'), choices, {
    get: () => definition.errorRef?.errorCode, set, hint: definition.errorRef ? text('errorHint') : text('anyRefusal'),
  });
  return { id: 'yizhan-refusal-group', label: text('refusal'), component: Group, shouldOpen: true, entries: [entry] };
}

function errorWithCode(element, code, { modeling, factory, get }) {
  const definitions = get('bpmnjs').getDefinitions();
  const known = definitions.rootElements.find((one) => is(one, 'bpmn:Error') && one.errorCode === code);
  if (known) return known;
  const made = factory.create('bpmn:Error', { id: `error_${code.replace(/\W/g, '_')}`, name: code, errorCode: code });
  made.$parent = definitions;
  modeling.updateModdleProperties(element, definitions, { rootElements: [...definitions.rootElements, made] });
  return made;
}

export function forEach(element, tools) {
  const loop = element.businessObject.loopCharacteristics;
  if (!loop || !is(loop, 'bpmn:MultiInstanceLoopCharacteristics')) return null;
  const { factory, modeling } = tools;
  const update = (values) => modeling.updateModdleProperties(element, loop, values);
  const item = (property, type, suffix) => ({
    get: () => loop.get(property)?.name ?? loop.get(property)?.id,
    set: (_, __, name) => update({ [property]: name ? factory.create(type, { id: `${element.id}_${suffix}`, name }) : undefined }),
  });
  const list = (property) => ({
    get: () => loop.get(property)?.id,
    set: (_, __, id) => update({ [property]: id ? dataNamed(factory, id) : undefined }),
  });
  return { id: 'yizhan-each', label: text('forEach'), component: Group, shouldOpen: true, entries: [
    expressionEntry('yizhan-collection', text('collection'), list('loopDataInputRef')),
    textEntry('yizhan-item', text('item'), item('inputDataItem', 'bpmn:DataInput', 'item')),
    textEntry('yizhan-collect', text('collectInto'), list('loopDataOutputRef')),
    textEntry('yizhan-collect-item', text('collectWhat'), item('outputDataItem', 'bpmn:DataOutput', 'result')),
    expressionEntry('yizhan-cardinality', text('howOften'), toElement(expressionIn(element, loop, 'loopCardinality', tools))),
    expressionEntry('yizhan-until', text('untilDone'), toElement(expressionIn(element, loop, 'completionCondition', tools))),
  ] };
}

/** Access without an element as entries want it. */
function toElement({ get, set }) {
  return { get: () => get(), set: (_, __, value) => set(value) };
}
