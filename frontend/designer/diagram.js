// The bpmn-js modeler with our vocabulary, and reading and writing of its files.
import Modeler from 'bpmn-js/lib/Modeler.js';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer.js';
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule } from 'bpmn-js-properties-panel';
import { CreateAppendAnythingModule } from 'bpmn-js-create-append-anything';
import GridModule from 'diagram-js-grid';

import { completed } from './drawing/completing.js';
import { OwnMenusModule } from './frame/menus.js';
import { PadKeysModule } from './frame/pad.js';
import { SteadyCanvas } from './large/canvas.js';
import { OrderedGraphics } from './large/graphics.js';
import { PlainMinimapModule } from './large/minimap.js';
import { LaterPanelModule } from './large/panel.js';
import moddle from './moddle.json';
import { SpokenHeaderModule } from './panel/header.js';
import { YizhanPanelModule, dataNamed } from './panel/panel.js';
import { BothNamesModule } from './words/find.js';
import { SpokenModule } from './words/spoken.js';
import { text } from './words/texts.js';
import { withLayout } from './drawing/tidy.js';
import { TogetherModule } from './drawing/together.js';
import { FewToolsModule } from './drawing/tools.js';
import { TranslateModule } from './words/translate.js';
import { SpokenWalkModule } from './drawing/walk.js';

const [LEAST_SCALE, READABLE_SCALE] = [0.55, 0.75];
const TOOLS_PX = 72;
const MARGIN_PX = 24;
/** What is brought into view keeps clear of the tools at its left and of the minimap below them. */
export const ROOM = { top: 80, right: 100, bottom: 140, left: 220 };

const LargeModule = { canvas: ['type', SteadyCanvas], graphicsFactory: ['type', OrderedGraphics] };

/** A modeler drawing into ``canvas`` with its panel in ``panel``; a viewer without changes when ``readOnly``. */
export function createDiagram({ canvas, panel, vocabulary, page, readOnly }) {
  const common = { container: canvas, moddleExtensions: { yizhan: moddle } };
  if (readOnly) return new NavigatedViewer({ ...common, additionalModules: [LargeModule, TranslateModule, SpokenModule] });
  return new Modeler({
    ...common,
    propertiesPanel: { parent: panel },
    minimap: { open: false },
    additionalModules: [
      BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, YizhanPanelModule, TranslateModule,
      CreateAppendAnythingModule, OwnMenusModule, PadKeysModule, TogetherModule, SpokenModule, SpokenHeaderModule,
      BothNamesModule, SpokenWalkModule, PlainMinimapModule, LaterPanelModule, GridModule, FewToolsModule, LargeModule,
      { yizhanVocabulary: ['value', vocabulary], yizhanPage: ['value', page] },
    ],
  });
}

/**
 * Opens BPMN text; gives {lost: messages about parts that were not understood, hasLayout: whether it held a drawing}. One
 * without a drawing is laid out; what a drawing lacks gets a place in it. Throws what bpmn-js throws.
 */
export async function open(diagram, xml) {
  const { warnings, hasLayout } = await importWithLayout(diagram, xml ?? newProcess());
  const unknown = warnings.filter((warning) => !keepDataName(diagram, warning));
  showStart(diagram);
  return { lost: unknown.map((warning) => warning.message), hasLayout };
}

async function importWithLayout(diagram, xml) {
  const whole = completed(xml);
  try {
    return { ...(await diagram.importXML(whole)), hasLayout: whole === xml };
  } catch (problem) {
    if (!problem.message.includes('no diagram')) throw problem;
    return { ...(await diagram.importXML(completed(await withLayout(xml)))), hasLayout: false };
  }
}

/** Shows the whole diagram; one that fills the window keeps clear of the tools at its left. */
export function fit(diagram) {
  const canvas = diagram.get('canvas');
  const scale = canvas.zoom('fit-viewport', 'auto');
  if (scale < 1) {
    canvas.zoom(scale * 0.88, 'auto');
    canvas.scroll({ dx: 48, dy: 0 });
  }
}

/** Shows the diagram large enough to read; of one that is too wide for that, its beginning. */
export function showStart(diagram) {
  fit(diagram);
  const canvas = diagram.get('canvas');
  const { inner, outer } = canvas.viewbox();
  const scale = Math.max(LEAST_SCALE, Math.min(READABLE_SCALE, (outer.height - 2 * MARGIN_PX) / inner.height));
  if (canvas.zoom() >= scale) return;
  const [width, height] = [outer.width / scale, outer.height / scale];
  const left = diagram.get('palette', false) ? TOOLS_PX : MARGIN_PX;
  const [start] = diagram.get('elementRegistry').filter((one) => one.type === 'bpmn:StartEvent' && one.parent === canvas.getRootElement());
  const margin = MARGIN_PX / scale;
  const middle = (start ? start.y + start.height / 2 : inner.y + inner.height / 2) - height / 2;
  const y = Math.max(inner.y - margin, Math.min(middle, inner.y + inner.height + margin - height));
  canvas.viewbox({ x: inner.x - left / scale, y: inner.height < height ? inner.y + (inner.height - height) / 2 : y, width, height });
}

/** The BPMN text of what is drawn. */
export async function write(diagram) {
  const { xml } = await diagram.saveXML({ format: true });
  return xml;
}

/**
 * A list to run through is a name in the plan's data, not a box in the diagram. bpmn-js would drop such a name as a
 * reference to nothing; keep it.
 */
function keepDataName(diagram, { element, property, value }) {
  if (!['bpmn:loopDataInputRef', 'bpmn:loopDataOutputRef'].includes(property)) return false;
  element.set(property, dataNamed(diagram.get('moddle'), value));
  return true;
}

function newProcess() {
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
    xmlns:yizhan="urn:yizhan:bpmn:1" id="definitions" targetNamespace="urn:yizhan:processes">
  <bpmn:process id="new_process" name="${text('newProcess')}" isExecutable="true">
    <bpmn:startEvent id="start" name="${text('start')}" yizhan:nameEn="Start" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram"><bpmndi:BPMNPlane id="plane" bpmnElement="new_process">
    <bpmndi:BPMNShape id="start_shape" bpmnElement="start"><dc:Bounds x="160" y="160" width="36" height="36" />
      <bpmndi:BPMNLabel /></bpmndi:BPMNShape>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>`;
}
