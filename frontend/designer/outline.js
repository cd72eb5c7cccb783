// The list of all elements: reading and reaching the diagram without a mouse.
import { isAny } from 'bpmn-js/lib/util/ModelUtil.js';

import { goTo } from './checks.js';
import { button, el } from './dom.js';
import { bilingual, text } from './texts.js';

const CHANGES = ['import.done', 'elements.changed', 'shape.added', 'shape.removed'];

export function createOutline(diagram, place) {
  const list = el('ul', { class: 'dsg-outline' });
  place.append(el('details', {}, el('summary', {}, text('outline')), list));
  let isPlanned = false;
  const draw = () => {
    isPlanned = false;
    const steps = diagram.get('elementRegistry').filter((element) => !element.labelTarget && isAny(element, ['bpmn:FlowNode']));
    steps.sort((a, b) => a.x - b.x || a.y - b.y);
    list.replaceChildren(...steps.map((element) => {
      const words = element.businessObject;
      const name = bilingual({ name_zh: words.name, name_en: words.get('yizhan:nameEn') }) || element.id;
      return el('li', {}, button(name, () => goTo(diagram, element), { class: 'dsg-link', title: element.id }));
    }));
  };
  diagram.get('eventBus').on(CHANGES, () => {
    if (isPlanned) return;
    isPlanned = true;
    requestAnimationFrame(draw);
  });
}
