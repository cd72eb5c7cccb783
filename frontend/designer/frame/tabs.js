// Tabs at the foot of the board: problems, elements, comments.
import { el } from '../../studio/dom.js';

/** Builds tabs into ``place``; ``wanted`` are {id, label}. Gives {panels: {id: node}, show(id), count(id, n, tone)}. */
export function createTabs(place, label, wanted) {
  const panels = {};
  const tabs = new Map();
  const bar = el('div', { class: 'dsg-tabs', role: 'tablist', 'aria-label': label });
  const show = (id) => {
    for (const [other, { tab }] of tabs) {
      const isIt = other === id;
      tab.setAttribute('aria-selected', String(isIt));
      tab.tabIndex = isIt ? 0 : -1;
      panels[other].hidden = !isIt;
    }
    place.dispatchEvent(new CustomEvent('dsg-tab', { detail: id }));
  };
  for (const { id, label: words } of wanted) {
    const count = el('span', { class: 'dsg-count' });
    const tab = el('button', {
      type: 'button', role: 'tab', id: `dsg-tab-${id}`, class: 'dsg-tab', 'aria-controls': `dsg-panel-${id}`, onclick: () => show(id),
    }, words, ' ', count);
    panels[id] = el('div', { role: 'tabpanel', id: `dsg-panel-${id}`, 'aria-labelledby': `dsg-tab-${id}`, class: `dsg-tab-panel dsg-tab-${id}`, tabindex: 0 });
    tabs.set(id, { tab, count });
    bar.append(tab);
  }
  bar.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const ids = [...tabs.keys()];
    const now = ids.findIndex((id) => tabs.get(id).tab === document.activeElement);
    const next = ids[(now + step + ids.length) % ids.length];
    show(next);
    tabs.get(next).tab.focus();
    event.preventDefault();
  });
  place.append(bar, ...Object.values(panels));
  show(wanted[0].id);
  return {
    panels,
    show,
    focus: (id) => { show(id); tabs.get(id).tab.focus(); },
    count: (id, number, tone = '') => {
      const { count } = tabs.get(id);
      count.textContent = number ? String(number) : '';
      count.className = `dsg-count${tone && ` dsg-${tone}`}`;
    },
  };
}
