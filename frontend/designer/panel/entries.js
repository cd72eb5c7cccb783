// Small makers of properties panel entries over BPMN properties.
import { h } from '@bpmn-io/properties-panel/preact';
import {
  SelectEntry, TextFieldEntry, isSelectEntryEdited, isTextFieldEntryEdited,
} from '@bpmn-io/properties-panel';
import { useService } from 'bpmn-js-properties-panel';

import { Picker } from './picker.js';
import { labelOf } from './templates.js';
import { text } from '../words/texts.js';

/** From so many choices on there is a search. */
const MANY = 8;

/** A text box for one property of a business object; ``set(modeling, element, value)`` replaces the usual update. */
export function textEntry(id, label, { get, set, hint }) {
  return { id, isEdited: isTextFieldEntryEdited, component: TextProperty, label, get, set, hint };
}

/** A choice; ``choices`` are records {code, name_zh, name_en}. Without any the entry is a text box, of many a search. */
export function choiceEntry(id, label, choices, access) {
  if (!choices.length) return textEntry(id, label, access);
  const component = choices.length < MANY ? ChoiceProperty : Picker;
  return { id, isEdited: isSelectEntryEdited, component, label, choices, ...access };
}

function TextProperty({ element, id, label, get, set, hint }) {
  const modeling = useService('modeling');
  const debounce = useService('debounceInput');
  return h(TextFieldEntry, {
    element, id, label, debounce,
    description: hint,
    getValue: () => get(element) ?? '',
    setValue: (value) => set(modeling, element, value?.trim() ? value.trim() : undefined),
  });
}

/** A choice among few; ``none`` says what no choice means, ``say`` what each is called. */
export function ChoiceProperty({ element, id, label, choices, get, set, hint, none, say = labelOf }) {
  const modeling = useService('modeling');
  const getOptions = () => {
    const value = get(element);
    const options = choices.map((choice) => ({ value: choice.code, label: say(choice) }));
    if (value && !choices.some((choice) => choice.code === value)) {
      options.unshift({ value, label: text('notListed', { value }) });
    }
    return [{ value: '', label: none ?? text('none') }, ...options];
  };
  return h(SelectEntry, {
    element, id, label, getOptions,
    description: hint,
    getValue: () => get(element) ?? '',
    setValue: (value) => set(modeling, element, value || undefined),
  });
}

/** Access to an attribute of the element itself, for example ``yizhan:team``. */
export function attribute(name, hint) {
  return {
    get: (element) => element.businessObject.get(name),
    set: (modeling, element, value) => modeling.updateProperties(element, { [name]: value }),
    hint,
  };
}

/** A choice of a unit; ``said`` puts the whole into words below it. One that is needed cannot be taken away. */
export function unitEntry(id, label, options, access) {
  return { id, isEdited: () => false, component: UnitProperty, label, options, ...access };
}

function UnitProperty({ element, id, label, options, get, set, said, isNeeded }) {
  const modeling = useService('modeling');
  return h(SelectEntry, {
    element, id, label,
    getOptions: () => [...(isNeeded ? [] : [{ value: '', label: text('none') }]), ...options],
    description: said(element),
    getValue: () => get(element),
    setValue: (value) => set(modeling, element, value || undefined),
  });
}
