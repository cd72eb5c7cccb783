// Mending what the check found: the server says as data what can be done, here it is done, as one step that can be undone.
import { is } from 'bpmn-js/lib/util/ModelUtil.js';

import { freeId } from '../drawing/ids.js';
import { fieldAt, rowsOf, setRow } from '../panel/rows.js';

const COMMAND = 'yizhan.fix';
const BESIDE_PX = 110;

/** Does all steps of a fix ({steps: [{do, element, ...}]}) as one step of undo. Gives the element to look at. */
export function applyFix(diagram, fix) {
  const context = { steps: fix.steps };
  diagram.get('commandStack').execute(COMMAND, context);
  return context.shown;
}

/** Whether everything that a fix speaks of is still in the drawing. */
export function canFix(diagram, fix) {
  return fix.steps.every((step) => step.do in STEPS && find(diagram, step.element));
}

class FixHandler {
  static $inject = ['injector'];

  constructor(injector) {
    this._injector = injector;
  }

  preExecute(context) {
    const get = (name) => this._injector.get(name);
    const tools = { modeling: get('modeling'), factory: get('bpmnFactory'), get };
    for (const step of context.steps) {
      const element = find(tools, step.element);
      if (element) context.shown = STEPS[step.do](element, step, tools) ?? element;
    }
  }
}

const STEPS = {
  set(element, { element: id, name, value }, { modeling }) {
    const written = name === 'isExecutable' ? value === 'true' : value || undefined;
    const object = element.businessObject;
    if (object.id === id) modeling.updateProperties(element, { [name]: written });
    else modeling.updateModdleProperties(element, object.processRef, { [name]: written });
  },
  input: (element, { name, value }, tools) => setRow(element, 'yizhan:Input', name, value, tools),
  removeInput: (element, { name }, tools) => setRow(element, 'yizhan:Input', name, undefined, tools),
  output: (element, { name, value }, tools) => setRow(element, 'yizhan:Output', name, value, tools),
  renameInput(element, { name, to }, { modeling }) {
    const row = rowsOf(element, 'yizhan:Input').find((one) => one.get('name') === name);
    if (row) modeling.updateModdleProperties(element, row, { name: to });
  },
  default(element, { flow }, tools) {
    const way = find(tools, flow);
    if (!way) return;
    tools.modeling.updateProperties(way, { conditionExpression: undefined });
    tools.modeling.updateProperties(element, { default: way.businessObject });
  },
  word(element, { place, name, to }, tools) {
    const field = fieldAt(element, place, tools);
    const before = field?.get();
    if (before) field.set(before.replace(new RegExp(`(?<![\\p{L}\\w.'"])${escaped(name)}(?![\\p{L}\\w])`, 'gu'), to));
  },
  field: (element, { place, value }, tools) => fieldAt(element, place, tools)?.set(value),
  event: (element, { kind, value }, tools) => nameEvent(element, kind, value, tools),
  timeLimit: (element, { value }, tools) => addTimeLimit(element, value, tools),
  replace: (element, { type }, tools) => tools.get('bpmnReplace').replaceElement(element, { type }),
  remove(element, _, { modeling }) {
    const { parent } = element;
    modeling.removeElements([element]);
    return parent;
  },
};

/** A timer that does not interrupt, and behind it a person who looks after what takes too long. */
function addTimeLimit(host, value, { modeling, factory, get }) {
  const modeler = { get };
  const make = (type, id, words, more = {}) => get('elementFactory').createShape({
    type, businessObject: factory.create(type, { id: freeId(modeler, id), ...words }), ...more,
  });
  const named = (name, nameEn) => ({ name, 'yizhan:nameEn': nameEn });
  const timer = make('bpmn:BoundaryEvent', `${host.id}_too_long`, { ...named('超时', 'Too long'), cancelActivity: false },
    { eventDefinitionType: 'bpmn:TimerEventDefinition' });
  const edge = { x: host.x + host.width - 24, y: host.y + host.height };
  const event = modeling.createShape(timer, edge, host, { attach: true });
  const [definition] = event.businessObject.eventDefinitions;
  const timeDuration = factory.create('bpmn:FormalExpression', { body: value });
  timeDuration.$parent = definition;
  modeling.updateModdleProperties(event, definition, { timeDuration });
  const task = make('bpmn:UserTask', `${host.id}_chase`, named('催办', 'Chase it up'));
  const below = { x: edge.x + 120, y: edge.y + BESIDE_PX };
  const person = modeling.appendShape(event, task, below, host.parent);
  modeling.appendShape(person, make('bpmn:EndEvent', `${host.id}_chased`, named('已催办', 'Chased up')),
    { x: below.x + 130, y: below.y }, host.parent);
  return person;
}

/** Lets an event, or a task that waits, be about a message or signal of that name; one that is there is taken. */
function nameEvent(element, kind, name, { modeling, factory, get }) {
  const type = kind === 'signal' ? 'bpmn:Signal' : 'bpmn:Message';
  const definitions = get('bpmnjs').getDefinitions();
  let about = definitions.rootElements.find((one) => is(one, type) && one.name === name);
  if (!about) {
    about = factory.create(type, { id: `${kind}_${name.replace(/\W/g, '_')}`, name });
    about.$parent = definitions;
    modeling.updateModdleProperties(element, definitions, { rootElements: [...definitions.rootElements, about] });
  }
  const property = kind === 'signal' ? 'signalRef' : 'messageRef';
  const owner = element.businessObject.eventDefinitions?.find((one) => property in one.$descriptor.propertiesByName) ?? element.businessObject;
  modeling.updateModdleProperties(element, owner, { [property]: about });
}

function find(tools, id) {
  const registry = tools.get('elementRegistry');
  return registry.get(id)
    ?? registry.find((element) => is(element, 'bpmn:Participant') && element.businessObject.processRef?.id === id);
}

function escaped(word) {
  return word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

export const FixesModule = {
  __init__: [['commandStack', (commandStack) => commandStack.registerHandler(COMMAND, FixHandler)]],
};
