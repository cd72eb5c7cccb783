// The order in which shapes are painted. One shape out of its place made diagram-js take out and put back all that follow it.
import GraphicsFactory from 'diagram-js/lib/core/GraphicsFactory.js';

import { arrange } from './arrange.js';

export class OrderedGraphics extends GraphicsFactory {
  static $inject = GraphicsFactory.$inject;

  updateContainments(elements) {
    for (const parent of new Set(elements.map((one) => one.parent).filter(Boolean))) {
      const nodes = (parent.children ?? []).map((child) => this._elementRegistry.getGraphics(child).parentNode);
      if (nodes.length) arrange(this._getChildrenContainer(parent), nodes);
    }
  }
}
