// Putting a step between two others, and making room for it.
import { is, isAny } from 'bpmn-js/lib/util/ModelUtil.js';

const GAP_PX = 50;

/** The sequence flow a new element belongs into: the selected one, or the only way out of the selected step. */
export function flowToSplit(selected, shape) {
  if (!selected || is(shape, 'bpmn:EndEvent')) return null;
  if (is(selected, 'bpmn:SequenceFlow')) return selected;
  if (!isAny(selected, ['bpmn:Activity', 'bpmn:Event']) || is(selected, 'bpmn:BoundaryEvent') || selected.labelTarget) return null;
  const ways = selected.outgoing.filter((one) => is(one, 'bpmn:SequenceFlow'));
  return ways.length === 1 ? ways[0] : null;
}

/** Puts ``shape`` before the element the flow leads to, which moves away with all that follows it. */
export function insertIntoFlow(modeler, flow, shape) {
  const { source, target } = flow;
  const missing = shape.width + 2 * GAP_PX - (target.x - source.x - source.width);
  if (source.x < target.x && missing > 0) makeRoom(modeler, target.x, missing);
  const last = flow.waypoints.at(-1);
  const left = Math.max(target.x - GAP_PX - shape.width, flow.waypoints.at(-2).x);
  const position = { x: left + shape.width / 2, y: last.y };
  return modeler.get('modeling').createShape(shape, position, flow);
}

function makeRoom(modeler, x, delta) {
  const spaceTool = modeler.get('spaceTool');
  const root = modeler.get('canvas').getRootElement();
  const elements = modeler.get('elementRegistry').filter((element) => element !== root && element.parent);
  const start = x - 1;
  const { movingShapes, resizingShapes } = spaceTool.calculateAdjustments(elements, 'x', delta, start);
  spaceTool.makeSpace(movingShapes, resizingShapes, { x: delta, y: 0 }, 'e', start);
}
