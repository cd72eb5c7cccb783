// The drawing in the reader's language.
const LETTER_PX = 7;
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

/** English words are longer than Chinese ones: a label gets the width of its longest word, around the same middle. */
function makeRoomForWords(bounds, file) {
  const id = bounds.parentElement.parentElement.getAttribute('bpmnElement');
  const name = file.querySelector(`[id="${id}"]`)?.getAttribute('name') ?? '';
  const longest = Math.max(...name.split(/\s+/).map((word) => word.length));
  const [width, wanted] = [Number(bounds.getAttribute('width')), longest * LETTER_PX + 8];
  if (wanted <= width) return;
  bounds.setAttribute('x', Number(bounds.getAttribute('x')) - (wanted - width) / 2);
  bounds.setAttribute('width', wanted);
}
