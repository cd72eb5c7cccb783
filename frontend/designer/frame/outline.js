// All elements as a tree: reading and reaching the diagram without a mouse.
import { is, isAny } from 'bpmn-js/lib/util/ModelUtil.js';

import { goTo } from '../checks/checks.js';
import { arrange } from '../large/arrange.js';
import { el } from '../../studio/dom.js';
import { takingBackWords } from '../drawing/marks.js';
import { bothNames } from '../words/find.js';
import { text } from '../words/texts.js';
import { typeName } from '../words/translate.js';

const CHANGES = ['import.done', 'elements.changed', 'shape.added', 'shape.removed', 'connection.added', 'connection.removed', 'yizhan.checked', 'yizhan.comments'];
const LISTED = ['bpmn:FlowNode', 'bpmn:Participant', 'bpmn:Lane', 'bpmn:TextAnnotation', 'bpmn:DataObjectReference', 'bpmn:DataStoreReference'];
const PLANE = '_plane';
const [RESTS_MS, FORGETS_MS] = [120, 700];

export class Outline {
  /** ``facts(element)`` gives what is said of taking an element back; ``comments(id)`` how many are open at it. */
  constructor(diagram, place, { facts = () => ({}), comments = () => 0, isShown = () => true, goOn = () => {} } = {}) {
    Object.assign(this, { _diagram: diagram, _facts: facts, _comments: comments, _isShown: isShown, _goOn: goOn });
    this._closed = new Set();
    this._drawn = new WeakMap();
    this._findings = new Map();
    this._tree = el('ul', { class: 'dsg-outline', role: 'tree', 'aria-label': text('outline'), onkeydown: (event) => this._onKey(event) });
    place.append(this._tree);
    const bus = diagram.get('eventBus');
    bus.on('yizhan.checked', ({ byElement }) => { this._findings = byElement; });
    bus.on(CHANGES, () => this.plan());
    bus.on('selection.changed', ({ newSelection: [first] }) => this._mark(first));
  }

  /** Draws the tree when the hand rests: many changes at once are one drawing, and none waits for it. */
  plan() {
    clearTimeout(this._timer);
    if (this._isShown()) this._timer = setTimeout(() => this._draw(), RESTS_MS);
  }

  /** Draws it at once, for somebody has just opened it. */
  show() {
    clearTimeout(this._timer);
    this._draw();
  }

  _draw() {
    const had = this._tree.contains(document.activeElement) ? document.activeElement.dataset.element : null;
    const root = this._diagram.get('canvas').getRootElements?.()[0] ?? this._diagram.get('canvas').getRootElement();
    const below = this._children();
    const rows = [];
    const walk = (element, level) => {
      const children = below.get(element.id) ?? [];
      rows.push(this._row(element, level, children.length));
      if (!this._closed.has(element.id)) for (const child of children) walk(child, level + 1);
    };
    walk(root, 1);
    // Rows that say what they said stay: only what is new is laid out.
    const kept = new Set(rows);
    for (const row of [...this._tree.children]) if (!kept.has(row)) row.remove();
    arrange(this._tree, rows);
    this._rows = new Map(rows.map((row) => [row.dataset.element, row]));
    this._mark(this._diagram.get('selection', false)?.get()[0]);
    if (had) this._rowOf(had)?.focus();
  }

  _children() {
    const below = new Map();
    const put = (id, element) => below.set(id, [...(below.get(id) ?? []), element]);
    const listed = this._diagram.get('elementRegistry').filter((one) => one.parent && !one.labelTarget && isListed(one));
    listed.sort((a, b) => at(a).x - at(b).x || at(a).y - at(b).y);
    for (const element of listed) {
      const above = element.waypoints ? element.source : element.host ?? element.parent;
      put(above.id.endsWith(PLANE) ? above.id.slice(0, -PLANE.length) : above.id, element);
    }
    return below;
  }

  _row(element, level, children) {
    const words = element.businessObject;
    const spoken = this._diagram.get('yizhanSpoken', false);
    const name = (spoken ? spoken.name(element) : words.name) || words.text || flowWords(element, spoken) || '';
    const isClosed = this._closed.has(element.id);
    const states = this._states(element);
    const says = JSON.stringify([name, typeName(element), level, children > 0 && isClosed, children > 0, states]);
    const there = this._rows?.get(element.id);
    const drawn = there && this._drawn.get(there);
    if (drawn?.element === element && drawn.says === says) return there;
    const row = el('li', {
      class: 'dsg-row', role: 'treeitem', tabindex: -1, 'aria-level': level, 'data-element': element.id, title: element.id, 'aria-selected': 'false',
      'aria-expanded': children ? String(!isClosed) : null, style: `--level: ${level}`,
      onclick: () => this._choose(element, false), ondblclick: () => this._choose(element, true),
    },
    el('span', { class: 'dsg-twist', 'aria-hidden': 'true' }, children ? (isClosed ? '▸' : '▾') : ''),
    el('span', {}, name || text('unnamed')), ' ',
    el('span', { class: 'dsg-muted' }, typeName(element)),
    ...states.map(([tone, said]) => el('span', { class: `dsg-tag dsg-tag-${tone}` }, said)));
    this._drawn.set(row, { element, says });
    return row;
  }

