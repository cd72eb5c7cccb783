// The dmn-js editor with our languages, policies and vocabulary, and our files in and out.
import Modeler from 'dmn-js/lib/Modeler';

import { language } from '../studio/words.js';
import { layOut } from './layout.js';
import { WORDS } from './words.js';

export const TYPES = ['', 'number', 'boolean', 'date', 'time', 'dateTime'];
const VOCABULARY = {
  name: 'Yizhan', uri: 'urn:yizhan:bpmn:1', prefix: 'yizhan', xml: { tagAlias: 'lowerCase' }, associations: [],
  types: [{ name: 'Named', extends: ['dmn:DMNElement'], properties: [{ name: 'nameEn', isAttr: true, type: 'String' }] }],
};

function say(template, values = {}) {
  const found = language === 'en' ? template : WORDS[template] ?? template;
  return found.replace(/\{\s*(\w+)\s*\}/g, (whole, name) => values[name] ?? whole);
}

export class Editor {
  constructor(container) {
    this.modeler = new Modeler({
      container,
      height: '100%',
      width: '100%',
      moddleExtensions: { yizhan: VOCABULARY },
      common: {
        expressionLanguages: { options: [{ value: 'feel', label: 'FEEL' }], defaults: { editor: 'feel', inputCell: 'feel', outputCell: 'feel', inputExpression: 'feel' } },
        dataTypes: ['string', ...TYPES.slice(1), 'dayTimeDuration', 'yearMonthDuration'],
      },
      ...Object.fromEntries(['drd', 'decisionTable', 'literalExpression', 'boxedExpression'].map((view) => [view, { additionalModules: [{ translate: ['value', say] }] }])),
    });
    this.listeners = [];
    this.modeler.on('import.parse.complete', ({ definitions }) => { this.saysBoth = definitions ? notesIn(definitions) : new WeakSet(); });
    this.modeler.on('viewer.created', ({ type, viewer }) => viewer.on('commandStack.changed', () => {
      // Whoever moves something in a diagram that was made here wants to keep it.
      if (type === 'drd') this.isMade = false;
      this.listeners.forEach((one) => one());
    }));
  }

  /** ``what()`` is called after every change. */
  onChange(what) { this.listeners.push(what); }

  /** ``what(views, active)`` is called when the views are others, or another one is shown. */
  onViews(what) { this.modeler.on('views.changed', ({ views, activeView }) => what(views, activeView)); }

  /** Opens a file; gives what could not be read. :throws Error: it is no DMN. */
  async open(xml) {
    const { warnings } = await this.modeler.importXML(xml);
    return warnings ?? [];
  }

  async text() {
    const notes = this._notesOut();
    const definitions = this.modeler.getDefinitions();
    const drawn = definitions.dmnDI;
    if (this.isMade) definitions.dmnDI = undefined;
    try {
      return (await this.modeler.saveXML({ format: true })).xml;
    } finally {
      definitions.dmnDI = drawn;
      notes.forEach((back) => back());
    }
  }

  show(view) {
    if (view.type === 'drd') this.isMade = layOut(this.modeler.getDefinitions()) || Boolean(this.isMade);
    return this.modeler.open(view);
  }

  get decisions() { return this.modeler.getDefinitions().get('drgElement').filter((one) => one.$type === 'dmn:Decision'); }

  /** The decision whose logic is shown, null in the diagram. */
  get decision() {
    const element = this.modeler.getActiveView()?.element;
    return element?.$type === 'dmn:Decision' ? element : null;
  }

  get table() {
    const logic = this.decision?.decisionLogic;
    return logic?.$type === 'dmn:DecisionTable' ? logic : null;
  }

  get viewer() { return this.modeler.getActiveViewer(); }

  get(service) { return this.viewer.get(service); }

  undo() { this.get('commandStack').undo(); }

  redo() { this.get('commandStack').redo(); }

  get canUndo() { return Boolean(this.viewer?.get('commandStack', false)?.canUndo()); }

  get canRedo() { return Boolean(this.viewer?.get('commandStack', false)?.canRedo()); }

  _rows() { return this.get('sheet').getRoot().rows; }

  /** The rule in which the cursor is: its place from 0, -1 without one. */
  get rule() {
    const row = this.get('selection').get()?.row;
    return row ? this._rows().indexOf(row) : -1;
  }

  addRule(index) { this.get('modeling').addRow({ type: 'dmn:DecisionRule' }, Math.min(index, this._rows().length)); }

  removeRule(index) { if (this._rows()[index]) this.get('modeling').removeRow(this._rows()[index]); }

  moveRule(index, step) {
    const to = index + step;
    if (index >= 0 && to >= 0 && to < this._rows().length) this.get('modeling').moveRow(this._rows()[index], to);
  }

  addInput() { this._addColumn('dmn:InputClause', this.table.get('input').length); }

  addOutput() { this._addColumn('dmn:OutputClause', this.table.get('input').length + this.table.get('output').length); }

  _addColumn(type, index) { this.get('modeling').addCol({ type }, index); }

  removeColumn(index) { this.get('modeling').removeCol(this.get('sheet').getRoot().cols[index]); }

  edit(element, properties) { this.get('modeling').updateProperties(element, properties); }

  hitPolicy(policy, aggregation) { this.get('modeling').editHitPolicy(policy, aggregation); }

  values(column, text) { this.get('modeling').editAllowedValues(column, text ? [text] : null); }

  _notesOut() {
    const back = [];
    for (const rule of rules(this.modeler.getDefinitions())) {
      const [entry] = rule.get('annotationEntry') ?? [];
      if (!entry || this.saysBoth.has(rule)) continue;
      const said = rule.description;
      entry.text = said ?? '';
      rule.description = undefined;
      back.push(() => { rule.description = said; });
    }
    return back;
  }
}

/** dmn-js shows what is noted beside a rule from its description; files may have it as an annotation. Gives the rules with both: each stays where it is. */
function notesIn(definitions) {
  const both = new WeakSet();
  for (const rule of rules(definitions)) {
    const [entry] = rule.get('annotationEntry') ?? [];
    if (entry?.text && rule.description) both.add(rule);
    else if (entry?.text) rule.description = entry.text;
  }
  return both;
}

function rules(definitions) {
  return definitions.get('drgElement').flatMap((one) => (one.decisionLogic?.$type === 'dmn:DecisionTable' ? one.decisionLogic.get('rule') : []));
}
