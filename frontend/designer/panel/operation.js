// The operation of a step: the choice, and what its template says: how it is called, undone, and does now.
import { h } from '@bpmn-io/properties-panel/preact';
import { isSelectEntryEdited } from '@bpmn-io/properties-panel';
import { useService } from 'bpmn-js-properties-panel';

import { choiceEntry } from './entries.js';
import { applyTemplate, differences, labelOf, operationOf, refusalsOf, valueLabel } from './templates.js';
import { bilingual, text, textOr } from '../words/texts.js';

/** The entries of a step that calls an operation. */
export function operationEntries(element, tools) {
  const { vocabulary } = tools;
  const access = {
    hint: text('operationHint'),
    get: (one) => one.businessObject.get('yizhan:operation'),
    set: (_, one, code) => {
      const chosen = vocabulary.operations.find((row) => row.code === code);
      applyTemplate(tools, one, chosen ?? (code ? { code } : undefined), operationOf(vocabulary, one));
    },
  };
  const choice = choiceEntry('yizhan-operation', text('operation'), vocabulary.operations, access);
  const known = operationOf(vocabulary, element);
  return known?.adapter ? [choice, { id: 'yizhan-template', component: Template, isEdited: isSelectEntryEdited, tools }] : [choice];
}

function Template({ element, id, tools }) {
  useService('modeling');
  const { vocabulary } = tools;
  const operation = operationOf(vocabulary, element);
  if (!operation) return null;
  const { missing, extra } = differences(operation, element);
  const named = (names) => names.map((name) => valueLabel(vocabulary, name)).join('、');
  return h('div', { class: 'bio-properties-panel-entry dsg-template', 'data-entry-id': id },
    missing.length || extra.length ? h('div', { class: 'dsg-drift', role: 'note' },
      h('p', {}, text('registryChanged'), [
        missing.length ? text('lacks', { names: named(missing) }) : '',
        extra.length ? text('tooMuch', { names: named(extra) }) : '',
      ].filter(Boolean).join('；')),
      h('button', { type: 'button', class: 'dsg-button dsg-small', onClick: () => applyTemplate(tools, element, operation, operation) }, text('updateTemplate'))) : null,
    h('details', { class: 'dsg-about' }, h('summary', {}, text('template'), ' ', health(operation)), h('dl', { class: 'dsg-facts' }, factsOf(operation, vocabulary).filter(([, said]) => said).map(([label, said, tone]) => [
      h('dt', { key: `${label}-t` }, label), h('dd', { key: label, class: tone }, said)]))));
}

function health(operation) {
  const said = bilingual(operation.health ?? {});
  return said ? h('span', { class: operation.health.state === 'fine' ? 'dsg-good' : 'dsg-bad' }, said) : null;
}

function factsOf(operation, vocabulary) {
  const undo = vocabulary.operations.find((one) => one.code === operation.undo);
  const policy = vocabulary.policies?.find((one) => one.code === operation.retry);
  const undone = operation.effect === 'read' ? text('noUndoNeeded') : operation.irreversible ? text('noUndo') : '';
  const answers = operation.mode === 'callback' ? text('callsBack', { minutes: operation.callback_deadline_min }) : text('answersAtOnce');
  return [
    [text('factHealth'), health(operation)],
    [text('factSystem'), textOr(`adapter_${operation.adapter}`, operation.adapter)],
    [text('factKind'), `${operation.effect === 'read' ? text('readsOnly') : text('changesThere')} · ${answers}`],
    [text('factUndo'), undo ? labelOf(undo) : undone, operation.irreversible ? 'dsg-bad' : ''],
    [text('factTimeout'), operation.timeout_s ? text('seconds', { n: operation.timeout_s }) : ''],
    [text('factRetry'), policy ? bilingual(policy) : operation.retry],
    [text('factOutputs'), (operation.outputs ?? []).map((name) => valueLabel(vocabulary, name)).join('、')],
    [text('factRefusals'), refusalsOf(operation, vocabulary).map((one) => bilingual(one)).join('、')],
  ];
}
