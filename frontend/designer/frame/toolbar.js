// The row of buttons over the drawing.
import { menuButton } from './dialog.js';
import { button, el } from '../../studio/dom.js';
import { language, text } from '../words/texts.js';

/** Builds the row for a board; gives {node, busy: buttons that wait for the server, undo, redo, zoom, walk, saved}. */
export function createToolbar(board) {
  const { page } = board;
  const zoom = el('button', { type: 'button', class: 'dsg-button dsg-zoom', title: text('zoomReset'), onclick: () => board.zoomTo(1) }, '100%');
  const saved = el('span', { class: 'dsg-saved', role: 'status' }, page.savedAt ? text('savedAt', { time: page.savedAt }) : '');
  const parts = { zoom, saved, busy: [] };
  const picker = el('input', { type: 'file', accept: '.bpmn,.xml', hidden: true, onchange: () => board.upload(picker) });
  const link = (href, words, key, attributes = {}) => (href
    ? el('a', { class: 'dsg-button', href, 'aria-keyshortcuts': key, onclick: board.leave, ...attributes }, words) : null);
  parts.node = el('div', { class: 'dsg-bar', role: 'group', 'aria-label': text('toolbar') },
    page.draftUrl ? null : el('span', { class: 'dsg-file', title: text('file') }, page.fileName),
    ...(page.readOnly ? [] : editing(board, parts)),
    el('span', { class: 'dsg-joined' },
      button('−', () => board.stepZoom(-1), { 'aria-label': text('zoomOut') }), zoom,
      button('+', () => board.stepZoom(1), { 'aria-label': text('zoomIn') })),
    button(text('zoomFit'), () => board.fit()),
    menuButton(text('fileMenu'), files(board, picker)),
    menuButton(text('viewMenu'), views(board)),
    page.readOnly ? null : menuButton(text('drawMenu'), drawing(board)),
    picker,
    names(board),
    saved,
    board.status,
    el('span', { class: 'dsg-acts' },
      page.readOnly ? null : parts.walk = button(text('walk'), () => board.walk(), { 'aria-pressed': 'false', 'aria-keyshortcuts': 'T', title: text('walkHint') }),
      link(page.tryUrl, text('tryIt'), 'F5'),
      link(page.compareUrl, text('compare')),
      page.checkUrl && !page.readOnly ? busy(parts, button(text('check'), () => board.check())) : null,
      link(page.reportUrl, text('report'), 'Control+Shift+D', { class: 'dsg-button dsg-primary' })));
  return parts;
}

function editing(board, parts) {
  parts.undo = button(text('undo'), () => board.undo(), { disabled: true, 'aria-keyshortcuts': 'Control+Z' });
  parts.redo = button(text('redo'), () => board.redo(), { disabled: true, 'aria-keyshortcuts': 'Control+Y' });
  return [el('span', { class: 'dsg-joined' }, parts.undo, parts.redo)];
}

function busy(parts, made) {
  parts.busy.push(made);
  return made;
}

function files(board, picker) {
  return [
    board.page.readOnly ? null : { label: text('upload'), run: () => picker.click() },
    board.page.draftUrl && !board.page.readOnly ? { label: text('saveNow'), key: 'Ctrl+S', run: () => board.saveNow() } : null,
    { label: text('downloadBpmn'), run: () => board.download() },
    { label: text('downloadSvg'), run: () => board.picture('svg') },
    { label: text('downloadPng'), run: () => board.picture('png') },
    { label: text('foreign'), run: () => board.showForeign() },
  ];
}

function views(board) {
  return [
    { label: text('search'), key: 'Ctrl+F', run: () => board.find() },
    board.page.readOnly ? null : { label: text('minimap'), run: () => board.toggle('minimap'), pressed: () => board.shows.minimap },
    board.page.readOnly ? null : { label: text('grid'), run: () => board.toggle('grid'), pressed: () => board.shows.grid },
    board.page.readOnly ? null : { label: text('foldPalette'), run: () => board.toggle('palette'), pressed: () => !board.shows.palette },
    board.page.readOnly ? null : { label: text('foldPanel'), run: () => board.toggle('panel'), pressed: () => !board.shows.panel },
    { label: text('fullScreen'), run: () => board.fullScreen() },
    { label: text('shortcuts'), key: '?', run: () => board.showShortcuts() },
  ].filter((item) => item && !(board.page.readOnly && item.key));
}

function drawing(board) {
  return [
    { label: text('createMenu'), key: 'N', run: () => board.openMenu('create') },
    { label: text('appendMenu'), key: 'A', run: () => board.openMenu('append') },
    { label: text('connect'), key: 'K', run: () => board.connect() },
    { label: text('tidy'), run: () => board.tidy() },
  ];
}

/** Names on the canvas: the reader's language first. */
function names(board) {
  const choice = el('select', { class: 'dsg-select', id: 'dsg-names', onchange: () => board.showNames(choice.value) },
    el('option', { value: 'zh', selected: language === 'zh' }, text('namesZh')),
    el('option', { value: 'en', selected: language === 'en' }, text('namesEn')));
  return el('span', { class: 'dsg-names' }, el('label', { for: 'dsg-names' }, text('namesShown')), choice);
}