  _states(element) {
    const findings = this._findings.get(element.id) ?? [];
    const count = (severity) => findings.filter((one) => one.severity === severity).length;
    const [errors, warnings, comments] = [count('error'), count('warning'), this._comments(element.id)];
    return [
      errors && ['bad', `${text('error')} ${errors}`],
      warnings && ['warn', `${text('warning')} ${warnings}`],
      ...takingBackWords(this._facts(element)).map((said) => ['', said]),
      comments && ['', `${text('comments')} ${comments}`],
    ].filter(Boolean);
  }

  _choose(element, isFinal) {
    goTo(this._diagram, element);
    if (isFinal) this._goOn();
    else this._rowOf(element.id)?.focus();
  }

  _mark(element) {
    const first = this._tree.firstElementChild;
    // Nothing selected is the process itself: its properties are what the panel shows.
    const chosen = element ? this._rows?.get(element.id) : first;
    for (const row of [this._marked, first]) {
      row?.setAttribute('aria-selected', 'false');
      if (row) row.tabIndex = -1;
    }
    chosen?.setAttribute('aria-selected', 'true');
    if (chosen ?? first) (chosen ?? first).tabIndex = 0;
    this._marked = chosen ?? first;
  }

  _rowOf(id) {
    return this._rows?.get(id);
  }

  _onKey(event) {
    const rows = [...this._tree.children];
    const row = event.target.closest('[role=treeitem]');
    const now = rows.indexOf(row);
    const go = (index) => rows[Math.max(0, Math.min(rows.length - 1, index))]?.focus();
    const steps = { ArrowDown: () => go(now + 1), ArrowUp: () => go(now - 1), Home: () => go(0), End: () => go(rows.length - 1) };
    const element = this._diagram.get('elementRegistry').get(row?.dataset.element);
    if (steps[event.key]) steps[event.key]();
    else if (event.key === 'Enter' && element) this._choose(element, true);
    else if (isTyped(event, this._typed)) this._type(event.key, rows, now);
    else if (event.key === ' ' && element) this._choose(element, false);
    else if (event.key === 'ArrowLeft' && row.ariaExpanded === 'true') this._fold(element.id, true);
    else if (event.key === 'ArrowRight' && row.ariaExpanded === 'false') this._fold(element.id, false);
    else if (event.key === 'ArrowLeft') go(rows.findLastIndex((one, index) => index < now && one.ariaLevel < row.ariaLevel));
    else return;
    event.preventDefault();
  }

  /** What is typed leads to the next row with a name or id that begins so, in either language. */
  _type(key, rows, now) {
    clearTimeout(this._forgets);
    this._forgets = setTimeout(() => { this._typed = ''; }, FORGETS_MS);
    const isMore = Boolean(this._typed);
    this._typed = (this._typed ?? '') + key.toLowerCase();
    const from = isMore ? now : now + 1;
    const registry = this._diagram.get('elementRegistry');
    const begins = ({ dataset }) => [dataset.element, ...bothNames(registry.get(dataset.element))].some((name) => name.toLowerCase().startsWith(this._typed));
    [...rows.slice(from), ...rows.slice(0, from)].find(begins)?.focus();
  }

  _fold(id, isClosed) {
    if (isClosed) this._closed.add(id);
    else this._closed.delete(id);
    this._draw();
  }
}

/** A space belongs to a name once that has begun; before, it selects. */
function isTyped({ key, ctrlKey, metaKey, altKey }, begun) {
  return key.length === 1 && (key !== ' ' || begun) && !ctrlKey && !metaKey && !altKey;
}

/** Flows are listed where one has a choice: more than one way out, or a condition. */
function isListed(element) {
  if (!is(element, 'bpmn:SequenceFlow')) return isAny(element, LISTED);
  return Boolean(element.businessObject.conditionExpression) || element.source?.outgoing.filter((one) => is(one, 'bpmn:SequenceFlow')).length > 1;
}

function at(element) {
  return element.waypoints ? element.waypoints.at(-1) : element;
}

function flowWords(element, spoken) {
  if (!element.waypoints) return '';
  const { target } = element;
  return `→ ${(spoken ? spoken.name(target) : target.businessObject.name) || target.id}`;
}
