// The edge between the drawing and the foot: dragged, or moved with the arrow keys.
import { el } from '../../studio/dom.js';
import { text } from '../words/texts.js';

const [LEAST_PX, STEP_PX, FOLDED_PX] = [72, 32, 40];

/** Puts the edge before ``foot``; ``moved()`` is called when the drawing has another size. */
export function addSplitter(foot, moved) {
  const edge = el('div', {
    class: 'dsg-splitter', role: 'separator', tabindex: 0, 'aria-orientation': 'horizontal', 'aria-label': text('footHeight'),
    onkeydown: onKey, onpointerdown: onDown, ondblclick: fold,
  });
  let before;
  function set(height) {
    const most = foot.parentElement.clientHeight - 2 * LEAST_PX;
    foot.style.height = `${Math.max(FOLDED_PX, Math.min(most, height))}px`;
    edge.setAttribute('aria-valuenow', String(Math.round((foot.offsetHeight / Math.max(1, foot.parentElement.clientHeight)) * 100)));
    moved();
  }
  function fold() {
    const isFolded = foot.offsetHeight <= FOLDED_PX + 1;
    if (!isFolded) before = foot.offsetHeight;
    set(isFolded ? before ?? LEAST_PX * 2 : FOLDED_PX);
  }
  function onKey(event) {
    const step = { ArrowUp: STEP_PX, ArrowDown: -STEP_PX }[event.key];
    if (step) set(foot.offsetHeight + step);
    else if (event.key === 'Enter') fold();
    else return;
    event.preventDefault();
  }
  function onDown(event) {
    const [from, height] = [event.clientY, foot.offsetHeight];
    const move = ({ clientY }) => set(height + from - clientY);
    edge.setPointerCapture(event.pointerId);
    edge.addEventListener('pointermove', move);
    edge.addEventListener('pointerup', () => edge.removeEventListener('pointermove', move), { once: true });
  }
  edge.setAttribute('aria-valuenow', '25');
  foot.before(edge);
  return edge;
}
