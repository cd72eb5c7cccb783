// Putting what is offered into the drawing: into a flow, behind a step, at its edge, or on a free spot.
import { is } from 'bpmn-js/lib/util/ModelUtil.js';

import { ROOM } from '../diagram.js';
import { flowToSplit, insertIntoFlow } from './insert.js';
import { text } from '../words/texts.js';

/** Adds the element where the selection asks for it and selects it; gives one line for the user. */
export function add(modeler, offer, selected = modeler.get('selection').get()[0]) {
  const shape = create(modeler, offer);
  const [added, line] = place(modeler, offer, shape, selected);
  modeler.get('selection').select(added);
  // First it is seen to be there; looking for its place would have the whole drawing measured before.
  setTimeout(() => { if (added.parent) modeler.get('canvas').scrollToElement(added, ROOM); });
  return line;
}

function place(modeler, offer, shape, selected) {
  const modeling = modeler.get('modeling');
  const done = text('added', { name: offer.label });
  if (offer.atEdge) {
    if (selected && is(selected, 'bpmn:Activity')) {
      return [modeling.createShape(shape, freeEdge(selected), selected, { attach: true }), done];
    }
    return [onFreeSpot(modeler, replaced(modeler, offer)), text('edgeNeedsStep')];
  }
  const flow = flowToSplit(selected, shape);
  if (flow) return [insertIntoFlow(modeler, flow, shape), done];
  if (canFollow(modeler, selected, shape)) return [modeler.get('autoPlace').append(selected, shape), done];
  return [onFreeSpot(modeler, shape), selected ? text('cannotAppend') : done];
}

/** What stands at an edge elsewhere is a wait in the flow. */
function replaced(modeler, offer) {
  const event = offer.event === 'bpmn:ErrorEventDefinition' ? undefined : offer.event;
  return create(modeler, { ...offer, type: event ? 'bpmn:IntermediateCatchEvent' : 'bpmn:IntermediateThrowEvent', event });
}

function onFreeSpot(modeler, shape) {
  const root = modeler.get('canvas').getRootElement();
  if (!is(root, 'bpmn:Collaboration')) return modeler.get('modeling').createShape(shape, freeSpot(modeler), root);
  // Between pools there is no place for a step: it goes into one, below what is there, and the pool grows.
  const selected = modeler.get('selection').get()[0];
  const pools = root.children.filter((one) => is(one, 'bpmn:Participant') && one.businessObject.processRef);
  const pool = pools.find((one) => one === selected || one === selected?.parent) ?? pools[0];
  if (!pool) return modeler.get('modeling').createShape(shape, freeSpot(modeler), root);
  const bottom = Math.max(pool.y, ...pool.children.filter((one) => !one.waypoints).map((one) => one.y + one.height));
  return modeler.get('modeling').createShape(shape, { x: pool.x + 140, y: bottom + 70 }, pool);
}

/** The lower edge from right to left, a place per event. */
function freeEdge(host) {
  const taken = host.attachers?.length ?? 0;
  return { x: host.x + host.width - 18 - (taken * 40) % Math.max(40, host.width), y: host.y + host.height };
}

function canFollow(modeler, selected, shape) {
  if (!selected || selected.waypoints || selected.labelTarget) return false;
  const hints = { targetParent: selected.parent };
  return Boolean(modeler.get('rules').allowed('connection.create', { source: selected, target: shape, hints }));
}

/** A shape of what is offered, not yet in the drawing. */
export function create(modeler, offer) {
  const { type, event, shape, named = {}, attributes, inputs } = offer;
  const factory = modeler.get('bpmnFactory');
  const words = { id: freeId(modeler, offer.id), name: named.name, 'yizhan:nameEn': named.nameEn, ...attributes };
  const businessObject = factory.create(type, words);
  if (inputs?.length) {
    const values = inputs.map((name) => factory.create('yizhan:Input', { name, value: '' }));
    businessObject.extensionElements = factory.create('bpmn:ExtensionElements', { values });
    businessObject.extensionElements.$parent = businessObject;
    for (const value of values) value.$parent = businessObject.extensionElements;
  }
  return modeler.get('elementFactory').createShape({ type, businessObject, eventDefinitionType: event, ...shape });
}

/** Ids are words: reserve_port, and reserve_port_2 when that is taken. */
function freeId(modeler, wanted) {
  const registry = modeler.get('elementRegistry');
  let id = wanted;
  for (let number = 2; registry.get(id) || modeler.get('moddle').ids.assigned(id); number += 1) id = `${wanted}_${number}`;
  return id;
}

function freeSpot(modeler) {
  const shapes = modeler.get('elementRegistry').filter((element) => element.parent && !element.waypoints);
  const bottom = Math.max(80, ...shapes.map((shape) => shape.y + shape.height));
  const left = Math.min(200, ...shapes.map((shape) => shape.x));
  return { x: left + 100, y: bottom + 90 };
}
