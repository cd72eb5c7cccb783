// The minimap as plain boxes and lines, drawn after the drawing itself. A copy of every shape with its words and arrow
// heads is as much work for the browser as the drawing, in every picture, for something of the size of a stamp.
import MinimapModule from 'diagram-js-minimap';

import { afterPicture } from './frames.js';

const [, Minimap] = MinimapModule.minimap;
const SVG = 'http://www.w3.org/2000/svg';

class PlainMinimap extends Minimap {
  static $inject = Minimap.$inject;

  _update() {
    if (this._isPlanned) return;
    this._isPlanned = true;
    afterPicture(() => {
      this._isPlanned = false;
      super._update();
    });
  }

  _addElement(element) {
    this._removeElement(element);
    if (element.hidden || element.labelTarget || !this.isOnActivePlane(element)) return;
    const id = this._prefixId(element.id);
    this._elementsGroup.append(element.waypoints ? line(id, element) : box(id, element));
    for (const child of element.children ?? []) this._addElement(child);
  }
}

function box(id, { x, y, width, height, children }) {
  return drawn('rect', { id, x, y, width, height, class: children?.length ? 'dsg-mini-around' : 'dsg-mini-step' });
}

function line(id, { waypoints }) {
  return drawn('polyline', { id, points: waypoints.map(({ x, y }) => `${x},${y}`).join(' '), class: 'dsg-mini-line' });
}

function drawn(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

export const PlainMinimapModule = { __init__: ['minimap'], minimap: ['type', PlainMinimap] };
