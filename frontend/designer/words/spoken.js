// The names on the canvas in Chinese or English. The file holds both; only what is painted changes.
import BaseRenderer from 'diagram-js/lib/draw/BaseRenderer.js';
import { translate } from 'diagram-js/lib/util/SvgTransformUtil.js';
import { isAny } from 'bpmn-js/lib/util/ModelUtil.js';

import { language } from './texts.js';

const BEFORE_THE_USUAL = 1500;
const [LABEL_PX, FROM_LINE_PX] = [84, 12];
const NAMED = ['bpmn:FlowElement', 'bpmn:Participant', 'bpmn:Lane', 'bpmn:Process'];

class SpokenRenderer extends BaseRenderer {
  static $inject = ['eventBus', 'bpmnRenderer', 'yizhanSpoken'];

  constructor(eventBus, bpmnRenderer, spoken) {
    super(eventBus, BEFORE_THE_USUAL);
    Object.assign(this, { _usual: bpmnRenderer, _spoken: spoken });
  }

  canRender(element) { return Boolean(this._spoken.otherName(element)); }

  drawShape(place, element, ...more) {
    // The box of a name beside its element was made for the Chinese one: the other one has room to both sides.
    const box = element.labelTarget ? wider(element) : element;
    const drawn = this._named(element, () => this._usual.drawShape(place, box, ...more));
    const aside = element.labelTarget?.waypoints ? FROM_LINE_PX : 0;
    if (box !== element) translate(drawn, (element.width - box.width) / 2 + aside, 0);
    return drawn;
  }

  drawConnection(...args) { return this._named(args[1], () => this._usual.drawConnection(...args)); }

  getShapePath(shape) { return this._usual.getShapePath(shape); }

  getConnectionPath(connection) { return this._usual.getConnectionPath(connection); }

  /** Painting reads the name at once: it has the other one for just that time. */
  _named({ businessObject }, paint) {
    const name = businessObject.name;
    businessObject.name = businessObject.get('yizhan:nameEn');
    try {
      return paint();
    } finally {
      businessObject.name = name;
    }
  }
}

function wider(label) {
  return Object.create(label, { width: { value: Math.max(label.width, LABEL_PX) } });
}

export class Spoken {
  static $inject = ['injector'];

  constructor(injector) {
    this._injector = injector;
    this.language = language;
    const editing = injector.get('labelEditingProvider', false);
    if (editing) this._writeWhatIsSeen(editing);
  }

  /** The English name of an element when names are shown in English and it has one. */
  otherName(element) {
    if (this.language !== 'en' || !isAny(element, NAMED)) return '';
    return element.businessObject.name && element.businessObject.get('yizhan:nameEn');
  }

  /** The name as it stands on the canvas. */
  name(element) {
    return this.otherName(element) || element.businessObject.name || '';
  }

  /** Paints all names in that language, 'zh' or 'en'. */
  show(wanted) {
    this.language = wanted;
    const [registry, factory] = [this._injector.get('elementRegistry'), this._injector.get('graphicsFactory')];
    registry.forEach((element, gfx) => {
      if (element.parent && isAny(element, NAMED)) factory.update(element.waypoints ? 'connection' : 'shape', element, gfx);
    });
    this._injector.get('eventBus').fire('yizhan.named');
  }

  /** Typing on the canvas changes the name one sees. */
  _writeWhatIsSeen(editing) {
    const [activate, update] = [editing.activate.bind(editing), editing.update.bind(editing)];
    editing.activate = (element) => {
      const context = activate(element);
      const other = this.otherName(element);
      return context && other ? { ...context, text: other } : context;
    };
    editing.update = (element, words, ...rest) => {
      if (!this.otherName(element)) return update(element, words, ...rest);
      const target = element.labelTarget ?? element;
      return this._injector.get('modeling').updateProperties(target, { 'yizhan:nameEn': words || undefined });
    };
  }
}

export const SpokenModule = {
  __init__: ['yizhanSpoken', 'yizhanSpokenRenderer'],
  yizhanSpoken: ['type', Spoken],
  yizhanSpokenRenderer: ['type', SpokenRenderer],
};
