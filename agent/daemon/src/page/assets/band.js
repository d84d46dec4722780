// Where a value is in its bands: an edge at each limit, the set-point, a pointer.
import { svg } from './dom.js';

const WIDTH = 100;
const HEIGHT = 16;
// A picture with limits on one side only goes on to so many times their distance on the other.
const OPEN_TIMES = 3;

// The picture's lowest and highest value: the limits with room beyond them, and the set-point; none where there is no limit.
export function scale({ ll, l, h, hh, setPoint }) {
  const known = [ll, l, h, hh, setPoint].filter((one) => one !== null && one !== undefined);
  if (known.length < 2 || [ll, l, h, hh].every((one) => one === null || one === undefined)) return null;
  const low = Math.min(...known);
  const high = Math.max(...known);
  const room = (high - low || Math.abs(high) || 1) * 0.22;
  const openLow = (ll ?? l) === null || (ll ?? l) === undefined;
  const openHigh = (h ?? hh) === null || (h ?? hh) === undefined;
  return { low: low - (openLow ? (high - low) * OPEN_TIMES : room), high: high + (openHigh ? (high - low) * OPEN_TIMES : room) };
}

export function bandBar(limits, value, priority) {
  const ends = scale(limits);
  if (!ends) return null;
  const { ll, l, h, hh, setPoint } = limits;
  const x = (number) => Math.min(WIDTH, Math.max(0, WIDTH * (number - ends.low) / (ends.high - ends.low)));
  const given = (number) => number !== null && number !== undefined;
  const part = (name, from, to) => svg('rect', { class: name, x: x(from), y: 0, width: Math.max(0, x(to) - x(from)), height: HEIGHT });
  const parts = [svg('rect', { class: 'track', x: 0, y: 0, width: WIDTH, height: HEIGHT })];
  const okLow = given(l) ? l : given(ll) ? ll : ends.low;
  const okHigh = given(h) ? h : given(hh) ? hh : ends.high;
  if (given(ll) && given(l)) parts.push(part('alert', ll, l));
  if (given(hh) && given(h)) parts.push(part('alert', h, hh));
  parts.push(part('ok', okLow, okHigh));
  const edge = (name, at) => parts.push(svg('path', { class: `edge ${name}`, d: `M${x(at)} 0V${HEIGHT}`, 'vector-effect': 'non-scaling-stroke' }));
  for (const limit of [ll, hh]) if (given(limit)) edge('action', limit);
  for (const limit of [l, h]) if (given(limit)) edge('warn', limit);
  // Shorter than a limit's edge.
  if (given(setPoint)) parts.push(svg('path', { class: 'set', d: `M${x(setPoint)} ${HEIGHT * 0.55}V${HEIGHT}`, 'vector-effect': 'non-scaling-stroke' }));
  if (given(value)) {
    const at = x(value);
    // Beyond the picture an arrow says which way; on a side without a limit nothing is beyond.
    const out = (value < ends.low && (given(ll) || given(l))) || (value > ends.high && (given(h) || given(hh)));
    parts.push(out
      ? svg('path', { class: 'pointer', d: value > ends.high ? `M${WIDTH - 9} -1L${WIDTH} 8L${WIDTH - 9} 17Z` : 'M9 -1L0 8L9 17Z' })
      : svg('rect', { class: 'pointer', x: Math.min(WIDTH - 3, Math.max(0, at - 1.5)), y: -3, width: 3, height: HEIGHT + 6 }));
  }
  return svg('svg', { class: `band${priority ? ` p${priority}` : ''}`, viewBox: `0 -4 ${WIDTH} ${HEIGHT + 8}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' }, parts);
}
