// What can be added to a drawing, in groups of our own; the palette and the menus of the canvas show the same.
import { bilingual, text, textOr } from '../words/texts.js';

const LONG = 6;

/**
 * The groups {id, title, items, isLong}; an item is {key, label, hint, icon, type, event, id, attributes, inputs, shape,
 * atEdge}. ``icon`` is a class of the font of bpmn-js: form tells kinds apart, never colour.
 */
export function offers(vocabulary) {
  return [
    group('people', text('groupPeople'), [
      { label: text('userTask'), type: 'bpmn:UserTask', id: 'user_task', icon: 'user-task' },
      { label: text('adHoc'), type: 'bpmn:AdHocSubProcess', id: 'by_choice', icon: 'subprocess-collapsed', shape: { isExpanded: true } }]),
    group('routing', text('groupRouting'), [
      { label: text('exclusive'), type: 'bpmn:ExclusiveGateway', id: 'which_way', icon: 'gateway-xor' },
      { label: text('parallel'), type: 'bpmn:ParallelGateway', id: 'in_parallel', icon: 'gateway-parallel' },
      { label: text('inclusive'), type: 'bpmn:InclusiveGateway', id: 'which_ways', icon: 'gateway-or' },
      { label: text('whichFirst'), type: 'bpmn:EventBasedGateway', id: 'which_first', icon: 'gateway-eventbased' },
      { label: text('ruleTask'), type: 'bpmn:BusinessRuleTask', id: 'decide', icon: 'business-rule-task' }]),
    group('waiting', text('groupWaiting'), [
      { label: text('timer'), type: 'bpmn:IntermediateCatchEvent', event: 'bpmn:TimerEventDefinition', id: 'wait_for_time', icon: 'intermediate-event-catch-timer' },
      { label: text('message'), type: 'bpmn:IntermediateCatchEvent', event: 'bpmn:MessageEventDefinition', id: 'wait_for_message', icon: 'intermediate-event-catch-message' }]),
    group('edge', text('groupEdge'), [
      { label: text('timerAtEdge'), type: 'bpmn:BoundaryEvent', event: 'bpmn:TimerEventDefinition', id: 'too_late', icon: 'intermediate-event-catch-timer', atEdge: true },
      { label: text('errorAtEdge'), type: 'bpmn:BoundaryEvent', event: 'bpmn:ErrorEventDefinition', id: 'failed', icon: 'intermediate-event-catch-error', atEdge: true },
      { label: text('messageAtEdge'), type: 'bpmn:BoundaryEvent', event: 'bpmn:MessageEventDefinition', id: 'message_came', icon: 'intermediate-event-catch-message', atEdge: true }]),
    group('calls', text('groupCalls'), [
      { label: text('call'), type: 'bpmn:CallActivity', id: 'call_process', icon: 'call-activity' },
      { label: text('subProcess'), type: 'bpmn:SubProcess', id: 'sub_process', icon: 'subprocess-expanded', shape: { isExpanded: true } }]),
    group('end', text('groupEnd'), [
      { label: text('end'), type: 'bpmn:EndEvent', id: 'end', icon: 'end-event-none' },
      { label: text('errorEnd'), type: 'bpmn:EndEvent', event: 'bpmn:ErrorEventDefinition', id: 'end_with_error', icon: 'end-event-error' },
      { label: text('terminate'), type: 'bpmn:EndEvent', event: 'bpmn:TerminateEventDefinition', id: 'terminate', icon: 'end-event-terminate' }]),
    ...operationGroups(vocabulary.operations),
  ];
}

function group(id, title, items, isLong = false) {
  return { id, title, isLong, items: items.map((item) => ({ key: `${id}-${item.id}`, ...item })) };
}

/** The operations by adapter, the first word of their code; those that only undo others are not drawn. */
function operationGroups(operations) {
  const groups = new Map();
  for (const operation of operations.filter((one) => !one.only_as_undo)) {
    const [adapter] = operation.code.split('.');
    groups.set(adapter, [...(groups.get(adapter) ?? []), operationOffer(operation)]);
  }
  return [...groups].map(([adapter, items]) => group(adapter, textOr(`adapter_${adapter}`, adapter), items, items.length > LONG));
}

function operationOffer(operation) {
  return {
    key: operation.code,
    label: bilingual(operation) || operation.code,
    hint: operation.code,
    icon: 'service-task',
    type: 'bpmn:ServiceTask',
    id: operation.code.split('.').at(-1),
    named: { name: operation.name_zh, nameEn: operation.name_en },
    attributes: { 'yizhan:operation': operation.code },
    inputs: (operation.inputs ?? []).map((input) => (typeof input === 'string' ? { name: input } : input))
      .filter((input) => input.required !== false).map((input) => input.name),
  };
}
