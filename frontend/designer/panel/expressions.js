// A field for an expression: offers what can be written next, and says at its place what is wrong while one types.
import { useError, useShowEntryEvent } from '@bpmn-io/properties-panel';
import { h } from '@bpmn-io/properties-panel/preact';
import { useEffect, useRef, useState } from '@bpmn-io/properties-panel/preact/hooks';
import { useService } from 'bpmn-js-properties-panel';

import { offersAt } from './expression-words.js';
import { bilingual, text } from '../words/texts.js';

const AFTER_MS = 250;

/** A text box for an expression; ``access`` {get(element), set(modeling, element, value), hint}. */
export function expressionEntry(id, label, access) {
  return { id, isEdited: (node) => Boolean(node?.value), component: ExpressionField, label, ...access };
}

export function ExpressionField({ element, id, label, get, set, hint, required }) {
  const modeling = useService('modeling');
  const words = useService('yizhanWords');
  const value = get(element) ?? '';
  const [typed, setTyped] = useState(value);
  const names = useRef(null);
  const [offers, setOffers] = useState(null);
  const [active, setActive] = useState(-1);
  const [marks, setMarks] = useState([]);
  const timer = useRef();
  const input = useShowEntryEvent(id);
  const serverError = useError(id);
  useEffect(() => { setTyped(value); setOffers(null); setMarks([]); }, [value, element.id]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const learn = async () => {
    names.current = await words.namesAt(element);
    return names.current;
  };
  const look = (written, known) => {
    clearTimeout(timer.current);
    if (!written.trim()) { setMarks([]); return; }
    timer.current = setTimeout(async () => {
      const found = await words.marksIn(written, known);
      if (found && input.current?.value === written) setMarks(found);
    }, AFTER_MS);
  };
  const offer = (written, caret, known, isAsked) => {
    const found = offersAt(written.slice(0, caret), known ?? [], words.functions);
    const begun = caret > found.from || /[.]$/.test(written.slice(0, caret));
    setOffers(found.items.length && (begun || isAsked) ? { ...found, caret } : null);
    setActive(begun ? 0 : -1);
  };
  const commit = () => {
    const trimmed = input.current.value.trim();
    if (trimmed !== value) set(modeling, element, trimmed || undefined);
  };
  const pick = (item) => {
    const { from, caret } = offers;
    const written = typed.slice(0, from) + item.insert + typed.slice(caret);
    const at = from + item.insert.length;
    setTyped(written);
    setOffers(null);
    look(written, names.current);
    requestAnimationFrame(() => { input.current?.focus(); input.current?.setSelectionRange(at, at); });
  };
  const replace = (mark, word) => {
    const written = typed.slice(0, mark.start) + word + typed.slice(mark.end);
    setTyped(written);
    set(modeling, element, written.trim());
    look(written, names.current);
  };
  const onKeyDown = async (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === ' ' && event.ctrlKey) {
      event.preventDefault();
      offer(typed, event.target.selectionStart, names.current ?? await learn(), true);
    } else if (offers && step) {
      event.preventDefault();
      setActive((active + step + offers.items.length) % offers.items.length);
    } else if (offers && active >= 0 && typed.slice(offers.from, offers.caret) === offers.items[active].insert && event.key === 'Tab') {
      setOffers(null); // it is there already
    } else if (offers && active >= 0 && (event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey) {
      event.preventDefault();
      pick(offers.items[active]);
    } else if (offers && event.key === 'Escape') {
      event.stopPropagation();
      setOffers(null);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      commit();
    }
  };
  const field = `bio-properties-panel-${id}`;
  // What is half written is not wrong yet.
  const isWrong = !offers && (marks.length > 0 || Boolean(serverError));
  return h('div', { class: `bio-properties-panel-entry dsg-expr${isWrong ? ' has-error' : ''}`, 'data-entry-id': id },
    h('label', { for: field, class: 'bio-properties-panel-label' }, label, required ? h('span', { class: 'dsg-needed', title: text('obligatory') }, ' *') : null),
    h('textarea', {
      id: field, name: id, ref: input, class: 'bio-properties-panel-input', rows: Math.min(4, Math.max(1, Math.ceil(typed.length / 34))), spellCheck: false, autoComplete: 'off',
      role: 'combobox', 'aria-expanded': String(Boolean(offers)), 'aria-autocomplete': 'list', 'aria-controls': `${field}-list`,
      'aria-activedescendant': offers && active >= 0 ? `${field}-${active}` : undefined,
      'aria-invalid': isWrong ? 'true' : undefined, 'aria-describedby': `${field}-hint`, 'aria-required': required ? 'true' : undefined,
      value: typed,
      onFocus: () => { learn().then((found) => look(input.current?.value ?? '', found)); },
      onInput: async (event) => {
        const { value: written, selectionStart } = event.target;
        setTyped(written);
        const known = names.current ?? await learn();
        if (input.current?.value !== written || document.activeElement !== input.current) return;
        look(written, known);
        offer(written, selectionStart, known, false);
      },
      onKeyDown,
      onBlur: () => { setOffers(null); commit(); },
    }),
    h('ul', { id: `${field}-list`, role: 'listbox', 'aria-label': label, class: 'dsg-options', hidden: !offers },
      offers?.items.map((item, index) => h('li', {
        id: `${field}-${index}`, key: item.name, role: 'option', 'aria-selected': String(index === active),
        ref: (node) => { if (index === active) node?.scrollIntoView?.({ block: 'nearest' }); },
        onMouseDown: (event) => { event.preventDefault(); pick(item); },
      }, h('b', {}, item.fn ? item.fn.sign : item.name), h('small', {}, about(item))))),
    h('div', { id: `${field}-hint`, class: 'dsg-expr-said' },
      offers ? null : marks.map((mark) => h('p', { class: 'bio-properties-panel-error', key: `${mark.start}-${mark.end}` },
        h('code', {}, typed.slice(Math.max(0, mark.start - 12), mark.start), h('mark', {}, typed.slice(mark.start, mark.end) || '…'), typed.slice(mark.end, mark.end + 12)),
        ` ${bilingual({ name_zh: mark.zh, name_en: mark.en })} `,
        mark.instead.map((word) => h('button', { type: 'button', class: 'dsg-button dsg-small', key: word, onClick: () => replace(mark, word) }, text('didYouMean', { name: word }))))),
      !offers && !marks.length && serverError ? h('p', { class: 'bio-properties-panel-error' }, serverError) : null,
      !isWrong && !offers && hint ? h('p', { class: 'bio-properties-panel-description' }, hint) : null));
}

function about(item) {
  if (item.fn) return ` ${bilingual(item.fn)}`;
  const { field, known } = item;
  const parts = [
    bilingual({ name_zh: field.zh, name_en: field.en }),
    field.kind ? text(`kind_${field.kind}`) : '',
    field.example ? text('example', { value: field.example }) : '',
    known ? text('fromStep', { name: bilingual({ name_zh: known.from_zh, name_en: known.from_en }) }) : '',
    known && !known.always ? text('notAlways') : '',
  ];
  return ` ${parts.filter(Boolean).join(' · ')}`;
}
