// Elements, shapes and small lines. Text goes in as text, never as markup.
import { PRIORITY_WORDS } from './words.js';

const SVG = 'http://www.w3.org/2000/svg';
// Shapes by priority, so that it reads without colour: triangle, diamond, circle, square.
const SHAPES = { 1: 'M12 2 23 22H1Z', 2: 'M12 1 23 12 12 23 1 12Z', 3: 'M12 1a11 11 0 1 1 0 22a11 11 0 1 1 0-22Z', 4: 'M3 3H21V21H3Z' };
// A line's box, in its own units.
const WIDTH = 100;
const HEIGHT = 24;
// Half the height is at least this share of the value, or so many of its last decimals: noise shall look like noise.
const SCALE_SHARE = 0.02;
const SCALE_DECIMALS = 10;

export const $ = (id) => document.getElementById(id);

export function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ''));
  return element;
}

function svg(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

// An age that keeps counting between snapshots.
export function ageOf(ms) {
  return h('span', { class: 'age', 'data-ms': ms });
}

export function shape(priority, answered) {
  const picture = svg('svg', {
    viewBox: '0 0 24 24', class: `shape p${priority} ${answered ? 'outline' : 'filled'}`, role: 'img',
    'aria-label': `priority ${priority}, ${PRIORITY_WORDS[priority] ?? ''}`,
  });
  const digit = svg('text', { x: 12, y: priority === 1 ? 19.5 : 16.5, 'text-anchor': 'middle' });
  digit.textContent = String(priority);
  picture.append(svg('path', { d: SHAPES[priority] ?? SHAPES[4] }), digit);
  return picture;
}

// The last `spanS` seconds up to `nowMs`; broken off where there was no reading.
export function line(trend, decimals, spanS, nowMs) {
  const values = trend.points.map(([, value]) => value).filter((value) => value !== null);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const middle = (low + high) / 2;
  const half = Math.max((high - low) * 0.55, Math.abs(middle) * SCALE_SHARE, SCALE_DECIMALS * 10 ** -(decimals ?? 0));
  const round = (number) => Math.round(number * 10) / 10;
  let path = '';
  let pen = 'M';
  trend.points.forEach(([offset, value], i) => {
    if (value === null) {
      pen = 'M';
      return;
    }
    const x = round(WIDTH * (1 - (nowMs - trend.from_ms - offset) / (spanS * 1000)));
    const y = round(HEIGHT / 2 * (1 - (value - middle) / half));
    // A point alone between two gaps is a dot.
    const alone = pen === 'M' && (trend.points[i + 1]?.[1] ?? null) === null;
    path += `${pen}${x} ${y}${alone ? 'h0' : ''}`;
    pen = 'L';
  });
  const picture = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', class: 'line', 'aria-hidden': 'true' });
  picture.append(svg('path', { d: path, 'vector-effect': 'non-scaling-stroke' }));
  return picture;
}
