// Our groups in the menus of the canvas: N makes an element, A puts one behind the selected one.
import { add, create } from '../drawing/adding.js';
import { offers } from '../drawing/offers.js';

const BEFORE_THE_USUAL = 2000;

class OwnMenus {
  static $inject = ['injector', 'popupMenu', 'yizhanVocabulary', 'eventBus'];

  constructor(injector, popupMenu, vocabulary, eventBus) {
    this._groups = offers(vocabulary);
    // What the functions of adding.js ask of a modeler.
    this._modeler = { get: (name) => injector.get(name) };
    this._eventBus = eventBus;
    for (const menu of ['bpmn-append', 'bpmn-create']) {
      popupMenu.registerProvider(menu, BEFORE_THE_USUAL, {
        getPopupMenuEntries: (element) => (entries) => ({ ...this._entries(menu, element), ...usual(entries) }),
      });
    }
  }

  _entries(menu, element) {
    const isAppend = menu === 'bpmn-append';
    const entries = {};
    for (const group of this._groups) {
      for (const offer of group.items) {
        entries[`yizhan-${offer.key}`] = {
          label: offer.label,
          description: offer.hint,
          className: `bpmn-icon-${offer.icon}`,
          group: { id: `yizhan-${group.id}`, name: group.title },
          search: `${offer.key} ${offer.type.slice('bpmn:'.length)}`,
          action: this._action(offer, isAppend ? element : undefined),
        };
      }
    }
    return entries;
  }

  _action(offer, behind) {
    return {
      click: () => {
        this._modeler.get('popupMenu').close();
        this._eventBus.fire('yizhan.say', { line: add(this._modeler, offer, behind) });
      },
      dragstart: (event) => {
        this._modeler.get('popupMenu').close();
        this._modeler.get('create').start(event, create(this._modeler, offer), behind ? { source: behind } : undefined);
      },
    };
  }
}

/** What comes with bpmn-js goes below; what ours do better is left out. */
function usual(entries) {
  return Object.fromEntries(Object.entries(entries).filter(([id]) => !/-(user-task|service-task|business-rule-task|call-activity|none-end|end-event|error-end|terminate-end)$/.test(id)));
}

export const OwnMenusModule = { __init__: ['yizhanMenus'], yizhanMenus: ['type', OwnMenus] };
