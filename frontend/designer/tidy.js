// Laying out: a drawing that came without one, and on demand one step that puts everything in rows.
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

/** Lays out the process as one step of undoing; gives how many elements were moved. */
export async function tidy(diagram, xml) {
  const wanted = boundsOf(await withLayout(xml));
  const root = diagram.get('canvas').getRootElement();
  const steps = root.children.filter((one) => is(one, 'bpmn:FlowNode') && !one.labelTarget && !one.host && wanted.has(one.id));
  const places = placesOf(steps, wanted);
  const modeling = diagram.get('modeling');
  let moved = 0;
  together(diagram, () => {
    for (const [step, { x, y }] of places) {
      const delta = { x: Math.round(x - step.x), y: Math.round(y - step.y) };
      if (!delta.x && !delta.y) continue;
      moved += 1;
      modeling.moveElements([step, ...notesOf(step)], delta, step.parent, { autoResize: false });
    }
    const flows = root.children.filter((one) => is(one, 'bpmn:SequenceFlow'));
    if (moved) for (const flow of flows) modeling.layoutConnection(flow);
  });
  return moved;
}

/** What is tied to a step by a line and to nothing else goes along with it. */
function notesOf(step) {
  const ties = [...step.outgoing, ...step.incoming].filter((line) => isAny(line, ['bpmn:Association', 'bpmn:DataAssociation']));
  return ties.map((line) => (line.source === step ? line.target : line.source))
    .filter((other) => isAny(other, UNTOUCHED) && other.outgoing.length + other.incoming.length === 1);
}

/** Where each step goes: its cell, with room for those that are larger than a cell holds. */
function placesOf(steps, wanted) {
  const cells = steps.map((step) => {
    const { x, y, width, height } = wanted.get(step.id);
    return { step, column: Math.floor((x + width / 2) / CELL_WIDTH), row: Math.floor((y + height / 2) / CELL_HEIGHT) };
  });
  const starts = (field, size, least) => {
    const needed = [];
    for (const cell of cells) {
      const at = cell[field];
      needed[at] = Math.max(needed[at] ?? least, cell.step[size] + (least - (size === 'width' ? 100 : 80)));
    }
    let sum = 0;
    return Array.from(needed, (one = least) => [sum, sum += one]);
  };
  const [columns, rows] = [starts('column', 'width', CELL_WIDTH), starts('row', 'height', CELL_HEIGHT)];
  return cells.map(({ step, column, row }) => {
    const [[left, right], [top, bottom]] = [columns[column], rows[row]];
    return [step, { x: (left + right - step.width) / 2, y: (top + bottom - step.height) / 2 }];
  });
}

function boundsOf(xml) {
  const shapes = new DOMParser().parseFromString(xml, 'text/xml').getElementsByTagNameNS('*', 'BPMNShape');
  return new Map([...shapes].map((shape) => {
    const bounds = shape.getElementsByTagNameNS('*', 'Bounds')[0];
    const number = (name) => Number(bounds.getAttribute(name));
    return [shape.getAttribute('bpmnElement'), { x: number('x'), y: number('y'), width: number('width'), height: number('height') }];
  }));
}
