// A condition without knowing how expressions are written: what, how, and which value.
import { h } from '@bpmn-io/properties-panel/preact';
import { useEffect, useState } from '@bpmn-io/properties-panel/preact/hooks';
import { useService } from 'bpmn-js-properties-panel';

import { pathsOf, readSimple, writeSimple } from './expression-words.js';
import { bilingual, text } from '../words/texts.js';

const WAYS = {
  number: ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'there'],
  yes_no: ['true', 'false', 'there'],
  list: ['has', 'there'],
  text: ['eq', 'ne', 'there'],
};
const ALL = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'has', 'true', 'false', 'there'];
const ALONE = ['true', 'false', 'there'];

export function conditionEntry(id, label, access) {
  return { id, isEdited: () => false, component: SimpleCondition, label, ...access };
}

function SimpleCondition({ element, id, label, get, set }) {
  const modeling = useService('modeling');
  const words = useService('yizhanWords');
  const written = get(element) ?? '';
  const [names, setNames] = useState([]);
  const [draft, setDraft] = useState(null);
  useEffect(() => {
    let isHere = true;
    words.namesAt(element).then((found) => { if (isHere) setNames(found ?? []); });
    return () => { isHere = false; };
  }, [element.id, written]);
  useEffect(() => setDraft(null), [element.id, written]);
  const simple = draft ?? readSimple(written);
  if (!simple) return h('div', { class: 'bio-properties-panel-entry', 'data-entry-id': id }, h('p', { class: 'bio-properties-panel-description' }, text('simpleNot')));
  const paths = pathsOf(names);
  const kindOf = (path) => paths.find((one) => one.path === path)?.field.kind ?? '';
  const ways = WAYS[kindOf(simple.path)] ?? ALL;
  const change = (values) => {
    const next = { ...simple, ...values };
    if (values.path !== undefined) {
      const fits = WAYS[kindOf(next.path)] ?? ALL;
      if (!fits.includes(next.op)) [next.op] = fits;
    }
    setDraft(next);
    const said = writeSimple(next, kindOf(next.path));
    if (said && said !== written) set(modeling, element, said);
  };
  const field = `bio-properties-panel-${id}`;
  return h('fieldset', { class: 'bio-properties-panel-entry dsg-simple', 'data-entry-id': id },
    h('legend', { class: 'bio-properties-panel-label' }, label),
    h('label', { for: `${field}-what` }, text('simpleWhat')),
    h('input', {
      id: `${field}-what`, class: 'bio-properties-panel-input', list: `${field}-paths`, autoComplete: 'off', value: simple.path,
      onChange: (event) => change({ path: event.target.value.trim() }),
    }),
    h('datalist', { id: `${field}-paths` }, paths.map(({ path, field: one }) => h('option', { key: path, value: path }, about(one)))),
    h('label', { for: `${field}-how` }, text('simpleHow')),
    h('select', { id: `${field}-how`, class: 'bio-properties-panel-input', value: simple.op, onChange: (event) => change({ op: event.target.value }) },
      ways.map((op) => h('option', { key: op, value: op }, text(`op_${op}`)))),
    ALONE.includes(simple.op) ? null : h('label', { for: `${field}-value` }, text('simpleValue')),
    ALONE.includes(simple.op) ? null : h('input', {
      id: `${field}-value`, class: 'bio-properties-panel-input', autoComplete: 'off', value: simple.value,
      placeholder: exampleOf(paths, simple.path),
      onChange: (event) => change({ value: event.target.value.trim() }),
    }));
}

function about(field) {
  const name = bilingual({ name_zh: field.zh, name_en: field.en });
  return [name, field.kind ? text(`kind_${field.kind}`) : '', field.example].filter(Boolean).join(' · ');
}

function exampleOf(paths, path) {
  return paths.find((one) => one.path === path)?.field.example ?? '';
}
