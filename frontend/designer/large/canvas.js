// The canvas without asking the browser to measure: between two changes that costs a layout of the whole drawing.
import Canvas from 'diagram-js/lib/core/Canvas.js';
import { getBBox } from 'diagram-js/lib/util/Elements.js';

const LEAST_PX = 0.01;
const CHANGES = ['elements.changed', 'shape.added', 'shape.removed', 'connection.added', 'connection.removed', 'root.set', 'import.done'];

export class SteadyCanvas extends Canvas {
  static $inject = Canvas.$inject;

  _init(config) {
    super._init(config);
    this._watch = new ResizeObserver(() => this._fill());
    this._watch.observe(this._container);
    this._eventBus.on(CHANGES, () => { this._around = null; });
  }

  _destroy() {
    this._watch.disconnect();
    super._destroy();
  }

  /** A picture in per cent of what surrounds it is laid out again, word by word, whenever anything appears beside it. */
  _fill() {
    const { width, height } = this._size = super.getSize();
    if (width) Object.assign(this._svg.style, { width: `${width}px`, height: `${height}px` });
  }

  /** The size is asked for once, until it is another. */
  getSize() {
    if (!this._size?.width) this._size = super.getSize();
    return { ...this._size };
  }

  resized() {
    this._size = null;
    super.resized();
  }

  /** What is seen; the box around all elements comes from the elements, not from their pictures. */
  viewbox(box) {
    if (box || (box === undefined && this._cachedViewbox)) return super.viewbox(box);
    const { a, e, f } = this._matrix();
    const [scale, outer] = [rounded(a), this.getSize()];
    this._cachedViewbox = {
      x: rounded(-e) / scale, y: rounded(-f) / scale, width: outer.width / scale, height: outer.height / scale, scale, inner: this._inner(), outer,
    };
    return structuredClone(this._cachedViewbox);
  }

  /** Moves the drawing; nothing happens, and nobody hears of it, when it stays where it is. */
  scroll(delta) {
    const matrix = this._matrix();
    const { dx = 0, dy = 0 } = delta ?? {};
    if (Math.abs(dx) < LEAST_PX && Math.abs(dy) < LEAST_PX) return { x: matrix.e, y: matrix.f };
    const [x, y] = [matrix.e + dx, matrix.f + dy];
    this._changeViewbox(() => {
      this._viewport.setAttribute('transform', `matrix(${matrix.a},${matrix.b},${matrix.c},${matrix.d},${x},${y})`);
    });
    return { x, y };
  }

  _matrix() {
    return this._viewport.transform.baseVal.consolidate()?.matrix ?? this._svg.createSVGMatrix();
  }

  _inner() {
    const shown = () => (this._rootElement?.children ?? []).filter((one) => !one.hidden);
    this._around ??= shown().length ? getBBox(shown()) : { x: 0, y: 0, width: 0, height: 0 };
    return { ...this._around };
  }
}

/** To a thousandth, as diagram-js has it. */
function rounded(number) {
  return Math.round(number * 1000) / 1000 || 0;
}
