// The last hour as a small line, broken off where there was no reading.
import { svg } from './dom.js';

const WIDTH = 120;
const HEIGHT = 30;
// Half the height is at least this share of the alert band, or of the value: noise shall look like noise.
const BAND_SHARE = 0.5;
const VALUE_SHARE = 0.02;

// points: [[at ms, value or null], …] ascending; the right edge is `now`.
export function spark(points, limits, spanMs, now) {
  const values = points.map(([, value]) => value).filter((value) => value !== null);
  if (values.length < 2) return null;
  const low = Math.min(...values);
  const high = Math.max(...values);
  const middle = (low + high) / 2;
  const bandLow = limits?.l ?? limits?.ll;
  const bandHigh = limits?.h ?? limits?.hh;
  const band = bandLow !== null && bandLow !== undefined && bandHigh !== null && bandHigh !== undefined ? (bandHigh - bandLow) * BAND_SHARE : 0;
  const half = Math.max((high - low) * 0.55, band || Math.abs(middle) * VALUE_SHARE, 1e-9);
  const round = (number) => Math.round(number * 10) / 10;
  let path = '';
  let pen = 'M';
  points.forEach(([at, value], i) => {
    if (value === null) {
      pen = 'M';
      return;
    }
    const x = WIDTH * (1 - (now - at) / spanMs);
    if (x < 0) return;
    // A point alone between two gaps is a dot.
    const alone = pen === 'M' && (points[i + 1]?.[1] ?? null) === null;
    path += `${pen}${round(x)} ${round(HEIGHT / 2 * (1 - (value - middle) / half))}${alone ? 'h.1' : ''}`;
    pen = 'L';
  });
  return svg('svg', { class: 'spark', viewBox: `0 -2 ${WIDTH} ${HEIGHT + 4}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('path', { d: path, 'vector-effect': 'non-scaling-stroke' }));
}
