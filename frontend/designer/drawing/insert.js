// Putting a step between two others, and making room for it.
import { is, isAny } from 'bpmn-js/lib/util/ModelUtil.js';

const GAP_PX = 50;
/** So many shapes may move away for a new one; in a larger drawing it stands below, and nothing jumps under the hand. */
const MOST_MOVED = 60;

/** The sequence flow a new element belongs into: the selected one, or the only way out of the selected step. */
export function flowToSplit(selected, shape) {
  if (!selected || is(shape, 'bpmn:EndEvent')) return null;
  if (is(selected, 'bpmn:SequenceFlow')) return selected;
  if (!isAny(selected, ['bpmn:Activity', 'bpmn:Event']) || is(selected, 'bpmn:BoundaryEvent') || selected.labelTarget) return null;
  const ways = selected.outgoing.filter((one) => is(one, 'bpmn:SequenceFlow'));
  return ways.length === 1 ? ways[0] : null;
}

/** Puts ``shape`` before the element the flow leads to, which moves away with all that follows it where these are few. */
export function insertIntoFlow(modeler, flow, shape) {
  const { source, target } = flow;
  const missing = shape.width + 2 * GAP_PX - (target.x - source.x - source.width);
  const isTight = source.x < target.x && missing > 0;
  if (isTight && movedBy(modeler, target.x).length > MOST_MOVED) {
    return modeler.get('modeling').createShape(shape, below(modeler, flow, shape), flow);
  }
  if (isTight) makeRoom(modeler, target.x, missing);
  const last = flow.waypoints.at(-1);
  const left = Math.max(target.x - GAP_PX - shape.width, flow.waypoints.at(-2).x);
  const position = { x: left + shape.width / 2, y: last.y };
  return modeler.get('modeling').createShape(shape, position, flow);
}

function movedBy(modeler, x) {
  return modeler.get('elementRegistry').filter((one) => one.parent && !one.waypoints && !one.labelTarget && one.x >= x);
}

/** The first free place below the flow. */
function below(modeler, { source, target }, shape) {
  const x = (source.x + source.width + target.x) / 2;
  const others = modeler.get('elementRegistry').filter((one) => one.parent === target.parent && !one.waypoints
    && one.x < x + shape.width / 2 + GAP_PX && one.x + one.width > x - shape.width / 2 - GAP_PX);
  let y = Math.max(source.y + source.height, target.y + target.height) + GAP_PX + shape.height / 2;
  const isTaken = (one) => one.y < y + shape.height / 2 + GAP_PX / 2 && one.y + one.height > y - shape.height / 2 - GAP_PX / 2;
  for (let found; (found = others.find(isTaken));) y = found.y + found.height + GAP_PX + shape.height / 2;
  return { x, y };
}

function makeRoom(modeler, x, delta) {
  const spaceTool = modeler.get('spaceTool');
  const root = modeler.get('canvas').getRootElement();
  const elements = modeler.get('elementRegistry').filter((element) => element !== root && element.parent);
  const start = x - 1;
  const { movingShapes, resizingShapes } = spaceTool.calculateAdjustments(elements, 'x', delta, start);
  spaceTool.makeSpace(movingShapes, resizingShapes, { x: delta, y: 0 }, 'e', start);
}
