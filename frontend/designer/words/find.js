// Finding elements by their Chinese name, their English name or their id, whichever of the names is shown.
import SearchModule from 'bpmn-js/lib/features/search/index.js';
import { getLabel } from 'bpmn-js/lib/util/LabelUtil.js';

const [, Usual] = SearchModule.bpmnSearch;
const BETWEEN = { value: ' · ' };

class BothNames extends Usual {
  static $inject = [...Usual.$inject, 'yizhanSpoken'];

  constructor(elementRegistry, searchPad, canvas, search, spoken) {
    super(elementRegistry, searchPad, canvas, search);
    this._spoken = spoken;
  }

  find(pattern) {
    const roots = this._canvas.getRootElements();
    const elements = this._elementRegistry.filter((one) => !one.labelTarget && !roots.includes(one));
    const items = elements.map((element) => ({ element, id: element.id, ...this._names(element) }));
    return this._search(items, pattern, { keys: ['label', 'other', 'id'] }).map(({ item, tokens }) => ({
      element: item.element,
      primaryTokens: tokens.label,
      secondaryTokens: item.other ? [...tokens.other, BETWEEN, ...tokens.id] : tokens.id,
    }));
  }

  _names(element) {
    const label = this._spoken.name(element) || getLabel(element);
    return { label, other: bothNames(element).find((name) => name !== label) ?? '' };
  }
}

/** The names an element has, in whatever language. */
export function bothNames({ businessObject }) {
  return [businessObject.name, businessObject.$descriptor.propertiesByName['yizhan:nameEn'] && businessObject.get('yizhan:nameEn')].filter(Boolean);
}

export const BothNamesModule = { bpmnSearch: ['type', BothNames] };
