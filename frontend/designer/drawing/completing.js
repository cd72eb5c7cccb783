// A drawing that lacks some of its elements gets them: other tools leave out pools, or draw only a part.
const [BPMN, DI, DC, DD] = [
  'http://www.omg.org/spec/BPMN/20100524/MODEL', 'http://www.omg.org/spec/BPMN/20100524/DI',
  'http://www.omg.org/spec/DD/20100524/DC', 'http://www.omg.org/spec/DD/20100524/DI',
];
const [CELL_WIDTH, CELL_HEIGHT, IN_A_ROW, POOL_HEAD, GAP] = [150, 140, 8, 60, 60];
const NODE = /(Task|task|Event|Gateway|callActivity|[sS]ubProcess|transaction)$/;

/** The BPMN text with a place for every step, pool and line that had none; the same text where nothing is missing. */
export function completed(xml) {
  const file = new DOMParser().parseFromString(xml, 'text/xml');
  const plane = file.getElementsByTagNameNS(DI, 'BPMNPlane')[0];
  if (!plane || file.getElementsByTagName('parsererror').length) return xml;
  const drawing = new Drawing(file, plane);
  drawing.showPools();
  drawing.addPools();
  drawing.addSteps();
  if (!drawing.added) return xml;
  drawing.addLines();
  return new XMLSerializer().serializeToString(file);
}

class Drawing {
  constructor(file, plane) {
    Object.assign(this, { file, plane, added: 0, places: new Map(), pools: new Map() });
    this.lines = new Set([...file.getElementsByTagNameNS(DI, 'BPMNEdge')].map((edge) => edge.getAttribute('bpmnElement')));
    for (const shape of file.getElementsByTagNameNS(DI, 'BPMNShape')) {
      const bounds = shape.getElementsByTagNameNS(DC, 'Bounds')[0];
      const of = (name) => Number(bounds?.getAttribute(name) ?? 0);
      this.places.set(shape.getAttribute('bpmnElement'), { x: of('x'), y: of('y'), width: of('width'), height: of('height') });
    }
  }

  /** Where only one of several processes is drawn, by itself: the pool around it, so that the others can stand beside it. */
  showPools() {
    const drawn = this._process(this.plane.getAttribute('bpmnElement'));
    const [together] = this.file.getElementsByTagNameNS(BPMN, 'collaboration');
    const others = [...this.file.getElementsByTagNameNS(BPMN, 'process')].filter((one) => one !== drawn && this._missing(one).length);
    if (!drawn || !together || !others.length) return;
    const pool = [...together.children].find((one) => one.getAttribute('processRef') === drawn.getAttribute('id'));
    const inside = [...drawn.children].map((one) => this.places.get(one.getAttribute('id'))).filter(Boolean);
    if (!pool || !inside.length) return;
    const [left, top] = ['x', 'y'].map((at) => Math.min(...inside.map((one) => one[at])));
    const right = Math.max(...inside.map(({ x, width }) => x + width));
    const bottom = Math.max(...inside.map(({ y, height }) => y + height));
    this.plane.setAttribute('bpmnElement', together.getAttribute('id'));
    const place = { x: left - POOL_HEAD, y: top - 30, width: right - left + POOL_HEAD + 40, height: bottom - top + 60 };
    this._shape(pool, place, { isHorizontal: 'true' });
  }

  /** Pools that stand nowhere, with room for what is in them, below everything else. */
  addPools() {
    for (const pool of this.file.getElementsByTagNameNS(BPMN, 'participant')) {
      const process = this._process(pool.getAttribute('processRef'));
      const steps = process ? this._missing(process).length : 0;
      if (this.places.has(pool.getAttribute('id'))) continue;
      const rows = Math.max(1, Math.ceil(steps / IN_A_ROW));
      const width = process ? POOL_HEAD + Math.max(2, Math.min(steps, IN_A_ROW)) * CELL_WIDTH : 300;
      const place = { x: this._left(), y: this._bottom() + GAP, width, height: process ? rows * CELL_HEIGHT + 20 : 60 };
      this._shape(pool, place, process ? { isHorizontal: 'true' } : {});
      if (process) this.pools.set(process, place);
    }
  }

  addSteps() {
    for (const process of this.file.getElementsByTagNameNS(BPMN, 'process')) {
      const pool = this.pools.get(process);
      const corner = pool ? { x: pool.x + POOL_HEAD, y: pool.y + 10 } : { x: this._left(), y: this._bottom() + GAP };
      const steps = this._missing(process);
      steps.filter((step) => !step.getAttribute('attachedToRef')).forEach((step, number) => {
        const { width, height } = sizeOf(step);
        const x = corner.x + (number % IN_A_ROW) * CELL_WIDTH + (CELL_WIDTH - width) / 2;
        const y = corner.y + Math.floor(number / IN_A_ROW) * CELL_HEIGHT + (CELL_HEIGHT - height) / 2;
        this._shape(step, { x, y, width, height });
      });
      for (const event of steps.filter((step) => step.getAttribute('attachedToRef'))) {
        const host = this.places.get(event.getAttribute('attachedToRef'));
        if (host) this._shape(event, { x: host.x + host.width - 54, y: host.y + host.height - 18, width: 36, height: 36 });
      }
    }
  }

  /** Straight lines between what has a place. */
  addLines() {
    for (const flow of this.file.getElementsByTagNameNS(BPMN, 'sequenceFlow')) {
      const [from, to] = ['sourceRef', 'targetRef'].map((end) => this.places.get(flow.getAttribute(end)));
      if (!from || !to || !flow.id || this.lines.has(flow.getAttribute('id'))) continue;
      const edge = this._part(this.plane, DI, 'bpmndi:BPMNEdge', { id: `${flow.getAttribute('id')}_line`, bpmnElement: flow.getAttribute('id') });
      const ends = [{ x: from.x + from.width, y: from.y + from.height / 2 }, { x: to.x, y: to.y + to.height / 2 }];
      for (const { x, y } of ends) this._part(edge, DD, 'di:waypoint', { x: Math.round(x), y: Math.round(y) });
    }
  }

  _missing(process) {
    return [...process.children].filter((one) => NODE.test(one.localName) && one.namespaceURI === BPMN && !this.places.has(one.getAttribute('id')));
  }

  _process(id) {
    return [...this.file.getElementsByTagNameNS(BPMN, 'process')].find((one) => one.getAttribute('id') === id);
  }

  _left() { return Math.min(160, ...[...this.places.values()].map(({ x }) => x)); }

  _bottom() { return Math.max(80, ...[...this.places.values()].map(({ y, height }) => y + height)); }

  _shape(of, place, more = {}) {
    const id = of.getAttribute('id');
    if (!id) return;
    const shape = this._part(this.plane, DI, 'bpmndi:BPMNShape', { id: `${id}_place`, bpmnElement: id, ...more });
    const whole = Object.fromEntries(Object.entries(place).map(([name, value]) => [name, Math.round(value)]));
    this._part(shape, DC, 'dc:Bounds', whole);
    this.places.set(id, place);
    this.added += 1;
  }

  _part(parent, namespace, name, attributes) {
    const part = this.file.createElementNS(namespace, name);
    for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, String(value));
    parent.append(part);
    return part;
  }
}

function sizeOf(step) {
  if (/Event$/.test(step.localName)) return { width: 36, height: 36 };
  return /Gateway$/.test(step.localName) ? { width: 50, height: 50 } : { width: 100, height: 80 };
}
