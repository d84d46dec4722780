// The trends beside the values: 1 h, 8 h, the whole batch.
import { chart } from '../chart.js';
import { h } from '../dom.js';
import { to } from '../route.js';
import { now, person } from '../store.js';
import { moment } from '../time.js';
import { RANGES, gaps, look, lowestHighest, setRange, span, trendOf } from '../trends.js';
import { look as shapeLook, measure, number, tagWords } from '../words.js';
import { chosen } from './values.js';

// Height of the charts together, and of one at least, CSS pixels.
const HEIGHT = 540;
const HEIGHT_MIN = 136;

export function charts(unit, alarms) {
  if (!person()) return h('section', { class: 'charts' }, h('h2', {}, 'Trends'), h('p', { class: 'quiet' }, h('a', { href: to('login') }, 'Log in'), ' to see what was before.'));
  const list = chosen(unit);
  return h('section', { class: 'charts', 'aria-labelledby': 'charts-title' },
    h('header', {}, h('h2', { id: 'charts-title' }, 'Trends'),
      h('div', { class: 'buttons', role: 'group', 'aria-label': 'How far back' }, ...RANGES.map(([range, words]) =>
        h('button', { type: 'button', 'aria-pressed': String(look.range === range), disabled: range === 'batch' && !unit.batch, onclick: () => setRange(range) }, words)))),
    list.length === 0 ? h('p', { class: 'quiet' }, 'Press a value to see its trend.') : '',
    ...list.map((parameter, i) => one(unit, parameter, alarms, { first: i === 0, height: Math.max(HEIGHT_MIN, Math.floor(HEIGHT / list.length) - 34) + (i === 0 ? 17 : 0) })),
    h('p', { class: 'quiet small key' }, 'light band: normal · darker: beyond the alert limit (dashed line) · solid line: action limit, each as it was judged in its phase · hatched: no reading · filled mark: alarm raised, hollow: returned'));
}

function one(unit, parameter, alarms, place) {
  const value = unit.values.find((other) => other.parameter === parameter);
  const [alarm] = alarms.filter((other) => other.source === parameter && shapeLook(other) !== 'dashed');
  const { trend, error, loading } = trendOf(unit, parameter);
  const { from, to: end } = span(unit);
  return h('figure', { key: `${parameter} ${look.range}` },
    h('figcaption', {}, h('b', {}, tagWords(parameter)), ` ${measure(value?.unit)}`, h('span', { class: 'quiet' }, summary(trend, end)), h('span', { class: 'at quiet', key: 'at', mount: () => {} })),
    error ? h('p', { class: 'problem' }, error) : '',
    place.first && unjudged(trend) ? h('p', { class: 'quiet small', key: 'unjudged' }, unjudged(trend)) : '',
    trend ? chart('plot', place.height, () => ({
      trend, from, to: end, ...place, priority: alarm?.priority ?? 0, phases: trend.phases, bands: bandsOf(trend, value, unit.phase),
      names: Object.fromEntries(unit.phases.map((phase) => [phase.id, phase.name])),
    })) : h('p', { class: 'quiet wait', key: 'wait', geometry: { 'min-height': `${place.height}px` } }, loading ? 'Asking for the trend…' : ''));
}

// The limits of each time: those of the present phase as the newest picture has them, those of earlier ones as the journal knows them.
export function bandsOf(trend, value, phase) {
  const known = trend.bands ?? [];
  const present = { from_ms: -Infinity, to_ms: Infinity, limits: value?.limits ?? trend.limits };
  if (known.length === 0) return [present];
  const last = known.at(-1);
  const isPresent = last.by === 'present' && last.phase === (phase?.id ?? null);
  return [...known.slice(0, -1), { ...last, to_ms: Infinity, limits: isPresent ? present.limits : last.limits }];
}

// Where no limits are drawn, it is said why.
export function unjudged(trend) {
  const until = (by) => trend?.bands?.filter((band) => band.by === by).at(-1)?.to_ms;
  const words = [[until('former'), 'judged by a Master File before the present one'], [until('none'), 'judged by no Master File'], [until('unknown'), 'nothing of that time is kept here']];
  return words.filter(([at]) => at !== undefined).map(([at, what]) => `Up to ${moment(at, now())}: ${what}; no limits are drawn there.`).join(' ');
}

// The chart in words.
function summary(trend, end) {
  if (!trend) return '';
  const ends = lowestHighest(trend);
  if (!ends) return ' no reading in this time';
  const open = gaps(trend, end).length;
  return ` ${number(ends.low, trend.decimals)} to ${number(ends.high, trend.decimals)}${open ? `, ${open === 1 ? 'one gap' : `${open} gaps`}` : ''}`;
}
