// A choice with search for the panel: names are shown, the code is stored. A combobox as the ARIA guide describes it.
import { useError } from '@bpmn-io/properties-panel';
import { h } from '@bpmn-io/properties-panel/preact';
import { useEffect, useRef, useState } from '@bpmn-io/properties-panel/preact/hooks';
import { useService } from 'bpmn-js-properties-panel';

import { labelOf } from './templates.js';
import { text } from '../words/texts.js';

const MOST_SHOWN = 60;

export function Picker({ element, id, label, choices, get, set, hint, none }) {
  const modeling = useService('modeling');
  const value = get(element) ?? '';
  const [query, setQuery] = useState(null);
  const [active, setActive] = useState(0);
  const box = useRef();
  const error = useError(id);
  const field = `bio-properties-panel-${id}`;
  useEffect(() => setQuery(null), [element.id]);
  const isOpen = query !== null;
  const found = isOpen ? fitting(choices, query) : [];
  const pick = (choice) => {
    setQuery(null);
    if ((choice?.code ?? '') !== value) set(modeling, element, choice?.code || undefined);
  };
  const close = () => {
    if (query === '') pick(null);
    else if (query !== null) pick(choices.find((one) => one.code === query.trim()) ?? choices.find((one) => one.code === value) ?? { code: value });
  };
  const leave = () => { if (query === '') setQuery(null); else close(); };
  const onKeyDown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (!isOpen) setQuery('');
      else setActive((active + step + found.length) % Math.max(found.length, 1));
    } else if (event.key === 'Enter' && isOpen) {
      event.preventDefault();
      pick(found[active] ?? { code: value });
    } else if (event.key === 'Tab' && isOpen) {
      leave(); // the next stop is the button that clears, within the same box
    } else if (event.key === 'Escape' && isOpen) {
      event.stopPropagation();
      setQuery(null);
    }
  };
  return h('div', { class: `bio-properties-panel-entry${error ? ' has-error' : ''}`, 'data-entry-id': id },
    h('div', { class: 'dsg-picker', ref: box },
      h('label', { for: field, class: 'bio-properties-panel-label' }, label),
      h('input', {
        id: field, class: 'bio-properties-panel-input', type: 'text', autoComplete: 'off', spellCheck: false, role: 'combobox',
        'aria-expanded': String(isOpen), 'aria-autocomplete': 'list', 'aria-controls': `${field}-list`,
        'aria-activedescendant': isOpen && found[active] ? `${field}-${active}` : undefined,
        'aria-invalid': error ? 'true' : undefined, 'aria-describedby': error || hint ? `${field}-hint` : undefined,
        placeholder: none ?? text('choose'),
        value: isOpen ? query : shown(choices, value),
        onFocus: (event) => event.target.select(),
        onInput: (event) => { setQuery(event.target.value); setActive(0); },
        onClick: () => { if (!isOpen) setQuery(''); },
        onKeyDown,
        onBlur: (event) => { if (!box.current?.contains(event.relatedTarget)) leave(); },
      }),
      value ? h('button', { type: 'button', class: 'dsg-clear', 'aria-label': `${text('clear')}：${label}`, onClick: () => pick(null) }, '×') : null,
      h('ul', { id: `${field}-list`, role: 'listbox', 'aria-label': label, class: 'dsg-options', hidden: !isOpen },
        found.map((choice, index) => h('li', {
          id: `${field}-${index}`, key: choice.code, role: 'option', 'aria-selected': String(index === active),
          ref: (node) => { if (index === active && isOpen) node?.scrollIntoView?.({ block: 'nearest' }); },
          onMouseDown: (event) => { event.preventDefault(); pick(choice); },
        }, labelOf(choice), choice.health?.state && choice.health.state !== 'fine' ? h('small', {}, ` ${labelOf({ ...choice.health, code: '' })}`) : null)),
        isOpen && !found.length ? h('li', { class: 'dsg-muted', role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false' }, text('noMatch')) : null)),
    error || hint ? h('div', { id: `${field}-hint`, class: error ? 'bio-properties-panel-error' : 'bio-properties-panel-description' }, error || hint) : null);
}

function fitting(choices, query) {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (choice) => {
    const all = `${choice.code} ${choice.name_zh ?? ''} ${choice.name_en ?? ''}`.toLowerCase();
    return words.every((word) => all.includes(word));
  };
  return choices.filter(fits).slice(0, MOST_SHOWN);
}

function shown(choices, value) {
  if (!value) return '';
  const known = choices.find((choice) => choice.code === value);
  return known ? labelOf(known) : text('notListed', { value });
}
