// A process drawn with where things stand in it. What is shown comes from the page: data-source, data-marks.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer.js';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './diagram.css';

import { inReadersLanguage } from './names.js';

const [LEAST_SCALE, READABLE_SCALE, LARGEST_SCALE] = [0.75, 1, 1.1];
const STATES = ['failed', 'again', 'here', 'done', 'skipped', 'undone', 'left'];
const HEATS = [0, 1, 2, 3, 4, 5];
const DIFFS = { added: '+', removed: '−', changed: '~', moved: '⇄' };
const TICK = '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M4 8.5 7 11.500l5.500-7"/></svg>';
const english = document.documentElement.lang === 'en';
const WORDS = {
  in: english ? 'Zoom in' : '放大', out: english ? 'Zoom out' : '缩小', fit: english ? 'Whole diagram' : '看全图',
  none: english ? 'This file has no picture. The list of steps says the same.' : '这个文件没有图形，请看步骤清单。',
  lost: english ? 'The drawing could not be fetched. The list of steps says the same.' : '流程图没有取到，步骤清单里有同样的内容。',
};

/** Draws into ``box`` and keeps to its data-marks when they change. */
export async function show(box) {
  const answer = await fetch(box.dataset.source, { headers: { Accept: 'text/xml' } }).catch(() => null);
  if (!answer?.ok) {
    box.replaceChildren(Object.assign(document.createElement('p'), { className: 'in-p muted', textContent: WORDS.lost }));
    return;
  }
  const xml = inReadersLanguage(await answer.text());
  await sized(box);
  box.replaceChildren();
  const viewer = new NavigatedViewer({
    container: box, zoomScroll: { enabled: false }, additionalModules: [{ outline: ['value', null] }],
  });
  try {
    await viewer.importXML(xml);
  } catch {
    // A file without a picture, or one that cannot be read: the list of steps is there all the same.
    viewer.destroy();
    box.replaceChildren(Object.assign(document.createElement('p'), { className: 'in-p muted', textContent: WORDS.none }));
    box.dataset.ready = 'true';
    return;
  }
  box.querySelector('.djs-container > svg')?.setAttribute('aria-hidden', 'false');
  const marking = new Marking(viewer);
  marking.apply(marksOf(box));
  lookAt(viewer, marksOf(box));
  box.append(tools(viewer));
  viewer.get('eventBus').on('element.click', ({ element }) => follow(marksOf(box), element));
  new MutationObserver(() => marking.apply(marksOf(box))).observe(box, { attributeFilter: ['data-marks'] });
  box.dataset.ready = 'true';
  if (box.dataset.together) lookTogether(viewer, box);
}

/** Drawings of the same name show the same part: what one of them is moved to, the others follow. */
function lookTogether(viewer, box) {
  const canvas = viewer.get('canvas');
  const name = `dgm:${box.dataset.together}`;
  let following = false;
  const tell = () => {
    const { x, y, width, height } = canvas.viewbox();
    if (following || ![x, y, width, height].every(Number.isFinite)) return;
    document.dispatchEvent(new CustomEvent(name, { detail: { box, view: { x, y, width, height } } }));
  };
  viewer.get('eventBus').on('canvas.viewbox.changed', tell);
  document.addEventListener(name, ({ detail }) => {
    if (detail.box === box) return;
    following = true;
    canvas.viewbox(detail.view);
    following = false;
  });
  tell();
}

/** Where the middle of a line is, seen from the corner around it. */
function middleOf({ waypoints }) {
  const [left, top] = ['x', 'y'].map((axis) => Math.min(...waypoints.map((point) => point[axis])));
  const [from, to] = [waypoints[Math.ceil(waypoints.length / 2) - 1], waypoints[Math.ceil(waypoints.length / 2)]];
  return { left: (from.x + to.x) / 2 - left - 9, top: (from.y + to.y) / 2 - top - 9 };
}

/** In a part that is not shown nothing can be fitted: wait until the box has a size. */
function sized(box) {
  return new Promise((done) => {
    const watch = new ResizeObserver(() => {
      if (!box.clientWidth || !box.clientHeight) return;
      watch.disconnect();
      done();
    });
    watch.observe(box);
  });
}

function marksOf(box) {
  try {
    return JSON.parse(box.dataset.marks || '{}');
  } catch {
    return {};
  }
}

function follow(marks, element) {
  const id = element.type === 'label' ? element.labelTarget?.id : element.id;
  const { href } = marks[id] ?? {};
  if (href?.startsWith('/')) window.location.assign(href);
}

class Marking {
  constructor(viewer) {
    this.canvas = viewer.get('canvas');
    this.overlays = viewer.get('overlays');
    this.registry = viewer.get('elementRegistry');
    this.shown = '';
  }

  apply(marks) {
    const asked = JSON.stringify(marks);
    if (asked === this.shown) return;
    this.shown = asked;
    this.overlays.clear();
    for (const element of this.registry.filter(({ type }) => type !== 'label')) this._mark(element, marks);
  }

