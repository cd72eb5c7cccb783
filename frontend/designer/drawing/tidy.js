// Laying out: a drawing that came without one, and on demand one step that puts everything in rows.
import { connectRectangles } from 'diagram-js/lib/layout/ManhattanLayout.js';
import { is, isAny } from 'bpmn-js/lib/util/ModelUtil.js';

import { together } from './together.js';

// The cells of bpmn-auto-layout.
const [CELL_WIDTH, CELL_HEIGHT] = [150, 140];
const UNTOUCHED = ['bpmn:TextAnnotation', 'bpmn:Group', 'bpmn:DataObjectReference', 'bpmn:DataStoreReference'];

/** The same BPMN text with a drawing of its first process. */
export async function withLayout(xml) {
  const { layoutProcess } = await import('bpmn-auto-layout');
  return layoutProcess(xml);
}

/** Whether this drawing can be laid out: one process, without pools. */
export function canTidy(diagram) {
  return is(diagram.get('canvas').getRootElement(), 'bpmn:Process');
}

/** Puts the steps where ``laidOut`` has them, the same process with a layout, as one step of undoing; gives how many moved. */
export function tidy(diagram, laidOut) {
  const page = new DOMParser().parseFromString(laidOut, 'text/xml');
  const [wanted, ways] = [boundsOf(page), waysOf(page)];
  const root = diagram.get('canvas').getRootElement();
  const steps = root.children.filter((one) => is(one, 'bpmn:FlowNode') && !one.labelTarget && !one.host && wanted.has(one.id));
  const [across, down] = [stretched(steps, wanted, 'x', 'width', CELL_WIDTH, 100), stretched(steps, wanted, 'y', 'height', CELL_HEIGHT, 80)];
  const modeling = diagram.get('modeling');
  let moved = 0;
  together(diagram, () => {
    for (const step of steps) {
      const { x, y, width, height } = wanted.get(step.id);
      const delta = {
        x: Math.round(across(x + width / 2) - step.width / 2 - step.x), y: Math.round(down(y + height / 2) - step.height / 2 - step.y),
      };
      if (!delta.x && !delta.y) continue;
      moved += 1;
      // One by one and not as a drop: what lands on a line must not be put into it.
      for (const one of withIt(step)) modeling.moveShape(one, delta, one.parent, undefined, { layout: false, autoResize: false });
    }
    if (!moved) return;
    for (const line of root.children.filter((one) => one.waypoints)) {
      const way = ways.get(line.id)?.map((point) => ({ x: Math.round(across(point.x)), y: Math.round(down(point.y)) }));
      modeling.updateWaypoints(line, way ? touching(way, line) : connectRectangles(line.source, line.target));
      if (!way) modeling.layoutConnection(line);
    }
  });
  return moved;
}

/** Where a place of the layout is when its columns (or rows) are as wide as what stands in them. */
function stretched(steps, wanted, side, size, cell, usual) {
  const needed = [];
  for (const step of steps) {
    const bounds = wanted.get(step.id);
    const at = Math.floor((bounds[side] + bounds[size] / 2) / cell);
    needed[at] = Math.max(needed[at] ?? cell, step[size] + cell - usual);
  }
  const starts = [0];
  for (const width of Array.from(needed, (one = cell) => one)) starts.push(starts.at(-1) + width);
  return (place) => {
    const at = Math.max(0, Math.min(starts.length - 2, Math.floor(place / cell)));
    return starts[at] + ((place - at * cell) / cell) * (starts[at + 1] - starts[at]);
  };
}

/** The same way, beginning and ending at the edges of its steps. */
function touching(way, { source, target }) {
  const ends = [edge(way[0], way[1], source), edge(way.at(-1), way.at(-2), target)];
  return [ends[0], ...way.slice(1, -1), ends[1]];
}

function edge(point, next, { x, y, width, height }) {
  if (point.y === next.y) return { x: next.x > point.x ? x + width : x, y: point.y };
  return { x: point.x, y: next.y > point.y ? y + height : y };
}

/** A step with its label, what stands at its edge, and its notes. */
function withIt(step) {
  const parts = [step, ...(step.attachers ?? []), ...notesOf(step)];
  return parts.flatMap((one) => [one, ...(one.labels ?? [])]);
}

/** What is tied to a step by a line and to nothing else goes along with it. */
function notesOf(step) {
  const ties = [...step.outgoing, ...step.incoming].filter((line) => isAny(line, ['bpmn:Association', 'bpmn:DataAssociation']));
  return ties.map((line) => (line.source === step ? line.target : line.source))
    .filter((other) => isAny(other, UNTOUCHED) && other.outgoing.length + other.incoming.length === 1);
}

function waysOf(page) {
  const edges = page.getElementsByTagNameNS('*', 'BPMNEdge');
  return new Map([...edges].map((edge) => [edge.getAttribute('bpmnElement'), [...edge.getElementsByTagNameNS('*', 'waypoint')]
    .map((point) => ({ x: Number(point.getAttribute('x')), y: Number(point.getAttribute('y')) }))]));
}

function boundsOf(page) {
  const shapes = page.getElementsByTagNameNS('*', 'BPMNShape');
  return new Map([...shapes].map((shape) => {
    const bounds = shape.getElementsByTagNameNS('*', 'Bounds')[0];
    const number = (name) => Number(bounds.getAttribute(name));
    return [shape.getAttribute('bpmnElement'), { x: number('x'), y: number('y'), width: number('width'), height: number('height') }];
  }));
}
