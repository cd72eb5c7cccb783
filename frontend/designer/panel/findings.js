// Findings in the panel: at the top those of the selected element with what mends them, and at each field its own.
import { Group } from '@bpmn-io/properties-panel';
import { h } from '@bpmn-io/properties-panel/preact';

import { canFix } from '../checks/fixes.js';
import { entryAt } from './lists.js';
import { bilingual, text } from '../words/texts.js';

/** Keeps what the check said last, and puts it at the fields of the selected element. */
export class PanelFindings {
  static $inject = ['eventBus', 'selection', 'canvas', 'injector', 'yizhanVocabulary'];

  constructor(eventBus, selection, canvas, injector, vocabulary) {
    Object.assign(this, { eventBus, _selection: selection, _canvas: canvas, _injector: injector, _vocabulary: vocabulary });
    this._byElement = new Map();
    eventBus.on('yizhan.checked', ({ byElement }) => {
      this._byElement = byElement;
      eventBus.fire('propertiesPanel.providersChanged');
      this._atFields();
    });
    eventBus.on('selection.changed', () => this._atFields());
    eventBus.on('yizhan.showPlace', ({ element, place }) => this.show(element, place));
  }

  of(element) {
    return element.labelTarget || !element.businessObject ? [] : this._byElement.get(element.businessObject.id) ?? [];
  }

  canFix(fix) {
    return canFix({ get: (name) => this._injector.get(name) }, fix);
  }

  entryOf(element, finding) {
    return finding.place ? entryAt(element, finding.place, this._vocabulary, (name) => this._injector.get(name)) : null;
  }

  /** Puts the keyboard into the field a finding is about. */
  show(element, place) {
    const id = entryAt(element, place, this._vocabulary, (name) => this._injector.get(name));
    if (!id) return;
    this.eventBus.fire('propertiesPanel.showEntry', { id });
    const at = (name) => document.getElementById(`bio-properties-panel-${name}`);
    const field = at(id) ?? at(`${id}-kind`);
    field?.scrollIntoView({ block: 'nearest' });
    field?.focus();
  }

  _atFields() {
    const [selected] = this._selection.get();
    const element = selected?.labelTarget ?? selected ?? this._canvas.getRootElement();
    const errors = {};
    for (const finding of this.of(element)) {
      const id = finding.severity === 'note' ? null : this.entryOf(element, finding);
      if (id) errors[id] = bilingual(finding, 'message');
    }
    this.eventBus.fire('propertiesPanel.setErrors', { errors });
  }
}

/** The group at the top of the panel, while the check has something to say about the element. */
export function findingsGroup(element, findings) {
  const found = findings.of(element);
  if (!found.length) return null;
  return { id: 'yizhan-findings', label: text('here'), component: Group, shouldOpen: true, entries: [
    { id: 'yizhan-findings-list', component: FindingList, isEdited: () => true, found, findings }] };
}

function FindingList({ element, id, found, findings }) {
  return h('ul', { class: 'bio-properties-panel-entry dsg-here', 'data-entry-id': id }, found.map((finding, at) => {
    const level = ['error', 'note'].includes(finding.severity) ? finding.severity : 'warning';
    const isShown = Boolean(findings.entryOf(element, finding));
    return h('li', { key: `${finding.rule}-${at}`, class: `dsg-${level}` },
      h('span', { class: 'dsg-tag' }, text(level === 'note' ? 'noted' : level)), ' ', bilingual(finding, 'message'),
      h('span', { class: 'dsg-mends' },
        (finding.fixes ?? []).filter((fix) => findings.canFix(fix)).map((fix) => h('button', {
          type: 'button', class: 'dsg-button dsg-small', key: fix.label_en, onClick: () => findings.eventBus.fire('yizhan.fix', { fix }),
        }, bilingual(fix, 'label'))),
        isShown ? h('button', { type: 'button', class: 'dsg-link', onClick: () => findings.show(element, finding.place) }, text('goToField')) : null));
  }));
}
