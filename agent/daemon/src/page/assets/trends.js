// Trends of the unit in sight: what is asked of the agent, for how long it is good, and what the stream adds to it.
import { get } from './api.js';
import { changed, now, person } from './store.js';
import { HOUR_MS, isBreak } from './hour.js';

export const RANGES = [['1h', '1 h'], ['8h', '8 h'], ['batch', 'batch']];
// As far back as the agent answers in one question.
const LONGEST_MS = 16 * 24 * HOUR_MS;
// After so long a trend is asked for again; in between it grows by what the stream brings.
const GOOD_MS = { '1h': 60000, '8h': 120000, batch: 300000 };
const AFTER_ERROR_MS = 15000;

export const look = { unit: '', range: '1h', chosen: null };
let trends = new Map();
let asking = false;
let newest = null; // the agent's time of the newest picture
let phase = null;  // of the unit in sight, in that picture

// Another unit begins afresh.
export function lookAt(unit) {
  if (look.unit === unit.id) return;
  look.unit = unit.id;
  look.chosen = null;
  look.range = '1h';
  trends = new Map();
}

export function setRange(range) {
  look.range = range;
  trends = new Map();
  changed();
}

export function span(unit) {
  const to = now();
  const begun = unit.batch_started_ms ?? to - HOUR_MS;
  const back = { '1h': HOUR_MS, '8h': 8 * HOUR_MS, batch: Math.min(LONGEST_MS, Math.max(60000, to - begun)) }[look.range];
  return { from: to - back, to };
}

// The trend of a parameter as far as it is known; asks for what is missing or old.
export function trendOf(unit, parameter) {
  const known = trends.get(parameter);
  const age = known ? performance.now() - known.asked : Infinity;
  if (age > (known?.error ? AFTER_ERROR_MS : GOOD_MS[look.range])) ask(unit, parameter);
  return known ?? { loading: true };
}

async function ask(unit, parameter) {
  if (asking || !person()) return;
  asking = true;
  const { range } = look;
  const { from, to } = span(unit);
  let got;
  try {
    got = { trend: await get('/api/trend', { unit: unit.id, parameter, from_ms: Math.floor(from), to_ms: Math.ceil(to) }) };
  } catch (error) {
    got = { error: error.message, trend: trends.get(parameter)?.trend };
  }
  asking = false;
  if (look.unit === unit.id && look.range === range) {
    const known = trends.get(parameter)?.trend;
    if (known && got.trend && !got.error) got.trend.points = joined(got.trend.points, known.points);
    trends.set(parameter, { ...got, asked: performance.now() });
  }
  changed();
}

// What the journal has, and after it what came by the stream.
function joined(recorded, points) {
  const through = recorded.at(-1)?.[0] ?? -Infinity;
  return recorded.concat(points.filter(([at]) => at > through));
}

// The newest reading of each trend in sight. After a time without pictures the line breaks off, and is asked for anew; so it is in a new phase,
// which may have other limits.
export function grow(view) {
  const before = newest;
  newest = view.now_ms;
  const unit = view.units.find((one) => one.id === look.unit);
  if (!unit) return;
  const isLate = isBreak(before, newest);
  if (isLate || phase !== (unit.phase?.id ?? null)) for (const known of trends.values()) known.asked = -Infinity;
  phase = unit.phase?.id ?? null;
  for (const value of unit.values) {
    const points = trends.get(value.parameter)?.trend?.points;
    if (points) append(points, value, newest, isLate ? before : null);
  }
}

// since: where the line breaks off, or null.
export function append(points, value, at, since) {
  if (since !== null && points.length > 0 && points.at(-1)[1] !== null) points.push([Math.max(since, points.at(-1)[0]) + 1, null, 'bad']);
  const last = points.at(-1);
  const bad = value.quality === 'bad' || typeof value.value !== 'number';
  const when = bad ? at : value.at_ms;
  if (when === null || (last && when <= last[0]) || (bad && last && last[1] === null)) return;
  points.push([when, bad ? null : value.value, value.quality]);
}

export function lowestHighest(trend) {
  let low = Infinity;
  let high = -Infinity;
  for (const [, value] of trend.points) {
    if (value === null) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low > high ? null : { low, high };
}

// Stretches without a reading: [from, to] in milliseconds. Where the journal says when a gap ended, no later point decides it.
export function gaps(trend, end) {
  const found = [];
  const ends = new Map((trend.gaps ?? []).map((gap) => [gap.from_ms, gap.to_ms]));
  let from = null;
  for (const [at, value] of trend.points) {
    if (value === null && from === null) from = at;
    if (value !== null && from !== null) {
      found.push([from, Math.min(at, ends.get(from) ?? at)]);
      from = null;
    }
  }
  if (from !== null) found.push([from, end]);
  return found;
}

