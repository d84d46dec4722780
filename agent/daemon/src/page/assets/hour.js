// The last hour of every value on the overview: asked for once, then grown by what the stream brings.
import { get } from './api.js';
import { changed, person, state } from './store.js';

export const HOUR_MS = 3600000;
// While less is known, the lines are drawn over so much instead: all over the same.
const SPANS_MS = [600000, 1800000, HOUR_MS];
// One point in so many milliseconds: an hour is at most 360 points a value.
const EVERY_MS = 10000;
// Lines that are kept; further values have none.
const LINES_MAX = 400;

const lines = new Map();
const asked = new Set();
let asking = false;

const keyOf = (unit, parameter) => `${unit}\n${parameter}`;

export function lastHour(unit, parameter) {
  return lines.get(keyOf(unit, parameter)) ?? [];
}

// How far back the lines go.
export function lineSpan(at) {
  let known = 0;
  for (const [first] of lines.values()) if (first) known = Math.max(known, at - first[0]);
  return SPANS_MS.find((span) => known <= span) ?? HOUR_MS;
}

export function collect(view) {
  for (const unit of view.units) {
    for (const value of unit.values) {
      if (typeof value.value !== 'number' && value.value !== null) continue;
      const key = keyOf(unit.id, value.parameter);
      if (!lines.has(key)) {
        if (lines.size >= LINES_MAX) continue;
        lines.set(key, []);
      }
      add(lines.get(key), [view.now_ms, value.quality === 'bad' ? null : value.value]);
    }
  }
  askBefore(view);
}

function add(line, point) {
  const last = line.at(-1);
  // The first point without a reading stays where it is: the line breaks off there.
  if (last && point[0] - last[0] < EVERY_MS && (last[1] === null) === (point[1] === null)) return;
  line.push(point);
  while (line.length > 0 && point[0] - line[0][0] > HOUR_MS) line.shift();
}

// What was before the page was opened, one question at a time, for critical values only.
async function askBefore(view) {
  if (asking || !person() || person().must_change_password) return;
  const wanted = view.units.flatMap((unit) => unit.values.filter((value) => value.critical && typeof value.value !== 'string')
    .map((value) => [unit.id, value.parameter])).find(([unit, parameter]) => !asked.has(keyOf(unit, parameter)));
  if (!wanted) return;
  const [unit, parameter] = wanted;
  asked.add(keyOf(unit, parameter));
  asking = true;
  try {
    const trend = await get('/api/trend', { unit, parameter, from_ms: view.now_ms - HOUR_MS, to_ms: view.now_ms });
    const line = lines.get(keyOf(unit, parameter)) ?? [];
    const before = [];
    for (const [at, value] of trend.points) if (line.length === 0 || at < line[0][0]) add(before, [at, value]);
    lines.set(keyOf(unit, parameter), before.concat(line));
    changed();
  } catch {
    // The line grows from now on; that it is short can be seen.
  } finally {
    asking = false;
    if (state.view) askBefore(state.view);
  }
}
