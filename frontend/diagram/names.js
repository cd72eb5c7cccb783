// The drawing in the reader's language.
const LETTER_PX = 7;
const LINE_PX = 14;
const GAP_PX = 2;
const YIZHAN = 'urn:yizhan:bpmn:1';

/** The same diagram with its English names in the boxes when the page is English; for looking only. */
export function inReadersLanguage(xml) {
  if (!xml || document.documentElement.lang !== 'en') return xml;
  const file = new DOMParser().parseFromString(xml, 'text/xml');
  if (file.querySelector('parsererror')) return xml;
  for (const element of file.querySelectorAll('[name]')) {
    const english = element.getAttributeNS(YIZHAN, 'nameEn');
    if (english) element.setAttribute('name', english);
  }
  for (const label of file.querySelectorAll('BPMNLabel > Bounds')) makeRoomForWords(label, file);
  return new XMLSerializer().serializeToString(file);
}

/**
 * English words are longer than Chinese ones: a label gets the width of its longest word, around the same middle; one that
 * lies above its shape or its line grows upwards, so that it does not lie on it.
 */
function makeRoomForWords(bounds, file) {
  const label = bounds.parentElement;
  const id = label.parentElement.getAttribute('bpmnElement');
  const words = (file.querySelector(`[id="${id}"]`)?.getAttribute('name') ?? '').split(/\s+/);
  const of = (box, name) => Number(box.getAttribute(name));
  const width = Math.max(of(bounds, 'width'), Math.max(...words.map((word) => word.length)) * LETTER_PX + 8);
  bounds.setAttribute('x', of(bounds, 'x') - (width - of(bounds, 'width')) / 2);
  bounds.setAttribute('width', width);
  const shape = [...label.parentElement.children].find((part) => part.localName === 'Bounds');
  if (shape && of(bounds, 'y') >= of(shape, 'y')) return;
  const height = Math.max(of(bounds, 'height'), linesOf(words, width / LETTER_PX) * LINE_PX);
  // The label of a flow lies above its line.
  const lowest = shape ? of(shape, 'y') - height - GAP_PX : of(bounds, 'y') + of(bounds, 'height') - height;
  bounds.setAttribute('y', Math.min(of(bounds, 'y'), lowest));
}

/** Into how many lines words fall, so many letters wide. */
function linesOf(words, letters) {
  let [lines, used] = [1, 0];
  for (const word of words) {
    if (used && used + 1 + word.length > letters) [lines, used] = [lines + 1, 0];
    used += (used ? 1 : 0) + word.length;
  }
  return lines;
}
