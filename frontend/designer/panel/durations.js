// A span of time without knowing how it is written: how much, of which unit. What is written otherwise stays as it is.
import { textEntry, unitEntry } from './entries.js';
import { text } from '../words/texts.js';

const PLAIN = /^P(?:(\d+)([DW])|T(\d+)([MH]))$/;
export const UNITS = ['M', 'H', 'D', 'W'];

/** `PT4H` as {amount: '4', unit: 'H'}; null when it says more than that. */
export function readSpan(written) {
  const match = PLAIN.exec(written ?? '');
  return match ? { amount: match[1] ?? match[3], unit: match[2] ?? match[4] } : null;
}

export function writeSpan({ amount, unit }) {
  const number = String(amount ?? '').trim();
  if (!/^\d+$/.test(number)) return number || undefined;
  return unit === 'M' || unit === 'H' ? `PT${number}${unit}` : `P${number}${unit}`;
}

/** Gives, for an element, the text box and, where it holds an amount, its unit. ``access`` {get(element), set(modeling, element, value), hint}. */
export function spanEntries(id, label, { get, set, hint }) {
  const written = (element) => readSpan(get(element));
  const whole = textEntry(id, label, { hint, get, set });
  const unit = unitEntry(`${id}-unit`, text('unit'), UNITS.map((one) => ({ value: one, label: text(`unit_${one}`) })), {
    get: (element) => written(element)?.unit ?? '',
    set: (modeling, element, value) => set(modeling, element, value ? writeSpan({ amount: written(element)?.amount ?? '1', unit: value }) : undefined),
    said: (element) => { const span = written(element); return span ? `= ${span.amount} ${text(`unit_${span.unit}`)}` : ''; },
  });
  return (element) => (written(element) ? [whole, unit] : [whole]);
}
