// The kind of work order that a step is: one of the catalogue, the process it calls, or a word of the drawing's own.
import { attribute, choiceEntry } from './entries.js';
import { bilingual, text } from '../words/texts.js';

export function workOrderEntry(element, vocabulary) {
  const access = attribute('yizhan:workOrder', text('workOrderHint'));
  const kinds = kindsFor(element, vocabulary, access.get(element));
  const chosen = kinds.find((kind) => kind.code === access.get(element));
  if (chosen?.about_zh) access.hint = bilingual(chosen, 'about');
  return choiceEntry('yizhan-workOrder', text('workOrder'), kinds, access);
}

function kindsFor(element, { work_orders: listed = [], processes = [] }, value) {
  const called = element.businessObject.calledElement;
  const others = processes.filter(({ code }) => (code === called || code === value) && !has(listed, code));
  const kinds = [...others, ...listed];
  return !value || has(kinds, value) ? kinds : [{ code: value, name_zh: text('ownKind'), name_en: text('ownKind') }, ...kinds];
}

function has(rows, code) {
  return rows.some((row) => row.code === code);
}
