// The SLA of a step: the usual time of its work order, a level of the promises, or a time of its own by a calendar.
import { SelectEntry } from '@bpmn-io/properties-panel';
import { h } from '@bpmn-io/properties-panel/preact';
import { is } from 'bpmn-js/lib/util/ModelUtil.js';
import { useService } from 'bpmn-js-properties-panel';

import { writeSpan } from './durations.js';
import { choiceEntry, textEntry, unitEntry } from './entries.js';
import { bilingual, text } from '../words/texts.js';

const OWN = 'own';
const LEVEL = 'level:';
const FIRST = 'PT4H';
const WORKING = ['M', 'H', 'D'];
const ON_THE_WALL = ['h', 'd'];
const WRITTEN = /^P(?:(\d+)D|T(?:(\d+)H)?(?:(\d+)M)?)$/;

/** The entries of an element that may have a time. */
export function timeEntries(element, { vocabulary }) {
  const own = Boolean(valueOf(element, 'duration'));
  const kind = { id: 'yizhan-sla', component: Kind, isEdited: (node) => Boolean(node?.value), vocabulary };
  return [kind, ...(own ? ownEntries(element, vocabulary) : [])];
}

function Kind({ element, id, vocabulary }) {
  const modeling = useService('modeling');
  const levels = vocabulary.levels ?? [];
  const level = valueOf(element, 'sla');
  const isOwn = Boolean(valueOf(element, 'duration'));
  const getOptions = () => [
    { value: '', label: usual(element, vocabulary) },
    ...levels.map((one) => ({ value: LEVEL + one.code, label: `${bilingual(one)}${text('colon')}${bilingual(one, 'about')}` })),
    ...(level && !levels.some((one) => one.code === level) ? [{ value: LEVEL + level, label: text('notListed', { value: level }) }] : []),
    { value: OWN, label: text('ownTime') },
  ];
  return h(SelectEntry, {
    element, id, getOptions,
    label: text('sla'),
    description: text(isOwn || level ? 'slaHint' : 'slaUsualHint'),
    getValue: () => (isOwn ? OWN : level ? LEVEL + level : ''),
    setValue: (value) => put(modeling, element, {
      sla: value.startsWith(LEVEL) ? value.slice(LEVEL.length) : undefined,
      duration: value === OWN ? valueOf(element, 'duration') ?? FIRST : undefined,
      calendar: value === OWN ? valueOf(element, 'calendar') : undefined,
    }),
  });
}

function ownEntries(element, vocabulary) {
  const own = readOwn(element, vocabulary);
  const roundTheClock = (vocabulary.calendars ?? []).find((one) => one.never_closes)?.code;
  const amount = textEntry('yizhan-duration', text('amount'), {
    get: (one) => readOwn(one, vocabulary)?.amount ?? valueOf(one, 'duration'),
    set: (modeling, one, typed) => put(modeling, one, { duration: written(typed, readOwn(one, vocabulary)?.unit ?? 'H') }),
  });
  if (!own) return [amount]; // it says more than that, and stays as it is written
  const units = roundTheClock ? [...WORKING, ...ON_THE_WALL] : WORKING;
  const unit = unitEntry('yizhan-duration-unit', text('unit'), units.map((one) => ({ value: one, label: text(`time_${one}`) })), {
    isNeeded: true,
    get: (one) => readOwn(one, vocabulary)?.unit ?? '',
    set: (modeling, one, wanted) => {
      const isWall = ON_THE_WALL.includes(wanted);
      const kept = isNeverClosing(vocabulary, valueOf(one, 'calendar')) ? undefined : valueOf(one, 'calendar');
      put(modeling, one, { duration: written(own.amount, wanted), calendar: isWall ? roundTheClock : kept });
    },
    said: () => said(element, own, vocabulary),
  });
  if (ON_THE_WALL.includes(own.unit)) return [amount, unit];
  const closing = (vocabulary.calendars ?? []).filter((one) => !one.never_closes);
  const calendar = choiceEntry('yizhan-calendar', text('calendar'), closing, {
    none: whose(element, vocabulary),
    get: (one) => valueOf(one, 'calendar'),
    set: (modeling, one, code) => put(modeling, one, { calendar: code }),
    hint: bilingual(calendarOf(element, vocabulary) ?? {}, 'about'),
  });
  return [amount, unit, calendar];
}

/** The time of its own as {amount, unit}: M, H, D of working time, h, d on the wall; null when it says more than that. */
export function readOwn(element, vocabulary) {
  const match = WRITTEN.exec(valueOf(element, 'duration') ?? '');
  if (!match) return null;
  const [, days, hours, minutes] = match;
  const isWall = isNeverClosing(vocabulary, valueOf(element, 'calendar'));
  if (days) return { amount: days, unit: isWall ? 'd' : 'D' };
  if (!hours && !minutes) return null;
  if (!minutes) return { amount: hours, unit: isWall ? 'h' : 'H' };
  return isWall ? null : { amount: String(Number(hours ?? 0) * 60 + Number(minutes)), unit: 'M' };
}

function written(amount, unit) {
  return writeSpan({ amount, unit: unit.toUpperCase() });
}

function said(element, own, vocabulary) {
  const calendar = calendarOf(element, vocabulary);
  const by = ON_THE_WALL.includes(own.unit) ? text('roundTheClock') : calendar ? bilingual(calendar) : whose(element, vocabulary);
  return `= ${own.amount} ${text(`time_${own.unit}`)} · ${by}${own.unit === 'D' ? text('untilClose') : ''}`;
}

/** What counts when nothing is chosen: the usual time of the work order, or nothing. */
function usual(element, vocabulary) {
  const kind = vocabulary.work_orders?.find((one) => one.code === valueOf(element, 'workOrder'));
  if (!kind?.usual_min) return text(valueOf(element, 'workOrder') ? 'usualAsPlanned' : 'usualNone');
  const calendar = kind.is_working ? teamCalendar(element, vocabulary, kind.team) : null;
  const [amount, unit] = kind.usual_min % 60 ? [kind.usual_min, kind.is_working ? 'M' : 'm'] : [kind.usual_min / 60, kind.is_working ? 'H' : 'h'];
  return text('usualTime', { span: `${amount} ${text(`time_${unit}`)}`, calendar: calendar ? bilingual(calendar) : text('roundTheClock') });
}

/** Whose calendar counts when none is chosen. */
function whose(element, vocabulary) {
  if (is(element, 'bpmn:CallActivity')) return text('calendarWithin');
  const known = teamCalendar(element, vocabulary);
  return known ? text('calendarOfTeam', { name: bilingual(known) }) : text('calendarOfNobody');
}

function calendarOf(element, vocabulary) {
  const code = valueOf(element, 'calendar');
  return code ? vocabulary.calendars?.find((one) => one.code === code) : teamCalendar(element, vocabulary);
}

/** The calendar of the team that does the step; undefined where no team does. */
function teamCalendar(element, vocabulary, otherwise) {
  const team = vocabulary.teams?.find((one) => one.code === (valueOf(element, 'team') ?? otherwise));
  return vocabulary.calendars?.find((one) => one.code === team?.calendar);
}

function isNeverClosing(vocabulary, code) {
  return Boolean(code && vocabulary.calendars?.find((one) => one.code === code)?.never_closes);
}

function valueOf(element, name) {
  return element.businessObject.get(`yizhan:${name}`);
}

function put(modeling, element, values) {
  modeling.updateProperties(element, Object.fromEntries(Object.entries(values).map(([name, value]) => [`yizhan:${name}`, value || undefined])));
}
