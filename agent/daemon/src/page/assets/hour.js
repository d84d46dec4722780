// The last hour of every value on the overview: asked for once, then grown by what the stream brings.
import { get } from './api.js';
import { changed, person, state } from './store.js';

export const HOUR_MS = 3600000;
// While less is known, the lines are drawn over so much instead: all over the same.
const SPANS_MS = [300000, 900000, 1800000, HOUR_MS];
// One point in so many milliseconds: an hour is at most 360 points a value.
const EVERY_MS = 10000;
// Pictures come each half second; after so long without one nobody knows what was between: the line breaks off there.
export const BREAK_MS = 5000;
// What was read while nobody looked is in the journal after so long at the latest: then it is asked for once more.
const AGAIN_MS = 60000;
// Lines that are kept; further values have none.
const LINES_MAX = 400;

const lines = new Map();
const asked = new Set();
let asking = false;
let newest = null; // the agent's time of the newest picture
let again = Infinity; // when to ask once more

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

// True where so long passed between two pictures that what was between them has to be asked for.
export function isBreak(before, at) {
  return before !== null && at - before > BREAK_MS;
}

export function collect(view) {
  if (isBreak(newest, view.now_ms)) {
    for (const line of lines.values()) add(line, [newest + 1, null]);
    asked.clear();
    again = view.now_ms + AGAIN_MS;
  } else if (view.now_ms > again) {
    asked.clear();
    again = Infinity;
  }
  newest = view.now_ms;
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

export function add(line, point) {
  const last = line.at(-1);
  if (!last && point[1] === null) return;
  // The first point without a reading stays where it is: the line breaks off there.
  if (last && point[0] - last[0] < EVERY_MS && (last[1] === null) === (point[1] === null)) return;
  line.push(point);
  while (line.length > 0 && point[0] - line[0][0] > HOUR_MS) line.shift();
}

// A line made of what the journal has and of what came by the stream after it.
export function joined(recorded, line) {
  const through = recorded.at(-1)?.[0] ?? -Infinity;
  const made = [];
  for (const [at, value] of recorded) add(made, [at, value]);
  for (const point of line) if (point[0] > through) add(made, point);
  return made;
}

// What was before the page was opened, and while it had no connection: one question at a time, for critical values only.
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
    lines.set(keyOf(unit, parameter), joined(trend.points, lines.get(keyOf(unit, parameter)) ?? []));
    changed();
  } catch {
    // The line grows from now on; that it is short can be seen.
  } finally {
    asking = false;
    if (state.view) askBefore(state.view);
  }
}
