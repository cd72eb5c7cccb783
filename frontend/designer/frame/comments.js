// Comments at the elements: threads kept on the server, badges on the drawing, one list.
import { goTo } from '../checks/checks.js';
import { button, el } from '../../studio/dom.js';
import * as store from '../store.js';
import { text } from '../words/texts.js';

const OVERLAY = 'yizhan-comment';
const LONGEST = 2000;

export class Comments {
  /** ``count(n)`` shows how many are open; ``say`` one line to the user; ``goTo()`` brings the list into view. */
  constructor(diagram, place, page, { count, say, open }) {
    Object.assign(this, { _diagram: diagram, _page: page, _count: count, _say: say, _open: open });
    this._threads = [];
    this._box = el('textarea', { id: 'dsg-comment', rows: 1, maxlength: LONGEST, class: 'dsg-area' });
    this._about = el('label', { for: 'dsg-comment' }, text('commentAtAll'));
    this._all = el('input', { type: 'checkbox', id: 'dsg-comment-all', onchange: () => this._draw() });
    this._list = el('ul', { class: 'dsg-comments' });
    place.append(
      el('form', { class: 'dsg-comment-form', onsubmit: (event) => this._write(event) },
        this._about, this._box, el('button', { type: 'submit', class: 'dsg-button' }, text('commentAdd'))),
      this._list,
      el('p', { class: 'dsg-check' }, this._all, el('label', { for: 'dsg-comment-all' }, text('commentShowSettled'))));
    const bus = diagram.get('eventBus');
    bus.on('selection.changed', ({ newSelection: [first] }) => this._aim(first));
    bus.on('import.done', () => this._show());
  }

  /** How many open comments an element has. */
  at(id) {
    return this._threads.filter((one) => one.element_id === id && !one.settled).length;
  }

  async load() {
    await this._ask('', undefined);
  }

  _aim(element) {
    this._element = element && !element.labelTarget ? element : element?.labelTarget;
    this._about.textContent = this._element ? text('commentAt', { name: this._name(this._element) }) : text('commentAtAll');
  }

  async _write(event) {
    event.preventDefault();
    const said = this._box.value.trim();
    if (!said) return;
    const element = this._element;
    const isDone = await this._ask('', { element_id: element?.id ?? '', element_name: element?.businessObject.name ?? '', text: said, key: crypto.randomUUID() });
    if (isDone) this._box.value = '';
  }

  /** One exchange with the server, which answers with all comments. */
  async _ask(what, body) {
    try {
      const { comments } = await store.comments(this._page, what, body);
      this._threads = comments;
      this._show();
      return true;
    } catch (problem) {
      if (!(problem instanceof store.StoreProblem)) throw problem;
      this._say(problem.message, 'bad');
      return false;
    }
  }

  _show() {
    const overlays = this._diagram.get('overlays');
    const registry = this._diagram.get('elementRegistry');
    overlays.remove({ type: OVERLAY });
    const open = this._threads.filter((one) => !one.settled);
    for (const id of new Set(open.map((one) => one.element_id))) {
      const element = id && registry.get(id);
      if (element?.parent) overlays.add(id, OVERLAY, { position: { top: -12, right: 12 }, html: this._badge(id) });
    }
    this._count(open.length);
    this._draw();
    this._diagram.get('eventBus').fire('yizhan.comments', { open: open.length });
  }

  _badge(id) {
    const said = text('commentBadge', { count: this.at(id) });
    return button(String(this.at(id)), () => {
      goTo(this._diagram, this._diagram.get('elementRegistry').get(id));
      this._open();
    }, { class: 'dsg-comment-badge', 'aria-label': said, title: said });
  }

  _draw() {
    const shown = this._threads.filter((one) => this._all.checked || !one.settled);
    this._list.replaceChildren(...(shown.length ? shown.map((one) => this._row(one)) : [el('li', { class: 'dsg-muted' }, text('commentsNone'))]));
  }

  _row(thread) {
    const element = thread.element_id && this._diagram.get('elementRegistry').get(thread.element_id);
    const name = thread.element_id ? (element ? this._name(element) : thread.element_name || thread.element_id) : text('commentAtAll');
    const where = element
      ? button(name, () => goTo(this._diagram, element), { class: 'dsg-link' })
      : el('b', {}, thread.element_id ? `${name} (${text('commentGone')})` : name);
    const reply = el('input', { type: 'text', class: 'dsg-input', maxlength: LONGEST, 'aria-label': text('commentReply') });
    const answer = el('form', { class: 'dsg-reply', onsubmit: (event) => {
      event.preventDefault();
      if (reply.value.trim()) this._ask(`/${thread.id}/reply`, { text: reply.value.trim(), key: crypto.randomUUID() });
    } }, reply, el('button', { type: 'submit', class: 'dsg-button' }, text('commentReply')));
    const settle = button(text(thread.settled ? 'commentReopen' : 'commentSettle'),
      () => this._ask(`/${thread.id}/settle`, { settled: !thread.settled }), { class: 'dsg-button' });
    return el('li', { class: thread.settled ? 'dsg-settled' : '' },
      el('p', {}, where, thread.settled ? el('span', { class: 'dsg-tag' }, text('commentSettled', { name: thread.settled_by })) : null),
      said(thread), ...thread.replies.map(said),
      thread.may_write ? el('div', { class: 'dsg-answer' }, answer, settle) : null);
  }

  _name(element) {
    return this._diagram.get('yizhanSpoken', false)?.name(element) || element.businessObject.name || element.id;
  }
}

function said({ by, when, at, text: words }) {
  return el('p', { class: 'dsg-said' }, el('b', {}, by), ' ', el('time', { datetime: at, class: 'dsg-muted' }, when), el('span', { class: 'dsg-words' }, words));
}
