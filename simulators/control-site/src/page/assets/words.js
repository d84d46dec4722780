// Numbers, times and words.

export const PRIORITY_WORDS = { 1: 'critical', 2: 'high', 3: 'medium', 4: 'low' };

export const STATE_WORDS = {
  UNACK: 'nobody has answered',
  ACKED: 'seen',
  RTNUN: 'back to normal, nobody has answered',
  LTUNK: 'latched, nobody has answered',
  LTACK: 'latched, seen',
  SHLVD: 'shelved',
  DSUPR: 'suppressed by design',
  OOSRV: 'out of service',
};

const KIND_WORDS = {
  LL: 'below action limit',
  L: 'below alert limit',
  H: 'above alert limit',
  HH: 'above action limit',
  instrument: 'no believable reading',
  agent: 'agent',
};

export function alarmReason(alarm) {
  const kind = KIND_WORDS[alarm.kind] ?? alarm.alarm;
  const limit = alarm.limit === null ? '' : ` ${number(alarm.limit)}${measure(alarm.unit_of_measure)}`;
  return `${kind}${limit}`;
}

export function alarmWords(alarm) {
  return `${alarm.source} ${alarmReason(alarm)}`;
}

// A value as one piece of text.
export function reading(value) {
  if (value.word !== null) return value.word;
  return value.text ?? `${number(value.value, value.decimals)}${measure(value.unit_of_measure)}`;
}

export function span(seconds) {
  if (seconds < 60) return `${seconds} s`;
  return seconds === 60 ? 'minute' : `${seconds / 60} min`;
}

export function measure(unit) {
  return unit && unit !== '1' ? ` ${unit}` : '';
}

export function number(value, decimals) {
  if (value === null || value === undefined) return '';
  if (decimals !== null && decimals !== undefined) return value.toFixed(decimals);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}

export function count(n, one, many) {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

export function clock(ms) {
  return new Date(ms).toISOString().slice(11, 19);
}

// A moment for people: the time, and the day where it is not today's. Always UTC.
export function moment(ms, now) {
  const iso = new Date(ms).toISOString();
  const today = new Date(now).toISOString().slice(0, 10) === iso.slice(0, 10);
  return `${today ? '' : `${iso.slice(0, 10)} `}${iso.slice(11, 19)} UTC`;
}

export function age(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 172800) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} days`;
}
