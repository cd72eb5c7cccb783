// The business palette: adapter operations and the usual elements as buttons, so that adding needs no mouse.
import { add } from './adding.js';
import { button, el } from '../../studio/dom.js';
import { offers } from './offers.js';
import { text } from '../words/texts.js';

export class Palette {
  /** Puts the palette into ``place``; ``say`` shows one line to the user. */
  constructor(modeler, place, vocabulary, say) {
    this._modeler = modeler;
    this._say = say;
    this._search = el('input', {
      type: 'search', class: 'dsg-search', 'aria-label': text('find'), placeholder: text('find'),
      oninput: () => this._filter(this._search.value),
    });
    this._nothing = el('p', { class: 'dsg-muted', role: 'status', hidden: true }, text('nothingFound'));
    const groups = offers(vocabulary).filter((group) => group.items.length);
    // What neighbours do comes first; long lists are folded.
    const ofSystems = (group) => group.items[0].type === 'bpmn:ServiceTask';
    this._groups = [...groups.filter(ofSystems), ...groups.filter((group) => !ofSystems(group))].map((group) => this._group(group));
    place.append(el('h2', {}, text('palette')), this._search, this._nothing, ...this._groups.map((group) => group.node));
  }

  focus() {
    this._search.focus();
    this._search.select();
  }

  _group({ title, items, isLong }) {
    const rows = items.map((offer) => {
      const press = button('', () => this._say(add(this._modeler, offer)), { class: 'dsg-offer', title: offer.hint });
      press.append(el('i', { class: `dsg-icon bpmn-icon-${offer.icon}`, 'aria-hidden': 'true' }), el('span', {}, offer.label));
      return { words: `${offer.label} ${offer.hint ?? ''}`.toLowerCase(), node: el('li', {}, press) };
    });
    const list = el('ul', {}, ...rows.map((row) => row.node));
    const node = isLong
      ? el('details', { class: 'dsg-long' }, el('summary', {}, `${title} ${items.length}`), list)
      : el('section', {}, el('h3', {}, title), list);
    return { rows, node };
  }

  _filter(wanted) {
    const words = wanted.trim().toLowerCase();
    for (const group of this._groups) {
      for (const row of group.rows) row.node.hidden = !row.words.includes(words);
      group.node.hidden = group.rows.every((row) => row.node.hidden);
      if (group.node.matches('details')) group.node.open = words !== '';
    }
    this._nothing.hidden = this._groups.some((group) => !group.node.hidden);
  }
}