  _mark(element, marks) {
    const mark = marks[element.id] ?? {};
    const flag = (name, on) => this.canvas[on ? 'addMarker' : 'removeMarker'](element.id, name);
    for (const diff of Object.keys(DIFFS)) flag(`is-${diff}`, mark.diff === diff);
    if (mark.diff) this._overlay(element, `dgm-diff ${mark.diff}`, DIFFS[mark.diff], element.waypoints ? middleOf(element) : { top: -10, left: -8 });
    if (element.waypoints) {
      const way = wayOf(element, marks);
      flag('is-walked', way === 'walked');
      flag('is-off', way === 'off');
      return;
    }
    for (const state of STATES) flag(`is-${state}`, mark.state === state);
    for (const heat of HEATS) flag(`heat-${heat}`, mark.heat === heat);
    flag('is-chosen', Boolean(mark.chosen));
    flag('is-you', Boolean(mark.here));
    flag('is-link', Boolean(mark.href));
    titled(this.registry.getGraphics(element), mark.title);
    if (mark.badge) this._overlay(element, `dgm-badge ${mark.late ? 'late' : mark.state ?? ''}`, mark.badge, { top: -11, right: 11 }, 'token-badge');
    else if (['done', 'skipped', 'undone'].includes(mark.state) && element.width > 50) {
      this._overlay(element, `dgm-tick ${mark.state}`, null, { top: -9, right: 9 });
    }
    if (mark.label) this._overlay(element, 'dgm-label', mark.label, { bottom: -3, left: 0 });
    if (mark.flag) this._overlay(element, 'dgm-flag', mark.flag, { top: -22, left: 0 });
  }

  _overlay(element, name, words, position, testid) {
    const html = Object.assign(document.createElement('div'), { className: name });
    if (words === null) html.innerHTML = TICK;
    else html.textContent = words;
    html.setAttribute('aria-hidden', 'true');
    if (testid) html.dataset.testid = testid;
    this.overlays.add(element.id, { html, position, show: { minZoom: 0.2 } });
  }
}

/** A flow was walked when both its ends were come to; the branch a gateway did not take is drawn as such. */
function wayOf({ source, target }, marks) {
  const [from, to] = [marks[source?.id]?.state, marks[target?.id]?.state];
  if (!from || ['here', 'again', 'failed'].includes(from)) return '';
  if (to) return 'walked';
  return /ExclusiveGateway|InclusiveGateway/.test(source.type) ? 'off' : '';
}

function titled(graphics, words) {
  graphics.querySelector(':scope > title')?.remove();
  if (!words) return;
  const title = document.createElementNS('http://www.w3.org/2000/svg', 'title');
  title.textContent = words;
  graphics.prepend(title);
}

/** The whole drawing where it can be read, else the place where something stands, large enough. */
function lookAt(viewer, marks) {
  const canvas = viewer.get('canvas');
  const { inner, outer } = fitted(canvas);
  if (canvas.zoom() >= LEAST_SCALE) return;
  const order = (mark) => (mark.chosen ? 0 : mark.state === 'failed' ? 1 : mark.here ? 2 : ['here', 'again'].includes(mark.state) ? 3 : mark.diff ? 4 : 9);
  const [place] = Object.entries(marks).sort(([, one], [, other]) => order(one) - order(other))[0] ?? [];
  const element = placeOf(place && viewer.get('elementRegistry').get(place));
  const [width, height] = [outer.width / READABLE_SCALE, outer.height / READABLE_SCALE];
  const middle = element && order(marks[place]) < 9 ? element.x + element.width / 2 : inner.x + width / 2 - 24;
  const x = Math.max(inner.x - 24, Math.min(middle - width / 2, inner.x + inner.width + 24 - width));
  const row = element ? element.y + element.height / 2 - height / 2 : inner.y;
  const y = inner.height < height ? inner.y + inner.height / 2 - height / 2 : Math.max(inner.y - 24, Math.min(row, inner.y + inner.height + 24 - height));
  canvas.viewbox({ x, y, width, height });
}

/** Where an element lies: a line is where its first bend is; the drawing itself lies nowhere. */
function placeOf(element) {
  if (element?.waypoints) return { ...element.waypoints[0], width: 0, height: 0 };
  return element?.width ? element : undefined;
}

function fitted(canvas) {
  canvas.zoom('fit-viewport', 'auto');
  const scale = canvas.zoom();
  canvas.zoom(Math.min(scale * 0.94, LARGEST_SCALE), 'auto');
  return canvas.viewbox();
}

function tools(viewer) {
  const bar = Object.assign(document.createElement('div'), { className: 'dgm-tools' });
  const zoom = viewer.get('zoomScroll');
  const add = (label, words, act) => {
    const button = Object.assign(document.createElement('button'), { type: 'button', className: 'btn sm', textContent: label });
    button.setAttribute('aria-label', words);
    button.title = words;
    button.addEventListener('click', act);
    bar.append(button);
  };
  add('−', WORDS.out, () => zoom.stepZoom(-1));
  add('+', WORDS.in, () => zoom.stepZoom(1));
  add('⤢', WORDS.fit, () => fitted(viewer.get('canvas')));
  return bar;
}
