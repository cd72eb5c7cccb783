// The business palette: adapter operations and the usual elements as buttons, so that adding needs no mouse.
import { button, el } from './dom.js';
import { flowToSplit, insertIntoFlow } from './insert.js';
import { bilingual, text, textOr } from './texts.js';

const LONG = 6;

/** What the palette offers, in groups of {title, items}; an item is {label, hint, type, event, id, attributes, inputs}. */
function offers(vocabulary) {
  return [
    { title: text('groupPeople'), items: [{ label: text('userTask'), type: 'bpmn:UserTask', id: 'user_task' }] },
    { title: text('groupRouting'), items: [
      { label: text('exclusive'), type: 'bpmn:ExclusiveGateway', id: 'which_way' },
      { label: text('parallel'), type: 'bpmn:ParallelGateway', id: 'in_parallel' },
      { label: text('ruleTask'), type: 'bpmn:BusinessRuleTask', id: 'decide' }] },
    { title: text('groupWaiting'), items: [
      { label: text('timer'), type: 'bpmn:IntermediateCatchEvent', event: 'bpmn:TimerEventDefinition', id: 'wait_for_time' },
      { label: text('message'), type: 'bpmn:IntermediateCatchEvent', event: 'bpmn:MessageEventDefinition', id: 'wait_for_message' }] },
    { title: text('groupCalls'), items: [
      { label: text('call'), type: 'bpmn:CallActivity', id: 'call_process' },
      { label: text('subProcess'), type: 'bpmn:SubProcess', id: 'sub_process', shape: { isExpanded: true } }] },
    { title: text('groupEnd'), items: [
      { label: text('end'), type: 'bpmn:EndEvent', id: 'end' },
      { label: text('errorEnd'), type: 'bpmn:EndEvent', event: 'bpmn:ErrorEventDefinition', id: 'end_with_error' },
      { label: text('terminate'), type: 'bpmn:EndEvent', event: 'bpmn:TerminateEventDefinition', id: 'terminate' }] },
    ...operationGroups(vocabulary.operations),
  ];
}

/** The operations by adapter, the first word of their code; those that only undo others are not drawn. */
function operationGroups(operations) {
  const groups = new Map();
  for (const operation of operations.filter((one) => !one.only_as_undo)) {
    const [adapter] = operation.code.split('.');
    groups.set(adapter, [...(groups.get(adapter) ?? []), operationOffer(operation)]);
  }
  return [...groups].map(([adapter, items]) => ({ title: textOr(`adapter_${adapter}`, adapter), items, isLong: items.length > LONG }));
}

function operationOffer(operation) {
  return {
    label: bilingual(operation) || operation.code,
    hint: operation.code,
    type: 'bpmn:ServiceTask',
    id: operation.code.split('.').at(-1),
    named: { name: operation.name_zh, nameEn: operation.name_en },
    attributes: { 'yizhan:operation': operation.code },
    inputs: (operation.inputs ?? []).map((input) => (typeof input === 'string' ? { name: input } : input))
      .filter((input) => input.required !== false).map((input) => input.name),
  };
}

export class Palette {
  /** Puts the palette into ``place``; ``say`` shows one line to the user. */
  constructor(modeler, place, vocabulary, say) {
    this._modeler = modeler;
    this._say = say;
    const search = el('input', {
      type: 'search', class: 'dsg-search', 'aria-label': text('find'), placeholder: text('find'),
      oninput: () => this._filter(search.value),
    });
    this._groups = offers(vocabulary).filter((group) => group.items.length).map((group) => this._group(group));
    place.append(el('h2', {}, text('palette')), search, ...this._groups.map((group) => group.node));
  }

  _group({ title, items, isLong }) {
    const rows = items.map((offer) => ({
      words: `${offer.label} ${offer.hint ?? ''}`.toLowerCase(),
      node: el('li', {}, button(offer.label, () => this._add(offer), { class: 'dsg-offer', title: offer.hint })),
    }));
    const list = el('ul', {}, ...rows.map((row) => row.node));
    const node = isLong
      ? el('details', { class: 'dsg-long' }, el('summary', {}, `${title} ${items.length}`), list)
      : el('section', {}, el('h3', {}, title), list);
    return { rows, node };
  }

  _filter(wanted) {
    const words = wanted.trim().toLowerCase();
    for (const group of this._groups) {
      for (const row of group.rows) row.node.hidden = !row.words.includes(words);
      group.node.hidden = group.rows.every((row) => row.node.hidden);
      if (group.node.matches('details')) group.node.open = words !== '';
    }
  }

  /** Adds the element into or behind the selected one, or on a free spot when nothing can follow it. */
  _add(offer) {
    const [selected] = this._modeler.get('selection').get();
    const shape = this._create(offer);
    const flow = flowToSplit(selected, shape);
    const canFollow = !flow && this._canFollow(selected, shape);
    let added;
    if (flow) added = insertIntoFlow(this._modeler, flow, shape);
    else if (canFollow) added = this._modeler.get('autoPlace').append(selected, shape);
    else added = this._modeler.get('modeling').createShape(shape, this._freeSpot(), this._modeler.get('canvas').getRootElement());
    this._modeler.get('selection').select(added);
    this._modeler.get('canvas').scrollToElement(added, 80);
    this._say(selected && !flow && !canFollow ? text('cannotAppend') : text('added', { name: offer.label }));
  }

  _canFollow(selected, shape) {
    if (!selected || selected.waypoints || selected.labelTarget) return false;
    const hints = { targetParent: selected.parent };
    return Boolean(this._modeler.get('rules').allowed('connection.create', { source: selected, target: shape, hints }));
  }

  _create(offer) {
    const { type, event, shape, named, attributes, inputs } = offer;
    const id = this._freeId(offer.id);
    const factory = this._modeler.get('bpmnFactory');
    const words = named ?? {};
    const businessObject = factory.create(type, { id, name: words.name, 'yizhan:nameEn': words.nameEn, ...attributes });
    if (inputs?.length) {
      const values = inputs.map((name) => factory.create('yizhan:Input', { name, value: '' }));
      businessObject.extensionElements = factory.create('bpmn:ExtensionElements', { values });
      businessObject.extensionElements.$parent = businessObject;
      for (const value of values) value.$parent = businessObject.extensionElements;
    }
    return this._modeler.get('elementFactory').createShape({ type, businessObject, eventDefinitionType: event, ...shape });
  }

  /** Ids are words: reserve_port, and reserve_port_2 when that is taken. */
  _freeId(wanted) {
    const registry = this._modeler.get('elementRegistry');
    let id = wanted;
    for (let number = 2; registry.get(id) || this._modeler.get('moddle').ids.assigned(id); number += 1) id = `${wanted}_${number}`;
    return id;
  }

  _freeSpot() {
    const shapes = this._modeler.get('elementRegistry').filter((element) => element.parent && !element.waypoints);
    const bottom = Math.max(80, ...shapes.map((shape) => shape.y + shape.height));
    const left = Math.min(200, ...shapes.map((shape) => shape.x));
    return { x: left + 100, y: bottom + 90 };
  }
}
