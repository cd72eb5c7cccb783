// The decision a step asks: which one, and whether it takes the newest version or always the same.
import { isSelectEntryEdited } from '@bpmn-io/properties-panel';

import { attribute, choiceEntry, ChoiceProperty } from './entries.js';
import { bilingual, text } from '../words/texts.js';

const DECISION = 'yizhan:decision';
const VERSION = 'yizhan:decisionVersion';

/** The entries of a step that asks a decision; another decision has other versions, so choosing one takes the newest. */
export function decisionEntries(element, vocabulary) {
  const decisions = vocabulary.decisions ?? [];
  const access = {
    ...attribute(DECISION),
    set: (modeling, one, code) => modeling.updateProperties(one, { [DECISION]: code, [VERSION]: undefined }),
  };
  const chosen = element.businessObject.get(DECISION);
  const versions = decisions.find((one) => one.code === chosen)?.versions ?? [];
  const pinned = element.businessObject.get(VERSION);
  const entries = [choiceEntry('yizhan-decision', text('decision'), decisions, access)];
  if (!versions.length && !pinned) return entries;
  return [...entries, {
    id: 'yizhan-decisionVersion', isEdited: isSelectEntryEdited, component: ChoiceProperty, label: text('decisionVersion'),
    choices: versions, say: bilingual, none: text('newestVersion'), ...attribute(VERSION, text(pinned ? 'pinnedHint' : 'newestHint')),
  }];
}
