// Our types of questions as form-js knows them: what the palette offers and how the canvas draws them. Everything
// else of form-js (HTML, frames, expressions, tables ...) is not offered; where a file has it, its place is shown.
import { FormFields, iconsByType } from '@bpmn-io/form-js-viewer';
import { h } from 'preact';

import { inLanguage, text } from '../studio/words.js';

const ICONS = {
  percent: 'number', money: 'number', phone: 'textfield', address: 'textfield', resource: 'select', masked_id: 'textfield',
  scan: 'textfield', photo: 'image', file: 'filepicker', signature: 'textarea',
};
const CHOSEN = new Set(['select', 'radio', 'checklist', 'taglist']);

/**
 * The field types of an editor. ``kinds``: ``{type, name, name_zh, name_en, group}``; ``nextKey`` gives a key that is
 * free, ``asked`` says in words when a question is asked.
 */
export class OurFields extends FormFields {
  constructor(kinds, nextKey, asked) {
    super();
    const standard = this._formFields;
    this._formFields = { default: standard.default };
    for (const kind of kinds) this.register(kind.type, kind.type === 'group' ? group(kind, standard.group) : question(kind, nextKey, asked));
  }

  /** A type that is not ours is shown as what it is, so that it can be taken away. */
  get(type) {
    return super.get(type) ?? stranger(type);
  }
}
OurFields.$inject = ['config.kinds', 'config.nextKey', 'config.asked'];

function question(kind, nextKey, asked) {
  const drawn = ({ field }) => h('div', { class: 'fjs-form-field fb-field' },
    kind.type === 'text' ? h('p', {}, inLanguage(field.text, field.textEn)) : [
      h('div', { class: 'fb-label' }, inLanguage(field.label, field.labelEn), field.validate?.required ? ' *' : ''),
      box(kind.type, field),
    ],
    hint(field, asked));
  drawn.config = {
    type: kind.type,
    name: kind.name,
    group: kind.group,
    icon: iconsByType(ICONS[kind.type] ?? kind.type),
    create: ({ layout, ...given }, isNew) => (isNew ? { ...fresh(kind, nextKey), ...given } : given),
  };
  return drawn;
}

function fresh(kind, nextKey) {
  if (kind.type === 'text') return { text: kind.name_zh, textEn: kind.name_en };
  const made = { key: nextKey(kind.type), label: kind.name_zh, labelEn: kind.name_en };
  if (CHOSEN.has(kind.type)) made.values = [1, 2].map((n) => ({ value: `option_${n}`, label: `选项 ${n}`, labelEn: `Option ${n}` }));
  if (kind.type === 'datetime') made.subtype = 'date';
  return made;
}

function box(type, field) {
  if (type === 'checkbox') return null;
  if (CHOSEN.has(type)) {
    const values = Array.isArray(field.values) ? field.values : [];
    return h('div', { class: 'fb-choices' }, values.slice(0, 8).map((one) => h('span', {}, inLanguage(one?.label, one?.labelEn) || String(one?.value ?? one))));
  }
  return h('div', { class: `fb-box${type === 'textarea' || type === 'signature' ? ' fb-tall' : ''}` }, inLanguage(field.unit, field.unitEn));
}

function hint(field, asked) {
  const lines = [inLanguage(field.description, field.descriptionEn)];
  if (field.showWhen && typeof field.showWhen === 'object') lines.push(asked(field.showWhen));
  return lines.filter(Boolean).map((line) => h('div', { class: 'fb-hint' }, line));
}

/** A frame: that of form-js, with the name in the reader's language above it. */
function group(kind, standard) {
  const drawn = (props) => h('div', { class: 'fb-group' },
    h('div', { class: 'fb-label' }, inLanguage(props.field.label, props.field.labelEn)),
    h(standard, { ...props, field: { ...props.field, label: '' } }));
  drawn.config = {
    type: 'group',
    name: kind.name,
    group: kind.group,
    icon: iconsByType('group'),
    create: ({ layout, ...given }, isNew) => (isNew ? { label: kind.name_zh, labelEn: kind.name_en, components: [], ...given } : given),
  };
  return drawn;
}

function stranger(type) {
  const drawn = () => h('div', { class: 'fjs-form-field fb-field fb-stranger' }, text('unknownType', { type: String(type) }));
  drawn.config = { type, name: String(type), create: ({ layout, ...given }) => given };
  return drawn;
}
