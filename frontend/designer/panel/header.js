// The name at the head of the panel is the one that stands on the canvas. The package takes no other words for its head
// from outside, so they are put in when it is made.
import { options } from '@bpmn-io/properties-panel/preact';

class SpokenHeader {
  static $inject = ['yizhanSpoken', 'eventBus'];

  constructor(spoken, eventBus) {
    const before = options.vnode;
    options.vnode = (vnode) => {
      const { headerProvider: usual, groups } = vnode.props ?? {};
      if (usual && groups) {
        vnode.props.headerProvider = { ...usual, getElementLabel: (one) => spoken.otherName(one) || usual.getElementLabel(one) };
      }
      before?.(vnode);
    };
    eventBus.on('yizhan.named', () => eventBus.fire('propertiesPanel.providersChanged'));
  }
}

export const SpokenHeaderModule = { __init__: ['yizhanHeader'], yizhanHeader: ['type', SpokenHeader] };
