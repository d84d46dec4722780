// Shapes by priority, so that it reads without colour: triangle, diamond, circle, square. Filled: nobody has answered;
// outline: somebody has seen it; dashed: shelved, suppressed or out of service.
import { svg } from './dom.js';
import { PRIORITY } from './words.js';

const PATHS = {
  critical: 'M12 2 23 22H1Z',
  high: 'M12 1 23 12 12 23 1 12Z',
  medium: 'M12 1a11 11 0 1 1 0 22a11 11 0 1 1 0-22Z',
  low: 'M3 3H21V21H3Z',
};

// look: 'filled', 'outline' or 'dashed'.
export function shape(priority, look) {
  const { number, words } = PRIORITY[priority] ?? PRIORITY.low;
  return svg('svg', { viewBox: '-1 -1 26 26', class: `shape p${number} ${look}`, role: 'img', 'aria-label': words },
    svg('path', { d: PATHS[priority] ?? PATHS.low }),
    svg('text', { x: 12, y: number === 1 ? 19.5 : 16.5, 'text-anchor': 'middle', 'aria-hidden': 'true' }, String(number)));
}

// A tick for what is as it should be, a cross for what is not.
export function mark(good) {
  return svg('svg', { viewBox: '0 0 24 24', class: `mark ${good ? 'good' : 'wrong'}`, 'aria-hidden': 'true' },
    svg('path', { d: good ? 'M4 13l5 5L20 6' : 'M5 5L19 19M19 5L5 19' }));
}
