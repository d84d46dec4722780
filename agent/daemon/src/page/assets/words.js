// Names, numbers and sentences.
import { clock, moment, span } from './time.js';

export const PRIORITY = {
  critical: { number: 1, words: 'priority 1, critical' },
  high: { number: 2, words: 'priority 2, high' },
  medium: { number: 3, words: 'priority 3, medium' },
  low: { number: 4, words: 'priority 4, low' },
};
// Classes of alarms in words that are no priority: one that is critical for GMP need not be of the highest priority.
const CLASSES = {
  'gmp-critical': 'matters for the release of the batch', 'product-quality': 'quality of the product', equipment: 'equipment', 'data-integrity': 'integrity of the data',
  security: 'security', utility: 'supply of the room',
};

export function classWords(name) {
  return CLASSES[name] ?? name ?? '';
}

export const PRIORITY_WORD = { 1: 'critical', 2: 'high', 3: 'medium', 4: 'low' };

// Common tags in words; another tag is shown as the Master File has it.
const NAMES = {
  'TEMP.PV': 'temperature', 'PH.PV': 'pH', 'DO.PV': 'dissolved O₂', 'AGIT.PV': 'agitation', 'ROCK.ANGLE': 'rocking angle',
  'PRESS.BAG': 'bag pressure', 'PRESS.PV': 'pressure', WEIGHT: 'weight', 'GAS.FLOW': 'gas flow', 'CO2.INLET': 'CO₂ inlet', 'CO2.PV': 'CO₂',
  'O2.PV': 'O₂', 'PCO2.PV': 'pCO₂', 'RH.PV': 'humidity', 'PERF.FLOW': 'perfusion flow', DOOR: 'door', VCD: 'viable cell density', VIAB: 'viability', GLC: 'glucose', LAC: 'lactate',
};

export function tagWords(tag) {
  if (NAMES[tag]) return NAMES[tag];
  const measured = tag.endsWith('.SP') ? NAMES[tag.replace(/SP$/, 'PV')] : null;
  return measured ? `${measured} set-point` : tag;
}

export function number(value, decimals) {
  if (value === null || value === undefined) return '';
  if (decimals !== null && decimals !== undefined) return value.toFixed(decimals);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}

// " °C"; nothing for what has no unit, and for pH, which says it itself.
export function measure(unit) {
  return !unit || unit === '1' || unit === 'pH' ? '' : ` ${unit}`;
}

export function reading(value) {
  if (typeof value.value === 'number') return number(value.value, value.decimals);
  if (typeof value.value === 'boolean') return value.value ? 'yes' : 'no';
  return value.value ?? '';
}

export function quantity(value, unit) {
  return `${number(value)}${measure(unit)}`;
}

export function count(n, one, many) {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

// What an alarm says, in a few words, without its unit's name.
export function alarmWords(alarm) {
  const name = tagWords(alarm.source);
  const limit = alarm.limit === null ? '' : ` ${quantity(alarm.limit, alarm.unit_of_measure)}`;
  switch (alarm.kind) {
    case 'LL': case 'L': return `${name} below${limit}`;
    case 'HH': case 'H': return `${name} above${limit}`;
    case 'deviation': return `${name} away from its set-point by more than${limit}`;
    case 'rate': return `${name} changes faster than${limit}/min`;
    case 'instrument': return `${name}: no believable reading`;
    case 'communication': return `${alarm.source} does not answer`;
    default: return alarm.note || name;
  }
}

export function alarmTitle(alarm) {
  return `${alarm.unit ?? 'Agent'} ${alarmWords(alarm)}`;
}

export function isAnswered(alarm) {
  return alarm.acknowledged;
}

// The look of an alarm's shape.
export function look(alarm) {
  if (['SHLVD', 'DSUPR', 'OOSRV'].includes(alarm.state)) return 'dashed';
  return ['UNACK', 'RTNUN', 'LTUNK'].includes(alarm.state) ? 'filled' : 'outline';
}

export function isStanding(alarm) {
  return look(alarm) !== 'dashed';
}

export function isUnanswered(alarm) {
  return look(alarm) === 'filled';
}

export function stateWords(alarm, now) {
  const by = alarm.acknowledged_by ? ` by ${alarm.acknowledged_by.name}` : '';
  const seen = alarm.acknowledged_ms ?? alarm.acknowledged_by?.at_ms ?? null;
  const at = seen === null ? '' : ` ${moment(seen, now)}`;
  switch (alarm.state) {
    case 'UNACK': return 'nobody has answered';
    case 'ACKED': return `seen${by}${at}`;
    case 'RTNUN': return 'back to normal, nobody has answered';
    case 'LTUNK': return 'back to normal, latched, nobody has answered';
    case 'LTACK': return `back to normal, latched, seen${by}${at}: wants a reset`;
    case 'SHLVD': return alarm.shelved_until_ms === null ? 'shelved' : `shelved until ${moment(alarm.shelved_until_ms, now)}`;
    case 'DSUPR': return `suppressed by design${alarm.suppressed_by.length ? `: ${alarm.suppressed_by.join(', ')}` : ''}`;
    case 'OOSRV': return 'out of service';
    default: return alarm.state;
  }
}

// How far it has gone.
export function raisedWords(alarm) {
  return alarm.value === null ? '' : `last value ${quantity(alarm.value, alarm.unit_of_measure)}`;
}

export function standingWords(alarm, now) {
  return `${alarm.active ? 'stands' : 'stood'} since ${moment(alarm.raised_ms, now)}${alarm.active ? `, ${span(now - alarm.raised_ms)}` : ''}`;
}

// What is left to respond: { late, ms } or null.
export function timeLeft(alarm, now) {
  if (alarm.respond_by_ms === null) return null;
  const ms = alarm.respond_by_ms - now;
  return { late: ms < 0, ms: Math.abs(ms) };
}

export function ageWords(value, grown) {
  return value.age_ms === null ? 'never' : `${span(value.age_ms + grown)} old`;
}

export function phaseWords(phase) {
  return phase === null ? '' : phase.name;
}

export { clock };
