// Connecting two elements without drawing: choose where the line goes.
import { is } from 'bpmn-js/lib/util/ModelUtil.js';

import { openDialog } from '../frame/dialog.js';
import { button, el } from '../../studio/dom.js';
import { text } from '../words/texts.js';
import { typeName } from '../words/translate.js';

/** Asks where a line from the selected element leads and draws it; ``say`` shows one line to the user. */
export function connect(diagram, say) {
  const [source] = diagram.get('selection').get();
  if (!source || source.waypoints) return say(text('connectNeedsStep'), 'bad');
  const rules = diagram.get('rules');
  const targets = diagram.get('elementRegistry').filter((one) => one !== source && one.parent && !one.waypoints && !one.labelTarget
    && rules.allowed('connection.create', { source, target: one }));
  if (!targets.length) return say(text('connectNowhere'), 'bad');
  const spoken = diagram.get('yizhanSpoken');
  const called = (one) => spoken.name(one) || one.businessObject.text || one.id;
  const choice = el('select', { class: 'dsg-select', id: 'dsg-connect-to' },
    ...targets.sort((a, b) => a.x - b.x || a.y - b.y).map((one) => el('option', { value: one.id }, `${called(one)} · ${typeName(one)}`)));
  const dialog = openDialog(text('connectTitle', { name: called(source) }),
    el('form', { method: 'dialog', onsubmit: () => draw(diagram, source, choice.value, say) },
      el('label', { for: 'dsg-connect-to' }, text('connectTo')), choice,
      el('div', { class: 'dsg-choices' },
        button(text('cancel'), () => dialog.close()),
        el('button', { type: 'submit', class: 'dsg-button dsg-primary' }, text('connect')))));
  choice.focus();
  return dialog;
}

function draw(diagram, source, id, say) {
  const target = diagram.get('elementRegistry').get(id);
  const line = diagram.get('modeling').connect(source, target);
  if (line) diagram.get('selection').select(is(line, 'bpmn:SequenceFlow') ? line : source);
  say(line ? text('connected') : text('connectNowhere'), line ? '' : 'bad');
  diagram.get('canvas').focus();
}
